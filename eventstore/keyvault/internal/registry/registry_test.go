package registry

import (
	"errors"
	"testing"

	"github.com/google/uuid"

	"livret/eventstore/keyvault"
)

func newRegistry(t *testing.T) *Registry {
	t.Helper()
	kek, err := keyvault.NewKEK(Draw(), 1)
	if err != nil {
		t.Fatal(err)
	}
	return New(kek, Draw())
}

// TestDeadKeyDrawnAgain has the random source repeat itself, as it would after a snapshot of the machine.
func TestDeadKeyDrawnAgain(t *testing.T) {
	r := newRegistry(t)
	r.draw = func() [keyvault.KeySize]byte { return [keyvault.KeySize]byte{42} }
	d := r.Draft()
	infos, err := d.Create([]keyvault.Birth{{Owner: uuid.New(), Class: keyvault.Record}})
	if err != nil {
		t.Fatal(err)
	}
	r.Apply(d)

	d = r.Draft()
	for _, step := range [][2]keyvault.State{{keyvault.Active, keyvault.Fenced}, {keyvault.Fenced, keyvault.Shredded}} {
		if err := d.SetStates(step[0], step[1], []uuid.UUID{infos[0].ID}); err != nil {
			t.Fatal(err)
		}
	}
	again := []keyvault.Birth{{Owner: uuid.New(), Class: keyvault.Record}}
	if _, err := d.Create(again); !errors.Is(err, keyvault.ErrShredded) {
		t.Errorf("in the draft that shreds it, a dead key is born again: %v", err)
	}
	r.Apply(d)
	d = r.Draft()
	if _, err := d.Create(again); !errors.Is(err, keyvault.ErrShredded) || !d.Empty() {
		t.Errorf("a dead key is born again: %v", err)
	}
}

// TestDraftShared makes the calls of several callers in one draft.
func TestDraftShared(t *testing.T) {
	r := newRegistry(t)
	d := r.Draft()
	birth := keyvault.Birth{Owner: uuid.New(), Class: keyvault.Record}
	claims := []keyvault.Claim{{Kind: "livret", Parts: []string{"1"}, Owner: birth.Owner}}
	create := func() keyvault.Info {
		t.Helper()
		infos, err := d.Create([]keyvault.Birth{birth, birth})
		if err != nil || infos[0] != infos[1] {
			t.Fatalf("Create: %v, %v", infos, err)
		}
		return infos[0]
	}
	first := create()
	if create() != first {
		t.Error("two callers of one draft make two keys")
	}
	if owner := d.Resolve(claims, Blinds(r.secret, claims))[0]; owner != birth.Owner {
		t.Errorf("the claim is %v", owner)
	}
	if err := d.Forget([]uuid.UUID{first.ID}); err != nil {
		t.Fatal(err)
	}
	second := create()
	if second.ID == first.ID {
		t.Error("a forgotten key is answered again")
	}
	claims[0].Owner = uuid.New()
	if owner := d.Resolve(claims, Blinds(r.secret, claims))[0]; owner != claims[0].Owner {
		t.Errorf("the claim of a forgotten owner is still held by %v", owner)
	}
	if len(r.Keys()) != 0 || len(r.claims) != 0 {
		t.Error("a draft shows before it is applied")
	}
	r.Apply(d)
	if info, err := r.Find(birth.Owner, birth.Class); err != nil || info != second {
		t.Errorf("Find: %v, %v", info, err)
	}
	if owner, err := r.Lookup(r.secret.Claim("livret", "1")); err != nil || owner != claims[0].Owner {
		t.Errorf("Lookup: %v, %v", owner, err)
	}
	if len(r.Keys()) != 1 {
		t.Errorf("%d keys", len(r.Keys()))
	}
}
