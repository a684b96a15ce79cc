package ledger

import (
	"context"

	"github.com/google/uuid"

	"livret/domain/deliberation"
	"livret/eventstore"
)

// Counted is the set of livrets whose contribution to the statistics of their session is frozen. What can not
// be read covers nobody.
func (l *Ledger) Counted(ctx context.Context) (map[uuid.UUID]bool, error) {
	counted := make(map[uuid.UUID]bool)
	for fact, err := range l.Facts(ctx, eventstore.Position{}, deliberation.AggregateCategory) {
		if err != nil {
			return nil, err
		}
		if e, ok := fact.Event.(deliberation.AggregatesFrozen); ok {
			for _, livret := range e.Livrets {
				counted[livret] = true
			}
		}
	}
	return counted, nil
}
