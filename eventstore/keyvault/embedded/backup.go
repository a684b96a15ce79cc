package embedded

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"livret/eventstore/keyvault/keyfiles"
)

// Backup writes the vault as it is at one moment: the database and the register of destructions into one folder, the
// wrapping key in use into another, because they are to be kept apart. Nothing is written meanwhile.
func (v *Vault) Backup(ctx context.Context, keys, keks string) error {
	return v.alone(ctx, func() error {
		path := filepath.Join(keys, DatabaseFile)
		into, _, err := v.db.conn.Prepare(`VACUUM INTO ?1`)
		if err != nil {
			return err
		}
		if err := errors.Join(run(into, path), into.Close()); err != nil {
			return explain(err)
		}
		err = errors.Join(os.Chmod(path, 0o600), keyfiles.SyncFile(path),
			copyFile(filepath.Join(v.dir, DestructionsFile), filepath.Join(keys, DestructionsFile)))
		if err != nil {
			return err
		}
		all, err := keyfiles.Read(v.keks)
		if err != nil {
			return err
		}
		for _, w := range all {
			if w.KEK != nil && w.Epoch.Ref == v.epoch.Ref {
				return errors.Join(copyFile(w.Path, filepath.Join(keks, filepath.Base(w.Path))), keyfiles.SyncFolder(keys), keyfiles.SyncFolder(keks))
			}
		}
		return fs.ErrNotExist
	})
}

func copyFile(from, to string) error {
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	defer clear(content)
	if err := os.WriteFile(to, content, 0o600); err != nil {
		return err
	}
	return keyfiles.SyncFile(to)
}
