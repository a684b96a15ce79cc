package instance

import (
	"context"

	"github.com/google/uuid"

	"livret/domain/access"
	"livret/domain/deployment"
	"livret/domain/nomenclature"
	"livret/eventstore/ledger"
)

// Opening is when a série has a livret in the académie of the ledger. PRO is every spécialité of the
// baccalauréat professionnel.
type Opening struct {
	Serie   nomenclature.Serie      `json:"serie"`
	First   nomenclature.SchoolYear `json:"first,omitempty"`   // exam session in force; none if it never opens
	Planned nomenclature.SchoolYear `json:"planned,omitempty"` // as planned, before the académie moved it
	Last    nomenclature.SchoolYear `json:"last,omitempty"`    // of a série that ends
}

// Moved tells whether the académie decided otherwise than planned.
func (o Opening) Moved() bool { return o.First != o.Planned }

// Openings are those of every série that the calendar in force speaks of.
func (i *Instance) Openings() ([]Opening, error) {
	planned, err := nomenclature.LoadCalendar()
	if err != nil {
		return nil, err
	}
	var all []Opening
	for _, serie := range i.Calendar.Series() {
		o := Opening{Serie: serie}
		o.First, _ = i.Calendar.First(serie, nomenclature.SansVoie, i.Settings.Academie)
		o.Planned, _ = planned.First(serie, nomenclature.SansVoie, i.Settings.Academie)
		o.Last, _ = i.Calendar.Last(serie)
		all = append(all, o)
	}
	return all, nil
}

// MoveCalendar opens a série in the académie of the ledger from another exam session, for imports from the
// next opening of the folder on. It answers false if it was so already.
func (i *Instance) MoveCalendar(ctx context.Context, actor access.Actor, serie nomenclature.Serie, first nomenclature.SchoolYear) (bool, error) {
	grant, err := access.Allow(actor, access.MoveCalendar, access.Target{Academie: i.Settings.Academie}, i.Today())
	if err != nil {
		return false, err
	}
	planned, err := nomenclature.LoadCalendar()
	if err != nil {
		return false, err
	}
	move := deployment.MoveCalendar{Serie: serie, First: first, Academie: i.Settings.Academie, Planned: planned}
	result, err := ledger.Execute(ctx, i.Ledger, ledger.Order{ID: uuid.New(), Grant: grant, Quiet: true},
		deployment.Decider, deployment.Stream(i.Settings.Academie), move)
	return len(result.Events) > 0, err
}
