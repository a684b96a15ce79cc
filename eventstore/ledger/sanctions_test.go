package ledger_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/deployment"
	"livret/domain/identity"
	"livret/domain/retention"
	"livret/domain/sanction"
	"livret/eventstore/keyvault"
	"livret/eventstore/ledger"
)

// decide records a decision about a sanction, and what follows from it.
func (w *world) decide(t testing.TB, id uuid.UUID, command domain.Command[*sanction.Sanction]) {
	t.Helper()
	order := ledger.Order{ID: uuid.New(), Grant: w.granted(t, access.RecordSanction), Quiet: true}
	if _, err := ledger.Execute(context.Background(), w.Ledger, order, sanction.Decider, id, command); err != nil {
		t.Fatalf("%T: %v", command, err)
	}
	for range 2 {
		if err := w.React(context.Background(), newCursors(), ledger.Sanctions{}); err != nil {
			t.Fatal(err)
		}
	}
}

// sanctioned is the subject of a sanction and its kind, empty once it is destroyed.
func (w *world) sanctioned(t testing.TB, id uuid.UUID) (name string, kind sanction.Kind) {
	t.Helper()
	s, _, err := ledger.Load(context.Background(), w.Ledger, sanction.Decider, id)
	subject, _, failed := ledger.Load(context.Background(), w.Ledger, identity.SubjectDecider, id)
	if gone := errors.Is(err, keyvault.ErrShredded); gone != errors.Is(failed, keyvault.ErrShredded) || err != nil && !gone {
		t.Fatalf("sanction: %v, subject: %v", err, failed)
	}
	if subject != nil {
		name = subject.ListName()
	}
	return name, s.Kind
}

func (w *world) term(t testing.TB, id uuid.UUID) string {
	t.Helper()
	state, _, err := ledger.Load(context.Background(), w.Ledger, retention.Decider, id)
	if err != nil {
		t.Fatal(err)
	}
	clock, _ := state.Clock(retention.Sanction)
	return clock.Term.String()
}

func (w *world) pronounce(t testing.TB, livret uuid.UUID, on, ends string, sursis bool) uuid.UUID {
	t.Helper()
	w.at(on)
	id, c := uuid.New(), sanction.Pronounce{Kind: sanction.Blame, Authority: sanction.Commission, Pronounced: w.Today(), Entry: true, Livret: livret, Today: w.Today()}
	if ends != "" {
		c.Kind, c.Suspended = sanction.BanFromExam, sursis
		c.Ends, _ = domain.ParseDate(ends)
	}
	w.decide(t, id, c)
	return id
}

// A real case: results of July, a blâme of 4 September. The livret ends in March, the blâme in September.
func TestASanctionOutlivesItsLivret(t *testing.T) {
	w := newWorld(t)
	pupil, banned := w.pupil(t), w.pupil(t)
	w.proclaim(t, session, "2018-07-05")
	blame := w.pronounce(t, pupil, "2018-09-04", "", false)
	ban := w.pronounce(t, banned, "2018-09-04", "2021-09-04", false)
	sursis := w.pronounce(t, banned, "2018-09-04", "2020-09-04", true)
	if w.term(t, blame) != "2019-09-04" || w.term(t, ban) != "2021-09-04" || w.term(t, sursis) != "2020-09-04" {
		t.Errorf("terms %s, %s, %s", w.term(t, blame), w.term(t, ban), w.term(t, sursis))
	}
	w.visa(t, pupil, banned)
	erase := func(date string, want int) {
		t.Helper()
		w.at(date)
		for _, id := range []uuid.UUID{blame, ban, sursis} {
			if w.standing(t, id) == retention.VisaMissing {
				if err := w.retain(t, access.GiveEliminationVisa, id, retention.GiveEliminationVisa{Reference: "AD38-118"}); err != nil {
					t.Fatal(err)
				}
			}
		}
		erased, err := w.erase(t, spared())
		if err != nil || len(erased.Left) > 0 || erased.Livrets != want {
			t.Fatalf("on %s: %+v, %v, want %d destroyed", date, erased, err, want)
		}
	}
	says := func(id uuid.UUID, wantName string, wantKind sanction.Kind) {
		t.Helper()
		if name, kind := w.sanctioned(t, id); name != wantName || kind != wantKind {
			t.Errorf("on %s a sanction says %q of %q", w.Today(), kind, name)
		}
	}

	erase("2019-03-05", 2)
	if w.readable(t, pupil) {
		t.Fatal("the livret did not end")
	}
	says(blame, "MARTIN Rose", sanction.Blame)
	erase("2019-09-03", 0)
	says(blame, "MARTIN Rose", sanction.Blame)
	erase("2019-09-04", 1)
	says(blame, "", "")
	says(ban, "MARTIN Rose", sanction.BanFromExam)
	erase("2020-09-04", 1)
	says(sursis, "", "")
	erase("2021-09-03", 0)
	erase("2021-09-04", 1)
	says(ban, "", "")
	if n := w.certificates(t); n != 5 {
		t.Errorf("certificates speak of %d owners", n)
	}
	w.wantSound(t)
}

// A hold on the livret is none on the sanction, and what is annulled or dropped is due at once.
func TestWhatMovesTheTermOfASanction(t *testing.T) {
	w := newWorld(t)
	pupil := w.pupil(t)
	w.proclaim(t, session, "2018-07-05")
	id := w.pronounce(t, pupil, "2018-09-04", "2020-09-04", true)
	if err := w.retain(t, access.PlaceHold, pupil, retention.PlaceHold{Hold: uuid.New()}); err != nil {
		t.Fatal(err)
	}
	on := w.at("2019-01-10")
	until, _ := domain.ParseDate("2021-01-10")
	w.decide(t, id, sanction.RevokeSursis{On: on, Ends: until, Today: on})
	if w.term(t, id) != "2021-01-10" {
		t.Errorf("revoked: %s", w.term(t, id))
	}
	w.decide(t, id, sanction.Amend{Measure: sanction.Measure{Kind: sanction.LossOfMention}, On: on, Today: on})
	if w.term(t, id) != "2019-09-04" {
		t.Errorf("amended: %s", w.term(t, id))
	}
	w.decide(t, id, sanction.Annul{On: on, Today: on})
	if w.term(t, id) != "2019-01-10" || w.standing(t, id) != retention.VisaMissing {
		t.Errorf("annulled: %s, %s", w.term(t, id), w.standing(t, id))
	}
	proceedings := uuid.New()
	w.decide(t, proceedings, sanction.OpenProceedings{Livret: pupil, On: on, Today: on})
	if name, _ := w.sanctioned(t, proceedings); name != "MARTIN Rose" || w.term(t, proceedings) != "" {
		t.Errorf("proceedings against %q end on %q", name, w.term(t, proceedings))
	}
	w.decide(t, proceedings, sanction.DropProceedings{On: on, Today: on})
	if w.term(t, proceedings) != "2019-01-10" {
		t.Errorf("dropped: %s", w.term(t, proceedings))
	}
	w.wantSound(t)
}

// What a school recorded ends on the day of its catalogue, and at the latest when the controller takes back the
// decision that allowed it.
func TestASchoolSanctionEndsWithWhatAllowedIt(t *testing.T) {
	w := newWorld(t)
	pupil := w.pupil(t)
	first, second := uuid.New(), uuid.New()
	decide := func(c domain.Command[*deployment.State]) {
		t.Helper()
		order := ledger.Order{ID: uuid.New(), Grant: w.granted(t, access.DecideSchoolSanctions), Quiet: true}
		if _, err := ledger.Execute(context.Background(), w.Ledger, order, deployment.Decider, deployment.Stream("08"), c); err != nil {
			t.Fatal(err)
		}
	}
	record := func(id uuid.UUID, kind sanction.Kind) {
		t.Helper()
		c := sanction.PronounceSchool{LegalAct: "arrêté 1", Kind: kind, Pronounced: w.Today(), Livret: pupil, Session: 2018, Today: w.Today()}
		order := ledger.Order{ID: uuid.New(), Grant: w.allow(t, access.ChefEtablissement, access.RecordSchoolSanction, access.Target{}), Quiet: true}
		if _, err := ledger.Execute(context.Background(), w.Ledger, order, sanction.SchoolDecider, id, c); err != nil {
			t.Fatal(err)
		}
	}
	ends := func(id uuid.UUID, want string) {
		t.Helper()
		for range 2 {
			if err := w.React(context.Background(), newCursors(), ledger.SchoolSanctions{}); err != nil {
				t.Fatal(err)
			}
		}
		state, _, err := ledger.Load(context.Background(), w.Ledger, retention.Decider, id)
		clock, _ := state.Clock(retention.SchoolSanction)
		if err != nil || clock.Term.String() != want || state.Kind() != retention.SchoolSanction {
			t.Errorf("a %s ends on %q, %v, want %s", state.Kind(), clock.Term, err, want)
		}
	}
	decide(deployment.EnableSchoolSanctions{LegalAct: "arrêté 1"})
	w.at("2017-11-20")
	record(first, sanction.SchoolWarning)
	record(second, sanction.FinalExclusion)
	ends(first, "2018-08-31")
	ends(second, "2018-08-31")
	decide(deployment.RevokeSchoolSanctions{On: w.at("2018-01-10")})
	ends(first, "2018-01-10")
	ends(second, "2018-01-10")
	for _, id := range []uuid.UUID{first, second} {
		if err := w.retain(t, access.GiveEliminationVisa, id, retention.GiveEliminationVisa{Reference: "AD38-119"}); err != nil {
			t.Fatal(err)
		}
	}
	if erased, err := w.erase(t, spared()); err != nil || erased.Livrets != 2 || len(erased.Left) > 0 {
		t.Errorf("%+v, %v", erased, err)
	}
	w.wantSound(t)
}
