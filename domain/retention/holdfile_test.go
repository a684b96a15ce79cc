package retention_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"livret/domain/retention"
	"livret/domain/spec"
)

func TestAHoldIsOpenedAcknowledgedAndClosed(t *testing.T) {
	opened := retention.HoldOpened{Origin: retention.DemandeEleve, Livrets: []uuid.UUID{lot}}
	acknowledged := retention.HoldAcknowledged{Livrets: 1}
	closed := retention.HoldClosed{On: day("2020-04-01")}
	given := spec.Given(retention.HoldDecider)
	given.When(retention.OpenHold(opened)).Then(t, opened)
	given.When(retention.OpenHold{Origin: "humeur", Livrets: opened.Livrets}).ThenRefused(t, "gel-sans-origine")
	given.When(retention.OpenHold{Origin: retention.DemandeEleve}).ThenRefused(t, "gel-sans-perimetre")
	given.When(retention.OpenHold{Origin: retention.DemandeEleve, Livrets: opened.Livrets, Motive: strings.Repeat("é", 501)}).ThenRefused(t, "gel-trop-long")
	given.When(retention.AcknowledgeHold(acknowledged)).ThenRefused(t, "gel-inconnu")
	given.When(retention.CloseHold(closed)).ThenRefused(t, "gel-inconnu")
	given.And(opened).When(retention.AcknowledgeHold(acknowledged)).Then(t, acknowledged)
	given.And(opened, acknowledged).When(retention.AcknowledgeHold{Livrets: 7}).Then(t)
	given.And(opened, closed).When(retention.AcknowledgeHold(acknowledged)).Then(t) // it will stand nowhere
	given.And(opened).When(retention.CloseHold(closed)).Then(t, closed)
	given.And(opened, closed).When(retention.CloseHold{On: day("2020-05-01")}).Then(t)

	file := spec.Given(retention.Decider, retention.KeyCreated{Class: "hold", Fingerprint: "ee"})
	end := retention.EndHoldFile{Released: day("2020-04-01")}
	set := retention.TermSet{Rule: retention.HoldFile, Term: day("2020-10-01")}
	file.When(end).Then(t, set)
	file.And(set).When(end).Then(t)
	livret().When(end).ThenRefused(t, "gel-inconnu")
	file.When(retention.PlaceHold{Hold: recours}).ThenRefused(t, "livret-inconnu")
}

func TestAHoldCoversASessionOrAJury(t *testing.T) {
	noted := retention.JuryNoted{Jury: other}
	livret().When(retention.NoteJury{Jury: other}).Then(t, noted)
	livret().And(noted).When(retention.NoteJury{Jury: other}).Then(t)
	spec.Given(retention.Decider).When(retention.NoteJury{Jury: other}).ThenRefused(t, "livret-inconnu")

	covers := func(of retention.HoldOpened, livret spec.History[*retention.State]) bool {
		return spec.Given(retention.HoldDecider, of).State().Covers(livret.State())
	}
	jury, session := retention.HoldOpened{Origin: retention.RecoursContentieux, Jury: other}, retention.HoldOpened{Origin: retention.RecoursContentieux, Session: june}
	if !covers(jury, livret().And(noted)) || covers(jury, livret()) || covers(jury, livret().And(retention.JuryNoted{Jury: lot})) {
		t.Error("a hold by jury covers its jury's livrets, and no other")
	}
	if !covers(session, proclaimed()) || covers(session, livret()) || covers(retention.HoldOpened{Origin: retention.RecoursContentieux}, livret()) {
		t.Error("a hold by session covers its session's livrets, and no other")
	}
}
