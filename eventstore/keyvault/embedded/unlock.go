package embedded

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/ncruces/go-sqlite3"

	"livret/eventstore/keyvault"
	"livret/eventstore/keyvault/internal/registry"
	"livret/eventstore/keyvault/keyfiles"
)

// unlock finds the wrapping key that the database names and opens the vault's secret with it. Only a database that
// never had a wrapping key may get one: were a lost one made anew, the vault would look whole and open nothing.
func (v *Vault) unlock() error {
	var row struct {
		ref            keyvault.KEKRef
		epoch          int64
		secret         []byte
		present, whole bool
	}
	err := v.db.each("SELECT kek_ref, epoch, secret FROM vault", func(s *sqlite3.Stmt) error {
		row.present, row.whole = true, fill(row.ref[:], s, 0)
		row.epoch, row.secret = s.ColumnInt64(1), s.ColumnBlob(2, nil)
		return nil
	})
	if err != nil {
		return explain(err)
	}
	if err := v.adoptSoleKEK(); err != nil {
		return err
	}
	if !row.present {
		return v.found()
	}
	now, secret, err := keyfiles.Unlock(v.keks, row.ref, row.epoch, row.secret)
	if errors.Is(err, keyvault.ErrLocked) && !row.whole {
		err = fmt.Errorf("%w: the row of the vault", keyvault.ErrCorrupt)
	}
	if err != nil {
		return err
	}
	v.r, v.epoch = registry.New(now.KEK, secret), now.Epoch
	return nil
}

// adoptSoleKEK gives the wrapping key of a vault from before epochs its place among those of epochs.
func (v *Vault) adoptSoleKEK() error {
	path := filepath.Join(v.dir, soleKEKFile)
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(b) != keyvault.KeySize {
		return nil
	}
	info, statErr := os.Stat(path)
	if err := errors.Join(err, statErr); err != nil {
		return err
	}
	defer clear(b)
	if _, err := keyfiles.Write(v.keks, [keyvault.KeySize]byte(b), 1, info.ModTime()); err != nil {
		return err
	}
	return keyfiles.Destroy(path)
}

// found begins a vault in an empty database.
func (v *Vault) found() error {
	rows, err := v.db.integer("SELECT (SELECT count(*) FROM keys) + (SELECT count(*) FROM claims)")
	if err != nil {
		return explain(err)
	}
	if rows != 0 {
		return fmt.Errorf("%w: there are keys, and nothing says what wrapped them", keyvault.ErrCorrupt)
	}
	first, err := keyfiles.Make(v.keks, 1, v.options.Now())
	if err != nil {
		return err
	}
	v.r, v.epoch = registry.New(first.KEK, registry.Draw()), first.Epoch
	return v.db.putVault(0, first.KEK, v.r.Secret())
}
