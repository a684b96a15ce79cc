package deliberation_test

import (
	"testing"

	"github.com/google/uuid"

	"livret/domain/deliberation"
	"livret/domain/spec"
)

var (
	livret  = uuid.MustParse("6f1c0000-0000-4000-8000-000000000001")
	another = uuid.MustParse("6f1c0000-0000-4000-8000-000000000002")
	june    = deliberation.ExamSession{Year: 2016, Round: deliberation.Juin}
)

func TestACandidateKeepsTheFirstNumber(t *testing.T) {
	register := deliberation.RegisterCandidate{Livret: livret, Session: june, Number: "04815162"}
	registered := deliberation.CandidateRegistered{Livret: livret, Session: 2016, Round: "juin", Number: "04815162"}
	given := spec.Given(deliberation.CandidateDecider)

	given.When(register).Then(t, registered)
	drawnAgain := register
	drawnAgain.Number = "23421337"
	given.And(registered).When(drawnAgain).Then(t)

	otherLivret := register
	otherLivret.Livret = another
	given.And(registered).When(otherLivret).ThenRefused(t, "candidat-deja-inscrit")
	september := register
	september.Session.Round = deliberation.Septembre
	given.And(registered).When(september).ThenRefused(t, "candidat-deja-inscrit")

	state := given.And(registered).State()
	if state.Number != "04815162" || state.Session.String() != "2016-juin" || state.Livret != livret {
		t.Errorf("the candidate reads %+v", state)
	}
}

func TestWhatIsNoCandidate(t *testing.T) {
	given := spec.Given(deliberation.CandidateDecider)
	good := deliberation.RegisterCandidate{Livret: livret, Session: june, Number: "048151"}
	for name, c := range map[string]struct {
		spoil func(*deliberation.RegisterCandidate)
		rule  string
	}{
		"no livret":     {func(c *deliberation.RegisterCandidate) { c.Livret = uuid.Nil }, "candidat-sans-livret"},
		"no year":       {func(c *deliberation.RegisterCandidate) { c.Session.Year = 0 }, "session-inconnue"},
		"other round":   {func(c *deliberation.RegisterCandidate) { c.Session.Round = "mars" }, "session-inconnue"},
		"no number":     {func(c *deliberation.RegisterCandidate) { c.Number = "" }, "numero-invalide"},
		"short number":  {func(c *deliberation.RegisterCandidate) { c.Number = "04815" }, "numero-invalide"},
		"telling":       {func(c *deliberation.RegisterCandidate) { c.Number = "0010001A-1" }, "numero-invalide"},
		"endless":       {func(c *deliberation.RegisterCandidate) { c.Number = "123456789012345678901" }, "numero-invalide"},
		"foreign digit": {func(c *deliberation.RegisterCandidate) { c.Number = "12345٦" }, "numero-invalide"},
	} {
		t.Run(name, func(t *testing.T) {
			spoilt := good
			c.spoil(&spoilt)
			given.When(spoilt).ThenRefused(t, c.rule)
		})
	}
}
