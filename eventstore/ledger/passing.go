package ledger

import (
	"context"

	"livret/domain/retention"
)

// Passing does what follows from the passing of days alone: holds are completed that were interrupted, or that cover
// livrets which came since; and once the year of an exam is over, the clocks are presumed of those whom no
// proclamation concerned.
type Passing struct{}

// Name is that of the reaction.
func (Passing) Name() string { return "reaction.passing.v1" }

// Categories are days, and nothing else.
func (Passing) Categories() []string { return []string{Days} }

// React does it once for all the days heard: what a day that was missed would have done, a later one does.
func (Passing) React(ctx context.Context, l *Ledger, facts []Fact) error {
	if _, err := l.SettleHolds(ctx); err != nil {
		return err
	}
	for _, fact := range facts {
		if began, ok := fact.Event.(DayBegan); ok && retention.PresumesOn(began.Day) {
			_, err := l.Presume(ctx)
			return err
		}
	}
	return nil
}
