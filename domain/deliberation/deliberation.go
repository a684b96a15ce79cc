// Package deliberation is the exam side: sessions, juries, candidates.
package deliberation

import (
	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/nomenclature"
)

// Category is the stream category of candidates, candidate-<random>.
const Category = "candidate"

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

// Events is the catalogue of what may stand in a candidate, publication or session stream.
func Events() []domain.Kind {
	return []domain.Kind{domain.Define[CandidateRegistered](1), domain.Define[StatisticsPublished](1), domain.Define[SessionProclaimed](1)}
}
