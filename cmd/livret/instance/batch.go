package instance

import (
	"context"
	"errors"
	"sync"

	"golang.org/x/sync/errgroup"

	"livret/domain"
)

// Batch is what became of one order given for many.
type Batch struct {
	Changed int         `json:"changed"`
	Already int         `json:"already"` // it was so before
	Refused []LeftAside `json:"refused"` // never nil, in the order in which they were given
}

// LeftAside is one of many that was refused, by which rule, and what to do about it.
type LeftAside struct {
	Subject string `json:"subject"`        // a livret's id, or a candidate's number
	Line    int    `json:"line,omitempty"` // of the file that said so
	Rule    string `json:"rule"`
	Reason  string `json:"reason"`
	Remedy  string `json:"remedy,omitempty"`
}

// refuse adds what a rule refused, and answers any other error.
func (b *Batch) refuse(subject string, line int, err error) error {
	refusal, refused := errors.AsType[*domain.Refusal](err)
	if !refused {
		return err
	}
	b.Refused = append(b.Refused, LeftAside{subject, line, refusal.Rule, refusal.Reason, refusal.Remedy})
	return nil
}

// together is how many orders of a batch are given at the same time: the store commits them together.
const together = 16

// batch gives an order for each of the subjects. do answers false if it was so already; what it refuses is left
// aside, and any other error ends the batch.
func batch(ctx context.Context, subjects []string, do func(ctx context.Context, n int) (bool, error)) (Batch, error) {
	var mu sync.Mutex
	b := Batch{Refused: []LeftAside{}}
	refused := make([]error, len(subjects))
	orders, ctx := errgroup.WithContext(ctx)
	orders.SetLimit(together)
	for n := range subjects {
		orders.Go(func() error {
			changed, err := do(ctx, n)
			if _, is := errors.AsType[*domain.Refusal](err); is {
				refused[n] = err
				return nil
			}
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			b.Changed += count(changed)
			b.Already += count(!changed)
			return nil
		})
	}
	err := orders.Wait()
	for n, why := range refused {
		if why != nil {
			err = errors.Join(err, b.refuse(subjects[n], 0, why))
		}
	}
	return b, err
}
