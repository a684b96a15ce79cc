package intake

import (
	"context"

	"github.com/google/uuid"

	"livret/domain"
	"livret/eventstore/ledger"
)

// give carries out a command, or in a dry run tells what it would add.
func give[S any](ctx context.Context, r *run, d domain.Decider[S], id uuid.UUID, cmd domain.Command[S]) ([]domain.Event, error) {
	if r.DryRun {
		return ledger.Preview(ctx, r.Ledger, d, id, cmd)
	}
	result, err := ledger.Execute(ctx, r.Ledger, r.order(), d, id, cmd)
	return result.Events, err
}
