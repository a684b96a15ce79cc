package ledger_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/record"
	"livret/domain/retention"
	"livret/eventstore/keyvault"
	"livret/eventstore/ledger"
)

func (m mortalVault) Archive(ctx context.Context, pair string, ids ...uuid.UUID) error {
	return m.fate.met(func() error { return m.Vault.Archive(ctx, pair, ids...) })
}

// pair gives the vault the custody pair of a session.
func (w *world) pair(t testing.TB, name string) {
	t.Helper()
	half, err := keyvault.NewPrivateHalf(name)
	if err == nil {
		err = w.vault.AddPair(context.Background(), half.Pair)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// archive runs an archiver in a process that meets a fate.
func (w *world) archive(t testing.TB, f *fate, guard func(uuid.UUID, *retention.State) error) (ledger.Archiving, error) {
	t.Helper()
	store, vault := mortal{w.store, f}, mortalVault{w.vault, f}
	a := ledger.Archiver{Ledger: w.opened(t, store, vault), Keys: vault, Views: views{f, w.purged}, Guard: guard}
	return a.Run(context.Background())
}

// inCustody tells whether the active service is refused a livret because it is archived.
func (w *world) inCustody(livret uuid.UUID) bool {
	_, _, err := ledger.Load(context.Background(), w.Ledger, record.Decider, livret)
	_, ordered := ledger.Execute(context.Background(), w.Ledger, w.order(), record.Decider, livret, record.OpenLivret{Session: 2018})
	return errors.Is(err, keyvault.ErrArchived) && errors.Is(ordered, keyvault.ErrArchived)
}

// TestLivretsLeaveActiveService archives two months after the proclamation and not before, says when no pair receives
// the keys, spares whom the guard keeps, and lets what is archived be held and destroyed.
func TestLivretsLeaveActiveService(t *testing.T) {
	w := newWorld(t)
	leaving, held, kept := w.pupil(t), w.pupil(t), w.pupil(t)
	w.proclaim(t, session, "2018-07-05")
	guard := func(owner uuid.UUID, _ *retention.State) error {
		if owner == kept {
			return domain.Refuse("statistiques-non-figees", "Non.", "")
		}
		return nil
	}
	w.pair(t, "2018-septembre")
	w.at("2018-09-04")
	if done, err := w.archive(t, spared(), guard); err != nil || done.Livrets != 0 || len(done.NoPair) != 0 {
		t.Fatalf("the day before: %+v, %v", done, err)
	}
	w.at("2018-09-05")
	if done, err := w.archive(t, spared(), guard); err != nil || done.Livrets != 0 || len(done.NoPair) != 1 || w.standing(t, leaving) != retention.Leaving {
		t.Fatalf("without a pair: %+v, %v, %s", done, err, w.standing(t, leaving))
	}
	w.pair(t, june)
	done, err := w.archive(t, spared(), guard)
	if err != nil || done.Livrets != 2 || done.Keys != 6 || len(done.Left) != 1 || w.standing(t, leaving) != retention.Archived {
		t.Fatalf("%+v, %v, %s", done, err, w.standing(t, leaving))
	}
	if !w.inCustody(leaving) || !w.inCustody(held) || w.inCustody(kept) {
		t.Error("who is in custody is not who should be")
	}
	if again, err := w.archive(t, spared(), guard); err != nil || again.Livrets != 0 {
		t.Errorf("again: %+v, %v", again, err)
	}
	hold := uuid.New()
	if stands, err := w.hold(t, spared(), hold, retention.OpenHold{Origin: retention.RecoursContentieux, Livrets: []uuid.UUID{held}}); err != nil || stands.Livrets != 1 {
		t.Fatalf("a hold on what is archived: %+v, %v", stands, err)
	}
	w.visa(t, leaving, held)
	w.at("2019-03-05")
	if erased, err := w.erase(t, spared()); err != nil || erased.Livrets != 1 {
		t.Fatalf("%+v, %v", erased, err)
	}
	w.wantGone(t, leaving)
	if !w.inCustody(held) {
		t.Error("the livret under hold is not in custody any more")
	}
	if err := w.release(t, spared(), hold); err != nil {
		t.Fatal(err)
	}
	if erased, err := w.erase(t, spared()); err != nil || erased.Livrets != 1 {
		t.Fatalf("%+v, %v", erased, err)
	}
	w.wantGone(t, held)
	w.wantSound(t)
}

// TestAnArchivingKilledAnywhereIsFinishedByTheNext kills a run at each of its effects, before and after it takes place.
func TestAnArchivingKilledAnywhereIsFinishedByTheNext(t *testing.T) {
	for _, after := range []bool{false, true} {
		for n := 0; ; n++ {
			w := newWorld(t)
			livrets := []uuid.UUID{w.pupil(t), w.pupil(t)}
			w.proclaim(t, session, "2018-07-05")
			w.pair(t, june)
			w.at("2018-09-05")
			_, died := w.archive(t, &fate{n: n, after: after}, nil)
			if _, err := w.archive(t, spared(), nil); err != nil {
				t.Fatalf("killed at %d: %v", n, err)
			}
			for _, livret := range livrets {
				if !w.inCustody(livret) || w.standing(t, livret) != retention.Archived || !w.purged[w.key(t, livret, keyvault.Record)] {
					t.Fatalf("killed at %d, after its effect %t: a livret is %s", n, after, w.standing(t, livret))
				}
			}
			w.wantSound(t)
			if died == nil {
				if n < 4 {
					t.Fatalf("a run has %d effects only", n)
				}
				break
			}
		}
	}
}
