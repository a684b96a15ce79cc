package commandline

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"hash/crc32"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ncruces/go-sqlite3"

	"livret/cmd/livret/instance"
	"livret/eventstore"
	"livret/eventstore/keyvault"
	keys "livret/eventstore/keyvault/embedded"
)

// folder is a data folder, in the hands of who knows its format: docs/format.md, and the rows of its SQLite files.
type folder struct {
	t      *testing.T
	binary string
	dir    string
}

func (f folder) file(name string) string { return filepath.Join(f.dir, filepath.FromSlash(name)) }

// copy is another folder with the same files.
func (f folder) copy(t *testing.T) folder {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "data")
	if err := os.CopyFS(dir, os.DirFS(f.dir)); err != nil {
		t.Fatal(err)
	}
	return folder{t, f.binary, dir}
}

// edit changes a file.
func (f folder) edit(name string, change func([]byte) []byte) {
	f.t.Helper()
	content, err := os.ReadFile(f.file(name))
	if err == nil {
		err = os.WriteFile(f.file(name), change(content), 0o600)
	}
	if err != nil {
		f.t.Fatal(err)
	}
}

// flip changes the n-th byte from the end.
func flip(n int) func([]byte) []byte {
	return func(b []byte) []byte { b[len(b)-n] ^= 4; return b }
}

func (f folder) remove(names ...string) {
	f.t.Helper()
	for _, name := range names {
		if err := os.RemoveAll(f.file(name)); err != nil {
			f.t.Fatal(err)
		}
	}
}

// take copies files of another folder.
func (f folder) take(from folder, names ...string) {
	f.t.Helper()
	for _, name := range names {
		content, err := os.ReadFile(from.file(name))
		if err == nil {
			err = os.WriteFile(f.file(name), content, 0o600)
		}
		if err != nil {
			f.t.Fatal(err)
		}
	}
}

// livret runs a verb on the folder, which is to succeed.
func (f folder) livret(args ...string) string {
	f.t.Helper()
	return string(mustRun(f.t, f.binary, append(args, "--data", f.dir, "--quiet")...))
}

// check is what «livret check» finds, which exits with 3 if it finds anything.
func (f folder) check(flags ...string) instance.Audited {
	f.t.Helper()
	cmd := exec.Command(f.binary, append([]string{"check", "--json", "--quiet", "--data", f.dir}, flags...)...)
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		f.t.Fatal(err)
	}
	var found instance.Audited
	if err := json.Unmarshal(out, &found); err != nil {
		f.t.Fatalf("%v: %s%s", err, out, said.String())
	}
	if code := cmd.ProcessState.ExitCode(); code != 0 && code != 3 || (code == 0) != found.Sound || found.Sound != (len(found.Faults) == 0) {
		f.t.Errorf("exit code %d, sound %t, %d faults: %s", code, found.Sound, len(found.Faults), said.String())
	}
	return found
}

func (f folder) sql(name string, statements ...string) {
	f.t.Helper()
	f.database(name, func(db *sqlite3.Conn) error {
		for _, s := range statements {
			if err := db.Exec(s); err != nil {
				return err
			}
		}
		return nil
	})
}

func (f folder) database(name string, do func(*sqlite3.Conn) error) {
	f.t.Helper()
	db, err := sqlite3.Open(f.file(name))
	if err == nil {
		err = errors.Join(do(db), db.Close())
	}
	if err != nil {
		f.t.Fatal(err)
	}
}

// events reads the log as it stands in its file.
func (f folder) events() []eventstore.Envelope {
	f.t.Helper()
	var all []eventstore.Envelope
	f.database("events.db", func(db *sqlite3.Conn) error {
		s, _, err := db.Prepare(`SELECT front, sealed FROM events ORDER BY number`)
		if err != nil {
			return err
		}
		defer s.Close()
		for s.Step() {
			var e eventstore.Envelope
			front := s.ColumnBlob(0, nil)
			front = front[:len(front)-12]
			if s.ColumnType(1) == sqlite3.NULL {
				copy(e.Digest[:], front[len(front)-32:])
				front = front[:len(front)-32]
			} else {
				e.Sealed = s.ColumnBlob(1, []byte{})
			}
			copy(e.Commit[:], front[len(front)-32:])
			if err := e.UnmarshalBinary(front[:len(front)-32]); err != nil {
				return err
			}
			all = append(all, e)
		}
		return s.Err()
	})
	return all
}

// rewrite makes a log of other events, with all that its file checks itself by.
func (f folder) rewrite(all []eventstore.Envelope) {
	f.t.Helper()
	castagnoli := crc32.MakeTable(crc32.Castagnoli)
	heads := make(map[eventstore.StreamID]uint64)
	f.database("events.db", func(db *sqlite3.Conn) error {
		if err := db.Exec(`BEGIN; DELETE FROM events; DELETE FROM heads; UPDATE snapshot SET number = 0`); err != nil {
			return err
		}
		s, _, err := db.Prepare(`INSERT INTO events VALUES (?1, ?2, ?3)`)
		if err != nil {
			return err
		}
		defer s.Close()
		for i := range all {
			e, number := &all[i], uint64(i+1)
			front, err := e.Header.AppendBinary(nil)
			if err != nil {
				return err
			}
			front = append(front, e.Commit[:]...)
			if e.Sealed == nil {
				front = append(front, e.Digest[:]...)
			}
			sum := crc32.Update(crc32.Checksum(front, castagnoli), castagnoli, e.Sealed)
			front = binary.BigEndian.AppendUint64(front, heads[e.Stream])
			place := binary.BigEndian.AppendUint64(slices.Clone(front[len(front)-8:]), number)
			front = binary.BigEndian.AppendUint32(front, crc32.Update(sum, castagnoli, place))
			heads[e.Stream] = number
			if err := errors.Join(s.BindInt64(1, int64(number)), s.BindBlob(2, front), s.BindBlob(3, e.Sealed), s.Exec(), s.Reset()); err != nil {
				return err
			}
		}
		return db.Exec(`COMMIT`)
	})
	f.remove("events.db-last")
}

// change changes one event, by its number from 1, and leaves its row sound.
func (f folder) change(n int, do func(*eventstore.Envelope)) {
	f.t.Helper()
	all := f.events()
	do(&all[n-1])
	f.rewrite(all)
}

// reseal gives an event other content, under its own key, as who has the keys can.
func (f folder) reseal(e eventstore.Envelope, do func(*eventstore.Header, *eventstore.Content)) (again eventstore.Envelope) {
	f.t.Helper()
	f.vault(func(v *keys.Vault) error {
		key, err := v.Open(f.t.Context(), e.Key)
		if err != nil {
			return err
		}
		defer key.Zero()
		content, err := keyvault.OpenEvent(key, &e)
		if err != nil {
			return err
		}
		header := e.Header
		do(&header, &content)
		again, err = keyvault.SealEvent(key, header, content)
		return err
	})
	return again
}

func (f folder) vault(do func(*keys.Vault) error) {
	f.t.Helper()
	v, err := keys.Open(f.file("keys"), keys.Options{})
	if err == nil {
		err = errors.Join(do(v), v.Close())
	}
	if err != nil {
		f.t.Fatal(err)
	}
}

// of finds the number of an event of a stream of a category, the nth from its first.
func of(all []eventstore.Envelope, category string, sequence eventstore.Version) int {
	return 1 + slices.IndexFunc(all, func(e eventstore.Envelope) bool { return e.Stream.Category() == category && e.Sequence == sequence })
}
