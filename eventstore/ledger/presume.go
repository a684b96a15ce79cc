package ledger

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/deliberation"
	"livret/domain/nomenclature"
	"livret/domain/record"
	"livret/domain/retention"
	"livret/eventstore"
)

// Presume starts the clocks of the livrets that no proclamation concerned and of which the exam's year is over: see
// retention.PresumedFrom. It answers how many.
func (l *Ledger) Presume(ctx context.Context) (int, error) {
	docket, err := l.Docket(ctx)
	if err != nil {
		return 0, err
	}
	grant, err := l.itself(access.StartClock)
	if err != nil {
		return 0, err
	}
	started := make(chan struct{}, len(docket.Owners))
	orders := abreast()
	for livret, state := range docket.Owners {
		if state.Kind() != retention.Livret || state.Standing(l.Today(), nil) != retention.NoClock {
			continue
		}
		orders.Go(func() error {
			opened, in, err := l.opening(ctx, livret)
			if err != nil || opened.Session == 0 {
				return err
			}
			session := deliberation.ExamSession{Year: opened.Session, Round: deliberation.Juin}
			result, err := Execute(ctx, l, Order{ID: uuid.New(), Grant: grant, Quiet: true}, retention.Decider, livret,
				retention.PresumeClock{Year: max(opened.Session, in), Session: session.String(), Today: l.Today()})
			if _, refused := errors.AsType[*domain.Refusal](err); refused || beyond(err) {
				return nil // a proclamation may still come; or an incident, which Check describes
			}
			if len(result.Events) > 0 {
				started <- struct{}{}
			}
			return err
		})
	}
	err = orders.Wait()
	return len(started), err
}

// opening is the first fact of a livret, which says what exam it prepares, and the calendar year in which it was
// recorded; empty if it can not be read.
func (l *Ledger) opening(ctx context.Context, livret uuid.UUID) (record.LivretOpened, nomenclature.SchoolYear, error) {
	for fact, err := range l.Stream(ctx, eventstore.Stream(record.Category, livret)) {
		opened, _ := fact.Event.(record.LivretOpened)
		return opened, nomenclature.SchoolYear(fact.RecordedAt.In(l.paris).Year()), err
	}
	return record.LivretOpened{}, 0, nil
}
