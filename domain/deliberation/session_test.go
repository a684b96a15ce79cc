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

func TestDeliberationsAreClosedBeforeTheProclamation(t *testing.T) {
	opened := deliberation.SessionOpened{Session: 2016, Round: "juin"}
	closed := deliberation.DeliberationsClosed{Session: 2016, Round: "juin", Closed: july(4)}
	proclaimed := deliberation.SessionProclaimed{Session: 2016, Round: "juin", Proclaimed: july(5)}
	given := spec.Given(deliberation.SessionDecider)
	open := deliberation.OpenSession{Session: june}
	end := deliberation.CloseDeliberations{Session: june, On: july(4), Today: july(4)}
	proclaim := deliberation.ProclaimSession{Session: june, On: july(5), Today: july(5)}

	given.When(open).Then(t, opened)
	given.And(opened).When(open).Then(t)
	given.And(proclaimed).When(open).ThenRefused(t, "session-deja-proclamee")
	given.When(deliberation.OpenSession{}).ThenRefused(t, "session-inconnue")

	given.And(opened).When(end).Then(t, closed)
	given.And(opened, closed).When(end).Then(t)
	given.When(end).ThenRefused(t, "session-non-ouverte")
	other, early, outside := end, end, end
	other.On, other.Today = july(3), july(4)
	given.And(opened, closed).When(other).ThenRefused(t, "deliberations-deja-closes")
	early.Today = july(3)
	given.And(opened).When(early).ThenRefused(t, "cloture-future")
	outside.On = domain.NewDate(2016, time.May, 31)
	given.And(opened).When(outside).ThenRefused(t, "cloture-hors-session")

	given.And(opened).When(proclaim).ThenRefused(t, "deliberations-ouvertes")
	given.And(opened, closed).When(proclaim).Then(t, proclaimed)
	proclaim.On = july(3)
	given.And(opened, closed).When(proclaim).ThenRefused(t, "deliberations-ouvertes")
}
