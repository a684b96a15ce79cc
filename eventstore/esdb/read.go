package esdb

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"time"

	client "github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"livret/eventstore"
)

// errEnough ends a reading whose reader has gone.
var errEnough = errors.New("esdb: the reader has gone")

// Stream implements eventstore.Store.
func (s *Store) Stream(ctx context.Context, stream eventstore.StreamID, after eventstore.Version) iter.Seq2[eventstore.Envelope, error] {
	if !nameable(stream) {
		return func(yield func(eventstore.Envelope, error) bool) {
			if err := s.alive(ctx); err != nil {
				yield(eventstore.Envelope{}, err)
			}
		}
	}
	after = min(after, math.MaxInt64-1)
	open := func(ctx context.Context, c *client.Client) reading {
		options := client.ReadStreamOptions{Direction: client.Forwards, From: client.Revision(uint64(after))}
		return streamOf(ctx, c, stream, options, math.MaxInt64)
	}
	return s.sequence(ctx, s.insist, open, func(e *client.RecordedEvent) (out eventstore.Envelope, fresh bool, err error) {
		out, ours, err := envelope(e, s.ledger)
		switch {
		case err != nil:
		case !ours:
			err = fmt.Errorf("%w: stream %s, revision %d: not an event of this ledger", eventstore.ErrCorrupt, stream, e.EventNumber)
		case out.Sequence != after+1:
			err = fmt.Errorf("%w: stream %s lacks sequence %d", eventstore.ErrCorrupt, stream, after+1)
		}
		after++
		return out, true, err
	})
}

// Read implements eventstore.Store.
func (s *Store) Read(ctx context.Context, after eventstore.Position) iter.Seq2[eventstore.Envelope, error] {
	open := func(ctx context.Context, c *client.Client) reading {
		options := client.ReadAllOptions{Direction: client.Forwards, From: from(after), RequiresLeader: true}
		return pages(guarded(func() (*client.ReadStream, error) { return c.ReadAll(ctx, options, math.MaxInt64) }))
	}
	return s.sequence(ctx, s.insist, open, s.following(&after))
}

// Follow implements eventstore.Store. It insists as long as its context lasts. It has the cluster filter nothing: what it
// skips by itself moves its place, and no checkpoint need be believed.
func (s *Store) Follow(ctx context.Context, after eventstore.Position) iter.Seq2[eventstore.Envelope, error] {
	open := func(ctx context.Context, c *client.Client) reading {
		options := client.SubscribeToAllOptions{From: from(after), RequiresLeader: true}
		return news(guarded(func() (*client.Subscription, error) { return c.SubscribeToAll(ctx, options) }))
	}
	insist := func(ctx context.Context, call func(context.Context, *client.Client) error) error {
		return s.insistWhile(ctx, func(time.Time) bool { return true }, call)
	}
	return s.sequence(ctx, insist, open, s.following(&after))
}

// from is where a reading of the whole log begins: at the event already seen, which may or may not come again.
func from(after eventstore.Position) client.AllPosition {
	if after == (eventstore.Position{}) {
		return client.Start{}
	}
	return place(after)
}

// following makes envelopes of what the whole log holds beyond a position, and moves the position along: by events that
// came, and by nothing else.
func (s *Store) following(after *eventstore.Position) func(*client.RecordedEvent) (eventstore.Envelope, bool, error) {
	return func(e *client.RecordedEvent) (out eventstore.Envelope, fresh bool, err error) {
		at, err := position(e.Position)
		if err == nil && at.Compare(*after) <= 0 {
			return out, false, nil
		}
		if err == nil {
			*after = at
		}
		if !nameable(eventstore.StreamID(e.StreamID)) {
			return out, false, nil
		}
		return envelope(e, s.ledger)
	}
}

// sequence yields what a reading gives, opened again where it stood whenever it is cut.
func (s *Store) sequence(
	ctx context.Context,
	insist func(context.Context, func(context.Context, *client.Client) error) error,
	open func(context.Context, *client.Client) reading,
	take func(*client.RecordedEvent) (eventstore.Envelope, bool, error),
) iter.Seq2[eventstore.Envelope, error] {
	return func(yield func(eventstore.Envelope, error) bool) {
		err := insist(ctx, func(ctx context.Context, c *client.Client) error {
			moved := false
			err := receive(open(ctx, c), func(e *client.RecordedEvent) error {
				if err := ctx.Err(); err != nil {
					return err
				}
				moved = true
				out, fresh, err := take(e)
				if err == nil && fresh && !yield(out, nil) {
					return errEnough
				}
				return err
			})
			if err != nil && moved && !errors.Is(err, errEnough) {
				err = &advanced{err}
			}
			return err
		})
		if err != nil && !errors.Is(err, errEnough) {
			yield(eventstore.Envelope{}, err)
		}
	}
}
