package keyfiles

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"livret/eventstore/keyvault"
)

// Destructions is the register of what was destroyed: fingerprints of keys and names of wrapping keys, which say
// nothing of anybody. It stands in a file of its own beside the database, written before each destruction, because it
// has to outlive the database: a copy from an older day brings back what was destroyed since, and only the register
// knows. Its newest copy is to be kept apart from the backups.
type Destructions struct {
	Keys map[keyvault.Fingerprint]bool
	KEKs map[keyvault.KEKRef]bool
}

// ReadDestructions reads a register. There is none in a vault that destroyed nothing: that is an empty one. A last
// line that a crash cut is left out: what it was to announce did not happen.
func ReadDestructions(path string) (Destructions, error) {
	d := Destructions{Keys: make(map[keyvault.Fingerprint]bool), KEKs: make(map[keyvault.KEKRef]bool)}
	b, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return d, err
	}
	whole := b[:bytes.LastIndexByte(b, '\n')+1]
	for line := range strings.Lines(string(whole)) {
		var key keyvault.Fingerprint
		var kek keyvault.KEKRef
		switch line = strings.TrimSuffix(line, "\n"); {
		case hexLine(line, "key ", key[:]):
			d.Keys[key] = true
		case hexLine(line, "kek ", kek[:]):
			d.KEKs[kek] = true
		default:
			return d, fmt.Errorf("%w: register of destructions %s: %q", keyvault.ErrCorrupt, filepath.Base(path), line)
		}
	}
	return d, nil
}

// hexLine reads a line of a word and the hexadecimal digits of some bytes, in its only form.
func hexLine(line, word string, into []byte) bool {
	digits, ok := strings.CutPrefix(line, word)
	if !ok || len(digits) != 2*len(into) || strings.ToLower(digits) != digits {
		return false
	}
	_, err := hex.Decode(into, []byte(digits))
	return err == nil
}

func destroyedKey(f keyvault.Fingerprint) string { return fmt.Sprintf("key %x\n", f) }
func destroyedKEK(ref keyvault.KEKRef) string    { return fmt.Sprintf("kek %x\n", ref) }

// DestroyedKeys are the lines that announce the end of keys.
func DestroyedKeys(fingerprints []keyvault.Fingerprint) []string {
	lines := make([]string, len(fingerprints))
	for i, f := range fingerprints {
		lines[i] = destroyedKey(f)
	}
	return lines
}

// Register is the file that is written on.
type Register struct{ file *os.File }

// OpenRegister opens the register, without the last line if a crash cut it.
func OpenRegister(path string) (Register, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return Register{}, err
	}
	b, err := io.ReadAll(file)
	whole := int64(bytes.LastIndexByte(b, '\n') + 1)
	if err == nil {
		err = file.Truncate(whole)
	}
	if err == nil {
		_, err = file.Seek(whole, io.SeekStart)
	}
	if err := errors.Join(err, SyncFolder(filepath.Dir(path))); err != nil {
		return Register{}, errors.Join(err, file.Close())
	}
	return Register{file}, nil
}

// Add adds lines, durable before it answers.
func (r Register) Add(lines ...string) error {
	if len(lines) == 0 {
		return nil
	}
	_, err := r.file.WriteString(strings.Join(lines, ""))
	return errors.Join(err, r.file.Sync())
}

// Close closes the file.
func (r Register) Close() error { return r.file.Close() }

// MergeDestructions adds to a register what another one knows.
func MergeDestructions(into, from string) error {
	if _, err := os.Stat(from); err != nil {
		return err // an empty register is no register: who names one believes that it is there
	}
	had, err := ReadDestructions(into)
	if err != nil {
		return err
	}
	more, err := ReadDestructions(from)
	if err != nil {
		return err
	}
	r, err := OpenRegister(into)
	if err != nil {
		return err
	}
	var lines []string
	for key := range more.Keys {
		if !had.Keys[key] {
			lines = append(lines, destroyedKey(key))
		}
	}
	for kek := range more.KEKs {
		if !had.KEKs[kek] {
			lines = append(lines, destroyedKEK(kek))
		}
	}
	return errors.Join(r.Add(lines...), r.file.Close())
}
