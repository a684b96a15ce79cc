package deliberation

import (
	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/nomenclature"
)

// SessionCategory is the stream category of exam sessions: one stream for each round of each year, in clear and
// never destroyed.
const SessionCategory = "session"

// sessions is the namespace of the ids of session streams.
var sessions = uuid.MustParse("0b6a5f0c-7c1d-4a6e-9a35-3f2f0f6f9b14")

// Stream is the id of the session's stream. It is computed, not drawn: it names a public thing.
func (s ExamSession) Stream() uuid.UUID { return uuid.NewSHA1(sessions, []byte(s.String())) }

// Known tells whether there may be such a session.
func (s ExamSession) Known() bool {
	return s.Year >= 2000 && s.Year <= 9999 && (s.Round == Juin || s.Round == Septembre)
}

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
	Proclaimed domain.Date // zero: not yet
}

// SessionDecider is that of session streams.
var SessionDecider = domain.Decider[Sitting]{
	Category: SessionCategory,
	Initial:  func() Sitting { return Sitting{} },
	Evolve: func(s Sitting, fact domain.Fact) Sitting {
		if e, ok := fact.Event.(SessionProclaimed); ok {
			s.Proclaimed = e.Proclaimed
		}
		return s
	},
}

// ProclaimSession records the day on which the results of a session were proclaimed. It is said once: terms
// have begun to run.
type ProclaimSession struct {
	Session ExamSession
	On      domain.Date
	Today   domain.Date // the day in Europe/Paris: what has not happened is not recorded
}

// Decide refuses by "session-inconnue", "proclamation-hors-session", "proclamation-future" and
// "session-deja-proclamee".
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
	}
	return []domain.Event{SessionProclaimed{Session: c.Session.Year, Round: c.Session.Round, Proclaimed: c.On}}, nil
}
