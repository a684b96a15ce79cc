package instance

import (
	"context"

	"github.com/google/uuid"

	"livret/domain/access"
	"livret/domain/nomenclature"
	"livret/domain/record"
	"livret/eventstore/ledger"
)

// OrderTransfer lets another school of the académie take over the livret of a pupil who leaves for it, for an actor
// who may: the livret changes hands when that school's base names him. It answers false if it was so already.
func (i *Instance) OrderTransfer(ctx context.Context, actor access.Actor, livret uuid.UUID, to nomenclature.UAI) (bool, error) {
	on, err := i.Target(ctx, livret)
	if err != nil {
		return false, err
	}
	grant, err := access.Allow(actor, access.OrderTransfer, on, i.Today())
	if err != nil {
		return false, err
	}
	if err := to.Within(i.Settings.Academie, i.Ledger.Now().Year()); err != nil {
		return false, err
	}
	result, err := ledger.Execute(ctx, i.Ledger, ledger.Order{ID: uuid.New(), Grant: grant, Quiet: true}, record.Decider, livret, record.OrderTransfer{To: to})
	return len(result.Events) > 0, err
}
