package deliberation_test

import (
	"testing"
	"time"

	"livret/domain"
	"livret/domain/deliberation"
	"livret/domain/spec"
)

func TestASessionIsProclaimedOnce(t *testing.T) {
	june := deliberation.ExamSession{Year: 2016, Round: deliberation.Juin}
	proclaim := deliberation.ProclaimSession{Session: june, On: july(5), Today: july(5)}
	done := deliberation.SessionProclaimed{Session: 2016, Round: "juin", Proclaimed: july(5)}
	given := spec.Given(deliberation.SessionDecider)

	given.When(proclaim).Then(t, done)
	given.And(done).When(proclaim).Then(t)
	proclaim.Today = july(4)
	given.When(proclaim).ThenRefused(t, "proclamation-future")
	proclaim.On, proclaim.Today = july(6), july(9)
	given.And(done).When(proclaim).ThenRefused(t, "session-deja-proclamee")
	for _, day := range []domain.Date{{}, domain.NewDate(2016, time.May, 31), domain.NewDate(2017, time.June, 1)} {
		given.When(deliberation.ProclaimSession{Session: june, On: day, Today: july(9)}).ThenRefused(t, "proclamation-hors-session")
	}
	for _, session := range []deliberation.ExamSession{{Year: 16, Round: "juin"}, {Year: 2016, Round: "mai"}, {Year: 2016}} {
		given.When(deliberation.ProclaimSession{Session: session, On: july(5), Today: july(5)}).ThenRefused(t, "session-inconnue")
	}
	if september := (deliberation.ExamSession{Year: 2016, Round: deliberation.Septembre}); september.Stream() == june.Stream() {
		t.Error("two sessions share a stream")
	}
}
