package backup_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"livret/cmd/livret/backup"
)

func sealed(t *testing.T) (string, backup.Set) {
	t.Helper()
	dir := t.TempDir()
	for name, content := range map[string]string{"events.db": "log", "nomenclature/a.xml": "<a/>"} {
		if err := errors.Join(os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700), os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	set := backup.Set{Format: backup.Format, Part: backup.Log, Backup: uuid.New(), Ledger: uuid.New(), Taken: time.Date(2018, 9, 1, 3, 0, 0, 0, time.UTC)}
	if err := backup.Seal(dir, set); err != nil {
		t.Fatal(err)
	}
	return dir, set
}

func TestSetIsReadAsWritten(t *testing.T) {
	dir, set := sealed(t)
	if got, err := backup.Open(dir); err != nil || got != set {
		t.Fatalf("Open: %+v, %v", got, err)
	}
	to := filepath.Join(t.TempDir(), "data")
	if err := backup.Files(dir, to); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(filepath.Join(to, "nomenclature", "a.xml")); err != nil || string(b) != "<a/>" {
		t.Errorf("copied: %q, %v", b, err)
	}
	if names, _ := os.ReadDir(to); len(names) != 2 {
		t.Errorf("%d entries copied", len(names))
	}
}

func TestEveryByteOfASetCounts(t *testing.T) {
	damages := map[string]struct {
		damage func(dir string) error
		want   error
	}{
		"no digests":     {func(dir string) error { return os.Remove(filepath.Join(dir, "SHA256SUMS")) }, backup.ErrIncomplete},
		"a file missing": {func(dir string) error { return os.Remove(filepath.Join(dir, "events.db")) }, backup.ErrIncomplete},
		"a file added":   {func(dir string) error { return os.WriteFile(filepath.Join(dir, "more"), nil, 0o600) }, backup.ErrAltered},
		"a file altered": {func(dir string) error { return os.WriteFile(filepath.Join(dir, "events.db"), []byte("loh"), 0o600) }, backup.ErrAltered},
		"what it says of itself": {func(dir string) error {
			return edit(filepath.Join(dir, "set.json"), `"log"`, `"keys"`)
		}, backup.ErrAltered},
		"a digest": {func(dir string) error { return edit(filepath.Join(dir, "SHA256SUMS"), "  events.db", "0  events.db") }, backup.ErrAltered},
		"a file outside": {func(dir string) error {
			return edit(filepath.Join(dir, "SHA256SUMS"), "  events.db", "  ../events.db")
		}, backup.ErrAltered},
		"no set at all": {os.RemoveAll, backup.ErrIncomplete},
	}
	for name, c := range damages {
		dir, _ := sealed(t)
		if err := c.damage(dir); err != nil {
			t.Fatal(err)
		}
		if _, err := backup.Open(dir); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func edit(path, from, to string) error {
	b, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(b), from) {
		return errors.Join(err, errors.New("nothing to edit"))
	}
	return os.WriteFile(path, []byte(strings.Replace(string(b), from, to, 1)), 0o600)
}
