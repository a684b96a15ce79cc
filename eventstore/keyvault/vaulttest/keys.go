package vaulttest

import (
	"bytes"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"livret/eventstore/keyvault"
)

func createAnswersInOrder(t *testing.T, a Adapter) {
	v := a.New(t)
	asked := births(300)
	twice := append(slices.Clone(asked), asked[7], asked[7], asked[299])
	infos := create(t, v, twice...)
	for _, info := range infos {
		if info.State != keyvault.Active || info.Fingerprint == (keyvault.Fingerprint{}) {
			t.Fatalf("a key is born as %v", info)
		}
	}
	if infos[300] != infos[7] || infos[301] != infos[7] || infos[302] != infos[299] {
		t.Error("a birth asked twice in one call has two keys")
	}
	if none, err := v.Create(t.Context()); err != nil || len(none) != 0 {
		t.Errorf("Create of nothing answers %v, %v", none, err)
	}
}

func createIsIdempotent(t *testing.T, a Adapter) {
	v := a.New(t)
	asked := births(20)
	first := create(t, v, asked[:10]...)
	slices.Reverse(asked)
	again := create(t, v, asked...) // ten old ones among ten new ones, in another order
	slices.Reverse(again)
	if diff := cmp.Diff(first, again[:10]); diff != "" {
		t.Errorf("asking again changed the keys: %s", diff)
	}
	if keys, err := v.Keys(t.Context()); err != nil || len(keys) != 20 {
		t.Errorf("%d keys of 20 owners, %v", len(keys), err)
	}
}

func createRefusesIncompleteBirths(t *testing.T, a Adapter) {
	v := a.New(t)
	whole := births(1)[0]
	for _, birth := range []keyvault.Birth{{}, {Owner: uuid.New()}, {Class: keyvault.Record}} {
		if _, err := v.Create(t.Context(), whole, birth); err == nil {
			t.Errorf("Create took %v", birth)
		}
	}
	if keys, _ := v.Keys(t.Context()); len(keys) != 0 {
		t.Errorf("a refused batch left %d keys", len(keys))
	}
}

func oneKeyUnderConcurrency(t *testing.T, a Adapter) {
	v := a.New(t)
	asked := births(40)
	answers := make([][]keyvault.Info, 64)
	together(len(answers), func(i int) {
		answers[i], _ = v.Create(t.Context(), asked...)
	})
	for i, infos := range answers {
		if len(infos) != len(asked) {
			t.Fatalf("caller %d was answered %d infos", i, len(infos))
		}
		if diff := cmp.Diff(answers[0], infos); diff != "" {
			t.Fatalf("callers 0 and %d have different keys: %s", i, diff)
		}
	}
	for _, info := range answers[0] {
		wantOpen(t, v, info, nil)
	}
	if keys, _ := v.Keys(t.Context()); len(keys) != len(asked) {
		t.Errorf("%d keys of %d births", len(keys), len(asked))
	}
}

// overlappingBatches has callers ask for windows that overlap, each in its own order.
func overlappingBatches(t *testing.T, a Adapter) {
	v := a.New(t)
	asked := births(80)
	answers := make([][]keyvault.Info, 16)
	window := func(i int) []keyvault.Birth {
		w := slices.Clone(asked[i*4 : i*4+20])
		if i%2 == 1 {
			slices.Reverse(w)
		}
		return w
	}
	together(len(answers), func(i int) {
		answers[i], _ = v.Create(t.Context(), window(i)...)
	})
	known := make(map[keyvault.Birth]keyvault.Info)
	for i, infos := range answers {
		if len(infos) != 20 {
			t.Fatalf("caller %d was answered %d infos", i, len(infos))
		}
		for j, birth := range window(i) {
			if had, ok := known[birth]; ok && had != infos[j] {
				t.Fatalf("%v has two keys", birth)
			}
			known[birth] = infos[j]
		}
	}
}

func keysAreIndependent(t *testing.T, a Adapter) {
	v := a.New(t)
	owner := uuid.New()
	infos := create(t, v, keyvault.Birth{Owner: owner, Class: keyvault.Identity}, keyvault.Birth{Owner: owner, Class: keyvault.Record})
	if infos[0].ID == infos[1].ID || infos[0].Fingerprint == infos[1].Fingerprint {
		t.Fatal("two classes of one owner share a key")
	}
	identity, err := v.Open(t.Context(), infos[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	record, err := v.Open(t.Context(), infos[1].ID)
	if err != nil {
		t.Fatal(err)
	}
	sealed := identity.Seal([]byte("plain"), []byte("bound"))
	_, err = record.Open(sealed, []byte("bound"))
	wantErr(t, "opening with another key", err, keyvault.ErrCorrupt)

	shred(t, v, infos[0].ID)
	wantOpen(t, v, infos[0], keyvault.ErrShredded)
	wantOpen(t, v, infos[1], nil)
}

func findInfoOpenAgree(t *testing.T, a Adapter) {
	v := a.New(t)
	asked := births(9)
	infos := create(t, v, asked...)
	for i, want := range infos {
		found, err := v.Find(t.Context(), asked[i].Owner, asked[i].Class)
		if err != nil || found != want {
			t.Errorf("Find answers %v, %v; want %v", found, err, want)
		}
		if info, err := v.Info(t.Context(), want.ID); err != nil || info != want {
			t.Errorf("Info answers %v, %v; want %v", info, err, want)
		}
		wantOpen(t, v, want, nil)
	}
	keys, err := v.Keys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	sortInfos(keys)
	sortInfos(infos)
	if diff := cmp.Diff(infos, keys); diff != "" {
		t.Errorf("Keys: %s", diff)
	}

	key, err := v.Open(t.Context(), infos[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	sealed := key.Seal([]byte("plain"), nil)
	key.Zero()
	if key, err = v.Open(t.Context(), infos[0].ID); err != nil {
		t.Fatal("a key zeroed by its caller does not open again")
	}
	if plain, err := key.Open(sealed, nil); err != nil || string(plain) != "plain" {
		t.Errorf("the same key opens %q, %v", plain, err)
	}
}

func unknownIsUnknown(t *testing.T, a Adapter) {
	v := a.New(t)
	birth := births(1)[0]
	create(t, v, birth)
	_, err := v.Find(t.Context(), uuid.New(), birth.Class)
	wantErr(t, "Find of another owner", err, keyvault.ErrUnknown)
	_, err = v.Find(t.Context(), birth.Owner, keyvault.Staff)
	wantErr(t, "Find of another class", err, keyvault.ErrUnknown)
	_, err = v.Info(t.Context(), uuid.New())
	wantErr(t, "Info", err, keyvault.ErrUnknown)
	wantOpen(t, v, keyvault.Info{ID: uuid.New()}, keyvault.ErrUnknown)
	wantOpen(t, v, keyvault.Info{}, keyvault.ErrUnknown)
	_, err = v.Lookup(t.Context(), "livret", "nobody")
	wantErr(t, "Lookup", err, keyvault.ErrUnknown)
	wantErr(t, "SetState", v.SetState(t.Context(), uuid.New(), keyvault.Active, keyvault.Fenced), keyvault.ErrUnknown)
}

func labelIsStableAndKeyed(t *testing.T, a Adapter) {
	v, other := a.New(t), a.New(t)
	label := v.Label("Élodie", "Martin")
	if len(label) < 16 || !bytes.Equal(label, v.Label("Élodie", "Martin")) {
		t.Error("a label is short or changes")
	}
	for _, parts := range [][]string{{"ÉlodieMartin"}, {"Élodie", "Martin", ""}, {"É", "lodieMartin"}, {"Martin", "Élodie"}, {}} {
		if bytes.Equal(label, v.Label(parts...)) {
			t.Errorf("parts %q have the label of others", parts)
		}
	}
	if bytes.Equal(label, other.Label("Élodie", "Martin")) {
		t.Error("two vaults give the same label: it is not keyed")
	}
	if a.Reopen == nil {
		return
	}
	if v = a.Reopen(t, v); !bytes.Equal(label, v.Label("Élodie", "Martin")) {
		t.Error("a label changed when the vault was opened again")
	}
}

func reopenKeepsEverything(t *testing.T, a Adapter) {
	if a.Reopen == nil {
		t.Skip("this vault does not outlive its process")
	}
	v := a.New(t)
	infos := create(t, v, births(5)...)
	shred(t, v, infos[1].ID)
	Move(t, v, infos[2].ID, keyvault.Active, keyvault.Archived)
	Move(t, v, infos[3].ID, keyvault.Active, keyvault.Held)
	Move(t, v, infos[4].ID, keyvault.Active, keyvault.Fenced)
	claim := keyvault.Claim{Kind: "livret", Parts: []string{"0000001A", "12"}, Owner: infos[0].Owner}
	if _, err := v.Resolve(t.Context(), claim); err != nil {
		t.Fatal(err)
	}
	generation, _ := v.Generation(t.Context())
	before, _ := v.Keys(t.Context())

	v = a.Reopen(t, v)
	after, err := v.Keys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	sortInfos(before)
	sortInfos(after)
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("keys changed: %s", diff)
	}
	for i, want := range []error{nil, keyvault.ErrShredded, keyvault.ErrArchived, keyvault.ErrArchived, keyvault.ErrShredded} {
		wantOpen(t, v, infos[i], want)
	}
	if owner, err := v.Lookup(t.Context(), claim.Kind, claim.Parts...); err != nil || owner != claim.Owner {
		t.Errorf("the claim is answered %v, %v", owner, err)
	}
	if now, err := v.Generation(t.Context()); err != nil || now != generation {
		t.Errorf("generation was %d and is %d, %v", generation, now, err)
	}
	for _, info := range infos {
		if again := create(t, v, keyvault.Birth{Owner: info.Owner, Class: info.Class}); again[0].ID != info.ID {
			t.Error("a key was made twice")
		}
	}
}

func sortInfos(infos []keyvault.Info) {
	slices.SortFunc(infos, func(a, b keyvault.Info) int { return bytes.Compare(a.ID[:], b.ID[:]) })
}

// together runs n calls that start at the same moment, and waits for them.
func together(n int, call func(i int)) {
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-start
			call(i)
		})
	}
	close(start)
	wg.Wait()
}
