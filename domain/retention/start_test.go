package retention_test

import (
	"testing"

	"livret/domain"
	"livret/domain/retention"
	"livret/domain/spec"
)

// Nobody ever proclaimed anything of these livrets: our own decision, and the events say so.
func TestWithoutProclamationClocksArePresumed(t *testing.T) {
	presume := retention.PresumeClock{Year: 2019, Session: june, Today: day("2019-12-31")}
	presumed := []domain.Event{
		retention.ClockPresumed{Rule: retention.Livret, Session: june, From: day("2019-12-31")},
		retention.ClockPresumed{Rule: retention.Consultations, Session: june, From: day("2019-12-31")},
	}
	livret().When(presume).Then(t, presumed...)
	livret().And(presumed...).When(presume).Then(t)
	early := presume
	early.Today = day("2019-12-30")
	livret().When(early).ThenRefused(t, "presomption-anticipee")
	proclaimed().When(presume).Then(t)
	ready().And(requested).When(presume).Then(t)
	spec.Given(retention.Decider).When(presume).ThenRefused(t, "livret-inconnu")

	clock, _ := livret().And(presumed...).State().Clock(retention.Livret)
	if !clock.Presumed || clock.Active != day("2020-02-29") || clock.Term != day("2020-08-31") {
		t.Errorf("a presumed clock: %+v", clock)
	}
	// A proclamation recorded late takes the place of what was presumed, though it is earlier.
	livret().And(presumed...).When(retention.StartClock{Session: june, Proclaimed: day("2019-07-05")}).Then(t,
		retention.ClockStarted{Rule: retention.Livret, Session: june, Proclaimed: day("2019-07-05")},
		retention.ClockStarted{Rule: retention.Consultations, Session: june, Proclaimed: day("2019-07-05")})
}

// The blâme of 4 September 2017 is erased on 4 September 2018, whatever becomes of any livret.
func TestASanctionEndsOnItsOwnDay(t *testing.T) {
	given := spec.Given(retention.Decider, retention.KeyCreated{Class: "sanction", Fingerprint: "dd"})
	blame := retention.StartSanctionClock{Rule: retention.Sanction, Pronounced: day("2017-09-04")}
	set := retention.TermSet{Rule: retention.Sanction, Term: day("2018-09-04")}
	given.When(blame).Then(t, set)
	given.And(set).When(blame).Then(t)
	given.When(retention.StartSanctionClock{Rule: retention.Sanction, Pronounced: day("2017-09-04"), Ends: day("2022-09-03")}).Then(t, retention.TermSet{Rule: retention.Sanction, Term: day("2022-09-03")})
	given.And(set).When(retention.StartSanctionClock{Rule: retention.Sanction, Pronounced: day("2017-09-04"), Ends: day("2018-03-04")}).Then(t, retention.TermSet{Rule: retention.Sanction, Term: day("2018-03-04")}) // on appeal
	school := spec.Given(retention.Decider, retention.KeyCreated{Class: "schoolsanction", Fingerprint: "dd"})
	school.When(retention.StartSanctionClock{Rule: retention.SchoolSanction, Pronounced: day("2017-09-04"), Ends: day("2019-07-05")}).Then(t, retention.TermSet{Rule: retention.SchoolSanction, Term: day("2019-07-05")})
	school.When(retention.StartSanctionClock{Rule: retention.SchoolSanction, Pronounced: day("2017-09-04")}).ThenRefused(t, "sanction-sans-date")
	given.When(retention.StartSanctionClock{Rule: retention.Sanction}).ThenRefused(t, "sanction-sans-date")
	given.When(retention.StartSanctionClock{Rule: retention.Livret, Pronounced: day("2017-09-04")}).ThenRefused(t, "sanction-inconnue")
	livret().When(blame).ThenRefused(t, "sanction-inconnue")
	given.When(retention.StartClock{Session: june, Proclaimed: day("2019-07-05")}).ThenRefused(t, "livret-inconnu")

	for on, want := range map[string]retention.Standing{"2018-09-03": retention.Current, "2018-09-04": retention.VisaMissing} {
		if got := given.And(set).State().Standing(day(on), nil); got != want {
			t.Errorf("on %s a blâme is %s, want %s", on, got, want)
		}
	}
	visa := retention.EliminationVisaGiven{Reference: "AD38-2018-7"}
	given.And(set).When(retention.GiveEliminationVisa(visa)).Then(t, visa)
	given.And(set, visa).When(retention.RequestDestruction{Lot: lot, On: day("2018-09-04")}).Then(t,
		retention.DestructionRequested{Lot: lot, Visa: visa.Reference, Keys: []retention.Key{{Class: "sanction", Fingerprint: "dd"}}})
	if kind := school.State().Kind(); kind != retention.SchoolSanction {
		t.Errorf("a school's sanction is a %s", kind)
	}
}

func TestTheFileOfAHoldEndsSixMonthsAfterIt(t *testing.T) {
	if got := retention.HoldTerm(day("2019-08-31")); got != day("2020-02-29") {
		t.Errorf("ends on %s", got)
	}
}
