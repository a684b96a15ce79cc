package embedded

import (
	"cmp"
	"context"
	"slices"

	"github.com/google/uuid"
	"github.com/ncruces/go-sqlite3"

	"livret/eventstore"
)

// purgeBatch is how many events lose their sealed bytes in one commit.
const purgeBatch = 500

// Purge replaces the sealed bytes of all events under the given keys by their SHA-256, overwrites them in
// the file and cuts SQLite's log, and tells how many events it changed. Headers, commitments and leaves stay
// as they are. It is for keys that were destroyed, so that no event comes under them any more. It reads the
// whole store, once for all keys; interrupted, it is to be called again.
func (s *Store) Purge(ctx context.Context, keys ...uuid.UUID) (int, error) {
	doomed := make(map[uuid.UUID]struct{}, len(keys))
	for _, key := range keys {
		if key != uuid.Nil { // events in clear have nothing to lose
			doomed[key] = struct{}{}
		}
	}
	var numbers []uint64
	for e, err := range s.Read(ctx, eventstore.Position{}) {
		if err != nil {
			return 0, err
		}
		if _, ok := doomed[e.Key]; ok && e.Sealed != nil {
			numbers = append(numbers, number(e.Position))
		}
	}
	n := 0
	for batch := range slices.Chunk(numbers, purgeBatch) {
		err := s.exclusively(ctx, func() error {
			defer s.recent.forget()
			return s.db.transact(func() error { return s.db.purge(batch) })
		})
		if err != nil {
			return n, err
		}
		n += len(batch)
	}
	return n, s.exclusively(ctx, s.db.wipe)
}

// purge takes the sealed bytes of events away, in the transaction under way.
func (w *writer) purge(numbers []uint64) error {
	get, _, err := w.conn.Prepare(`SELECT number, front, sealed FROM events WHERE number = ?1`)
	if err != nil {
		return err
	}
	defer get.Close()
	set, _, err := w.conn.Prepare(`UPDATE events SET front = ?2, sealed = NULL WHERE number = ?1`)
	if err != nil {
		return err
	}
	defer set.Close()
	for _, number := range numbers {
		front, err := purged(get, number)
		if err == nil {
			err = run(set, int64(number), front)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func purged(get *sqlite3.Stmt, number uint64) ([]byte, error) {
	defer get.Reset()
	if err := get.BindInt64(1, int64(number)); err != nil {
		return nil, err
	}
	if !get.Step() {
		return nil, cmp.Or(get.Err(), damaged(number, "it is missing"))
	}
	var e eventstore.Envelope
	front, bytes := get.ColumnRawBlob(1), sealed(get, 2)
	if err := decode(&e, number, front, bytes); err != nil { // what is damaged is not to be signed for anew
		return nil, err
	}
	if bytes == nil { // another call was here first
		return slices.Clone(front), nil
	}
	return purge(front, bytes, number), nil
}

// wipe cuts the log, where former pages stand, to nothing.
func (w *writer) wipe() error {
	_, _, err := w.conn.WALCheckpoint("main", sqlite3.CHECKPOINT_TRUNCATE)
	return explain(err)
}
