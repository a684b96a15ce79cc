package embedded

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/ncruces/go-sqlite3"

	"livret/eventstore/keyvault"
	"livret/eventstore/keyvault/internal/registry"
	"livret/eventstore/keyvault/keyfiles"
)

// Rotate implements keyvault.Custody. The order is: the new wrapping key's file; a whole new database beside the old
// one; its name exchanged for the old one's, which is the moment it has happened; then the end of wrapping keys
// whose time has come. A crash leaves at most a key that wrapped nothing and a database that nobody reads.
func (v *Vault) Rotate(ctx context.Context, at time.Time) (rotation keyvault.Rotation, err error) {
	err = v.alone(ctx, func() error {
		next, err := keyfiles.Make(v.keks, v.epoch.Number+1, at)
		if err != nil {
			return err
		}
		if err := v.replace(next); err != nil {
			return err
		}
		rotation.Began = next.Epoch
		rotation.Destroyed, err = keyfiles.DestroyExpired(v.keks, v.destructions.Add, v.epoch.Ref, at, v.options.Window, v.step)
		return err
	})
	return rotation, err
}

// replace puts a database whose keys are wrapped under another wrapping key in the place of the one that is open.
func (v *Vault) replace(next keyfiles.Wrapping) error {
	fresh := v.r.Rewrap(next.KEK)
	path := filepath.Join(v.dir, DatabaseFile)
	if err := v.writeFresh(path+freshSuffix, fresh); err != nil {
		return errors.Join(err, dropDatabase(path+freshSuffix))
	}
	if err := v.step("written"); err != nil {
		return err
	}
	// The log goes first, so that none of the old database stands beside the new one. The old file stays open, and
	// locked, until the new one is.
	if err := v.db.dropLog(); err != nil {
		v.db.broken = err
		return err
	}
	if err := v.step("log dropped"); err != nil {
		return err
	}
	if err := errors.Join(os.Rename(path+freshSuffix, path), keyfiles.SyncFolder(v.dir)); err != nil {
		v.db.broken = err
		return err
	}
	if err := v.step("renamed"); err != nil {
		return err
	}
	db, err := openDatabase(path)
	if err != nil {
		v.db.broken = err
		return err
	}
	old := v.db
	v.mu.Lock()
	v.db, v.epoch = db, next.Epoch
	v.r.Adopt(fresh)
	v.mu.Unlock()
	return old.close()
}

// writeFresh writes a whole database, durable before it answers. Every page is written clean: without secure_delete it
// would hold, between its rows, wraps that were moved while it was made, and no later destruction would find them.
func (v *Vault) writeFresh(path string, fresh *registry.Rewrapped) error {
	if err := errors.Join(dropDatabase(path), keyfiles.Touch(path)); err != nil {
		return err
	}
	conn, err := sqlite3.OpenFlags(path, sqlite3.OPEN_READWRITE)
	if err != nil {
		return err
	}
	db, secret := &database{conn: conn}, v.r.Secret()
	err = conn.Exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA secure_delete = ON; PRAGMA cache_size = -65536; BEGIN; " + tables)
	if err == nil {
		err = db.prepareAll()
	}
	if err == nil {
		err = db.putVault(int64(v.r.Generation()), fresh.KEK, secret)
	}
	for _, row := range fresh.Rows {
		if err == nil {
			err = db.writeRow(row)
		}
	}
	for claim, owner := range v.r.Claims() {
		if err == nil {
			err = run(db.putClaim, claim[:], owner[:])
		}
	}
	for _, pair := range v.r.Pairs() {
		if err == nil {
			err = db.writePair(pair, secret.SealPair(pair))
		}
	}
	if err == nil {
		err = conn.Exec("COMMIT")
	}
	if err := errors.Join(err, db.close()); err != nil {
		return err
	}
	return keyfiles.SyncFile(path)
}

// Status implements keyvault.Custody.
func (v *Vault) Status(ctx context.Context) (s keyvault.Status, err error) {
	err = v.view(ctx, registry.Scope{}, func(r *registry.Registry) error {
		s = r.Status()
		s.Now = v.epoch
		all, err := keyfiles.Read(v.keks)
		for _, w := range all {
			if w.KEK != nil {
				s.Epochs = append(s.Epochs, w.Epoch)
			}
		}
		return err
	})
	return s, err
}

// dropDatabase removes a database that a crash left unfinished.
func dropDatabase(path string) error {
	var failed []error
	for _, suffix := range []string{"", "-journal", "-wal"} {
		if err := os.Remove(path + suffix); !errors.Is(err, os.ErrNotExist) {
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}
