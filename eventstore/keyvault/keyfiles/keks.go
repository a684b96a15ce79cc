// Package keyfiles is what a vault keeps out of its database: its wrapping keys, in a folder, so that a copy of the
// database opens nothing; and the register of what was destroyed, so that a database restored from an older day brings
// nothing back.
package keyfiles

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"livret/eventstore/keyvault"
)

const (
	kekLabel    = "livret/kekfile/v1"
	kekSumSize  = 8
	kekFileSize = keyvault.KeySize + 4 + 8 + kekSumSize // key, epoch, birth in microseconds, checksum
)

// Wrapping is a wrapping key and the file that holds it.
type Wrapping struct {
	KEK   *keyvault.KEK // nil: the file is damaged, or a crash cut its writing
	Epoch keyvault.Epoch
	Path  string
}

// Read reads the wrapping keys of a folder, oldest first. Damaged files are among them: they are destroyed in
// their time like the others.
func Read(dir string) ([]Wrapping, error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var all []Wrapping
	for _, entry := range entries {
		w, err := readOne(filepath.Join(dir, entry.Name()))
		if errors.Is(err, fs.ErrNotExist) {
			continue // destroyed meanwhile
		}
		if err != nil {
			return nil, err
		}
		all = append(all, w)
	}
	slices.SortFunc(all, func(a, b Wrapping) int {
		return cmp.Or(cmp.Compare(a.Epoch.Number, b.Epoch.Number), a.Epoch.Born.Compare(b.Epoch.Born))
	})
	return all, nil
}

func readOne(path string) (Wrapping, error) {
	w := Wrapping{Path: path}
	b, err := os.ReadFile(path)
	if err != nil {
		return w, err
	}
	defer clear(b)
	body := len(b) - kekSumSize
	if len(b) != kekFileSize || !bytes.Equal(kekSum(b[:body]), b[body:]) {
		info, err := os.Stat(path)
		if err == nil {
			w.Epoch.Born = info.ModTime()
		}
		return w, err
	}
	w.Epoch.Number = binary.BigEndian.Uint32(b[keyvault.KeySize:])
	w.Epoch.Born = time.UnixMicro(int64(binary.BigEndian.Uint64(b[keyvault.KeySize+4:]))).UTC()
	raw := [keyvault.KeySize]byte(b)
	defer clear(raw[:])
	w.KEK, err = keyvault.NewKEK(raw, w.Epoch.Number)
	if err == nil {
		w.Epoch.Ref = w.KEK.Ref
	}
	return w, err
}

// Unlock finds the wrapping key that a database names and opens the secret of the vault with it. It fails with
// keyvault.ErrLocked when it is not in the folder, and with keyvault.ErrCorrupt when it is and the rest does not agree.
func Unlock(dir string, ref keyvault.KEKRef, epoch int64, wrapped []byte) (Wrapping, keyvault.Secret, error) {
	var none keyvault.Secret
	all, err := Read(dir)
	if err != nil {
		return Wrapping{}, none, fmt.Errorf("%w: %w", keyvault.ErrLocked, err)
	}
	for _, w := range all {
		if w.KEK == nil {
			continue
		}
		secret, err := w.KEK.UnwrapSecret(wrapped)
		switch named := w.KEK.Ref == ref; {
		case !named && err != nil:
			continue // of another epoch
		case !named, err != nil, int64(w.Epoch.Number) != epoch: // the name or the secret was damaged: the other one says that the key is right
			return Wrapping{}, none, fmt.Errorf("%w: the row of the vault", keyvault.ErrCorrupt)
		}
		return w, secret, nil
	}
	return Wrapping{}, none, fmt.Errorf("%w: epoch %d, %x", keyvault.ErrLocked, epoch, ref)
}

func kekSum(body []byte) []byte {
	sum := sha256.Sum256(append([]byte(kekLabel), body...))
	return sum[:kekSumSize]
}

// Make makes the wrapping key of an epoch, durable before it answers: in a file that no other can have made,
// readable by its owner only.
func Make(dir string, epoch uint32, born time.Time) (Wrapping, error) {
	var raw [keyvault.KeySize]byte
	rand.Read(raw[:]) // never fails since Go 1.24
	return Write(dir, raw, epoch, born)
}

// Write writes a wrapping key that is there already, as Make does.
func Write(dir string, raw [keyvault.KeySize]byte, epoch uint32, born time.Time) (Wrapping, error) {
	defer clear(raw[:])
	kek, err := keyvault.NewKEK(raw, epoch)
	if err != nil {
		return Wrapping{}, err
	}
	if err := MakeFolder(dir); err != nil {
		return Wrapping{}, err
	}
	body := binary.BigEndian.AppendUint32(raw[:], epoch)
	body = binary.BigEndian.AppendUint64(body, uint64(born.UnixMicro()))
	body = append(body, kekSum(body)...)
	defer clear(body)
	path := filepath.Join(dir, fmt.Sprintf("%06d-%x", epoch, kek.Ref))
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return Wrapping{}, err
	}
	_, err = file.Write(body)
	err = errors.Join(err, file.Sync(), file.Close(), SyncFolder(dir))
	return Wrapping{kek, keyvault.Epoch{Number: epoch, Ref: kek.Ref, Born: born.UTC().Truncate(time.Microsecond)}, path}, err
}

// expired lists the wrapping keys that have wrapped nothing for as long as the window: since the birth of the next
// one, or since their own if a crash kept them from wrapping anything.
func expired(all []Wrapping, now keyvault.KEKRef, at time.Time, window time.Duration) []Wrapping {
	var gone []Wrapping
	for i, w := range all {
		if w.KEK != nil && w.Epoch.Ref == now {
			continue
		}
		retired := w.Epoch.Born
		for _, later := range all[i+1:] {
			if later.KEK != nil && later.Epoch.Number > w.Epoch.Number {
				retired = later.Epoch.Born
				break
			}
		}
		if at.Sub(retired) >= window {
			gone = append(gone, w)
		}
	}
	return gone
}

// Destroy overwrites a file, makes that durable, and takes its name away.
func Destroy(path string) error {
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err == nil {
		_, err = file.Write(make([]byte, info.Size()))
	}
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	return errors.Join(os.Remove(path), SyncFolder(filepath.Dir(path)))
}

// Touch makes an empty file that only its owner may read, if there is none.
func Touch(path string) error {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(file.Close(), SyncFolder(filepath.Dir(path)))
}

// MakeFolder makes the folder if there is none, its name durable: what is acknowledged inside must be found.
func MakeFolder(dir string) error {
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return SyncFolder(filepath.Dir(dir))
}

// SyncFile makes the content of a file durable.
func SyncFile(path string) error {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}

// DestroyExpired destroys the wrapping keys that have wrapped nothing for longer than the window, each announced in the
// register first, and answers their epochs. In between it calls step, with which a test stops it.
func DestroyExpired(dir string, announce func(lines ...string) error, now keyvault.KEKRef, at time.Time, window time.Duration, step func(string) error) ([]keyvault.Epoch, error) {
	all, err := Read(dir)
	if err != nil {
		return nil, err
	}
	var destroyed []keyvault.Epoch
	for _, w := range expired(all, now, at, window) {
		if w.KEK != nil {
			if err := announce(destroyedKEK(w.Epoch.Ref)); err != nil {
				return destroyed, err
			}
			destroyed = append(destroyed, w.Epoch)
		}
		if err := step("recorded"); err != nil {
			return destroyed, err
		}
		if err := Destroy(w.Path); err != nil {
			return destroyed, err
		}
	}
	return destroyed, nil
}
