package deliberation

import (
	"slices"

	"github.com/google/uuid"

	"livret/domain"
)

// RectificationNotified tells the jury that a livret it was given has been rectified (RGPD, art. 19): what was
// examined and signed before counts no more.
type RectificationNotified struct {
	RecordVersion uint64    `json:"recordVersion"` // of the record when it was granted
	Rectification uuid.UUID `json:"rectification"`
}

// EventType is the name on disk.
func (RectificationNotified) EventType() string { return "candidate.RectificationNotified" }

// NotifyRectification follows from a rectification that was granted.
type NotifyRectification struct {
	RecordVersion uint64
	Rectification uuid.UUID
}

// Decide refuses by "candidat-inconnu". A jury that was given no livret is told nothing.
func (c NotifyRectification) Decide(known *Candidate) ([]domain.Event, error) {
	if err := known.registered(); err != nil {
		return nil, err
	}
	if known.Transmitted == 0 || slices.Contains(known.Notified, c.Rectification) {
		return nil, nil
	}
	return []domain.Event{RectificationNotified(c)}, nil
}
