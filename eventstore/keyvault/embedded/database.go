package embedded

import (
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/ncruces/go-sqlite3"

	"livret/eventstore/keyvault"
	"livret/eventstore/keyvault/internal/registry"
)

// schemaVersion is the user_version of the database.
const schemaVersion = 1

// The rows are kept in the order of their random ids, without row number: a file that told the order of
// births would tell which keys were born together, hence whose candidate number is whose.
const schema = `
CREATE TABLE vault (
	one        INTEGER PRIMARY KEY CHECK (one = 1),
	generation INTEGER NOT NULL,
	kek_ref    BLOB NOT NULL,
	epoch      INTEGER NOT NULL,
	secret     BLOB NOT NULL    -- wrapped
) STRICT;
CREATE TABLE keys (
	id          BLOB PRIMARY KEY,
	owner       BLOB NOT NULL,
	class       TEXT NOT NULL,
	state       TEXT NOT NULL,
	kek_ref     BLOB NOT NULL,
	epoch       INTEGER NOT NULL,
	fingerprint BLOB NOT NULL,
	wrapped     BLOB,           -- NULL: shredded
	UNIQUE (owner, class)
) STRICT, WITHOUT ROWID;
CREATE TABLE claims (
	blind BLOB PRIMARY KEY,
	owner BLOB NOT NULL
) STRICT, WITHOUT ROWID;
PRAGMA user_version = 1`

// database is the durable side of a vault. One goroutine at a time uses it.
type database struct {
	conn                                              *sqlite3.Conn
	putKey, dropKey, putClaim, dropClaim, generations *sqlite3.Stmt
	broken                                            error // a commit failed: what is durable is not known
}

// openDatabase opens or makes the database and takes it for this process alone.
func openDatabase(path string) (*database, error) {
	if err := touch(path); err != nil {
		return nil, err
	}
	conn, err := sqlite3.OpenFlags(path, sqlite3.OPEN_READWRITE)
	if err != nil {
		return nil, explain(err)
	}
	db := &database{conn: conn}
	if err := db.prepare(); err != nil {
		db.close()
		return nil, explain(err)
	}
	return db, nil
}

func (db *database) prepare() error {
	// Exclusive locking comes first: the log then needs no shared memory, and no reader can pin it.
	err := db.conn.Exec(`
		PRAGMA locking_mode = EXCLUSIVE;
		PRAGMA journal_mode = WAL;
		PRAGMA synchronous = FULL;
		PRAGMA secure_delete = ON;
		PRAGMA trusted_schema = OFF;
		BEGIN IMMEDIATE; COMMIT`)
	if err != nil {
		return err
	}
	version, err := db.integer("PRAGMA user_version")
	if err != nil {
		return err
	}
	switch version {
	case 0:
		if err := db.conn.Exec("BEGIN IMMEDIATE; " + schema + "; COMMIT"); err != nil {
			return err
		}
	case schemaVersion:
	default:
		return fmt.Errorf("embedded: vault has schema %d, this program knows %d", version, schemaVersion)
	}
	for _, s := range []struct {
		stmt **sqlite3.Stmt
		sql  string
	}{
		{&db.putKey, `INSERT INTO keys VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (id) DO UPDATE SET state = ?4, kek_ref = ?5, epoch = ?6, wrapped = ?8`},
		{&db.dropKey, `DELETE FROM keys WHERE id = ?1`},
		{&db.putClaim, `INSERT OR REPLACE INTO claims VALUES (?1, ?2)`},
		{&db.dropClaim, `DELETE FROM claims WHERE blind = ?1`},
		{&db.generations, `UPDATE vault SET generation = ?1`},
	} {
		if *s.stmt, _, err = db.conn.Prepare(s.sql); err != nil {
			return err
		}
	}
	return db.wipe() // a crash may have come between a commit and its wiping
}

// load puts every row into the registry without trying to unwrap it: a damaged one answers when it is opened,
// and does not close the vault on all others.
func (db *database) load(r *registry.Registry) error {
	generation, err := db.integer("SELECT generation FROM vault")
	if err != nil {
		return explain(err)
	}
	r.SetGeneration(uint64(generation))
	err = db.each(`SELECT id, owner, class, state, kek_ref, epoch, fingerprint, wrapped FROM keys`, func(s *sqlite3.Stmt) error {
		row := registry.Row{
			Info:  keyvault.Info{Class: class(s.ColumnText(2)), State: state(s.ColumnText(3))},
			Epoch: uint32(s.ColumnInt64(5)),
		}
		if s.ColumnType(7) != sqlite3.NULL {
			row.Wrapped = s.ColumnBlob(7, make([]byte, 0, keyvault.WrappedSize))
		}
		ok := fill(row.ID[:], s, 0) && fill(row.Owner[:], s, 1) && fill(row.KEK[:], s, 4) && fill(row.Fingerprint[:], s, 6)
		if !ok {
			return fmt.Errorf("%w: a row of the key table", keyvault.ErrCorrupt)
		}
		r.AddRow(row)
		return nil
	})
	if err != nil {
		return explain(err)
	}
	return explain(db.each(`SELECT blind, owner FROM claims`, func(s *sqlite3.Stmt) error {
		var blind keyvault.Blind
		var owner uuid.UUID
		if !fill(blind[:], s, 0) || !fill(owner[:], s, 1) {
			return fmt.Errorf("%w: a row of the claim table", keyvault.ErrCorrupt)
		}
		r.AddClaim(blind, owner)
		return nil
	}))
}

// save makes a draft durable, all or nothing. Once a commit failed nobody knows what the disk holds, and
// nothing more is saved until the vault is opened again.
func (db *database) save(d *registry.Draft) error {
	if db.broken != nil || d.Empty() {
		return db.broken
	}
	if err := db.conn.Exec("BEGIN IMMEDIATE"); err != nil {
		return explain(err)
	}
	err := db.write(d)
	if err == nil {
		if err = db.conn.Exec("COMMIT"); err != nil {
			db.broken = fmt.Errorf("embedded: a commit failed, open the vault again: %w", err)
		}
	}
	if err != nil && !db.conn.GetAutocommit() {
		if rollback := db.conn.Exec("ROLLBACK"); rollback != nil && db.broken == nil {
			db.broken = rollback
		}
	}
	return explain(err)
}

func (db *database) write(d *registry.Draft) error {
	for id, row := range d.Rows { // deletions first: their owner and class may be taken again
		if row == nil {
			if err := run(db.dropKey, id[:]); err != nil {
				return err
			}
		}
	}
	for id, row := range d.Rows {
		if row == nil {
			continue
		}
		err := run(db.putKey, id[:], row.Owner[:], string(row.Class), string(row.State), row.KEK[:], int64(row.Epoch), row.Fingerprint[:], row.Wrapped)
		if err != nil {
			return err
		}
	}
	for claim, owner := range d.Claims {
		var err error
		if owner == uuid.Nil {
			err = run(db.dropClaim, claim[:])
		} else {
			err = run(db.putClaim, claim[:], owner[:])
		}
		if err != nil {
			return err
		}
	}
	if !d.Moved {
		return nil
	}
	return run(db.generations, int64(d.Generation()))
}

// wipe moves the log into the database, where deleted bytes are overwritten, and cuts it to nothing: only a
// truncated log holds no former page.
func (db *database) wipe() error {
	_, _, err := db.conn.WALCheckpoint("main", sqlite3.CHECKPOINT_TRUNCATE)
	return explain(err)
}

func (db *database) close() error {
	for _, s := range []*sqlite3.Stmt{db.putKey, db.dropKey, db.putClaim, db.dropClaim, db.generations} {
		s.Close()
	}
	return explain(db.conn.Close())
}

func (db *database) integer(sql string) (n int64, err error) {
	err = db.each(sql, func(s *sqlite3.Stmt) error {
		n = s.ColumnInt64(0)
		return nil
	})
	return n, err
}

func (db *database) each(sql string, row func(*sqlite3.Stmt) error) error {
	s, _, err := db.conn.Prepare(sql)
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

func fill(into []byte, s *sqlite3.Stmt, column int) bool {
	b := s.ColumnRawBlob(column)
	return len(b) == len(into) && copy(into, b) == len(b)
}

// class and state give one string to all rows that say the same.
func class(text string) keyvault.Class {
	for _, c := range []keyvault.Class{
		keyvault.Identity, keyvault.Record, keyvault.Candidate, keyvault.Sanction,
		keyvault.Subject, keyvault.Consultation, keyvault.Staff, keyvault.Session,
	} {
		if text == string(c) {
			return c
		}
	}
	return keyvault.Class(text)
}

func state(text string) keyvault.State {
	for _, s := range []keyvault.State{keyvault.Active, keyvault.Archived, keyvault.Held, keyvault.Fenced, keyvault.Shredded} {
		if text == string(s) {
			return s
		}
	}
	return keyvault.State(text)
}

// explain gives the errors of SQLite the names of ours.
func explain(err error) error {
	switch {
	case errors.Is(err, sqlite3.BUSY), errors.Is(err, sqlite3.LOCKED):
		return ErrInUse
	case errors.Is(err, sqlite3.CORRUPT), errors.Is(err, sqlite3.NOTADB):
		return fmt.Errorf("%w: %w", keyvault.ErrCorrupt, err)
	}
	return err
}
