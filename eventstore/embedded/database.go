package embedded

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/ncruces/go-sqlite3"

	"livret/eventstore"
)

const (
	schemaVersion = 1
	pageSize      = 8192

	// snapshotEvery is how many events may be committed before the heads are saved anew: opening reads the
	// saved heads and the rows after them.
	snapshotEvery = 20_000
	// checkpointPages is how long the log may grow before it is moved into the database.
	checkpointPages = 2000
	// patience with which a connection waits for another one of the same process.
	patience = 30 * time.Second
)

const schema = `
CREATE TABLE events (
	number INTEGER PRIMARY KEY,
	front  BLOB NOT NULL, -- header, commitment, digest, the stream's previous event, checksum
	sealed BLOB           -- NULL: deleted after the destruction of its key
) STRICT;
CREATE TABLE heads (      -- as they were when the event of the snapshot was the last
	stream  TEXT PRIMARY KEY,
	version INTEGER NOT NULL,
	number  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE snapshot (
	one    INTEGER PRIMARY KEY CHECK (one = 1),
	number INTEGER NOT NULL
) STRICT;
INSERT INTO snapshot VALUES (1, 0);
PRAGMA user_version = 1`

// writer is the connection that writes. One goroutine at a time uses it.
type writer struct {
	conn                    *sqlite3.Conn
	begin, commit, rollback *sqlite3.Stmt
	insert                  *sqlite3.Stmt
	putHead, putSnapshot    *sqlite3.Stmt
	logPages                int                              // in SQLite's log
	snapshot                uint64                           // the event of the last snapshot
	dirty                   map[eventstore.StreamID]struct{} // streams that moved since
	broken                  error                            // a commit failed: what is durable is not known
}

func openWriter(path string) (*writer, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	f.Close()
	conn, err := sqlite3.OpenFlags(path, sqlite3.OPEN_READWRITE)
	if err != nil {
		return nil, explain(err)
	}
	w := &writer{conn: conn, dirty: make(map[eventstore.StreamID]struct{})}
	if err := w.prepare(); err != nil {
		return nil, errors.Join(explain(err), closeConn(conn))
	}
	return w, nil
}

func (w *writer) prepare() error {
	if err := w.conn.BusyTimeout(patience); err != nil {
		return err
	}
	err := w.conn.Exec(fmt.Sprintf(`
		PRAGMA page_size = %d;
		PRAGMA journal_mode = WAL;
		PRAGMA synchronous = FULL;
		PRAGMA secure_delete = ON;
		PRAGMA trusted_schema = OFF;
		PRAGMA wal_autocheckpoint = 0`, pageSize))
	if err != nil {
		return err
	}
	version, err := w.integer("PRAGMA user_version")
	if err != nil {
		return err
	}
	switch version {
	case 0:
		if err := w.conn.Exec("BEGIN IMMEDIATE; " + schema + "; COMMIT"); err != nil {
			return err
		}
	case schemaVersion:
	default:
		return fmt.Errorf("embedded: event store has schema %d, this program knows %d", version, schemaVersion)
	}
	for _, s := range []struct {
		stmt **sqlite3.Stmt
		sql  string
	}{
		{&w.begin, `BEGIN IMMEDIATE`},
		{&w.commit, `COMMIT`},
		{&w.rollback, `ROLLBACK`},
		{&w.insert, `INSERT INTO events VALUES (?1, ?2, ?3)`},
		{&w.putHead, `INSERT INTO heads VALUES (?1, ?2, ?3) ON CONFLICT (stream) DO UPDATE SET version = ?2, number = ?3`},
		{&w.putSnapshot, `UPDATE snapshot SET number = ?1`},
	} {
		if *s.stmt, _, err = w.conn.PrepareFlags(s.sql, sqlite3.PREPARE_PERSISTENT); err != nil {
			return err
		}
	}
	w.conn.WALHook(func(_ *sqlite3.Conn, _ string, pages int) error {
		w.logPages = pages
		return nil
	})
	return nil
}

// load finds where each stream ends and which event is the last.
func (w *writer) load() (map[eventstore.StreamID]head, uint64, error) {
	heads := make(map[eventstore.StreamID]head)
	snapshot, err := w.integer("SELECT number FROM snapshot")
	if err != nil {
		return nil, 0, explain(err)
	}
	w.snapshot = uint64(snapshot)
	err = each(w.conn, `SELECT stream, version, number FROM heads`, func(s *sqlite3.Stmt) error {
		heads[eventstore.StreamID(s.ColumnText(0))] = head{eventstore.Version(s.ColumnInt64(1)), uint64(s.ColumnInt64(2))}
		return nil
	})
	if err != nil {
		return nil, 0, explain(err)
	}
	last := w.snapshot
	var e eventstore.Envelope
	err = each(w.conn, fmt.Sprintf(`SELECT number, front, sealed FROM events WHERE number > %d`, snapshot), func(s *sqlite3.Stmt) error {
		number := uint64(s.ColumnInt64(0))
		front := s.ColumnRawBlob(1)
		if err := decode(&e, number, front, sealed(s, 2)); err != nil {
			return err
		}
		prev, _ := previous(front)
		switch at := heads[e.Stream]; {
		case number != last+1:
			return damaged(last+1, "it is missing")
		case at.version+1 != e.Sequence || at.number != prev:
			return damaged(number, "it does not follow the stream's last event")
		}
		heads[e.Stream] = head{e.Sequence, number}
		w.dirty[e.Stream] = struct{}{}
		last = number
		return nil
	})
	if err == nil && w.snapshot != 0 {
		err = w.has(w.snapshot)
	}
	return heads, last, explain(err)
}

// examine does as load with what can be read: it finds nothing wrong, since reading will.
func (w *writer) examine() (map[eventstore.StreamID]head, uint64, error) {
	heads := make(map[eventstore.StreamID]head)
	var last uint64
	var e eventstore.Envelope
	err := each(w.conn, `SELECT number, front, sealed FROM events ORDER BY number`, func(s *sqlite3.Stmt) error {
		last = uint64(s.ColumnInt64(0))
		if decode(&e, last, s.ColumnRawBlob(1), sealed(s, 2)) == nil {
			heads[e.Stream] = head{e.Sequence, last}
		}
		return nil
	})
	if err = explain(err); errors.Is(err, eventstore.ErrCorrupt) {
		end, failed := w.integer(`SELECT max(number) FROM events`)
		last, err = max(last, uint64(end)), explain(failed)
	}
	return heads, last, err
}

// has checks that an event is there.
func (w *writer) has(number uint64) error {
	found, err := w.integer(fmt.Sprintf("SELECT count(*) FROM events WHERE number = %d", number))
	if err == nil && found == 0 {
		err = damaged(number, "it is missing")
	}
	return err
}

// save writes the heads of the streams that moved since the last snapshot, in the transaction under way.
func (w *writer) save(last uint64, at func(eventstore.StreamID) head) error {
	for _, stream := range slices.Sorted(maps.Keys(w.dirty)) { // in the order of the B-tree
		h := at(stream)
		if h.number == 0 { // it was to move, and the commit failed
			continue
		}
		if err := run(w.putHead, string(stream), int64(h.version), int64(h.number)); err != nil {
			return err
		}
	}
	return run(w.putSnapshot, int64(last))
}

// checkpoint moves the log into the database. Readers that are in the middle of a page may hold part of it
// back until the next time; none stays longer than a page.
func (w *writer) checkpoint() {
	_, _, err := w.conn.WALCheckpoint("main", sqlite3.CHECKPOINT_PASSIVE)
	if err != nil && !errors.Is(err, sqlite3.BUSY) && w.broken == nil {
		w.broken = fmt.Errorf("embedded: moving the log failed, open the store again: %w", explain(err))
	}
}

func (w *writer) close() error { return closeConn(w.conn) }

// closeConn closes a connection and its statements: with any left open, it would stay open too.
func closeConn(conn *sqlite3.Conn) error {
	for _, s := range slices.Collect(conn.Stmts()) {
		s.Close()
	}
	return explain(conn.Close())
}

func (w *writer) integer(sql string) (n int64, err error) {
	err = each(w.conn, sql, func(s *sqlite3.Stmt) error {
		n = s.ColumnInt64(0)
		return nil
	})
	return n, err
}

func each(conn *sqlite3.Conn, sql string, row func(*sqlite3.Stmt) error) error {
	s, _, err := conn.Prepare(sql)
	if err != nil {
		return err
	}
	defer s.Close()
	for s.Step() {
		if err := row(s); err != nil {
			return err
		}
	}
	return s.Err()
}

// sealed is a column of sealed bytes, as long as the statement stays on its row; nil: they are deleted.
func sealed(s *sqlite3.Stmt, column int) []byte {
	b := s.ColumnRawBlob(column)
	if b == nil && s.ColumnType(column) != sqlite3.NULL {
		b = []byte{}
	}
	return b
}

func run(s *sqlite3.Stmt, values ...any) error {
	for i, value := range values {
		var err error
		switch v := value.(type) {
		case []byte:
			err = s.BindBlob(i+1, v) // nil is NULL
		case string:
			err = s.BindText(i+1, v)
		case int64:
			err = s.BindInt64(i+1, v)
		}
		if err != nil {
			return err
		}
	}
	return s.Exec()
}

// explain gives the errors of SQLite the names of the port.
func explain(err error) error {
	switch {
	case errors.Is(err, sqlite3.CORRUPT), errors.Is(err, sqlite3.NOTADB):
		return fmt.Errorf("%w: %w", eventstore.ErrCorrupt, err)
	case errors.Is(err, sqlite3.BUSY), errors.Is(err, sqlite3.LOCKED):
		return fmt.Errorf("%w: %w", ErrLocked, err)
	}
	return err
}
