package deliberation

import (
	"fmt"
	"slices"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/nomenclature"
)

// Rounds of a session: June, and September for candidates who could not sit in June.
const (
	Juin      = "juin"
	Septembre = "septembre"
)

// Rounds lists them in order.
func Rounds() []string { return []string{Juin, Septembre} }

// ExamSession is one round of the baccalauréat of a calendar year. Each is proclaimed on its own day, and a
// candidate's number is good for one of them only.
type ExamSession struct {
	Year  nomenclature.SchoolYear // calendar year
	Round string
}

// String is "2017-juin".
func (s ExamSession) String() string { return fmt.Sprintf("%d-%s", s.Year, s.Round) }

// SessionCategory is the stream category of exam sessions: one stream for each round of each year, in clear and
// never destroyed.
const SessionCategory = "session"

// sessions is the namespace of the ids of session streams.
var sessions = uuid.MustParse("0b6a5f0c-7c1d-4a6e-9a35-3f2f0f6f9b14")

// Stream is the id of the session's stream. It is computed, not drawn: it names a public thing.
func (s ExamSession) Stream() uuid.UUID { return uuid.NewSHA1(sessions, []byte(s.String())) }

// Known tells whether there may be such a session.
func (s ExamSession) Known() bool {
	return s.Year >= 2000 && s.Year <= 9999 && slices.Contains(Rounds(), s.Round)
}

func unknownSession() error {
	return domain.Refuse("session-inconnue", "Cette session d’examen n’existe pas.", "Indiquez une année, et le tour : juin ou septembre.")
}

// SessionOpened opens a session: juries are formed from here on.
type SessionOpened struct {
	Session nomenclature.SchoolYear `json:"session"` // calendar year of the exam
	Round   string                  `json:"round"`   // "juin" or "septembre"
}

// EventType is the name on disk.
func (SessionOpened) EventType() string { return "session.SessionOpened" }

// DeliberationsClosed ends the deliberations of a session. From that day families may download and print the
// livret (arrêté of 8 February 2016).
type DeliberationsClosed struct {
	Session nomenclature.SchoolYear `json:"session"` // calendar year of the exam
	Round   string                  `json:"round"`   // "juin" or "septembre"
	Closed  domain.Date             `json:"closed"`
}

// EventType is the name on disk.
func (DeliberationsClosed) EventType() string { return "session.DeliberationsClosed" }

// SessionProclaimed is the proclamation of the results of a session: what all terms of the arrêté of 8 February
// 2016, art. 9, count from.
type SessionProclaimed struct {
	Session    nomenclature.SchoolYear `json:"session"` // calendar year of the exam
	Round      string                  `json:"round"`   // "juin" or "septembre"
	Proclaimed domain.Date             `json:"proclaimed"`
}

// EventType is the name on disk.
func (SessionProclaimed) EventType() string { return "session.SessionProclaimed" }

// ExamSession is the session proclaimed.
func (e SessionProclaimed) ExamSession() ExamSession { return ExamSession{e.Session, e.Round} }

// Sitting is what became of a session: the fold of its stream.
type Sitting struct {
	Opened     bool
	Closed     domain.Date // of the deliberations; zero: not yet
	Proclaimed domain.Date // zero: not yet
}

// SessionDecider is that of session streams.
var SessionDecider = domain.Decider[Sitting]{
	Category: SessionCategory,
	Initial:  func() Sitting { return Sitting{} },
	Evolve: func(s Sitting, fact domain.Fact) Sitting {
		switch e := fact.Event.(type) {
		case SessionOpened:
			s.Opened = true
		case DeliberationsClosed:
			s.Closed = e.Closed
		case SessionProclaimed:
			s.Proclaimed = e.Proclaimed
		}
		return s
	},
}

// OpenSession opens a session.
type OpenSession struct{ Session ExamSession }

// Decide refuses by "session-inconnue" and "session-deja-proclamee".
func (c OpenSession) Decide(s Sitting) ([]domain.Event, error) {
	switch {
	case !c.Session.Known():
		return nil, unknownSession()
	case s.Opened:
		return nil, nil
	case !s.Proclaimed.IsZero():
		return nil, domain.Refuse("session-deja-proclamee", "Les résultats de cette session ont déjà été proclamés.", "Vérifiez la session.")
	}
	return []domain.Event{SessionOpened{c.Session.Year, c.Session.Round}}, nil
}

func sessionNotOpen() error {
	return domain.Refuse("session-non-ouverte", "Cette session n’est pas ouverte dans le registre.", "Ouvrez la session.")
}

// CloseDeliberations ends the deliberations of a session, all juries and both groups.
type CloseDeliberations struct {
	Session ExamSession
	On      domain.Date
	Today   domain.Date // the day in Europe/Paris
}

// Decide refuses by "session-inconnue", "session-non-ouverte", "cloture-hors-session", "cloture-future" and
// "deliberations-deja-closes".
func (c CloseDeliberations) Decide(s Sitting) ([]domain.Event, error) {
	switch {
	case !c.Session.Known():
		return nil, unknownSession()
	case !s.Opened:
		return nil, sessionNotOpen()
	case s.Closed == c.On:
		return nil, nil
	case !s.Closed.IsZero():
		return nil, domain.Refuse("deliberations-deja-closes", "Les délibérations de cette session ont été closes à une autre date.", "Vérifiez la date : une clôture enregistrée ne se déplace pas.")
	case !c.Session.covers(c.On):
		return nil, domain.Refuse("cloture-hors-session", "Les délibérations d’une session se closent entre le 1er juin de son année et le 31 mai suivant.", "Vérifiez la date et la session.")
	case c.Today.Before(c.On):
		return nil, domain.Refuse("cloture-future", "Cette date n’est pas encore venue.", "Enregistrez la clôture le jour où elle a lieu, ou après.")
	}
	return []domain.Event{DeliberationsClosed{c.Session.Year, c.Session.Round, c.On}}, nil
}

// covers tells whether a session may deliberate and be proclaimed on that day.
func (s ExamSession) covers(day domain.Date) bool {
	return !day.Before(domain.NewDate(int(s.Year), 6, 1)) && day.Before(domain.NewDate(int(s.Year)+1, 6, 1))
}

// ProclaimSession records the day on which the results of a session were proclaimed. It is said once: terms
// have begun to run.
type ProclaimSession struct {
	Session ExamSession
	On      domain.Date
	Today   domain.Date // the day in Europe/Paris: what has not happened is not recorded
}

// Decide refuses by "session-inconnue", "proclamation-hors-session", "proclamation-future",
// "session-deja-proclamee" and "deliberations-ouvertes": a session that was opened here is proclaimed once its
// juries are done. One that was not is the business of another system, which says only when.
func (c ProclaimSession) Decide(s Sitting) ([]domain.Event, error) {
	switch {
	case !c.Session.Known():
		return nil, domain.Refuse("session-inconnue", "Cette session d’examen n’existe pas.",
			"Indiquez une année, et le tour : juin ou septembre.")
	case c.On.Before(domain.NewDate(int(c.Session.Year), 6, 1)) || !c.On.Before(domain.NewDate(int(c.Session.Year)+1, 6, 1)):
		return nil, domain.Refuse("proclamation-hors-session", "Les résultats d’une session se proclament entre le 1er juin de son année et le 31 mai suivant.",
			"Vérifiez la date et la session.")
	case c.Today.Before(c.On):
		return nil, domain.Refuse("proclamation-future", "Cette date n’est pas encore venue.", "Enregistrez la proclamation le jour où elle a lieu, ou après.")
	case s.Proclaimed == c.On:
		return nil, nil
	case !s.Proclaimed.IsZero():
		return nil, domain.Refuse("session-deja-proclamee", "Les résultats de cette session ont déjà été proclamés à une autre date, dont les échéances courent.",
			"Vérifiez la date : une proclamation enregistrée ne se déplace pas.")
	case s.Opened && (s.Closed.IsZero() || c.On.Before(s.Closed)):
		return nil, domain.Refuse("deliberations-ouvertes", "Les délibérations de cette session ne sont pas closes à cette date.", "Clôturez les délibérations, puis enregistrez la proclamation.")
	}
	return []domain.Event{SessionProclaimed{Session: c.Session.Year, Round: c.Session.Round, Proclaimed: c.On}}, nil
}
