package vaulttest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"livret/eventstore/keyvault"
)

var day = time.Date(2018, 9, 1, 3, 0, 0, 0, time.UTC)

func rotate(t testing.TB, v Vault) keyvault.Rotation {
	t.Helper()
	rotation, err := v.Rotate(t.Context(), day)
	if err != nil {
		t.Fatalf("Rotate: %v", err)
	}
	return rotation
}

func addPairs(t testing.TB, v Vault) {
	t.Helper()
	for _, half := range halves(t) {
		if err := v.AddPair(t.Context(), half.Pair); err != nil {
			t.Fatal(err)
		}
	}
}

// archivedNeedsCustody wraps keys to the pair of a session: only who has its private half opens them.
func archivedNeedsCustody(t *testing.T, a Adapter) {
	v := a.New(t)
	infos := create(t, v, births(3)...)
	key, err := v.Open(t.Context(), infos[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	sealed := key.Seal([]byte("plain"), nil)
	wantErr(t, "Archive before the pair is known", v.Archive(t.Context(), june, infos[0].ID), keyvault.ErrNoPair)
	addPairs(t, v)
	for range 2 {
		wantErr(t, "Archive", v.Archive(t.Context(), june, infos[0].ID, infos[1].ID, infos[0].ID), nil)
	}
	if a.Reopen != nil {
		v = a.Reopen(t, v)
	}
	if info, err := v.Info(t.Context(), infos[0].ID); err != nil || info.State != keyvault.Archived {
		t.Errorf("an archived key is %v, %v", info.State, err)
	}
	at := halves(t)
	wantOpen(t, v, infos[0], keyvault.ErrArchived)
	wantOpen(t, v.WithCustody(), infos[0], keyvault.ErrArchived)
	wantOpen(t, v.WithCustody(at[1]), infos[0], keyvault.ErrArchived)
	wantOpen(t, v.WithCustody(at...), infos[1], nil)
	wantOpen(t, v.WithCustody(at...), infos[2], nil)
	if key, err = v.WithCustody(at[0]).Open(t.Context(), infos[0].ID); err != nil {
		t.Fatalf("with custody: %v", err)
	}
	if plain, err := key.Open(sealed, nil); err != nil || string(plain) != "plain" {
		t.Errorf("with custody the key opens %q, %v", plain, err)
	}
	Move(t, v, infos[0].ID, keyvault.Archived, keyvault.Fenced)
	wantOpen(t, v.WithCustody(at...), infos[0], keyvault.ErrShredded)
}

func archiveIsAllOrNone(t *testing.T, a Adapter) {
	v := a.New(t)
	addPairs(t, v)
	infos := create(t, v, births(4)...)
	Move(t, v, infos[1].ID, keyvault.Active, keyvault.Fenced)
	wantErr(t, "one is fenced", v.Archive(t.Context(), june, infos[0].ID, infos[1].ID), keyvault.ErrState)
	wantErr(t, "one is unknown", v.Archive(t.Context(), june, infos[0].ID, uuid.New()), keyvault.ErrUnknown)
	Move(t, v, infos[2].ID, keyvault.Active, keyvault.Archived)
	wantErr(t, "one is in another custody", v.Hold(t.Context(), hold, infos[0].ID, infos[2].ID), keyvault.ErrArchived)
	wantErr(t, "none", v.Archive(t.Context(), june), nil)
	wantOpen(t, v, infos[0], nil)
	broken := a.Tamper(t, v, func(rows []*Row) { rows[0].Wrapped[8] ^= 1 }, infos[3].ID)
	wantErr(t, "one is damaged", broken.Archive(t.Context(), june, infos[0].ID, infos[3].ID), keyvault.ErrCorrupt)
	wantOpen(t, broken, infos[0], nil)
}

// holdOutlivesItsSession destroys the private half of a session: what is held elsewhere still opens.
func holdOutlivesItsSession(t *testing.T, a Adapter) {
	v := a.New(t)
	addPairs(t, v)
	at := halves(t)
	infos := create(t, v, births(3)...)
	wantErr(t, "Archive", v.Archive(t.Context(), june, infos[0].ID, infos[1].ID), nil)
	wantErr(t, "Hold without custody", v.Hold(t.Context(), hold, infos[0].ID), keyvault.ErrArchived)
	wantErr(t, "DropPair", v.DropPair(t.Context(), june), keyvault.ErrPairInUse)
	for range 2 {
		wantErr(t, "Hold", v.WithCustody(at[0]).Hold(t.Context(), hold, infos[0].ID, infos[2].ID), nil)
	}
	wantErr(t, "Archive of a held key", v.Archive(t.Context(), june, infos[0].ID), keyvault.ErrArchived)
	wantErr(t, "DropPair", v.DropPair(t.Context(), june), keyvault.ErrPairInUse)
	Move(t, v, infos[1].ID, keyvault.Archived, keyvault.Fenced, keyvault.Shredded)
	for range 2 {
		wantErr(t, "DropPair", v.DropPair(t.Context(), june), nil)
	}
	if a.Reopen != nil {
		v = a.Reopen(t, v)
	}
	wantErr(t, "Archive under a pair that is gone", v.Archive(t.Context(), june, infos[0].ID), keyvault.ErrNoPair)
	wantOpen(t, v, infos[0], keyvault.ErrArchived)
	wantOpen(t, v.WithCustody(at[0]), infos[0], keyvault.ErrArchived)
	for _, held := range []keyvault.Info{infos[0], infos[2]} {
		wantOpen(t, v.WithCustody(at[1]), held, nil)
		wantErr(t, "fencing a held key", v.SetState(t.Context(), held.ID, keyvault.Held, keyvault.Fenced), keyvault.ErrState)
		Move(t, v, held.ID, keyvault.Held, keyvault.Archived)
		wantOpen(t, v.WithCustody(at[1]), held, nil)
	}
	wantErr(t, "DropPair of a hold that is over", v.DropPair(t.Context(), hold), keyvault.ErrPairInUse)
}

func pairsByName(t *testing.T, a Adapter) {
	v := a.New(t)
	addPairs(t, v)
	addPairs(t, v)
	other, err := keyvault.NewPrivateHalf(june)
	if err != nil {
		t.Fatal(err)
	}
	wantErr(t, "another pair of that name", v.AddPair(t.Context(), other.Pair), keyvault.ErrPairTaken)
	wantErr(t, "dropping none", v.DropPair(t.Context(), "2019-juin"), nil)
	for _, name := range []string{"", "2018 juin", "Dupont", "../kek"} {
		if _, err := keyvault.NewPrivateHalf(name); err == nil {
			t.Errorf("a pair is named %q", name)
		}
	}
}

// rotateKeepsEverything wraps everything anew, twice: nothing that may be seen of the vault changes.
func rotateKeepsEverything(t *testing.T, a Adapter) {
	v := a.New(t)
	infos := create(t, v, births(40)...)
	claimed := claim(infos[0].Owner, "0000001A", "12")
	resolve(t, v, claimed)
	addPairs(t, v)
	shred(t, v, infos[1].ID)
	Move(t, v, infos[2].ID, keyvault.Active, keyvault.Archived)
	Move(t, v, infos[3].ID, keyvault.Active, keyvault.Fenced)
	before, _ := v.Keys(t.Context())
	generation, _ := v.Generation(t.Context())
	label := v.Label("a")
	for epoch := uint32(2); epoch < 4; epoch++ {
		rotation := rotate(t, v)
		if rotation.Began.Number != epoch || !rotation.Began.Born.Equal(day) {
			t.Errorf("epoch %+v, want number %d", rotation.Began, epoch)
		}
		if a.Reopen != nil {
			v = a.Reopen(t, v)
		}
		s, err := v.Status(t.Context())
		if err != nil || s.Now != rotation.Began || len(s.Epochs) == 0 || s.Epochs[len(s.Epochs)-1] != s.Now {
			t.Errorf("status %+v, %v after %+v", s, err, rotation)
		}
		after, _ := v.Keys(t.Context())
		sortInfos(before)
		sortInfos(after)
		if diff := cmp.Diff(before, after); diff != "" {
			t.Errorf("keys changed: %s", diff)
		}
		if now, _ := v.Generation(t.Context()); now != generation {
			t.Errorf("generation was %d and is %d", generation, now)
		}
		if !slices.Equal(label, v.Label("a")) || resolve(t, v, claim(uuid.New(), "0000001A", "12"))[0] != claimed.Owner {
			t.Error("labels or claims changed")
		}
		wantOpen(t, v, infos[1], keyvault.ErrShredded)
		wantOpen(t, v, infos[2], keyvault.ErrArchived)
		wantOpen(t, v.WithCustody(halves(t)...), infos[2], nil)
		wantOpen(t, v, infos[3], keyvault.ErrShredded)
		for _, info := range append(infos[4:], create(t, v, births(1)...)...) {
			wantOpen(t, v, info, nil)
		}
		before, _ = v.Keys(t.Context())
	}
	Move(t, v, infos[3].ID, keyvault.Fenced, keyvault.Shredded)
}

// rotateDuringUse opens and makes keys while everything is wrapped anew.
func rotateDuringUse(t *testing.T, a Adapter) {
	v := a.New(t)
	infos := create(t, v, births(200)...)
	failed := make([]error, 5)
	together(len(failed), func(i int) {
		for n := 0; n < 40 && failed[i] == nil; n++ {
			if i == 0 {
				_, err := v.Rotate(t.Context(), day)
				failed[i] = err
				continue
			}
			if _, err := v.Create(t.Context(), births(1)...); err != nil {
				failed[i] = err
			}
			key, err := v.Open(t.Context(), infos[n*i].ID)
			if err != nil {
				failed[i] = err
				continue
			}
			key.Zero()
		}
	})
	if err := errors.Join(failed...); err != nil {
		t.Error(err)
	}
	keys, err := v.Keys(t.Context())
	if err != nil || len(keys) != 200+4*40 {
		t.Errorf("%d keys, %v", len(keys), err)
	}
	for _, info := range keys {
		wantOpen(t, v, info, nil)
	}
}

func status(t *testing.T, a Adapter) {
	v := a.New(t)
	infos := create(t, v, births(7)...) // three identities, two records, two candidates
	shred(t, v, infos[0].ID)
	Move(t, v, infos[1].ID, keyvault.Active, keyvault.Archived)
	s, err := v.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []keyvault.Count{
		{Class: keyvault.Candidate, State: keyvault.Active, Keys: 2},
		{Class: keyvault.Identity, State: keyvault.Active, Keys: 2}, {Class: keyvault.Identity, State: keyvault.Shredded, Keys: 1},
		{Class: keyvault.Record, State: keyvault.Active, Keys: 1}, {Class: keyvault.Record, State: keyvault.Archived, Keys: 1},
	}
	if diff := cmp.Diff(want, s.Counts); diff != "" {
		t.Errorf("counts: %s", diff)
	}
	at := halves(t)
	pairs := []keyvault.PairCount{{Name: june, Ref: at[0].Pair.Ref, Keys: 1}, {Name: hold, Ref: at[1].Pair.Ref}}
	if diff := cmp.Diff(pairs, s.Pairs); diff != "" {
		t.Errorf("pairs: %s", diff)
	}
	if s.Now.Number != 1 || len(s.Epochs) != 1 {
		t.Errorf("epochs %+v", s.Epochs)
	}
}
