package embedded

import (
	"fmt"

	"github.com/google/uuid"
	"github.com/ncruces/go-sqlite3"

	"livret/eventstore/keyvault"
	"livret/eventstore/keyvault/internal/registry"
	"livret/eventstore/keyvault/keyfiles"
)

// schemaVersion is the user_version of the database; that of before rows were sealed is still read.
const (
	schemaVersion = 2
	sealless      = 1
)

// The rows are kept in the order of their random ids, without row number: a file that told the order of
// births would tell which keys were born together, hence whose candidate number is whose. That an owner has one key of
// a class is for the registry to see to; an index would make every rotation twice as long.
const tables = `
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
	kek_ref     BLOB NOT NULL,  -- or that of the custody pair
	epoch       INTEGER NOT NULL,
	fingerprint BLOB NOT NULL,
	wrapped     BLOB,           -- NULL: shredded
	seal        BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE pairs (
	name   TEXT PRIMARY KEY,
	public BLOB NOT NULL,
	seal   BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE claims (
	blind BLOB PRIMARY KEY,
	owner BLOB NOT NULL
) STRICT, WITHOUT ROWID;
PRAGMA user_version = 2`

// database is the durable side of a vault. One goroutine at a time uses it.
type database struct {
	conn                *sqlite3.Conn
	version             int64         // of the schema
	begin               *sqlite3.Stmt // writes the row of the vault
	putKey, dropKey     *sqlite3.Stmt
	putClaim, dropClaim *sqlite3.Stmt
	putPair, dropPair   *sqlite3.Stmt
	generations         *sqlite3.Stmt
	broken              error // a commit failed: what is durable is not known
}

// openDatabase opens or makes the database and takes it for this process alone.
func openDatabase(path string) (*database, error) {
	if err := keyfiles.Touch(path); err != nil {
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
	switch db.version, err = db.integer("PRAGMA user_version"); {
	case err != nil:
		return err
	case db.version == 0:
		if err := db.conn.Exec("BEGIN IMMEDIATE; " + tables + "; COMMIT"); err != nil {
			return err
		}
		db.version = schemaVersion
	case db.version == sealless: // read, then written anew
		return nil
	case db.version != schemaVersion:
		return fmt.Errorf("embedded: vault has schema %d, this program knows %d", db.version, schemaVersion)
	}
	if err := db.prepareAll(); err != nil {
		return err
	}
	return db.wipe() // a crash may have come between a commit and its wiping
}

// statements are those that a vault writes with.
func (db *database) statements() map[string]**sqlite3.Stmt {
	return map[string]**sqlite3.Stmt{
		`INSERT INTO vault VALUES (1, ?1, ?2, ?3, ?4)`: &db.begin,
		`INSERT INTO keys VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
			ON CONFLICT (id) DO UPDATE SET state = ?4, kek_ref = ?5, epoch = ?6, wrapped = ?8, seal = ?9`: &db.putKey,
		`DELETE FROM keys WHERE id = ?1`:                &db.dropKey,
		`INSERT OR REPLACE INTO claims VALUES (?1, ?2)`: &db.putClaim,
		`DELETE FROM claims WHERE blind = ?1`:           &db.dropClaim,
		`INSERT INTO pairs VALUES (?1, ?2, ?3)`:         &db.putPair,
		`DELETE FROM pairs WHERE name = ?1`:             &db.dropPair,
		`UPDATE vault SET generation = ?1`:              &db.generations,
	}
}

func (db *database) prepareAll() (err error) {
	for sql, into := range db.statements() {
		if *into, _, err = db.conn.Prepare(sql); err != nil {
			return err
		}
	}
	return nil
}

// save makes a draft durable, all or nothing. Once a commit failed nobody knows what the disk holds, and
// nothing more is saved until the vault is opened again.
func (db *database) save(d *registry.Draft, secret keyvault.Secret) error {
	if db.broken != nil || d.Empty() {
		return db.broken
	}
	if err := db.conn.Exec("BEGIN IMMEDIATE"); err != nil {
		return explain(err)
	}
	err := db.write(d, secret)
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

func (db *database) write(d *registry.Draft, secret keyvault.Secret) error {
	for id, row := range d.Rows { // deletions first: their owner and class may be taken again
		if row == nil {
			if err := run(db.dropKey, id[:]); err != nil {
				return err
			}
		}
	}
	for _, row := range d.Rows {
		if row == nil {
			continue
		}
		if err := db.writeRow(row); err != nil {
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
	for name, pair := range d.Pairs {
		err := run(db.dropPair, name)
		if err == nil && pair != nil {
			err = db.writePair(pair, secret.SealPair(pair))
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

func (db *database) writeRow(row *registry.Row) error {
	return run(db.putKey, row.ID[:], row.Owner[:], string(row.Class), string(row.State), row.KEK[:], int64(row.Epoch), row.Fingerprint[:], row.Wrapped, row.Seal[:])
}

func (db *database) writePair(pair *keyvault.Pair, seal keyvault.Seal) error {
	return run(db.putPair, pair.Name, pair.Public(), seal[:])
}

// putVault writes the row of the vault: what wraps its keys, and its secret.
func (db *database) putVault(generation int64, kek *keyvault.KEK, secret keyvault.Secret) error {
	return explain(run(db.begin, generation, kek.Ref[:], int64(kek.Epoch), kek.WrapSecret(secret)))
}

// wipe moves the log into the database, where deleted bytes are overwritten, and cuts it to nothing: only a
// truncated log holds no former page.
func (db *database) wipe() error {
	_, _, err := db.conn.WALCheckpoint("main", sqlite3.CHECKPOINT_TRUNCATE)
	return explain(err)
}

// dropLog moves the log into the database and removes it. The database stays locked.
func (db *database) dropLog() error {
	return explain(db.conn.Exec("PRAGMA journal_mode = DELETE"))
}

func (db *database) close() error {
	for _, s := range db.statements() {
		(*s).Close()
	}
	return explain(db.conn.Close())
}
