package merkle

import (
	"context"
	"encoding/binary"
	"sort"

	"golang.org/x/mod/sumdb/tlog"

	"livret/eventstore"
)

// First is the earliest checkpoint, and false if nothing was signed yet.
func (l *Log) First() (Signed, bool, error) { return l.pick(func(entries []entry) int { return 0 }) }

// OfSize is the checkpoint of a tree of that size, and false if none was signed.
func (l *Log) OfSize(size int64) (Signed, bool, error) {
	e, found, err := l.history.find(size)
	if err != nil || !found {
		return Signed{}, false, err
	}
	signed, err := l.signed(e)
	return signed, err == nil, err
}

// Covering is the earliest checkpoint under which the event at a position stands, and false if there is none yet.
func (l *Log) Covering(at eventstore.Position) (Signed, bool, error) {
	return l.pick(func(entries []entry) int {
		return sort.Search(len(entries), func(n int) bool { return entries[n].at.Compare(at) >= 0 })
	})
}

func (l *Log) pick(choose func([]entry) int) (Signed, bool, error) {
	entries, err := l.history.entries()
	if err != nil {
		return Signed{}, false, err
	}
	n := choose(entries)
	if n >= len(entries) {
		return Signed{}, false, nil
	}
	signed, err := l.signed(entries[n])
	return signed, err == nil, err
}

// gapless is the rank that a position is in a store whose positions have no gaps. Elsewhere it is none: the leaf there tells.
func gapless(at eventstore.Position) int64 { return int64(binary.BigEndian.Uint64(at[:])) - 1 }

// Index is the rank of an event's leaf, from 0. It fails with ErrFuture if the tree does not reach it yet, and with
// ErrForked if the tree holds another leaf there. Where positions have no gaps (eventstore/embedded) they are ranks, which the
// leaf itself confirms; elsewhere, what was committed since the checkpoint before is counted.
func (l *Log) Index(ctx context.Context, e *eventstore.Envelope) (int64, error) {
	h, err := leafOf(e)
	if err != nil {
		return 0, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if e.Position.Compare(l.state.At) > 0 {
		return 0, ErrFuture
	}
	if rank := gapless(e.Position); rank >= 0 && rank < l.tree.size && l.holds(rank, []Hash{h}) == nil {
		return rank, nil
	}
	entries, err := l.history.entries()
	if err != nil {
		return 0, err
	}
	var rank int64
	var after eventstore.Position
	if before := sort.Search(len(entries), func(n int) bool { return entries[n].at.Compare(e.Position) >= 0 }); before > 0 {
		rank, after = entries[before-1].size, entries[before-1].at
	}
	for other, err := range l.Events.Read(ctx, after) {
		if err != nil {
			return 0, err
		}
		if other.Position == e.Position {
			return rank, l.holds(rank, []Hash{h})
		}
		rank++
	}
	return 0, ErrFuture
}

// Proved tells whether an event stands under a checkpoint: its leaf, hashed anew from what the store holds, is combined
// with the hashes beside its path, and the root must be the one that was signed. It answers the rank of the leaf and
// the hashes, and fails with ErrForked if the root is another.
func (l *Log) Proved(ctx context.Context, e *eventstore.Envelope, under Checkpoint) (int64, tlog.RecordProof, error) {
	rank, err := l.Index(ctx, e)
	if err != nil {
		return 0, nil, err
	}
	proof, err := l.Inclusion(rank, under.Size)
	if err != nil {
		return rank, nil, err
	}
	h, err := leafOf(e)
	if err == nil && !CheckInclusion(under, rank, h, proof) {
		err = ErrForked
	}
	return rank, proof, err
}
