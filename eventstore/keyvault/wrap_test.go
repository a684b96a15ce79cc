package keyvault_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/uuid"

	"livret/eventstore/keyvault"
)

func newKEK(t *testing.T, fill byte, epoch uint32) *keyvault.KEK {
	t.Helper()
	kek, err := keyvault.NewKEK([keyvault.KeySize]byte(bytes.Repeat([]byte{fill}, keyvault.KeySize)), epoch)
	if err != nil {
		t.Fatal(err)
	}
	return kek
}

// TestWrapBinds changes one thing at a time of what a wrap is bound to. The state is not bound: it moves
// without the key being at hand.
func TestWrapBinds(t *testing.T) {
	raw := [keyvault.KeySize]byte{1, 2, 3}
	kek := newKEK(t, 1, 1)
	info := keyvault.Info{
		ID: uuid.UUID{1}, Owner: uuid.UUID{2}, Class: keyvault.Record, State: keyvault.Active,
		Fingerprint: keyvault.FingerprintOf(raw),
	}
	wrapped := kek.Wrap(info, raw)
	if len(wrapped) != keyvault.WrappedSize || bytes.Equal(wrapped, kek.Wrap(info, raw)) {
		t.Errorf("%d wrapped bytes, or the same twice", len(wrapped))
	}
	held := info
	held.State = keyvault.Held
	for _, info := range []keyvault.Info{info, held} {
		if key, err := kek.Unwrap(info, wrapped); err != nil || key.Fingerprint() != info.Fingerprint || key.ID != info.ID {
			t.Fatalf("Unwrap: %v", err)
		}
	}
	for name, change := range map[string]func(*keyvault.Info){
		"id":          func(i *keyvault.Info) { i.ID[0]++ },
		"owner":       func(i *keyvault.Info) { i.Owner[0]++ },
		"class":       func(i *keyvault.Info) { i.Class = keyvault.Identity },
		"fingerprint": func(i *keyvault.Info) { i.Fingerprint[0]++ },
		"class moved": func(i *keyvault.Info) { i.Class += keyvault.Class(rune(i.Owner[0])) },
	} {
		other := info
		change(&other)
		if _, err := kek.Unwrap(other, wrapped); !errors.Is(err, keyvault.ErrCorrupt) {
			t.Errorf("another %s: %v", name, err)
		}
	}
	for name, other := range map[string]*keyvault.KEK{"wrapping key": newKEK(t, 2, 1), "epoch": newKEK(t, 1, 2)} {
		if _, err := other.Unwrap(info, wrapped); !errors.Is(err, keyvault.ErrCorrupt) {
			t.Errorf("another %s: %v", name, err)
		}
	}
	if _, err := kek.UnwrapSecret(wrapped); !errors.Is(err, keyvault.ErrCorrupt) {
		t.Errorf("a key passes for the vault's secret: %v", err)
	}
	if got, err := kek.UnwrapSecret(kek.WrapSecret(raw)); err != nil || got != raw {
		t.Errorf("the vault's secret: %v", err)
	}
}

func TestRestrict(t *testing.T) {
	identity, record := uuid.UUID{1}, uuid.UUID{2}
	v := openers{identity: keyvault.Identity, record: keyvault.Record}
	jury := keyvault.Restrict(v, keyvault.Record, keyvault.Candidate)
	if key, err := jury.Open(t.Context(), identity); !errors.Is(err, keyvault.ErrForbidden) || key != nil {
		t.Errorf("a jury opens an identity: %v", err)
	}
	if key, err := jury.Open(t.Context(), record); err != nil || key.ID != record {
		t.Errorf("a jury cannot open a record: %v", err)
	}
	if _, err := jury.Open(t.Context(), uuid.UUID{3}); !errors.Is(err, keyvault.ErrUnknown) {
		t.Errorf("an unknown key: %v", err)
	}
	if _, err := keyvault.Restrict(v).Open(t.Context(), record); !errors.Is(err, keyvault.ErrForbidden) {
		t.Errorf("no class allowed: %v", err)
	}
}
