// Package postgres is a vault in a PostgreSQL database of its own, for several instances at once. It holds no row in memory:
// each call brings the rows that it is about, so that a key fenced by one instance is fenced for all of them with the next
// call. Changes are made by one caller at a time, in one transaction each.
//
// Wrapping keys and the register of destructions are files, in a folder that all instances see and that is never on the
// server of the database: whoever has a copy of the database, its log or its backups opens nothing without them. PostgreSQL
// keeps what was deleted, in its tables until they are rewritten and in its log for longer: a key is destroyed for good
// once the wrapping key of its epoch is, a window after the next rotation.
//
// Two roles of the server share the work: livret_service makes keys and reads them wrapped; livret_custody moves them,
// renews what wraps them, and destroys. What the role of a connection may not do fails with keyvault.ErrForbidden.
package postgres

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"livret/eventstore/keyvault"
	"livret/eventstore/keyvault/internal/registry"
	"livret/eventstore/keyvault/keyfiles"
	"livret/eventstore/pgschema"
)

//go:embed migrations/*.sql
var migrations embed.FS

const schema = "livret_keys"

// The files of a vault's folder.
const (
	KEKFolder        = "keks" // one file for each wrapping key that is not destroyed yet
	DestructionsFile = "destructions"
)

// Vault is a keyvault.Vault in a database.
type Vault struct {
	*registry.Port

	pool    *pgxpool.Pool
	dir     string
	options Options
	secret  keyvault.Secret
	dead    map[keyvault.Fingerprint]bool // as the register said when the vault was opened
	closed  atomic.Bool

	mu  sync.Mutex
	now keyfiles.Wrapping // the last one that was seen to wrap new keys
}

var _ keyvault.Custodian = (*Vault)(nil)

// Options of opening.
type Options struct {
	Now    func() time.Time // dates the first wrapping key; nil: the machine's clock
	Window time.Duration    // how long a wrapping key outlives its use; zero: keyvault.Window
}

// Migrate brings a database to the schema of this program. It needs a role that may make schemas in the database, and
// roles in the server; several instances may do it at the same time.
func Migrate(ctx context.Context, dsn string) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	return pgschema.Bring(ctx, dsn, schema, files)
}

// Open opens the vault in the database of a connection string, as pgx reads it, with the wrapping keys of a folder. The
// first to open it begins it, in the role of custody. It fails with keyvault.ErrLocked when the wrapping key that the
// database names is not in the folder, and with keyvault.ErrCorrupt when what the vault says of itself is damaged. A key that
// the register of destructions knows does not open, even if the database does not know that it is dead.
func Open(ctx context.Context, dsn, dir string, o Options) (*Vault, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Window == 0 {
		o.Window = keyvault.Window
	}
	pool, err := pgschema.Pool(ctx, dsn, "livret keys")
	if err != nil {
		return nil, err
	}
	if err := keyfiles.MakeFolder(dir); err != nil {
		pool.Close()
		return nil, err
	}
	v := &Vault{pool: pool, dir: dir, options: o}
	if err := v.unlock(ctx); err != nil {
		pool.Close()
		return nil, explain(err)
	}
	v.Port = registry.NewPort(v, v.secret, v.view, v.change)
	return v, nil
}

// self is the row of the vault.
type self struct {
	generation int64
	ref        []byte
	epoch      int64
	secret     []byte
}

func (v *Vault) self(ctx context.Context, from querier) (s self, err error) {
	err = from.QueryRow(ctx, "SELECT generation, kek_ref, epoch, secret FROM livret_keys.vault").Scan(&s.generation, &s.ref, &s.epoch, &s.secret)
	return s, err
}

// unlock opens the vault's secret, or begins the vault if there is none.
func (v *Vault) unlock(ctx context.Context) error {
	known, err := keyfiles.ReadDestructions(filepath.Join(v.dir, DestructionsFile))
	if err != nil {
		return err
	}
	v.dead = known.Keys
	s, err := v.self(ctx, v.pool)
	if errors.Is(err, pgx.ErrNoRows) {
		if err = v.alone(ctx, func(tx pgx.Tx) error { return v.found(ctx, tx) }); err == nil {
			s, err = v.self(ctx, v.pool)
		}
	}
	if err != nil {
		return err
	}
	v.now, v.secret, err = keyfiles.Unlock(v.keks(), keyvault.KEKRef(s.ref), s.epoch, s.secret)
	return err
}

// found begins a vault in an empty database, unless somebody else just did.
func (v *Vault) found(ctx context.Context, tx pgx.Tx) error {
	var vaults, rows int
	err := tx.QueryRow(ctx, "SELECT (SELECT count(*) FROM livret_keys.vault), (SELECT count(*) FROM livret_keys.keys) + (SELECT count(*) FROM livret_keys.claims)").Scan(&vaults, &rows)
	switch {
	case err != nil || vaults != 0:
		return err
	case rows != 0:
		return fmt.Errorf("%w: there are keys, and nothing says what wrapped them", keyvault.ErrCorrupt)
	}
	first, err := keyfiles.Make(v.keks(), 1, v.options.Now())
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, "INSERT INTO livret_keys.vault (generation, kek_ref, epoch, secret) VALUES (0, $1, $2, $3)",
		first.KEK.Ref[:], int64(first.KEK.Epoch), first.KEK.WrapSecret(registry.Draw()))
	return err
}

func (v *Vault) keks() string { return filepath.Join(v.dir, KEKFolder) }

// kek is the wrapping key that the database names: the one at hand, or one that another instance made since.
func (v *Vault) kek(ref []byte, epoch int64) (keyfiles.Wrapping, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if string(v.now.Epoch.Ref[:]) != string(ref) {
		all, err := keyfiles.Read(v.keks())
		if err != nil {
			return keyfiles.Wrapping{}, err
		}
		found := false
		for _, w := range all {
			if w.KEK != nil && string(w.Epoch.Ref[:]) == string(ref) {
				v.now, found = w, true
			}
		}
		if !found {
			return keyfiles.Wrapping{}, fmt.Errorf("%w: epoch %d, %x", keyvault.ErrLocked, epoch, ref)
		}
	}
	if int64(v.now.Epoch.Number) != epoch {
		return keyfiles.Wrapping{}, fmt.Errorf("%w: the row of the vault", keyvault.ErrCorrupt)
	}
	return v.now, nil
}

// Close implements keyvault.Vault. It waits for the calls under way.
func (v *Vault) Close() error {
	if !v.closed.Swap(true) {
		v.pool.Close()
	}
	return nil
}

// lock is the advisory lock of who changes the vault: "livret" in ASCII, and a number after it.
const lock = 0x6c697672657401

// alone does something in a transaction while no instance changes the vault.
func (v *Vault) alone(ctx context.Context, do func(pgx.Tx) error) error {
	if v.closed.Load() {
		return keyvault.ErrClosed
	}
	err := pgx.BeginFunc(ctx, v.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", int64(lock)); err != nil {
			return err
		}
		return do(tx)
	})
	if err != nil && v.closed.Load() {
		return keyvault.ErrClosed
	}
	return explain(err)
}

// insufficientPrivilege is what PostgreSQL answers to a role that may not.
const insufficientPrivilege = "42501"

// explain gives the errors of PostgreSQL the names of ours.
func explain(err error) error {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok && pg.Code == insufficientPrivilege {
		return fmt.Errorf("%w: %w", keyvault.ErrForbidden, err)
	}
	return err
}
