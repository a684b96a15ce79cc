package wire

import (
	"context"
	"encoding/binary"
	"iter"
	"math"
	"slices"

	"livret/eventstore"
)

// Gateway serves the events of a store of the ledger as they are kept, sealed. Nobody writes through it. It is not for a
// store that is itself in a cluster, whose positions it would have to invent.
type Gateway struct {
	store eventstore.Store
	head  chan eventstore.Position // the last one known, for one at a time
}

// NewGateway makes a gateway to a store, which it does not close.
func NewGateway(store eventstore.Store) *Gateway {
	g := &Gateway{store: store, head: make(chan eventstore.Position, 1)}
	g.head <- eventstore.Position{}
	return g
}

// Only is the log as those may see it who may read the given categories of streams.
func (g *Gateway) Only(categories []string) Log { return &sealed{Gateway: g, categories: categories} }

type sealed struct {
	*Gateway
	categories []string
}

func (l *sealed) sees(stream eventstore.StreamID) bool {
	return slices.Contains(l.categories, stream.Category())
}

// backwardsPage is how many events are read at once where a stream is read backwards.
const backwardsPage = 64

// Stream implements Log.
func (l *sealed) Stream(ctx context.Context, name string, from From[uint64], backwards bool) iter.Seq2[Record, error] {
	stream := eventstore.StreamID(name)
	return func(yield func(Record, error) bool) {
		head, err := eventstore.Version(0), ErrAccessDenied
		if l.sees(stream) {
			if head, err = l.store.Head(ctx, stream); err == nil && head == 0 {
				err = ErrStreamNotFound
			}
		}
		switch {
		case err != nil:
			yield(Record{}, err)
		case !backwards && !from.End && from.At < math.MaxInt64:
			convey(l.store.Stream(ctx, stream, eventstore.Version(from.At)), yield)
		case backwards:
			if !from.End && from.At < uint64(head) {
				head = eventstore.Version(from.At) + 1
			}
			l.backwards(ctx, stream, head, yield)
		}
	}
}

// backwards yields the events of a stream from the one of a sequence down to the first.
func (l *sealed) backwards(ctx context.Context, stream eventstore.StreamID, last eventstore.Version, yield func(Record, error) bool) {
	for last > 0 {
		after := last - min(last, backwardsPage)
		var page []eventstore.Envelope
		for e, err := range l.store.Stream(ctx, stream, after) {
			if err != nil {
				yield(Record{}, err)
				return
			}
			if page = append(page, e); e.Sequence == last {
				break
			}
		}
		for _, e := range slices.Backward(page) {
			if r, err := fromEnvelope(&e); !yield(r, err) || err != nil {
				return
			}
		}
		last = after
	}
}

// All implements Log. The ledger is read forwards only: its stores have no way back.
func (l *sealed) All(ctx context.Context, from From[Position], backwards bool) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		switch {
		case backwards:
			yield(Record{}, ErrUnsupported)
		case !from.End:
			convey(l.seen(l.store.Read(ctx, before(from.At))), yield)
		}
	}
}

// Follow implements Log.
func (l *sealed) Follow(ctx context.Context, after Position) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		convey(l.seen(l.store.Follow(ctx, fromPosition(after))), yield)
	}
}

// Head implements Log. The first time, the whole log is read, from then on what is new in it.
func (l *sealed) Head(ctx context.Context) (Position, error) {
	var last eventstore.Position
	select {
	case last = <-l.head:
	case <-ctx.Done():
		return Position{}, ctx.Err()
	}
	defer func() { l.head <- last }()
	for e, err := range l.store.Read(ctx, last) {
		if err != nil {
			return Position{}, err
		}
		last = e.Position
	}
	return toPosition(last), nil
}

// seen leaves out the streams that may not be seen.
func (l *sealed) seen(envelopes iter.Seq2[eventstore.Envelope, error]) iter.Seq2[eventstore.Envelope, error] {
	return func(yield func(eventstore.Envelope, error) bool) {
		for e, err := range envelopes {
			if (err != nil || l.sees(e.Stream)) && !yield(e, err) {
				return
			}
		}
	}
}

func convey(envelopes iter.Seq2[eventstore.Envelope, error], yield func(Record, error) bool) {
	for e, err := range envelopes {
		var r Record
		if err == nil {
			r, err = fromEnvelope(&e)
		}
		if !yield(r, err) || err != nil {
			return
		}
	}
}

// fromEnvelope writes an envelope as package esdb does, and as docs/format.md says.
func fromEnvelope(e *eventstore.Envelope) (Record, error) {
	metadata, err := e.Aside()
	return Record{
		ID: e.Event, Stream: string(e.Stream), Revision: uint64(e.Sequence) - 1, Position: toPosition(e.Position), Type: e.Type,
		ContentType: "application/octet-stream", Created: e.RecordedAt, Data: e.Sealed, Metadata: metadata,
	}, err
}

// toPosition writes a position of the store as two numbers, in whose order they are.
func toPosition(p eventstore.Position) Position {
	return Position{Commit: binary.BigEndian.Uint64(p[:8]), Prepare: binary.BigEndian.Uint64(p[8:])}
}

func fromPosition(p Position) (out eventstore.Position) {
	binary.BigEndian.PutUint64(out[:8], p.Commit)
	binary.BigEndian.PutUint64(out[8:], p.Prepare)
	return out
}

// before is the last position that is not yet p: what is behind it begins with p.
func before(p Position) eventstore.Position {
	switch {
	case p.Prepare > 0:
		p.Prepare--
	case p.Commit > 0:
		p.Commit, p.Prepare = p.Commit-1, math.MaxUint64
	}
	return fromPosition(p)
}
