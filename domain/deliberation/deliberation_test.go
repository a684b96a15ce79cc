package deliberation_test

import (
	"testing"

	"github.com/google/uuid"

	"livret/domain/deliberation"
	"livret/domain/spec"
)

// The events of an ordinary candidate, in order.
var (
	registered  = deliberation.CandidateRegistered{Livret: livret, Session: 2016, Round: "juin", Number: "04815162"}
	transmitted = deliberation.LivretTransmitted{RecordVersion: 120}
	assigned    = deliberation.JuryAssigned{Jury: jury108}
	examined    = deliberation.LivretExamined{Jury: jury108, Deliberation: 1, Group: "premier", RecordVersion: 120, Projection: "jury.v2", Salt: salt, ViewHash: shown}
	visa        = deliberation.PresidentVisaGiven{Jury: jury108, Deliberation: 1, Group: "premier", RecordVersion: 120, Projection: "jury.v2", ViewHash: shown}
	notified    = deliberation.RectificationNotified{RecordVersion: 121, Rectification: redress}
)

var (
	examine = deliberation.ExamineLivret{Jury: jury108, Group: "premier", RecordVersion: 120, Projection: "jury.v2", Salt: salt, ViewHash: shown}
	sign    = deliberation.GivePresidentVisa{Jury: jury108, Group: "premier", RecordVersion: 120, ViewHash: shown}
	ajourne = deliberation.RecordResult{Group: "premier", Result: "ajourne", RecordVersion: 120}
)

func recorded(group deliberation.Group, result deliberation.Result) deliberation.ResultRecorded {
	return deliberation.ResultRecorded{Deliberation: 1, Group: group, Result: result}
}

func TestTheHeadTransmitsTheLivret(t *testing.T) {
	given := spec.Given(deliberation.CandidateDecider, registered)
	transmit := deliberation.TransmitLivret{RecordVersion: 120, Locked: true, HeadVisa: true}

	given.When(transmit).Then(t, transmitted)
	later := transmit
	later.RecordVersion, later.Opposed = 130, true
	given.And(transmitted).When(later).Then(t) // what changes afterwards is a rectification

	opposed, restricted, open, unseen := transmit, transmit, transmit, transmit
	opposed.Opposed, restricted.Restricted, open.Locked, unseen.HeadVisa = true, true, false, false
	given.When(restricted).ThenRefused(t, "livret-restreint")
	given.When(opposed).ThenRefused(t, "transmission-opposee")
	given.When(open).ThenRefused(t, "terminale-non-verrouillee")
	given.When(unseen).ThenRefused(t, "visa-chef-absent")
	given.And(assigned, recorded("premier", "ajourne")).When(transmit).ThenRefused(t, "deliberation-rendue")
	spec.Given(deliberation.CandidateDecider).When(transmit).ThenRefused(t, "candidat-inconnu")
}

func TestACandidateComesBeforeOneJury(t *testing.T) {
	given := spec.Given(deliberation.CandidateDecider, registered, transmitted)
	assign := deliberation.AssignJury{Jury: jury108, Session: june}
	other := deliberation.AssignJury{Jury: deliberation.JuryStream(june, "0109"), Session: june}

	given.When(assign).Then(t, assigned)
	given.And(assigned).When(assign).Then(t)
	given.And(assigned).When(other).Then(t, deliberation.JuryAssigned{Jury: other.Jury})
	given.And(assigned, examined).When(other).ThenRefused(t, "jury-deja-saisi")
	given.And(assigned, recorded("premier", "admis"), deliberation.DeliberationReopened{Deliberation: 2, Ground: "juridiction"}).
		When(other).Then(t, deliberation.JuryAssigned{Jury: other.Jury})
	elsewhere := assign
	elsewhere.Session.Round = deliberation.Septembre
	given.When(elsewhere).ThenRefused(t, "jury-d-une-autre-session")
	spec.Given(deliberation.CandidateDecider).When(assign).ThenRefused(t, "candidat-inconnu")
}

func TestAJuryExaminesTheLivretAsItIs(t *testing.T) {
	given := spec.Given(deliberation.CandidateDecider, registered, transmitted, assigned)

	given.When(examine).Then(t, examined)
	given.And(examined).When(examine).Then(t)
	again, anew := examine, examined
	again.RecordVersion, again.ViewHash = 121, changed
	anew.RecordVersion, anew.ViewHash = 121, changed
	given.And(examined).When(again).Then(t, anew)
	given.And(examined, notified).When(examine).Then(t, examined) // the same view, seen again after the notice

	spec.Given(deliberation.CandidateDecider, registered, assigned).When(examine).ThenRefused(t, "aucun-livret-produit")
	given.And(recorded("premier", "admis")).When(examine).ThenRefused(t, "resultat-deja-enregistre")
	for rule, spoil := range map[string]func(*deliberation.ExamineLivret){
		"jury-non-saisi":           func(c *deliberation.ExamineLivret) { c.Jury = deliberation.JuryStream(june, "0109") },
		"groupe-inconnu":           func(c *deliberation.ExamineLivret) { c.Group = "troisieme" },
		"second-groupe-sans-objet": func(c *deliberation.ExamineLivret) { c.Group = "second" },
		"vue-sans-empreinte":       func(c *deliberation.ExamineLivret) { c.ViewHash = c.ViewHash[:31] },
	} {
		spoilt := examine
		spoil(&spoilt)
		given.When(spoilt).ThenRefused(t, rule)
	}
}

func TestThePresidentSignsWhatWasExamined(t *testing.T) {
	given := spec.Given(deliberation.CandidateDecider, registered, transmitted, assigned)

	given.And(examined).When(sign).Then(t, visa)
	given.And(examined, visa).When(sign).Then(t)
	paper, onPaper := sign, visa
	paper.Paper, onPaper.Paper = true, true
	given.And(examined).When(paper).Then(t, onPaper)

	given.When(sign).ThenRefused(t, "livret-non-examine")
	given.And(examined, notified).When(sign).ThenRefused(t, "examen-depasse")
	moved := sign
	moved.RecordVersion = 121
	given.And(examined).When(moved).ThenRefused(t, "examen-depasse")
	otherView := sign
	otherView.ViewHash = changed
	given.And(examined).When(otherView).ThenRefused(t, "examen-depasse")
	spec.Given(deliberation.CandidateDecider, registered, assigned).When(sign).ThenRefused(t, "aucun-livret-produit")
	stranger := sign
	stranger.Jury = uuid.Nil
	given.And(examined).When(stranger).ThenRefused(t, "jury-non-saisi")
}

func TestAJuryIsToldOfARectificationOnce(t *testing.T) {
	given := spec.Given(deliberation.CandidateDecider, registered)
	notify := deliberation.NotifyRectification{RecordVersion: 121, Rectification: redress}

	given.When(notify).Then(t) // it was given no livret
	given.And(transmitted).When(notify).Then(t, notified)
	given.And(transmitted, notified).When(notify).Then(t)
	spec.Given(deliberation.CandidateDecider).When(notify).ThenRefused(t, "candidat-inconnu")
	slot := given.And(transmitted, assigned, examined, visa, notified).State().Slot("premier")
	if slot.VisaStands(120) || !slot.Stale {
		t.Errorf("the visa stands after a rectification: %+v", slot)
	}
}

// TestNoAjournementWithoutVisa is TA Melun, 3 March 2020, n° 1907538: a livret was supplied, the president's place
// was empty, and the ajournement was annulled.
func TestNoAjournementWithoutVisa(t *testing.T) {
	supplied := spec.Given(deliberation.CandidateDecider, registered, transmitted, assigned)
	secondGroup := ajourne
	secondGroup.Result = "second-groupe"

	for _, failing := range []deliberation.RecordResult{ajourne, secondGroup} {
		supplied.When(failing).ThenRefused(t, "visa-du-president-absent")
		supplied.And(examined).When(failing).ThenRefused(t, "visa-du-president-absent")
		supplied.And(examined, visa, notified).When(failing).ThenRefused(t, "visa-du-president-absent")
		supplied.And(examined, visa).When(failing).Then(t, recorded("premier", failing.Result))
		moved := failing
		moved.RecordVersion = 121
		supplied.And(examined, visa).When(moved).ThenRefused(t, "visa-du-president-absent")
	}
	// Whom the jury admits, and who did not sit, need none.
	supplied.When(deliberation.RecordResult{Group: "premier", Result: "admis", Mention: "TB"}).
		Then(t, deliberation.ResultRecorded{Deliberation: 1, Group: "premier", Result: "admis", Mention: "TB"})
	supplied.When(deliberation.RecordResult{Group: "premier", Result: "absent"}).Then(t, recorded("premier", "absent"))
	// Each group has its own place.
	afterFirst := supplied.And(examined, visa, recorded("premier", "second-groupe"))
	second := deliberation.RecordResult{Group: "second", Result: "ajourne", RecordVersion: 120}
	afterFirst.When(second).ThenRefused(t, "visa-du-president-absent")
	examined2, visa2 := examined, visa
	examined2.Group, visa2.Group = "second", "second"
	afterFirst.And(examined2, visa2).When(second).Then(t, recorded("second", "ajourne"))
}

func TestACandidateWithoutLivretIsJudged(t *testing.T) {
	spec.Given(deliberation.CandidateDecider, registered, assigned).When(ajourne).Then(t, recorded("premier", "ajourne"))
}

func TestWhatAResultMayBe(t *testing.T) {
	given := spec.Given(deliberation.CandidateDecider, registered, assigned)
	admitted := deliberation.RecordResult{Group: "premier", Result: "admis"}

	given.And(recorded("premier", "admis")).When(admitted).Then(t)
	given.And(recorded("premier", "admis")).When(ajourne).ThenRefused(t, "resultat-deja-enregistre")
	spec.Given(deliberation.CandidateDecider, registered).When(admitted).ThenRefused(t, "jury-non-saisi")
	spec.Given(deliberation.CandidateDecider).When(admitted).ThenRefused(t, "candidat-inconnu")
	for _, c := range []struct {
		rule string
		deliberation.RecordResult
	}{
		{"resultat-inconnu", deliberation.RecordResult{Group: "premier", Result: "recu"}},
		{"resultat-inconnu", deliberation.RecordResult{Group: "second", Result: "second-groupe"}},
		{"mention-inconnue", deliberation.RecordResult{Group: "premier", Result: "admis", Mention: "P"}},
		{"mention-sans-admission", deliberation.RecordResult{Group: "premier", Result: "ajourne", Mention: "AB"}},
		{"mention-au-second-groupe", deliberation.RecordResult{Group: "second", Result: "admis", Mention: "AB"}},
		{"second-groupe-sans-objet", deliberation.RecordResult{Group: "second", Result: "admis"}},
		{"groupe-inconnu", deliberation.RecordResult{Result: "admis"}},
		{"deliberations-closes", deliberation.RecordResult{Group: "premier", Result: "admis", Closed: true}},
	} {
		given.When(c.RecordResult).ThenRefused(t, c.rule)
	}
}

func TestADecisionReopensTheDeliberation(t *testing.T) {
	judged := spec.Given(deliberation.CandidateDecider, registered, transmitted, assigned, examined, visa, recorded("premier", "ajourne"))
	reopen := deliberation.ReopenDeliberation{Deliberation: 2, Ground: "juridiction"}
	reopened := deliberation.DeliberationReopened{Deliberation: 2, Ground: "juridiction"}

	judged.When(reopen).Then(t, reopened)
	judged.And(reopened).When(reopen).Then(t)
	again := judged.And(reopened)
	ajourneNow := ajourne
	ajourneNow.Closed = true // the session is over; this candidate's deliberation is not
	again.When(ajourneNow).ThenRefused(t, "visa-du-president-absent")
	examined2, visa2 := examined, visa
	examined2.Deliberation, visa2.Deliberation = 2, 2
	again.When(examine).Then(t, examined2)
	again.And(examined2, visa2).When(ajourneNow).Then(t, deliberation.ResultRecorded{Deliberation: 2, Group: "premier", Result: "ajourne"})
	if past := again.State().Past; len(past) != 1 || past[0] != recorded("premier", "ajourne") {
		t.Errorf("the first result is lost: %+v", past)
	}

	third := reopen
	third.Deliberation = 3
	again.When(third).ThenRefused(t, "deliberation-en-cours")
	judged.When(third).ThenRefused(t, "deliberation-depassee")
	judged.When(deliberation.ReopenDeliberation{Deliberation: 2, Ground: "fraude"}).ThenRefused(t, "motif-inconnu")
	spec.Given(deliberation.CandidateDecider, registered, assigned).When(reopen).ThenRefused(t, "deliberation-en-cours")
	spec.Given(deliberation.CandidateDecider).When(reopen).ThenRefused(t, "candidat-inconnu")
}

func TestTheLastOrientationProposedStands(t *testing.T) {
	given := spec.Given(deliberation.CandidateDecider, registered)
	cpge := deliberation.OrientationProposed{Orientation: "cpge"}

	given.When(deliberation.ProposeOrientation{Orientation: "cpge"}).Then(t, cpge)
	given.And(cpge).When(deliberation.ProposeOrientation{Orientation: "cpge"}).Then(t)
	given.And(cpge).When(deliberation.ProposeOrientation{Orientation: "bts"}).Then(t, deliberation.OrientationProposed{Orientation: "bts"})
	given.When(deliberation.ProposeOrientation{Orientation: "medecine"}).ThenRefused(t, "orientation-inconnue")
	spec.Given(deliberation.CandidateDecider).When(deliberation.ProposeOrientation{Orientation: "bts"}).ThenRefused(t, "candidat-inconnu")
}

func TestWhoFailedInJuneMayBeRegisteredInSeptember(t *testing.T) {
	given := spec.Given(deliberation.CandidateDecider)
	september := deliberation.ExamSession{Year: 2016, Round: deliberation.Septembre}
	again := deliberation.RegisterAgain{RegisterCandidate: deliberation.RegisterCandidate{Livret: livret, Session: september, Number: "23421337"}}
	done := deliberation.CandidateRegistered{Livret: livret, Session: 2016, Round: "septembre", Number: "23421337"}

	for june, may := range map[deliberation.Result]bool{"ajourne": true, "absent": true, "admis": false, "second-groupe": false, "": false} {
		if again.June = june; may {
			given.When(again).Then(t, done)
			given.And(done).When(again).Then(t)
		} else {
			given.When(again).ThenRefused(t, "session-de-remplacement-sans-objet")
		}
	}
}
