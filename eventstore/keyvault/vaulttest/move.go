package vaulttest

import (
	"context"
	"testing"

	"github.com/google/uuid"

	"livret/eventstore/keyvault"
)

// The custody pairs of the suite, as their custodians would keep them: that of a session and that of a hold.
const (
	june = "2018-juin"
	hold = "gel-1"

	juneFirst = `livret-custody-share-v1
pair 2018-juin
ref 8d4a03ccd858802c518420b142c801ba
share 1 of 2
value c07519dcc95155d8ed22a69254c99000c5889fdde9c0d16bfd8fd5ed60807787
check ed697d8135d22b8f5cc75971b5a0a4b70b01007728e2d419b81ee33eb1c8e00a
`
	juneSecond = `livret-custody-share-v1
pair 2018-juin
ref 8d4a03ccd858802c518420b142c801ba
share 2 of 2
value c0c56c39151bc106daefc098a58b97261dbf35a9ef20b44e6e4a6bea27edb3c6
check cd4d3f0e2dac8a403d9ec7a6823fe24c79c0fe161e33887a2f5ba3d448149eae
`
	holdFirst = `livret-custody-share-v1
pair gel-1
ref 6679ca72f5de4ce7c336e67d53f4c539
share 1 of 2
value 49b6b617406efd8d1d5c68ffd82611fbc4ac610128858408305d88fd2dfded5c
check 66e98dee6adc3da6cbf452fb5d4202f9c529ef8418f306c878040763816dd1c0
`
	holdSecond = `livret-custody-share-v1
pair gel-1
ref 6679ca72f5de4ce7c336e67d53f4c539
share 2 of 2
value 818a5947065f8e2796c6ffaadf4f48b6376f551a6ddad1fd67ae7fcfba46ca19
check 258b23a90b38b46c48d7b77fa85aed9a07aa26f47137ffee1bfbfbb279bf2de0
`
)

// halves are the private halves of both pairs.
func halves(t testing.TB) []*keyvault.PrivateHalf {
	t.Helper()
	var both []*keyvault.PrivateHalf
	for _, texts := range [][2]string{{juneFirst, juneSecond}, {holdFirst, holdSecond}} {
		first, err := keyvault.ParseShare(texts[0])
		if err != nil {
			t.Fatal(err)
		}
		second, err := keyvault.ParseShare(texts[1])
		if err != nil {
			t.Fatal(err)
		}
		half, err := keyvault.Combine(first, second)
		if err != nil {
			t.Fatal(err)
		}
		both = append(both, half)
	}
	return both
}

// Step moves a key one step, with the custody of a session and of a hold at hand where it takes one.
func Step(t testing.TB, v keyvault.Custodian, key uuid.UUID, from, to keyvault.State) error {
	t.Helper()
	ctx, at := context.Background(), halves(t)
	for _, half := range at {
		if err := v.AddPair(ctx, half.Pair); err != nil {
			return err
		}
	}
	switch {
	case to == keyvault.Archived && from != keyvault.Held:
		return v.WithCustody(at...).Archive(ctx, june, key)
	case to == keyvault.Held:
		return v.WithCustody(at...).Hold(ctx, hold, key)
	}
	return v.SetStates(ctx, from, to, key)
}

// Move moves a key through states, and fails the test where it may not.
func Move(t testing.TB, v keyvault.Custodian, key uuid.UUID, states ...keyvault.State) {
	t.Helper()
	for i := range states[1:] {
		if err := Step(t, v, key, states[i], states[i+1]); err != nil {
			t.Fatalf("from %s to %s: %v", states[i], states[i+1], err)
		}
	}
}
