package retention

import (
	"github.com/google/uuid"

	"livret/domain"
)

// JuryNoted says that a livret came before a jury. The candidate's own stream says so under a key that active service
// loses two months after the proclamation, and recours come later: a hold by jury must find its livrets in clear. Both
// ids are random.
type JuryNoted struct {
	Jury uuid.UUID `json:"jury"`
}

// EventType is the name on disk.
func (JuryNoted) EventType() string { return "retention.JuryNoted" }

// NoteJury records before which jury a livret came.
type NoteJury struct{ Jury uuid.UUID }

// Decide refuses by "livret-inconnu".
func (c NoteJury) Decide(s *State) ([]domain.Event, error) {
	if err := s.lacks(Livret); err != nil {
		return nil, err
	}
	if s.juries[c.Jury] || !s.alive() {
		return nil, nil
	}
	return []domain.Event{JuryNoted(c)}, nil
}
