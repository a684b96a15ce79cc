package deliberation

import (
	"strings"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/nomenclature"
)

// CandidateRegistered gives a livret its number before the juries of one exam session. The number is drawn
// at random for each session; the link to the livret is sealed and belongs to the DEC.
type CandidateRegistered struct {
	Livret  uuid.UUID               `json:"livret"`
	Session nomenclature.SchoolYear `json:"session"` // calendar year of the exam
	Round   string                  `json:"round"`   // "juin" or "septembre"
	Number  string                  `json:"number"`
}

// EventType is the name on disk.
func (CandidateRegistered) EventType() string { return "candidate.CandidateRegistered" }

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
	case !c.Session.Known():
		return nil, unknownSession()
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

// RegisterAgain registers in September a candidate of June, under another number and in a stream of its own:
// nothing a jury is shown links the two.
type RegisterAgain struct {
	RegisterCandidate
	June Result // his last in June; empty: none
}

// Decide refuses by "session-de-remplacement-sans-objet" beside the rules of RegisterCandidate.
func (c RegisterAgain) Decide(known *Candidate) ([]domain.Event, error) {
	if c.June != Ajourne && c.June != Absent {
		return nil, domain.Refuse("session-de-remplacement-sans-objet", "La session de septembre est ouverte aux candidats ajournés ou absents en juin.",
			"Enregistrez d’abord le résultat de la session de juin.")
	}
	return c.RegisterCandidate.Decide(known)
}
