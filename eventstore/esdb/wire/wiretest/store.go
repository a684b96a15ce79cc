// Package wiretest is a cluster of EventStoreDB nodes for tests: the protocol of package wire over a store in memory that
// also does what the ledger's port does not, deletes, metadata, links and any version, and that fails as it is told to.
// It is no server to keep anything in.
package wiretest

import (
	"context"
	"iter"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"livret/eventstore/esdb/wire"
)

// Store is the log of a cluster, in memory. Positions are offsets with gaps, as on a disk.
type Store struct {
	mu      sync.Mutex
	log     []wire.Record
	streams map[string]*stream
	offset  uint64
	more    chan struct{}    // closed when there is more to see
	now     func() time.Time // the time of events, and of their age
}

type stream struct {
	at        []int // indexes into the log; revision i stands at at[i]
	metadata  settings
	tombstone bool
}

// NewStore makes a store that holds what every cluster does: that there is an administrator.
func NewStore() *Store {
	s := &Store{streams: make(map[string]*stream), offset: 1024, more: make(chan struct{}), now: time.Now}
	s.streams["$users"] = &stream{at: []int{0}}
	s.add("$users", wire.Record{ID: uuid.New(), Type: "$User", ContentType: "application/octet-stream", Data: []byte(Username)})
	return s
}

var _ wire.Writer = (*Store)(nil)

// Stream implements wire.Log.
func (s *Store) Stream(ctx context.Context, name string, from wire.From[uint64], backwards bool) iter.Seq2[wire.Record, error] {
	return func(yield func(wire.Record, error) bool) {
		v, err := s.visible(name)
		if err != nil {
			yield(wire.Record{}, err)
			return
		}
		i := len(v.at)
		switch {
		case from.End:
		case from.At < v.first:
			i = 0
		case from.At-v.first < uint64(i):
			i = int(from.At - v.first)
			if backwards {
				i++
			}
		}
		walk(ctx, len(v.at), i, backwards, func(i int) (wire.Record, bool) {
			r := v.log[v.at[i]]
			return r, !r.Created.Before(v.oldest)
		}, yield)
	}
}

// All implements wire.Log.
func (s *Store) All(ctx context.Context, from wire.From[wire.Position], backwards bool) iter.Seq2[wire.Record, error] {
	return func(yield func(wire.Record, error) bool) {
		log, _ := s.seen()
		i := len(log)
		if !from.End {
			i = place(log, from.At)
		}
		walk(ctx, len(log), i, backwards, func(i int) (wire.Record, bool) { return log[i], true }, yield)
	}
}

// seen is the log as it stands, and what is closed when there is more.
func (s *Store) seen() ([]wire.Record, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log, s.more
}

// place is the index of the first record at a position or behind it.
func place(log []wire.Record, at wire.Position) int {
	i, _ := slices.BinarySearchFunc(log, at, func(r wire.Record, at wire.Position) int { return r.Position.Compare(at) })
	return i
}

// walk yields what get gives from the i-th of n on, or for those before it.
func walk(ctx context.Context, n, i int, backwards bool, get func(int) (wire.Record, bool), yield func(wire.Record, error) bool) {
	step := 1
	if backwards {
		i, step = i-1, -1
	}
	for ; i >= 0 && i < n; i += step {
		if err := ctx.Err(); err != nil {
			yield(wire.Record{}, err)
			return
		}
		if r, ok := get(i); ok && !yield(r, nil) {
			return
		}
	}
}

// Follow implements wire.Log.
func (s *Store) Follow(ctx context.Context, after wire.Position) iter.Seq2[wire.Record, error] {
	return func(yield func(wire.Record, error) bool) {
		for {
			log, more := s.seen()
			i := place(log, after)
			if i < len(log) && log[i].Position == after {
				i++
			}
			for _, r := range log[i:] {
				if after = r.Position; !yield(r, nil) {
					return
				}
			}
			select {
			case <-ctx.Done():
				yield(wire.Record{}, ctx.Err())
				return
			case <-more:
			}
		}
	}
}

// Head implements wire.Log.
func (s *Store) Head(context.Context) (wire.Position, error) {
	log, _ := s.seen()
	if len(log) == 0 {
		return wire.Position{}, nil
	}
	return log[len(log)-1].Position, nil
}

// Len is the number of events of the whole log, those of metadata included.
func (s *Store) Len() int {
	log, _ := s.seen()
	return len(log)
}
