package ledger

import (
	"context"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/consultation"
	"livret/domain/retention"
)

// Requests sets the day on which each request of a probatory archive must be destroyed, with who asked and why.
type Requests struct{}

// Name is that of the reaction.
func (Requests) Name() string { return "reaction.requests.v1" }

// Categories are those of requests.
func (Requests) Categories() []string { return []string{consultation.RequestCategory} }

// React sets the terms of the requests among the facts, which count from the day they were recorded.
func (Requests) React(ctx context.Context, l *Ledger, facts []Fact) error {
	grant, err := l.itself(access.StartClock)
	if err != nil {
		return err
	}
	for _, fact := range facts {
		id, ok := fact.Envelope.Stream.UUID()
		if _, asked := fact.Event.(consultation.ArchiveRequested); !ok || !asked {
			continue
		}
		end := retention.EndRequestFile{Requested: domain.DateOf(fact.RecordedAt.In(l.paris))}
		if _, err := Execute(ctx, l, Order{ID: uuid.New(), Grant: grant, Quiet: true}, retention.Decider, id, end); err != nil {
			return err
		}
	}
	return nil
}
