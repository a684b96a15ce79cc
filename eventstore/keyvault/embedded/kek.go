package embedded

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/ncruces/go-sqlite3"

	"livret/eventstore/keyvault"
	"livret/eventstore/keyvault/internal/registry"
)

// unlock finds the wrapping key of the database in its file and opens the vault's secret with it. Only a
// database that never had a wrapping key may get one: were a lost one made anew, the vault would look whole
// and open nothing.
func unlock(db *database, path string) (*registry.Registry, error) {
	var row struct {
		ref     keyvault.KEKRef
		epoch   int64
		secret  []byte
		present bool
		whole   bool
	}
	err := db.each("SELECT kek_ref, epoch, secret FROM vault", func(s *sqlite3.Stmt) error {
		row.present, row.whole = true, fill(row.ref[:], s, 0)
		row.epoch, row.secret = s.ColumnInt64(1), s.ColumnBlob(2, nil)
		return nil
	})
	if err != nil {
		return nil, explain(err)
	}
	if !row.present {
		return found(db, path)
	}
	raw, err := readKEK(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", keyvault.ErrLocked, err)
	}
	defer clear(raw[:])
	kek, err := keyvault.NewKEK(raw, uint32(row.epoch))
	switch {
	case err != nil:
		return nil, err
	case !row.whole:
		return nil, fmt.Errorf("%w: the row of the vault", keyvault.ErrCorrupt)
	}
	secret, err := kek.UnwrapSecret(row.secret)
	switch named := kek.Ref == row.ref; {
	case !named && err != nil:
		return nil, fmt.Errorf("%w: %s is the wrapping key of another vault", keyvault.ErrLocked, KEKFile)
	case !named || err != nil: // the name or the secret was damaged: the other one says that the key is right
		return nil, fmt.Errorf("%w: the row of the vault", keyvault.ErrCorrupt)
	}
	return registry.New(kek, secret), nil
}

// found begins a vault in an empty database.
func found(db *database, path string) (*registry.Registry, error) {
	rows, err := db.integer("SELECT (SELECT count(*) FROM keys) + (SELECT count(*) FROM claims)")
	if err != nil {
		return nil, explain(err)
	}
	if rows != 0 {
		return nil, fmt.Errorf("%w: there are keys, and nothing says what wrapped them", keyvault.ErrCorrupt)
	}
	raw, err := readKEK(path)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, errShort) { // a crash may have cut its first writing
		raw, err = makeKEK(path)
	}
	if err != nil {
		return nil, err
	}
	defer clear(raw[:])
	kek, err := keyvault.NewKEK(raw, 1)
	if err != nil {
		return nil, err
	}
	secret := keyvault.Secret(registry.Draw())
	s, _, err := db.conn.Prepare("INSERT INTO vault VALUES (1, 0, ?1, ?2, ?3)")
	if err != nil {
		return nil, explain(err)
	}
	defer s.Close()
	if err := run(s, kek.Ref[:], int64(kek.Epoch), kek.WrapSecret(secret)); err != nil {
		return nil, explain(err)
	}
	return registry.New(kek, secret), nil
}

var (
	errShort = errors.New("embedded: the wrapping key's file holds less than 32 bytes")
	errLong  = errors.New("embedded: the wrapping key's file holds more than 32 bytes")
)

func readKEK(path string) (raw [keyvault.KeySize]byte, err error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return raw, err
	}
	defer clear(b)
	switch {
	case len(b) < len(raw):
		return raw, errShort
	case len(b) > len(raw):
		return raw, errLong
	}
	return [keyvault.KeySize]byte(b), nil
}

// makeKEK makes a wrapping key, durable before it answers: in a file that no other can have made, readable
// by its owner only.
func makeKEK(path string) (raw [keyvault.KeySize]byte, err error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return raw, err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return raw, err
	}
	rand.Read(raw[:])
	_, err = file.Write(raw[:])
	if err := errors.Join(err, file.Sync(), file.Close(), syncFolder(filepath.Dir(path))); err != nil {
		clear(raw[:])
		return raw, err
	}
	return raw, nil
}

// touch makes an empty file that only its owner may read, if there is none.
func touch(path string) error {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(file.Close(), syncFolder(filepath.Dir(path)))
}

// makeFolder makes the folder if there is none, its name durable: what is acknowledged inside must be found.
func makeFolder(dir string) error {
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(dir))
}
