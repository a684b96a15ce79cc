package deliberation

import (
	"encoding/json"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/nomenclature"
)

// AggregateCategory is the stream category of frozen sums: aggregate-<id>, the id being that of the session's
// publications. The sums are sealed under the session's own key, which belongs to no pupil and so outlives
// them: one livret alone in its cell would show through.
const AggregateCategory = "aggregate"

// AggregatesFrozen keeps what some livrets contribute to the statistics of their session, added up, before
// their keys leave active service: no replay could find it again. The sums are those of
// projections/statistics; the livrets they cover are named by their random ids, so that none is ever counted
// twice, by two rounds of a session or by a run that was interrupted.
type AggregatesFrozen struct {
	Session nomenclature.SchoolYear `json:"session"` // calendar year of the exam
	Livrets []uuid.UUID             `json:"livrets"`
	Sums    json.RawMessage         `json:"sums"`
}

// EventType is the name on disk.
func (AggregatesFrozen) EventType() string { return "aggregate.AggregatesFrozen" }

// Aggregates is what was frozen for a session: the fold of an aggregate stream.
type Aggregates struct {
	Sums    []json.RawMessage // to be added up
	livrets map[uuid.UUID]bool
}

// Covers tells whether a livret is in the frozen sums.
func (a *Aggregates) Covers(livret uuid.UUID) bool { return a.livrets[livret] }

// Livrets counts the livrets that the sums cover.
func (a *Aggregates) Livrets() int { return len(a.livrets) }

// AggregateDecider is that of aggregate streams.
var AggregateDecider = domain.Decider[*Aggregates]{
	Category: AggregateCategory,
	Initial:  func() *Aggregates { return &Aggregates{livrets: make(map[uuid.UUID]bool)} },
	Evolve: func(a *Aggregates, fact domain.Fact) *Aggregates {
		if e, ok := fact.Event.(AggregatesFrozen); ok {
			a.Sums = append(a.Sums, e.Sums)
			for _, livret := range e.Livrets {
				a.livrets[livret] = true
			}
		}
		return a
	},
}

// RuleTooMany refuses sums that do not fit in one event: those of fewer livrets will.
const RuleTooMany = "sommes-trop-grandes"

// FreezeAggregates freezes the sums of some livrets of a session.
type FreezeAggregates AggregatesFrozen

// Decide refuses by "session-inconnue", "sommes-illisibles", RuleTooMany and, if some of the livrets are
// frozen already and others are not, "livret-deja-compte": the sums must be computed again without them.
func (c FreezeAggregates) Decide(a *Aggregates) ([]domain.Event, error) {
	frozen := 0
	for _, livret := range c.Livrets {
		if a.Covers(livret) {
			frozen++
		}
	}
	event, err := json.Marshal(AggregatesFrozen(c))
	switch {
	case c.Session < 2000:
		return nil, domain.Refuse("session-inconnue", "Cette session d’examen n’existe pas.", "Indiquez l’année de l’examen.")
	case err != nil || len(c.Sums) == 0 || len(c.Livrets) == 0:
		return nil, domain.Refuse("sommes-illisibles", "Les sommes à figer ne sont pas lisibles, ou ne portent sur aucun livret.", "Calculez à nouveau les sommes.")
	case frozen == len(c.Livrets):
		return nil, nil
	case frozen > 0:
		return nil, domain.Refuse("livret-deja-compte", "Un de ces livrets est déjà compté dans les sommes figées de la session.", "Calculez à nouveau les sommes, sans lui.")
	case len(event) > maxDocument:
		return nil, domain.Refuse(RuleTooMany, "Les sommes à figer sont trop grandes pour être gardées d’un seul tenant.", "Figez-les en plusieurs fois.")
	}
	return []domain.Event{AggregatesFrozen(c)}, nil
}
