// Package backup is the form of a backup: three sets, each a folder of its own, because each is kept by other hands.
// The log alone opens nothing, the keys open nothing without what wraps them, and that is destroyed in its time.
//
// A set says in set.json of which ledger and of which backup it is and which part; SHA256SUMS lists every file of
// it, in the form that sha256sum -c reads, and is written last: a set without it was never finished.
package backup

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Part is one of the three sets.
type Part string

// The sets, in the order in which they are written and restored. The keys come after the log, so that none is
// missing of what the log holds.
const (
	Log  Part = "log"
	Keys Part = "keys"
	KEKs Part = "keks"
)

// Parts lists them.
func Parts() []Part { return []Part{Log, Keys, KEKs} }

// Format is the version of the sets' form.
const Format = 1

const (
	setFile  = "set.json"
	sumsFile = "SHA256SUMS"
)

// Set is what a set says of itself.
type Set struct {
	Format int       `json:"format"`
	Part   Part      `json:"part"`
	Backup uuid.UUID `json:"backup"` // drawn for each backup
	Ledger uuid.UUID `json:"ledger"`
	Taken  time.Time `json:"taken"` // by the ledger's clock
}

// Errors of Open.
var (
	ErrIncomplete = errors.New("backup: a set or one of its files is missing")
	ErrAltered    = errors.New("backup: a file is not as it was written")
)

// Seal finishes a set: it writes what the set says of itself, then the digests of all its files.
func Seal(dir string, s Set) error {
	content, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	if err := write(filepath.Join(dir, setFile), string(content)+"\n"); err != nil {
		return err
	}
	var sums strings.Builder
	err = each(dir, func(name string) error {
		digest, err := digestOf(filepath.Join(dir, name))
		fmt.Fprintf(&sums, "%s  %s\n", digest, name)
		return err
	})
	if err != nil {
		return err
	}
	return write(filepath.Join(dir, sumsFile), sums.String())
}

// Open reads a set and checks every byte of it: no file may be missing, altered or added. It fails with ErrIncomplete
// or ErrAltered, and tells the file.
func Open(dir string) (Set, error) {
	var s Set
	listed, err := os.ReadFile(filepath.Join(dir, sumsFile))
	if err != nil {
		return s, fmt.Errorf("%w: %s", ErrIncomplete, filepath.Join(filepath.Base(dir), sumsFile))
	}
	want := make(map[string]string)
	for line := range strings.Lines(string(listed)) {
		digest, name, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
		if !ok || !filepath.IsLocal(name) {
			return s, fmt.Errorf("%w: %s", ErrAltered, sumsFile)
		}
		want[name] = digest
	}
	err = each(dir, func(name string) error {
		digest, err := digestOf(filepath.Join(dir, name))
		if err == nil && digest != want[name] {
			err = fmt.Errorf("%w: %s", ErrAltered, filepath.Join(filepath.Base(dir), name))
		}
		delete(want, name)
		return err
	})
	if err != nil {
		return s, err
	}
	for name := range want {
		return s, fmt.Errorf("%w: %s", ErrIncomplete, filepath.Join(filepath.Base(dir), name))
	}
	content, err := os.ReadFile(filepath.Join(dir, setFile))
	if err != nil {
		return s, fmt.Errorf("%w: %s", ErrIncomplete, setFile)
	}
	if err := json.Unmarshal(content, &s); err != nil || s.Format != Format {
		return s, fmt.Errorf("%w: %s", ErrAltered, setFile)
	}
	return s, nil
}

// Files copies the files of a set into a folder, durable before it answers: all but what the set says of itself.
func Files(from, to string) error {
	return each(from, func(name string) error {
		if name == setFile {
			return nil
		}
		return Copy(filepath.Join(from, name), filepath.Join(to, name))
	})
}

// Copy copies one file, for its owner only, durable before it answers.
func Copy(from, to string) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	target, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(target, source)
	return errors.Join(err, target.Sync(), target.Close())
}

// each does something with every file of a set but the list of digests, in the order of their names.
func each(dir string, do func(name string) error) error {
	return filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil || name == sumsFile {
			return err
		}
		return do(name)
	})
}

func digestOf(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	h := sha256.New()
	_, err = io.Copy(h, file)
	return hex.EncodeToString(h.Sum(nil)), err
}

func write(path, content string) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = file.WriteString(content)
	return errors.Join(err, file.Sync(), file.Close())
}
