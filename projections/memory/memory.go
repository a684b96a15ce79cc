// Package memory keeps views in memory: for tests, and for the throw-away view of a check.
package memory

import (
	"context"
	"iter"
	"maps"
	"slices"
	"sync"

	"github.com/google/uuid"

	"livret/eventstore"
	"livret/projections"
)

// Store is a projections.Store in memory.
type Store struct {
	mu     sync.RWMutex
	views  map[string]*view
	closed bool
}

type view struct {
	cursor eventstore.Position
	rows   map[eventstore.StreamID]projections.Row
	labels map[string]map[eventstore.StreamID]struct{}
}

// New makes an empty store.
func New() *Store { return &Store{views: make(map[string]*view)} }

// locked runs do while nobody else changes anything.
func (s *Store) locked(ctx context.Context, do func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return projections.ErrClosed
	case ctx.Err() != nil:
		return ctx.Err()
	}
	return do()
}

// Cursor implements projections.Store.
func (s *Store) Cursor(ctx context.Context, name string) (at eventstore.Position, err error) {
	err = s.locked(ctx, func() error {
		if v := s.views[name]; v != nil {
			at = v.cursor
		}
		return nil
	})
	return at, err
}

// Rows implements projections.Store.
func (s *Store) Rows(ctx context.Context, name string, streams ...eventstore.StreamID) (map[eventstore.StreamID]projections.Row, error) {
	found := make(map[eventstore.StreamID]projections.Row, len(streams))
	err := s.locked(ctx, func() error {
		if v := s.views[name]; v != nil {
			for _, stream := range streams {
				if r, ok := v.rows[stream]; ok {
					found[stream] = clone(r)
				}
			}
		}
		return nil
	})
	return found, err
}

// Commit implements projections.Store.
func (s *Store) Commit(ctx context.Context, name string, from, to eventstore.Position, rows []projections.Row) error {
	return s.locked(ctx, func() error {
		v := s.views[name]
		if v == nil {
			v = &view{rows: make(map[eventstore.StreamID]projections.Row), labels: make(map[string]map[eventstore.StreamID]struct{})}
		}
		if v.cursor != from {
			return projections.ErrFenced
		}
		s.views[name] = v
		v.cursor = to
		for _, r := range rows {
			v.unlabel(v.rows[r.Stream])
			v.rows[r.Stream] = clone(r)
			for _, label := range r.Labels {
				if v.labels[string(label)] == nil {
					v.labels[string(label)] = make(map[eventstore.StreamID]struct{})
				}
				v.labels[string(label)][r.Stream] = struct{}{}
			}
		}
		return nil
	})
}

func (v *view) unlabel(r projections.Row) {
	for _, label := range r.Labels {
		delete(v.labels[string(label)], r.Stream)
	}
}

// Scan implements projections.Store.
func (s *Store) Scan(ctx context.Context, name, category string) iter.Seq2[projections.Row, error] {
	return func(yield func(projections.Row, error) bool) {
		var rows []projections.Row
		err := s.locked(ctx, func() error {
			if v := s.views[name]; v != nil {
				for _, stream := range slices.Sorted(maps.Keys(v.rows)) {
					if stream.Category() == category {
						rows = append(rows, clone(v.rows[stream]))
					}
				}
			}
			return nil
		})
		for _, r := range rows {
			if !yield(r, nil) {
				return
			}
		}
		if err != nil {
			yield(projections.Row{}, err)
		}
	}
}

// Find implements projections.Store.
func (s *Store) Find(ctx context.Context, name string, label []byte) (streams []eventstore.StreamID, err error) {
	err = s.locked(ctx, func() error {
		if v := s.views[name]; v != nil {
			streams = slices.Sorted(maps.Keys(v.labels[string(label)]))
		}
		return nil
	})
	return streams, err
}

// Purge implements projections.Store.
func (s *Store) Purge(ctx context.Context, keys ...uuid.UUID) error {
	return s.locked(ctx, func() error {
		for _, v := range s.views {
			for stream, r := range v.rows {
				if r.Key != uuid.Nil && slices.Contains(keys, r.Key) {
					v.unlabel(r)
					v.rows[stream] = projections.Row{Stream: stream, Key: r.Key}
				}
			}
		}
		return nil
	})
}

// Switch implements projections.Store.
func (s *Store) Switch(ctx context.Context, from, to string) error {
	return s.locked(ctx, func() error {
		var there, here eventstore.Position
		if v := s.views[from]; v != nil {
			there = v.cursor
		}
		if v := s.views[to]; v != nil {
			here = v.cursor
		}
		if there.Compare(here) < 0 {
			return projections.ErrBehind
		}
		if v := s.views[from]; v != nil {
			s.views[to] = v
			delete(s.views, from)
		}
		return nil
	})
}

// Drop implements projections.Store.
func (s *Store) Drop(ctx context.Context, name string) error {
	return s.locked(ctx, func() error {
		delete(s.views, name)
		return nil
	})
}

// Close implements projections.Store.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	return nil
}

// clone keeps the caller's bytes and ours apart.
func clone(r projections.Row) projections.Row {
	r.Sealed = slices.Clone(r.Sealed)
	labels := make([][]byte, len(r.Labels))
	for i, label := range r.Labels {
		labels[i] = slices.Clone(label)
	}
	r.Labels = labels
	return r
}
