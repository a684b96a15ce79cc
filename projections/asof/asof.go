// Package asof shows a view as it stood at a position of the ledger. Nothing of the past is kept for it: a row is the
// fold of one stream, so whoever reads a row as of a position has that one stream folded again, up to there, by the
// very code that folded the live one. The rest of the ledger is not read, and what was folded is thrown away.
package asof

import (
	"context"
	"errors"
	"iter"
	"slices"
	"sync"

	"livret/eventstore"
	"livret/projections"
	"livret/projections/memory"
)

// ErrWhole says that a view as of a position was asked for all its rows: it has those that somebody asked for by name.
var ErrWhole = errors.New("asof: a view of the past is read row by row")

// Store is one view as it stood at a position, for the readers of that view. Rows are sealed, and open or fail to, as
// those of the live view: the past of a person whose key is destroyed is destroyed as well. It is to be used for one
// request and dropped, and is safe for concurrent use.
//
// Find answers the streams that carry the label in the live view and carried it then. A label that a stream has
// lost since does not find it: candidates' numbers and the livrets of a sanction are never lost, a division may be.
// Scan fails with ErrWhole.
type Store struct {
	*memory.Store
	live   projections.Store
	source projections.Source
	p      projections.Projection

	mu     sync.Mutex
	folded []eventstore.StreamID
}

// New makes the view of a projection as it stood once the event at a position had been folded. live finds rows by label.
func New(ctx context.Context, source projections.Source, live projections.Store, p projections.Projection, at eventstore.Position) (*Store, error) {
	source.Workers = 1
	s := &Store{Store: memory.New(), live: live, source: source, p: p}
	return s, s.Commit(ctx, p.Name, eventstore.Position{}, at, nil)
}

// Rows folds those of the streams that nobody asked for yet, and answers the rows that existed then.
func (s *Store) Rows(ctx context.Context, view string, streams ...eventstore.StreamID) (map[eventstore.StreamID]projections.Row, error) {
	if err := s.fold(ctx, streams); err != nil {
		return nil, err
	}
	return s.Store.Rows(ctx, view, streams...)
}

func (s *Store) fold(ctx context.Context, streams []eventstore.StreamID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var missing []eventstore.StreamID
	for _, stream := range streams {
		if slices.Contains(s.p.Categories, stream.Category()) && !slices.Contains(s.folded, stream) && !slices.Contains(missing, stream) {
			missing = append(missing, stream)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	if err := projections.Refold(ctx, s.source, s.Store, s.p, missing...); err != nil {
		return err
	}
	s.folded = append(s.folded, missing...)
	return nil
}

// Find folds the streams that carry the label now, and answers those that carried it then.
func (s *Store) Find(ctx context.Context, view string, label []byte) ([]eventstore.StreamID, error) {
	streams, err := s.live.Find(ctx, view, label)
	if err == nil {
		err = s.fold(ctx, streams)
	}
	if err != nil {
		return nil, err
	}
	return s.Store.Find(ctx, view, label)
}

// Scan implements projections.Store.
func (s *Store) Scan(context.Context, string, string) iter.Seq2[projections.Row, error] {
	return func(yield func(projections.Row, error) bool) { yield(projections.Row{}, ErrWhole) }
}

// Streams are those that were folded: all that was shown comes from them.
func (s *Store) Streams() []eventstore.StreamID {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.folded)
}
