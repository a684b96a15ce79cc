package embedded

import (
	"context"
	"errors"
	"os"
	"path/filepath"
)

// Backup writes the whole store, as it is at one moment, into a file that must not exist yet, durable before it
// answers. Others read and append meanwhile. Every page is written clean: without secure_delete the copy would hold,
// between its rows, bytes of rows that were moved while it was made, and no later purge would find them.
func (s *Store) Backup(ctx context.Context, path string) error {
	err := s.readers.use(ctx, func(r *reader) error {
		if err := r.conn.Exec(`PRAGMA secure_delete = ON`); err != nil {
			return err
		}
		into, _, err := r.conn.Prepare(`VACUUM INTO ?1`)
		if err != nil {
			return err
		}
		return errors.Join(run(into, path), into.Close())
	})
	if err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	if err := errors.Join(file.Chmod(0o600), file.Sync(), file.Close()); err != nil {
		return err
	}
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	folder.Sync() // not every system can
	return folder.Close()
}
