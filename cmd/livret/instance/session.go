package instance

import (
	"context"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/deliberation"
	"livret/eventstore/ledger"
)

// Proclaim records the day on which the results of a session were proclaimed, and starts the clocks of those
// who sat in it. It answers false if it was so already.
func (i *Instance) Proclaim(ctx context.Context, actor access.Actor, session deliberation.ExamSession, on domain.Date) (bool, error) {
	grant, err := access.Allow(actor, access.ProclaimSession, access.Target{Academie: i.Settings.Academie}, i.Today())
	if err != nil {
		return false, err
	}
	result, err := ledger.Execute(ctx, i.Ledger, ledger.Order{ID: uuid.New(), Grant: grant, Quiet: true},
		deliberation.SessionDecider, session.Stream(), deliberation.ProclaimSession{Session: session, On: on, Today: i.Today()})
	if err != nil {
		return false, err
	}
	return len(result.Events) > 0, i.CatchUp(ctx)
}
