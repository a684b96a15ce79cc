package feed

import (
	"context"
	"errors"
	"slices"
	"sync"

	"livret/eventstore"
	"livret/eventstore/ledger"
)

// hearing is what one reaction hears, facts or days, under one cursor.
type hearing struct {
	*Feed
	name     string // of the cursor, of the handler and of its topic
	reaction ledger.Reaction
	turn     *sync.Mutex // of the reaction, who hears one batch at a time, whoever hands it over
	source   source

	idle struct{ after, through eventstore.Position } // what was read last, without a fact to hear; under turn
}

// batch is what one message carries, and what became of it.
type batch struct {
	after, through eventstore.Position
	facts          []ledger.Fact
	parked         []Parked // streams that are parked by it
	spare          int      // how many may be
	err            error    // why it was refused
}

// sending hands a batch to the reaction, through the router, and answers when it was taken or refused.
type sending func(context.Context, *batch) error

// idleScan is after how many events without a fact to hear a cursor is moved all the same, so that the next process
// does not read them again; this one remembers.
const idleScan = 10_000

// catchUp hands over all that there is to hear. It tells whether there was anything, and up to where it read.
func (h *hearing) catchUp(ctx context.Context, send sending) (found bool, through eventstore.Position, err error) {
	for {
		next, at, err := h.forward(ctx, send)
		switch {
		case errors.Is(err, ErrMoved): // by somebody who let the reaction hear the same
		case err != nil || !next:
			return found, at, err
		default:
			found = true
		}
	}
}

// forward hands over the next batch and moves the cursor past it. It answers false at the end.
func (h *hearing) forward(ctx context.Context, send sending) (found bool, through eventstore.Position, err error) {
	h.turn.Lock()
	defer h.turn.Unlock()
	from, err := h.Cursors.Cursor(ctx, h.name)
	if err != nil {
		return false, from, err
	}
	after := from
	if from == h.idle.after && from.Compare(h.idle.through) < 0 {
		after = h.idle.through
	}
	heard, err := h.source.read(ctx, after)
	if err != nil {
		return false, from, err
	}
	if len(heard.Facts) == 0 {
		h.idle.after, h.idle.through = from, heard.Through
		if heard.Read >= idleScan {
			err = h.Cursors.Advance(ctx, h.name, from, heard.Through)
		}
		return false, heard.Through, err
	}
	known, err := h.Cursors.Parked(ctx, h.name)
	if err != nil {
		return false, from, err
	}
	b := &batch{after: from, through: heard.Through, facts: heard.Facts, spare: maxParked - len(known)}
	for _, p := range known {
		b.without(p.Stream)
	}
	if len(b.facts) > 0 {
		if err := send(ctx, b); err != nil {
			return false, from, err
		}
	}
	for _, p := range b.parked {
		h.Log.Warn("a reaction parked a stream", "reaction", h.name, "stream", p.Stream, "sequence", p.Sequence, "class", p.Class)
	}
	return true, heard.Through, h.Cursors.Advance(ctx, h.name, from, heard.Through, b.parked...)
}

// retry hands over what waits of parked streams, of some or of all.
func (h *hearing) retry(ctx context.Context, send sending, streams []eventstore.StreamID) error {
	h.turn.Lock()
	defer h.turn.Unlock()
	at, err := h.Cursors.Cursor(ctx, h.name)
	if err != nil {
		return err
	}
	known, err := h.Cursors.Parked(ctx, h.name)
	if err != nil {
		return err
	}
	for _, p := range known {
		if len(streams) > 0 && !slices.Contains(streams, p.Stream) {
			continue
		}
		waiting, err := h.source.stream(ctx, p.Stream, p.Sequence, at)
		if err != nil {
			return err
		}
		b := &batch{after: at, through: at, facts: waiting, spare: 1}
		if len(waiting) > 0 {
			if err := send(ctx, b); err != nil {
				return err
			}
		}
		again := Parked{Stream: p.Stream} // no more
		if len(b.parked) > 0 {
			again = b.parked[0]
			again.Since, again.Attempts = p.Since, p.Attempts+1
		}
		if err := h.Cursors.Advance(ctx, h.name, at, at, again); err != nil {
			return err
		}
	}
	return nil
}

// without leaves out the facts of a stream.
func (b *batch) without(stream eventstore.StreamID) {
	b.facts = slices.DeleteFunc(b.facts, func(f ledger.Fact) bool { return f.Envelope.Stream == stream })
}
