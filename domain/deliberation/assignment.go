package deliberation

import (
	"github.com/google/uuid"

	"livret/domain"
)

// JuryAssigned says before which jury a candidate comes.
type JuryAssigned struct {
	Jury uuid.UUID `json:"jury"`
}

// EventType is the name on disk.
func (JuryAssigned) EventType() string { return "candidate.JuryAssigned" }

// AssignJury sends a candidate before a jury. That no juror of it teaches in the candidate's school is the
// business of who distributes: the jury may not know which school that is.
type AssignJury struct {
	Jury    uuid.UUID
	Session ExamSession // of that jury
}

// Decide refuses by "candidat-inconnu", "jury-d-une-autre-session" and "jury-deja-saisi".
func (c AssignJury) Decide(known *Candidate) ([]domain.Event, error) {
	if err := known.registered(); err != nil {
		return nil, err
	}
	switch {
	case c.Jury == uuid.Nil || c.Session != known.Session:
		return nil, domain.Refuse("jury-d-une-autre-session", "Ce jury n’est pas de la session du candidat.", "Vérifiez la session et le numéro du jury.")
	case known.Jury == c.Jury:
		return nil, nil
	case known.started():
		return nil, domain.Refuse("jury-deja-saisi", "Le jury de ce candidat a commencé à délibérer.", "Un autre jury ne peut être saisi que par une nouvelle délibération.")
	}
	return []domain.Event{JuryAssigned{c.Jury}}, nil
}
