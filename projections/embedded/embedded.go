// Package embedded keeps views in a SQLite file of their own. It holds nothing that the ledger does not, and
// may be deleted: the views are then rebuilt.
package embedded

import (
	"context"
	"errors"
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/google/uuid"
	"github.com/ncruces/go-sqlite3"

	"livret/eventstore"
	"livret/projections"
)

// DatabaseFile is the file of the views in their folder. SQLite keeps a write-ahead log beside it.
const DatabaseFile = "views.db"

// readers is how many pages can read at the same time, each on a connection that is kept for the next.
const readers = 4

// Store is a projections.Store in a folder.
type Store struct {
	path  string
	write chan *conn    // the connection that writes
	idle  chan *conn    // connections that read, and nil for those not opened yet
	quit  chan struct{} // closed with the store
	close sync.Once
}

var _ projections.Store = (*Store)(nil)

// Open opens the views in dir, and makes the file if there is none. Views of another version of this package
// are dropped, as they can be rebuilt.
func Open(dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	path := filepath.Join(dir, DatabaseFile)
	if err := prepare(path); err != nil {
		return nil, err
	}
	c, err := connect(path)
	if err != nil {
		return nil, err
	}
	s := &Store{path: path, write: make(chan *conn, 1), idle: make(chan *conn, readers), quit: make(chan struct{})}
	s.write <- c
	for range readers {
		s.idle <- nil
	}
	return s, nil
}

// Close waits for the calls under way.
func (s *Store) Close() (err error) {
	s.close.Do(func() {
		close(s.quit)
		for range readers {
			if c := <-s.idle; c != nil {
				err = errors.Join(err, c.close())
			}
		}
		err = errors.Join(err, (<-s.write).close()) // last, so that it takes the log away
	})
	return err
}

// with lends a connection of a pool.
func (s *Store) with(ctx context.Context, pool chan *conn, do func(*conn) error) (err error) {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case <-s.quit:
		return projections.ErrClosed
	default:
	}
	var c *conn
	select {
	case c = <-pool:
	case <-s.quit:
		return projections.ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { pool <- c }()
	if c == nil {
		if c, err = connect(s.path); err != nil {
			return err
		}
	}
	defer c.SetInterrupt(c.SetInterrupt(ctx))
	if err := do(c); ctx.Err() != nil && err != nil {
		return ctx.Err()
	} else {
		return explain(err)
	}
}

// view answers the number and cursor of a view; 0 if there is none.
func (c *conn) view(name string) (id int64, at eventstore.Position, err error) {
	err = c.run("SELECT id, cursor FROM views WHERE name = ?1", func(s *sqlite3.Stmt) error {
		id = s.ColumnInt64(0)
		copy(at[:], s.ColumnRawBlob(1))
		return nil
	}, name)
	return id, at, err
}

// Cursor implements projections.Store.
func (s *Store) Cursor(ctx context.Context, name string) (at eventstore.Position, err error) {
	err = s.with(ctx, s.idle, func(c *conn) (err error) {
		_, at, err = c.view(name)
		return err
	})
	return at, err
}

const columns = "SELECT stream, version, parked, key, labels, sealed FROM rows "

func readRow(s *sqlite3.Stmt) projections.Row {
	r := projections.Row{
		Stream:  eventstore.StreamID(s.ColumnText(0)),
		Version: eventstore.Version(s.ColumnInt64(1)), Parked: eventstore.Version(s.ColumnInt64(2)),
		Labels: projections.CutLabels(s.ColumnBlob(4, nil)),
	}
	copy(r.Key[:], s.ColumnRawBlob(3))
	if s.ColumnType(5) != sqlite3.NULL {
		r.Sealed = s.ColumnBlob(5, []byte{})
	}
	return r
}

// Rows implements projections.Store.
func (s *Store) Rows(ctx context.Context, name string, streams ...eventstore.StreamID) (map[eventstore.StreamID]projections.Row, error) {
	rows := make(map[eventstore.StreamID]projections.Row, len(streams))
	err := s.with(ctx, s.idle, func(c *conn) error {
		return c.transaction("BEGIN", func() error {
			id, _, err := c.view(name)
			if err != nil || id == 0 {
				return err
			}
			for _, stream := range streams {
				err := c.run(columns+"WHERE view = ?1 AND stream = ?2", func(s *sqlite3.Stmt) error {
					rows[stream] = readRow(s)
					return nil
				}, id, string(stream))
				if err != nil {
					return err
				}
			}
			return nil
		})
	})
	return rows, err
}

// Commit implements projections.Store.
func (s *Store) Commit(ctx context.Context, name string, from, to eventstore.Position, rows []projections.Row) error {
	ordered := make([]*projections.Row, len(rows)) // the order of the index: its pages are each written once
	for i := range rows {
		ordered[i] = &rows[i]
	}
	slices.SortFunc(ordered, func(a, b *projections.Row) int {
		if a.Stream < b.Stream {
			return -1
		}
		return 1
	})
	return s.with(ctx, s.write, func(c *conn) error {
		return c.transaction("BEGIN IMMEDIATE", func() error {
			id, at, err := c.view(name)
			switch {
			case err != nil:
				return err
			case at != from:
				return projections.ErrFenced
			case id == 0:
				err = c.run("INSERT INTO views (name, cursor) VALUES (?1, ?2) RETURNING id", func(s *sqlite3.Stmt) error {
					id = s.ColumnInt64(0)
					return nil
				}, name, to[:])
			default:
				err = c.run("UPDATE views SET cursor = ?2 WHERE id = ?1", nil, id, to[:])
			}
			if err != nil {
				return err
			}
			var none eventstore.Position
			for _, r := range ordered {
				if err := c.put(id, r, from == none); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

// put replaces a row, and its labels if they changed. A view that is being begun has no rows to replace.
func (c *conn) put(view int64, r *projections.Row, begun bool) error {
	id, known := rand.Int64(), []byte(nil)
	if !begun {
		err := c.run("SELECT id, labels FROM rows WHERE view = ?1 AND stream = ?2", func(s *sqlite3.Stmt) error {
			id, known = s.ColumnInt64(0), s.ColumnBlob(1, nil)
			return nil
		}, view, string(r.Stream))
		if err != nil {
			return err
		}
	}
	labels := projections.JoinLabels(r.Labels)
	if string(known) != string(labels) {
		if err := c.unlabel(view, string(r.Stream), known); err != nil {
			return err
		}
		for _, label := range r.Labels {
			if err := c.run("INSERT OR IGNORE INTO labels VALUES (?1, ?2, ?3)", nil, view, label, string(r.Stream)); err != nil {
				return err
			}
		}
	}
	return c.run("INSERT OR REPLACE INTO rows VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)", nil,
		id, view, string(r.Stream), int64(r.Version), int64(r.Parked), r.Key[:], labels, r.Sealed)
}

func (c *conn) unlabel(view int64, stream string, labels []byte) error {
	for _, label := range projections.CutLabels(labels) {
		if err := c.run("DELETE FROM labels WHERE view = ?1 AND label = ?2 AND stream = ?3", nil, view, label, stream); err != nil {
			return err
		}
	}
	return nil
}

// Scan implements projections.Store. It holds a connection that reads until it is done.
func (s *Store) Scan(ctx context.Context, name, category string) iter.Seq2[projections.Row, error] {
	return func(yield func(projections.Row, error) bool) {
		stopped := errors.New("the caller has seen enough")
		err := s.with(ctx, s.idle, func(c *conn) error {
			return c.transaction("BEGIN", func() error {
				id, _, err := c.view(name)
				if err != nil || id == 0 {
					return err
				}
				// '.' follows '-': the streams of the category and no others.
				return c.run(columns+"WHERE view = ?1 AND stream >= ?2 AND stream < ?3 ORDER BY stream", func(s *sqlite3.Stmt) error {
					if !yield(readRow(s), nil) {
						return stopped
					}
					return nil
				}, id, category+"-", category+".")
			})
		})
		if err != nil && !errors.Is(err, stopped) {
			yield(projections.Row{}, err)
		}
	}
}

// Find implements projections.Store.
func (s *Store) Find(ctx context.Context, name string, label []byte) (streams []eventstore.StreamID, err error) {
	err = s.with(ctx, s.idle, func(c *conn) error {
		return c.run("SELECT stream FROM labels WHERE view = (SELECT id FROM views WHERE name = ?1) AND label = ?2 ORDER BY stream", func(s *sqlite3.Stmt) error {
			streams = append(streams, eventstore.StreamID(s.ColumnText(0)))
			return nil
		}, name, label)
	})
	return streams, err
}

// Purge implements projections.Store. What it empties is overwritten in the file; the write-ahead log is cut
// as soon as no reader needs it, and holds sealed bytes only.
func (s *Store) Purge(ctx context.Context, keys ...uuid.UUID) error {
	return s.with(ctx, s.write, func(c *conn) error {
		for some := range slices.Chunk(keys, purgeKeys) {
			err := c.transaction("BEGIN IMMEDIATE", func() error {
				for _, key := range some {
					if err := c.purge(key); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
		c.cutLog()
		return nil
	})
}

// purgeKeys is of how many keys the rows are emptied in one commit.
const purgeKeys = 2000

func (c *conn) purge(key uuid.UUID) error {
	type place struct {
		view   int64
		stream string
		labels []byte
	}
	var places []place
	err := c.run("SELECT view, stream, labels FROM rows WHERE key = ?1", func(s *sqlite3.Stmt) error {
		places = append(places, place{s.ColumnInt64(0), s.ColumnText(1), s.ColumnBlob(2, nil)})
		return nil
	}, key[:])
	if err != nil || key == uuid.Nil {
		return err
	}
	for _, p := range places {
		if err := c.unlabel(p.view, p.stream, p.labels); err != nil {
			return err
		}
		err := c.run("UPDATE rows SET version = 0, parked = 0, labels = x'', sealed = NULL WHERE view = ?1 AND stream = ?2", nil, p.view, p.stream)
		if err != nil {
			return err
		}
	}
	return nil
}

// cutLog empties the write-ahead log if nobody reads it now; SQLite does it later otherwise.
func (c *conn) cutLog() {
	c.BusyTimeout(0)
	c.WALCheckpoint("main", sqlite3.CHECKPOINT_TRUNCATE)
	c.BusyTimeout(busy)
}

// Switch implements projections.Store.
func (s *Store) Switch(ctx context.Context, from, to string) error {
	return s.with(ctx, s.write, func(c *conn) error {
		return c.transaction("BEGIN IMMEDIATE", func() error {
			id, there, err := c.view(from)
			if err != nil {
				return err
			}
			old, here, err := c.view(to)
			switch {
			case err != nil:
				return err
			case there.Compare(here) < 0:
				return projections.ErrBehind
			case id == 0:
				return nil
			}
			if err := c.drop(old); err != nil {
				return err
			}
			return c.run("UPDATE views SET name = ?2 WHERE id = ?1", nil, id, to)
		})
	})
}

// Drop implements projections.Store.
func (s *Store) Drop(ctx context.Context, name string) error {
	return s.with(ctx, s.write, func(c *conn) error {
		return c.transaction("BEGIN IMMEDIATE", func() error {
			id, _, err := c.view(name)
			if err != nil {
				return err
			}
			return c.drop(id)
		})
	})
}

func (c *conn) drop(view int64) error {
	if view == 0 {
		return nil
	}
	for _, sql := range []string{"DELETE FROM rows WHERE view = ?1", "DELETE FROM labels WHERE view = ?1", "DELETE FROM views WHERE id = ?1"} {
		if err := c.run(sql, nil, view); err != nil {
			return err
		}
	}
	return nil
}
