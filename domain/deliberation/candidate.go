package deliberation

import (
	"fmt"
	"strings"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/nomenclature"
)

// Rounds of a session: June, and September for candidates who could not sit in June.
const (
	Juin      = "juin"
	Septembre = "septembre"
)

// ExamSession is one round of the baccalauréat of a calendar year. Each is proclaimed on its own day, and a
// candidate's number is good for one of them only.
type ExamSession struct {
	Year  nomenclature.SchoolYear // calendar year
	Round string
}

// String is "2017-juin".
func (s ExamSession) String() string { return fmt.Sprintf("%d-%s", s.Year, s.Round) }

// Candidate is a pupil before the juries: the fold of a candidate stream. Its id is random, as its number
// is: neither says anything of the livret without this stream's key.
type Candidate struct {
	Livret  uuid.UUID // uuid.Nil as long as nobody is registered
	Session ExamSession
	Number  string
}

// CandidateDecider is that of candidate streams.
var CandidateDecider = domain.Decider[*Candidate]{
	Category: Category,
	Initial:  func() *Candidate { return new(Candidate) },
	Evolve: func(c *Candidate, fact domain.Fact) *Candidate {
		if e, ok := fact.Event.(CandidateRegistered); ok {
			*c = Candidate{Livret: e.Livret, Session: ExamSession{e.Session, e.Round}, Number: e.Number}
		}
		return c
	},
}

// RegisterCandidate gives a livret its number for one session. The caller draws the number at random, since
// deciding knows no randomness: a number derived from anything about the pupil could be undone. Once a number
// stands for that livret and session, the one drawn by a later try is let go.
type RegisterCandidate struct {
	Livret  uuid.UUID
	Session ExamSession
	Number  string // digits
}

const (
	minNumber = 6 // digits: fewer could be guessed by trying
	maxNumber = 20
)

// Decide refuses by "candidat-sans-livret", "session-inconnue", "numero-invalide" and
// "candidat-deja-inscrit".
func (c RegisterCandidate) Decide(known *Candidate) ([]domain.Event, error) {
	switch {
	case c.Livret == uuid.Nil:
		return nil, domain.Refuse("candidat-sans-livret", "Un numéro de candidat s’attribue à un livret.", "")
	case c.Session.Year < 2000 || c.Session.Round != Juin && c.Session.Round != Septembre:
		return nil, domain.Refuse("session-inconnue", "Cette session d’examen n’existe pas.",
			"Indiquez une année, et le tour : juin ou septembre.")
	case len(c.Number) < minNumber || len(c.Number) > maxNumber || strings.Trim(c.Number, "0123456789") != "":
		return nil, domain.Refuse("numero-invalide", "Un numéro de candidat a de 6 à 20 chiffres.",
			"Laissez le registre tirer le numéro au hasard.")
	case known.Livret == uuid.Nil:
		return []domain.Event{CandidateRegistered{
			Livret: c.Livret, Session: c.Session.Year, Round: c.Session.Round, Number: c.Number,
		}}, nil
	case known.Livret == c.Livret && known.Session == c.Session:
		return nil, nil
	}
	return nil, domain.Refuse("candidat-deja-inscrit", "Ce numéro est celui d’un autre livret ou d’une autre session.",
		"Inscrivez un nouveau candidat.")
}
