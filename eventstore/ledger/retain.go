package ledger

import (
	"context"
	"errors"
	"sync"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/retention"
)

// Stands is where an act of retention stands, and where it was refused.
type Stands struct {
	Livrets int    `json:"livrets"` // where it stands now
	Changed int    `json:"changed"` // where it did not before
	Left    []Left `json:"left"`    // never nil
}

// Left is a livret of which something was refused, and why.
type Left struct {
	Livret uuid.UUID `json:"livret"`
	Rule   string    `json:"rule"`
	Reason string    `json:"reason"`
	Remedy string    `json:"remedy,omitempty"`
}

func left(livret uuid.UUID, refusal *domain.Refusal) Left {
	return Left{livret, refusal.Rule, refusal.Reason, refusal.Remedy}
}

// Retain gives one order to the retention streams of many owners. One that is refused is left, and the others go
// on; after any other error it may be given again.
func (l *Ledger) Retain(ctx context.Context, grant access.Grant, owners []uuid.UUID, command domain.Command[*retention.State]) (Stands, error) {
	stands := Stands{Left: []Left{}}
	var mu sync.Mutex
	orders, ctx := errgroup.WithContext(ctx)
	orders.SetLimit(writers)
	for _, owner := range owners {
		orders.Go(func() error {
			result, err := Execute(ctx, l, Order{ID: uuid.New(), Grant: grant, Quiet: true}, retention.Decider, owner, command)
			mu.Lock()
			defer mu.Unlock()
			refusal, refused := errors.AsType[*domain.Refusal](err)
			switch {
			case refused:
				stands.Left = append(stands.Left, left(owner, refusal))
			case err != nil:
				return err
			default:
				stands.Livrets++
				if len(result.Events) > 0 {
					stands.Changed++
				}
			}
			return nil
		})
	}
	return stands, orders.Wait()
}
