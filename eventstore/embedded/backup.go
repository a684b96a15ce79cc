package embedded

import (
	"context"
	"errors"
	"os"
	"path/filepath"
)

// Backup writes the whole store, as it is at one moment, into a file that must not exist yet, durable before it
// answers. Others read and append meanwhile.
func (s *Store) Backup(ctx context.Context, path string) error {
	err := s.readers.use(ctx, func(r *reader) error {
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
