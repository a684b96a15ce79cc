package embedded

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/ncruces/go-sqlite3"
)

// schemaVersion is the user_version of the database. Another one is not migrated: views are rebuilt.
const schemaVersion = 1

// busy is how long a connection waits for another process.
const busy = 10 * time.Second

// Rows are numbered at random: a file that told the order of writing would tell which rows were written
// together, hence whose candidate number is whose. A row is found by an index of small cells; in a table
// without row numbers, SQLite would read each row it compares whole.
const schema = `
CREATE TABLE views (
	id     INTEGER PRIMARY KEY,
	name   TEXT NOT NULL UNIQUE,
	cursor BLOB NOT NULL
) STRICT;
CREATE TABLE rows (
	id      INTEGER PRIMARY KEY, -- random
	view    INTEGER NOT NULL,
	stream  TEXT NOT NULL,
	version INTEGER NOT NULL,
	parked  INTEGER NOT NULL,
	key     BLOB NOT NULL,
	labels  BLOB NOT NULL, -- keyed hashes, each preceded by its length
	sealed  BLOB,          -- NULL: purged
	UNIQUE (view, stream)
) STRICT;
CREATE INDEX rows_by_key ON rows (key);
CREATE TABLE labels (
	view   INTEGER NOT NULL,
	label  BLOB NOT NULL,
	stream TEXT NOT NULL,
	PRIMARY KEY (view, label, stream)
) STRICT, WITHOUT ROWID;
PRAGMA user_version = 1`

// conn is one connection with its prepared statements. One goroutine at a time uses it.
type conn struct {
	*sqlite3.Conn
	prepared map[string]*sqlite3.Stmt
}

// connect opens the database, which must exist. A view can be rebuilt, so a commit need not wait for the
// disk: after a power cut the cursor and the rows are those of an earlier commit, together.
func connect(path string) (*conn, error) {
	c, err := sqlite3.OpenFlags(path, sqlite3.OPEN_READWRITE)
	if err != nil {
		return nil, explain(err)
	}
	err = c.Exec(`
		PRAGMA journal_mode = WAL;
		PRAGMA synchronous = NORMAL;
		PRAGMA secure_delete = ON;
		PRAGMA cache_size = -16384;
		PRAGMA trusted_schema = OFF`)
	if err == nil {
		err = c.BusyTimeout(busy)
	}
	if err != nil {
		return nil, errors.Join(explain(err), c.Close())
	}
	return &conn{Conn: c, prepared: make(map[string]*sqlite3.Stmt)}, nil
}

// prepare makes the tables of a new database, and empties one of another version.
func prepare(path string) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	c, err := sqlite3.OpenFlags(path, sqlite3.OPEN_READWRITE)
	if err != nil {
		return explain(err)
	}
	defer c.Close()
	if err := c.Exec("PRAGMA journal_mode = WAL; PRAGMA secure_delete = ON"); err != nil {
		return explain(err)
	}
	if err := c.BusyTimeout(busy); err != nil {
		return explain(err)
	}
	if err := c.Exec("BEGIN IMMEDIATE"); err != nil {
		return explain(err)
	}
	var version int
	s, _, err := c.Prepare("PRAGMA user_version")
	if err == nil {
		s.Step()
		version = s.ColumnInt(0)
		err = s.Close()
	}
	if err == nil && version != schemaVersion {
		err = c.Exec("DROP TABLE IF EXISTS views; DROP TABLE IF EXISTS rows; DROP TABLE IF EXISTS labels; " + schema)
	}
	if err != nil {
		return explain(err)
	}
	return explain(c.Exec("COMMIT"))
}

// run executes a statement once, handing each row of its answer to each, which may be nil.
func (c *conn) run(sql string, each func(*sqlite3.Stmt) error, args ...any) (err error) {
	s := c.prepared[sql]
	if s == nil {
		if s, _, err = c.Prepare(sql); err != nil {
			return err
		}
		c.prepared[sql] = s
	}
	defer func() { err = errors.Join(err, s.Reset(), s.ClearBindings()) }()
	for i, arg := range args {
		switch v := arg.(type) {
		case int64:
			err = s.BindInt64(i+1, v)
		case string:
			err = s.BindText(i+1, v)
		case []byte:
			if v == nil {
				err = s.BindNull(i + 1)
			} else {
				err = s.BindBlob(i+1, v)
			}
		default:
			panic("embedded: no such column")
		}
		if err != nil {
			return err
		}
	}
	for s.Step() {
		if each == nil {
			continue
		}
		if err := each(s); err != nil {
			return err
		}
	}
	return s.Err()
}

// transaction runs do in one transaction, or leaves everything as it was.
func (c *conn) transaction(begin string, do func() error) error {
	if err := c.Exec(begin); err != nil {
		return err
	}
	err := do()
	if err == nil {
		err = c.Exec("COMMIT")
	}
	if err != nil && !c.GetAutocommit() {
		err = errors.Join(err, c.rollback())
	}
	return err
}

// rollback is not stopped by the context that stopped the transaction.
func (c *conn) rollback() error {
	defer c.SetInterrupt(c.SetInterrupt(context.Background()))
	return c.Exec("ROLLBACK")
}

func (c *conn) close() error {
	var err error
	for _, s := range c.prepared {
		err = errors.Join(err, s.Close())
	}
	return explain(errors.Join(err, c.Close()))
}

// explain keeps the statement and its values out of the error.
func explain(err error) error {
	if err == nil {
		return nil
	}
	var failed *sqlite3.Error
	if errors.As(err, &failed) {
		return fmt.Errorf("embedded: view database: %w", failed.ExtendedCode())
	}
	return err
}
