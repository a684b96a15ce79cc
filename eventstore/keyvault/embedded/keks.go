package embedded

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

// wrapping is a wrapping key and the file that holds it.
type wrapping struct {
	kek   *keyvault.KEK // nil: the file is damaged, or a crash cut its writing
	epoch keyvault.Epoch
	path  string
}

// readKEKs reads the wrapping keys of a folder, oldest first. Damaged files are among them: they are destroyed in
// their time like the others.
func readKEKs(dir string) ([]wrapping, error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var all []wrapping
	for _, entry := range entries {
		w, err := readKEK(filepath.Join(dir, entry.Name()))
		if err != nil {
			return nil, err
		}
		all = append(all, w)
	}
	slices.SortFunc(all, func(a, b wrapping) int {
		return cmp.Or(cmp.Compare(a.epoch.Number, b.epoch.Number), a.epoch.Born.Compare(b.epoch.Born))
	})
	return all, nil
}

func readKEK(path string) (wrapping, error) {
	w := wrapping{path: path}
	b, err := os.ReadFile(path)
	if err != nil {
		return w, err
	}
	defer clear(b)
	body := len(b) - kekSumSize
	if len(b) != kekFileSize || !bytes.Equal(kekSum(b[:body]), b[body:]) {
		info, err := os.Stat(path)
		if err == nil {
			w.epoch.Born = info.ModTime()
		}
		return w, err
	}
	w.epoch.Number = binary.BigEndian.Uint32(b[keyvault.KeySize:])
	w.epoch.Born = time.UnixMicro(int64(binary.BigEndian.Uint64(b[keyvault.KeySize+4:]))).UTC()
	raw := [keyvault.KeySize]byte(b)
	defer clear(raw[:])
	w.kek, err = keyvault.NewKEK(raw, w.epoch.Number)
	if err == nil {
		w.epoch.Ref = w.kek.Ref
	}
	return w, err
}

func kekSum(body []byte) []byte {
	sum := sha256.Sum256(append([]byte(kekLabel), body...))
	return sum[:kekSumSize]
}

// makeKEK makes the wrapping key of an epoch, durable before it answers: in a file that no other can have made,
// readable by its owner only.
func makeKEK(dir string, epoch uint32, born time.Time) (wrapping, error) {
	var raw [keyvault.KeySize]byte
	rand.Read(raw[:]) // never fails since Go 1.24
	return writeKEK(dir, raw, epoch, born)
}

func writeKEK(dir string, raw [keyvault.KeySize]byte, epoch uint32, born time.Time) (wrapping, error) {
	defer clear(raw[:])
	kek, err := keyvault.NewKEK(raw, epoch)
	if err != nil {
		return wrapping{}, err
	}
	if err := makeFolder(dir); err != nil {
		return wrapping{}, err
	}
	body := binary.BigEndian.AppendUint32(raw[:], epoch)
	body = binary.BigEndian.AppendUint64(body, uint64(born.UnixMicro()))
	body = append(body, kekSum(body)...)
	defer clear(body)
	path := filepath.Join(dir, fmt.Sprintf("%06d-%x", epoch, kek.Ref))
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return wrapping{}, err
	}
	_, err = file.Write(body)
	err = errors.Join(err, file.Sync(), file.Close(), syncFolder(dir))
	return wrapping{kek, keyvault.Epoch{Number: epoch, Ref: kek.Ref, Born: born.UTC().Truncate(time.Microsecond)}, path}, err
}

// expired lists the wrapping keys that have wrapped nothing for as long as the window: since the birth of the next
// one, or since their own if a crash kept them from wrapping anything.
func expired(all []wrapping, now keyvault.KEKRef, at time.Time, window time.Duration) []wrapping {
	var gone []wrapping
	for i, w := range all {
		if w.kek != nil && w.epoch.Ref == now {
			continue
		}
		retired := w.epoch.Born
		for _, later := range all[i+1:] {
			if later.kek != nil && later.epoch.Number > w.epoch.Number {
				retired = later.epoch.Born
				break
			}
		}
		if at.Sub(retired) >= window {
			gone = append(gone, w)
		}
	}
	return gone
}

// destroyFile overwrites a file, makes that durable, and takes its name away.
func destroyFile(path string) error {
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
	return errors.Join(os.Remove(path), syncFolder(filepath.Dir(path)))
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
