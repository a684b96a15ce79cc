package ledger_test

import (
	"context"
	"slices"
	"testing"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/deliberation"
	"livret/domain/retention"
	"livret/eventstore/keyvault"
	"livret/eventstore/ledger"
)

// hold opens a hold, in a process that meets a fate.
func (w *world) hold(t testing.TB, f *fate, hold uuid.UUID, open retention.OpenHold) (ledger.Stands, error) {
	t.Helper()
	l := w.opened(t, mortal{w.store, f}, mortalVault{w.vault, f})
	return l.Hold(context.Background(), w.granted(t, access.PlaceHold), hold, open)
}

func (w *world) release(t testing.TB, f *fate, hold uuid.UUID) error {
	t.Helper()
	l := w.opened(t, mortal{w.store, f}, mortalVault{w.vault, f})
	_, err := l.Release(context.Background(), w.granted(t, access.ReleaseHold), hold)
	return err
}

func (w *world) held(t testing.TB, livret uuid.UUID) bool {
	t.Helper()
	state, _, err := ledger.Load(context.Background(), w.Ledger, retention.Decider, livret)
	if err != nil {
		t.Fatal(err)
	}
	return state.Held()
}

func (w *world) file(t testing.TB, hold uuid.UUID) *retention.HoldState {
	t.Helper()
	file, _, err := ledger.Load(context.Background(), w.Ledger, retention.HoldDecider, hold)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func (w *world) settle(t testing.TB) {
	t.Helper()
	if _, err := w.SettleHolds(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// TestAHoldInterruptedIsCompleted kills who places a hold, and then who releases it, at each of his effects. As long as
// the hold is not acknowledged it is known to be incomplete; the next pass completes it everywhere.
func TestAHoldInterruptedIsCompleted(t *testing.T) {
	for _, after := range []bool{false, true} {
		for n := 0; ; n++ {
			w := newWorld(t)
			livrets, hold := []uuid.UUID{w.pupil(t), w.pupil(t), w.pupil(t)}, uuid.New()
			open := retention.OpenHold{Origin: retention.RecoursContentieux, Case: "1907538", Livrets: livrets}
			_, died := w.hold(t, &fate{n: n, after: after}, hold, open)
			opened := w.file(t, hold).Opened.Origin != ""
			w.settle(t)
			for _, livret := range livrets {
				if w.held(t, livret) != opened {
					t.Fatalf("killed at %d: opened %t, and in a livret it stands: %t", n, opened, w.held(t, livret))
				}
			}
			if ack := w.file(t, hold).Acknowledged; opened && (ack == nil || ack.Livrets != 3) || died == nil && !opened {
				t.Fatalf("killed at %d: acknowledged as %+v", n, ack)
			}
			if died == nil {
				if n < 5 {
					t.Fatalf("a hold has %d effects only", n)
				}
				break
			}
		}
		for n := 0; ; n++ {
			w := newWorld(t)
			livrets, hold := []uuid.UUID{w.pupil(t), w.pupil(t)}, uuid.New()
			if _, err := w.hold(t, spared(), hold, retention.OpenHold{Origin: retention.DemandeEleve, Livrets: livrets}); err != nil {
				t.Fatal(err)
			}
			died := w.release(t, &fate{n: n, after: after}, hold)
			closed := !w.file(t, hold).Closed.IsZero()
			w.settle(t)
			for _, livret := range livrets {
				if w.held(t, livret) == closed {
					t.Fatalf("killed at %d: closed %t, and in a livret it stands: %t", n, closed, w.held(t, livret))
				}
			}
			state, _, _ := ledger.Load(context.Background(), w.Ledger, retention.Decider, hold)
			if clock, set := state.Clock(retention.HoldFile); set != closed || set && clock.Term != w.Today().PlusMonths(6) {
				t.Fatalf("killed at %d: the file of the hold ends on %s", n, clock.Term)
			}
			if died == nil {
				break
			}
		}
	}
}

// TestAHoldCoversItsJury holds a jury, and a candidate that comes to it later, when nobody can open candidates any more.
func TestAHoldCoversItsJury(t *testing.T) {
	w := newWorld(t)
	before, later, other := w.pupil(t), w.pupil(t), w.pupil(t)
	jury, hold := uuid.New(), uuid.New()
	assign := func(livret uuid.UUID, jury uuid.UUID) {
		t.Helper()
		key, err := w.vault.Open(context.Background(), w.key(t, livret, keyvault.Candidate))
		if err != nil {
			t.Fatal(err)
		}
		defer key.Zero()
		grant, err := access.Allow(access.Actor{Actor: domain.Actor{Role: access.DEC}, Academie: "08"}, access.AssignJury, access.Target{Academie: "08"}, w.Today())
		if err != nil {
			t.Fatal(err)
		}
		order := ledger.Order{ID: uuid.New(), Grant: grant, Owner: livret, Quiet: true}
		candidate := ledger.CandidateID(key, livret, session)
		if _, err := ledger.Execute(context.Background(), w.Ledger, order, deliberation.CandidateDecider, candidate, deliberation.AssignJury{Jury: jury, Session: session}); err != nil {
			t.Fatal(err)
		}
		if err := w.React(context.Background(), newCursors(), ledger.Juries{}); err != nil {
			t.Fatal(err)
		}
	}
	assign(before, jury)
	assign(other, uuid.New())
	w.move(t, w.key(t, before, keyvault.Candidate), keyvault.Active, keyvault.Archived)
	if stands, err := w.hold(t, spared(), hold, retention.OpenHold{Origin: retention.RecoursContentieux, Jury: jury}); err != nil || stands.Livrets != 1 {
		t.Fatalf("%+v, %v", stands, err)
	}
	assign(later, jury)
	w.settle(t)
	if !w.held(t, before) || !w.held(t, later) || w.held(t, other) {
		t.Errorf("held: %t, %t, and of another jury %t", w.held(t, before), w.held(t, later), w.held(t, other))
	}
	if stands, err := w.hold(t, spared(), uuid.New(), retention.OpenHold{Origin: retention.RecoursContentieux, Jury: uuid.New()}); err != nil || stands.Livrets != 0 {
		t.Errorf("a hold on a jury that nobody came before: %+v, %v", stands, err)
	}
}

// TestTheFileOfAHoldDies destroys who asked for a hold, and why, six months after its release.
func TestTheFileOfAHoldDies(t *testing.T) {
	w := newWorld(t)
	hold, livret := uuid.New(), w.pupil(t)
	if _, err := w.hold(t, spared(), hold, retention.OpenHold{Origin: retention.DemandeEleve, Requester: "Rose MARTIN", Livrets: []uuid.UUID{livret}}); err != nil {
		t.Fatal(err)
	}
	if err := w.release(t, spared(), hold); err != nil {
		t.Fatal(err)
	}
	w.at("2018-12-10")
	if got := w.standing(t, hold); got != retention.VisaMissing {
		t.Fatalf("the file of a hold is %s", got)
	}
	if err := w.retain(t, access.GiveEliminationVisa, hold, retention.GiveEliminationVisa{Reference: "AD38-119"}); err != nil {
		t.Fatal(err)
	}
	erased, err := w.erase(t, spared())
	if err != nil || erased.Keys != 1 || erased.Events != 3 || w.standing(t, hold) != retention.Gone {
		t.Fatalf("%+v, %v, the file is %s", erased, err, w.standing(t, hold))
	}
	if !w.readable(t, livret) {
		t.Error("the livret went with the file of its hold")
	}
	w.wantSound(t)
}

// TestAStandingAuthorisationIsEnough destroys what it lists, and after its revocation nothing more.
func TestAStandingAuthorisationIsEnough(t *testing.T) {
	w := newWorld(t)
	first, second := w.pupil(t), w.pupil(t)
	september := deliberation.ExamSession{Year: 2018, Round: deliberation.Septembre}
	if err := w.Register(context.Background(), second, september); err != nil {
		t.Fatal(err)
	}
	w.proclaim(t, session, "2018-07-05")
	w.proclaim(t, september, "2018-09-20")
	decide := func(command domain.Command[*retention.Conservation]) {
		t.Helper()
		order := ledger.Order{ID: uuid.New(), Grant: w.granted(t, access.GiveEliminationVisa), Quiet: true}
		if _, err := ledger.Execute(context.Background(), w.Ledger, order, retention.ConservationDecider, retention.ConservationStream("08"), command); err != nil {
			t.Fatal(err)
		}
	}
	decide(retention.AuthoriseElimination{Reference: "SIAF-2018-4", Categories: []retention.Rule{retention.Livret}})
	w.at("2019-03-05")
	if erased, err := w.erase(t, spared()); err != nil || erased.Livrets != 1 {
		t.Fatalf("%+v, %v", erased, err)
	}
	w.wantGone(t, first)
	decide(retention.RevokeAuthorisation{Reference: "SIAF-2018-4"})
	w.at("2019-05-20")
	if erased, err := w.erase(t, spared()); err != nil || erased.Livrets != 0 || !w.readable(t, second) {
		t.Fatalf("after the revocation: %+v, %v", erased, err)
	}
	w.wantSound(t)
}

// TestWhoNeverSatIsNotKeptForEver presumes the clocks of those whom no proclamation concerned.
func TestWhoNeverSatIsNotKeptForEver(t *testing.T) {
	w := newWorld(t)
	never, waiting, sat := w.livret(t), w.pupil(t), w.pupil(t)
	if err := w.Register(context.Background(), waiting, deliberation.ExamSession{Year: 2018, Round: deliberation.Septembre}); err != nil {
		t.Fatal(err)
	}
	w.proclaim(t, session, "2018-07-05")
	presume := func(date string) (standings []retention.Standing) {
		t.Helper()
		w.at(date)
		if _, err := w.Presume(context.Background()); err != nil {
			t.Fatal(err)
		}
		for _, livret := range []uuid.UUID{never, waiting, sat} {
			standings = append(standings, w.standing(t, livret))
		}
		return standings
	}
	if got := presume("2018-12-30"); !slices.Equal(got, []retention.Standing{retention.NoClock, retention.NoClock, retention.Leaving}) {
		t.Errorf("before the end of the year: %s", got)
	}
	if got := presume("2018-12-31"); !slices.Equal(got, []retention.Standing{retention.Current, retention.Current, retention.Leaving}) {
		t.Errorf("on 31 December: %s", got)
	}
	if got := presume("2019-08-31"); !slices.Equal(got, []retention.Standing{retention.VisaMissing, retention.VisaMissing, retention.VisaMissing}) {
		t.Errorf("eight months later: %s", got)
	}
	w.visa(t, never)
	if erased, err := w.erase(t, spared()); err != nil || erased.Livrets != 1 || w.standing(t, never) != retention.Gone {
		t.Errorf("%+v, %v", erased, err)
	}
}
