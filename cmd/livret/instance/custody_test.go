package instance_test

import (
	"errors"
	"testing"

	"github.com/google/uuid"

	"livret/cmd/livret/instance"
	"livret/domain"
	"livret/domain/retention"
	"livret/eventstore/keyvault"
)

// TestAHoldOutlivesTheSharesOfItsSession archives two livrets with their session, holds one of them, destroys the
// other, then the session's shares: what is held opens with the shares of its hold, and with nothing else.
func TestAHoldOutlivesTheSharesOfItsSession(t *testing.T) {
	a := newAged(t)
	_, vault := a.Parts()
	key := func(livret uuid.UUID) uuid.UUID {
		t.Helper()
		info, err := vault.Find(t.Context(), livret, keyvault.Record)
		if err != nil {
			t.Fatal(err)
		}
		return info.ID
	}
	held, dying := key(a.livrets[0]), key(a.livrets[1])
	refused := func(err error, rule string) {
		t.Helper()
		if refusal, ok := errors.AsType[*domain.Refusal](err); !ok || refusal.Rule != rule {
			t.Errorf("got %v, want %s", err, rule)
		}
	}
	june, err := a.CreatePair(t.Context(), operator, "2018-juin", [2]string{t.TempDir(), t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if err := vault.Archive(t.Context(), "2018-juin", held, dying); err != nil {
		t.Fatal(err)
	}
	refused(a.DestroyPair(t.Context(), operator, "2018-juin"), "paire-utilisee")

	hold := uuid.New()
	if _, err := a.PlaceHold(t.Context(), operator, hold, retention.OpenHold{Origin: retention.RecoursContentieux, Livrets: a.livrets[:1]}); err != nil {
		t.Fatal(err)
	}
	recours, err := a.CreatePair(t.Context(), operator, hold.String(), [2]string{t.TempDir(), t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := instance.ReadShares([2]string{june[0], june[0]}); !errors.Is(err, keyvault.ErrShares) {
		t.Errorf("one share twice: %v", err)
	}
	session, err := instance.ReadShares(june)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if n, err := a.HoldKeys(t.Context(), operator, hold, session); err != nil || n != 1 {
			t.Fatalf("%d keys held, %v", n, err)
		}
	}
	refused(a.DestroyPair(t.Context(), operator, "2018-juin"), "paire-utilisee")
	for _, step := range [][2]keyvault.State{{keyvault.Archived, keyvault.Fenced}, {keyvault.Fenced, keyvault.Shredded}} {
		if err := vault.SetStates(t.Context(), step[0], step[1], dying); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.DestroyPair(t.Context(), operator, "2018-juin"); err != nil {
		t.Fatal(err)
	}
	refused(a.DestroyPair(t.Context(), operator, "2018-juin"), "paire-inconnue")
	if _, err := vault.WithCustody(session).Open(t.Context(), held); !errors.Is(err, keyvault.ErrArchived) {
		t.Errorf("with the session's shares: %v", err)
	}
	half, err := instance.ReadShares(recours)
	if err != nil {
		t.Fatal(err)
	}
	if opened, err := vault.WithCustody(half).Open(t.Context(), held); err != nil {
		t.Errorf("with the hold's shares: %v", err)
	} else {
		opened.Zero()
	}
}
