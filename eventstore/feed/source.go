package feed

import (
	"context"
	"slices"
	"time"

	"livret/eventstore"
	"livret/eventstore/ledger"
)

// source is what a hearing reads: the facts of some categories, or days.
type source interface {
	read(ctx context.Context, after eventstore.Position) (ledger.Heard, error)
	stream(ctx context.Context, of eventstore.StreamID, from eventstore.Version, through eventstore.Position) ([]ledger.Fact, error)
	wait(ctx context.Context, after eventstore.Position)
}

// facts are those that were committed.
type facts struct {
	*Feed
	categories []string
	types      []string // none: all
}

func (s facts) read(ctx context.Context, after eventstore.Position) (ledger.Heard, error) {
	return s.Ledger.Hear(ctx, after, s.Batch, s.types, s.categories...)
}

func (s facts) stream(ctx context.Context, of eventstore.StreamID, from eventstore.Version, through eventstore.Position) ([]ledger.Fact, error) {
	var waiting []ledger.Fact
	for fact, err := range s.Ledger.Stream(ctx, of) {
		if err != nil {
			return nil, err
		}
		if fact.Envelope.Position.Compare(through) > 0 {
			break
		}
		if fact.Envelope.Sequence >= from && (len(s.types) == 0 || slices.Contains(s.types, fact.Envelope.Type)) {
			fact.Envelope.Sealed = nil
			waiting = append(waiting, fact)
		}
	}
	return waiting, nil
}

// wait waits for the ledger to grow, and a moment longer: what is written together is heard together.
func (s facts) wait(ctx context.Context, after eventstore.Position) {
	for range s.Ledger.Store().Follow(ctx, after) {
		break
	}
	sleep(ctx, gathering)
}

// days are those that began.
type days struct{ *Feed }

func (s days) read(_ context.Context, after eventstore.Position) (ledger.Heard, error) {
	return s.Ledger.HearDays(after, s.Batch), nil
}

func (s days) stream(_ context.Context, _ eventstore.StreamID, from eventstore.Version, through eventstore.Position) ([]ledger.Fact, error) {
	var waiting []ledger.Fact
	for _, day := range s.Ledger.HearDays(ledger.Day(from-1), s.Batch).Facts {
		if day.Envelope.Position.Compare(through) <= 0 {
			waiting = append(waiting, day)
		}
	}
	return waiting, nil
}

func (s days) wait(ctx context.Context, _ eventstore.Position) {
	select {
	case <-time.After(dayPoll):
	case <-ctx.Done():
	}
}
