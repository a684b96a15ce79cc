// Package migrate moves a whole log from one store to another: the same envelopes, under the same ids, in the same
// order. What the leaves of the ledger's tree are does not depend on the store, so the tree stays as it was signed.
//
// It keeps no notes of its own. What the other store holds is compared with what is due, event by event, and it goes on
// behind: so it can be killed anywhere and run again, and what it answers in the end was read, not remembered.
package migrate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"

	"livret/eventstore"
)

// ErrDiffers says that the other store holds something else than a beginning of the log.
var ErrDiffers = errors.New("migrate: the other store does not hold a beginning of this log")

// Saw hears of an event that was moved.
type Saw func(leaf []byte, at eventstore.Position) error

// Copy moves a log and answers how many events it holds, and how many of them came just now. Saw hears each event once it
// is known to stand in the other store: its leaf, and where it stands there; its error ends the moving. Nobody else may
// write to either store meanwhile.
func Copy(ctx context.Context, from eventstore.Store, to eventstore.Receiver, saw Saw) (events, moved int, err error) {
	source, stop := iter.Pull2(from.Read(ctx, eventstore.Position{}))
	defer stop()
	due, more := pull(source)
	for there, err := range to.Read(ctx, eventstore.Position{}) {
		switch {
		case err != nil:
			return events, 0, err
		case due.err != nil:
			return events, 0, due.err
		case !more:
			return events, 0, fmt.Errorf("%w: it holds more than %d events", ErrDiffers, events)
		}
		leaf, err := due.Leaf()
		if err != nil {
			return events, 0, err
		}
		if other, err := there.Leaf(); err != nil || !bytes.Equal(leaf, other) {
			return events, 0, fmt.Errorf("%w: event %d is another one", ErrDiffers, events+1)
		}
		if err := saw(leaf, there.Position); err != nil {
			return events, 0, err
		}
		events++
		due, more = pull(source)
	}
	for more {
		run := batch{}
		for ; more && due.err == nil && run.takes(&due.Envelope); due, more = pull(source) {
			run.add(due.Envelope)
		}
		if more && due.err != nil {
			return events, moved, due.err
		}
		if err := run.move(ctx, to, saw); err != nil {
			return events, moved, err
		}
		events, moved = events+len(run.events), moved+len(run.events)
	}
	return events, moved, nil
}

type pulled struct {
	eventstore.Envelope
	err error
}

func pull(next func() (eventstore.Envelope, error, bool)) (pulled, bool) {
	e, err, more := next()
	return pulled{e, err}, more
}

// batch is a run of events of one stream that stand one behind the other in the log.
type batch struct {
	events []eventstore.Envelope
}

func (b *batch) takes(e *eventstore.Envelope) bool {
	if len(b.events) == 0 {
		return true
	}
	return e.Stream == b.events[0].Stream && eventstore.CheckReceive(append(b.events[:len(b.events):len(b.events)], *e)) == nil
}

func (b *batch) add(e eventstore.Envelope) { b.events = append(b.events, e) }

// move appends a run. Where each of its events stands is asked of the store, which answers for the last one only.
func (b *batch) move(ctx context.Context, to eventstore.Receiver, saw Saw) error {
	last, err := to.Receive(ctx, b.events...)
	if err != nil {
		return err
	}
	at := make([]eventstore.Position, 0, len(b.events))
	if len(b.events) > 1 {
		for e, err := range to.Stream(ctx, b.events[0].Stream, b.events[0].Sequence-1) {
			if err != nil {
				return err
			}
			if at = append(at, e.Position); len(at) == len(b.events)-1 {
				break
			}
		}
	}
	for i, position := range append(at, last) {
		leaf, err := b.events[i].Leaf()
		if err == nil {
			err = saw(leaf, position)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
