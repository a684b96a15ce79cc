package esdb

import (
	"context"
	"errors"
	"fmt"

	client "github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"livret/eventstore"
)

// Append implements eventstore.Store. An outcome that is not known is asked for again, with the same ids at the same
// revision, which the cluster answers as it did at first.
func (s *Store) Append(ctx context.Context, drafts ...eventstore.Envelope) (eventstore.Position, error) {
	if err := s.alive(ctx); err != nil {
		return eventstore.Position{}, err
	}
	if err := eventstore.CheckAppend(drafts); err != nil {
		return eventstore.Position{}, err
	}
	return s.append(ctx, drafts)
}

// Receive implements eventstore.Receiver.
func (s *Store) Receive(ctx context.Context, envelopes ...eventstore.Envelope) (eventstore.Position, error) {
	if err := s.alive(ctx); err != nil {
		return eventstore.Position{}, err
	}
	if err := eventstore.CheckReceive(envelopes); err != nil {
		return eventstore.Position{}, err
	}
	return s.append(ctx, envelopes)
}

func (s *Store) append(ctx context.Context, drafts []eventstore.Envelope) (at eventstore.Position, err error) {
	switch {
	case drafts[0].Ledger != s.ledger:
		return at, fmt.Errorf("%w: event of another ledger", eventstore.ErrInvalid)
	case !nameable(drafts[0].Stream):
		return at, fmt.Errorf("%w: this stream is the cluster's own", eventstore.ErrInvalid)
	}
	events, err := propose(drafts)
	if err != nil {
		return at, err
	}
	options := client.AppendToStreamOptions{ExpectedRevision: client.NoStream{}, RequiresLeader: true}
	if first := drafts[0].Sequence; first > 1 {
		options.ExpectedRevision = client.Revision(uint64(first) - 2)
	}
	found := search{drafts: drafts}
	err = s.insist(ctx, func(ctx context.Context, c *client.Client) error {
		result, err := guarded(func() (*client.WriteResult, error) {
			return c.AppendToStream(ctx, string(drafts[0].Stream), options, events...)
		})
		switch {
		case err == nil && answered(result, drafts):
			at, err = position(client.Position{Commit: result.CommitPosition, Prepare: result.PreparePosition})
		case err == nil:
			last := search{drafts: drafts[len(drafts)-1:]}
			at, err = last.run(ctx, c)
		case codeOf(err) == client.ErrorCodeWrongExpectedVersion:
			at, err = found.run(ctx, c)
		}
		return err
	})
	return at, err
}

// answered tells whether the answer to an append places its last event. That to a run of several may give where the first
// one stands, that to a retry may give nothing.
func answered(r *client.WriteResult, drafts []eventstore.Envelope) bool {
	return len(drafts) == 1 && r.NextExpectedVersion == uint64(drafts[0].Sequence)-1 &&
		r.CommitPosition != 0 && r.CommitPosition == r.PreparePosition
}

// search looks whether drafts stand where they say. What it found is kept when it is cut.
type search struct {
	drafts []eventstore.Envelope
	found  int
	at     eventstore.Position // of the last one found
}

// run answers where the last of the drafts stands if all of them do, and a conflict otherwise. What the cluster found
// stands in the words of its error alone, which are not looked into.
func (s *search) run(ctx context.Context, c *client.Client) (eventstore.Position, error) {
	stream, want, before := s.drafts[0].Stream, s.drafts[0].Sequence-1, s.found
	options := client.ReadStreamOptions{Direction: client.Forwards, From: client.Revision(uint64(want) + uint64(s.found))}
	err := receive(streamOf(ctx, c, stream, options, uint64(len(s.drafts)-s.found)), func(e *client.RecordedEvent) (err error) {
		if s.found == len(s.drafts) || e.EventID != s.drafts[s.found].Event || e.EventNumber != uint64(want)+uint64(s.found) {
			return errEnough
		}
		s.found++
		s.at, err = position(e.Position)
		return err
	})
	switch {
	case s.found == len(s.drafts) && err == nil:
		return s.at, nil
	case err != nil && !errors.Is(err, errEnough):
		if s.found > before {
			err = &advanced{err}
		}
		return s.at, err
	}
	actual, err := headOf(ctx, c, stream)
	switch {
	case err != nil:
		return s.at, err
	case actual == want:
		return s.at, errStale // it refused what it now says is due
	}
	return s.at, &eventstore.ConflictError{Stream: stream, Want: want, Actual: actual}
}
