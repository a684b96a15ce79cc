package embedded_test

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ncruces/go-sqlite3"

	"livret/eventstore"
	"livret/eventstore/embedded"
	"livret/eventstore/storetest"
)

// filled makes a store of 300 events in ten streams and answers them.
func filled(t *testing.T, path string) (*embedded.Store, []eventstore.Envelope) {
	t.Helper()
	s := open(t, path)
	for i := range 10 {
		stream := eventstore.StreamID(fmt.Sprintf("record-%d", i))
		for first := eventstore.Version(1); first < 30; first += 3 {
			if _, err := s.Append(t.Context(), drafts(stream, first, 3)...); err != nil {
				t.Fatal(err)
			}
		}
	}
	return s, storetest.Audit(t, s)
}

// readAll answers what a file gives, up to an error.
func readAll(t *testing.T, path string) (all []eventstore.Envelope, err error) {
	t.Helper()
	s, err := embedded.Open(path)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	for e, err := range s.Read(t.Context(), eventstore.Position{}) {
		if err != nil {
			return all, err
		}
		all = append(all, e)
	}
	return all, nil
}

// TestFlippedByte flips one byte of the file. Either it stood for nothing, or reading stops with ErrCorrupt
// behind events that are as they were: nothing comes altered, and the end never comes early without a word.
func TestFlippedByte(t *testing.T) {
	dir := t.TempDir()
	s, want := filled(t, filepath.Join(dir, "events.db"))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	sound, err := os.ReadFile(filepath.Join(dir, "events.db"))
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	found := 0
	for i := range 150 {
		at := r.IntN(len(sound))
		if i < 100 {
			at = i // the file's header
		}
		path := filepath.Join(dir, "damaged.db")
		damaged := append([]byte(nil), sound...)
		damaged[at] ^= 1 << r.IntN(8)
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := readAll(t, path)
		if err != nil && !errors.Is(err, eventstore.ErrCorrupt) && at >= 100 { // the header has refusals of its own
			t.Errorf("byte %d: got error %v, want ErrCorrupt", at, err)
		}
		if err == nil && len(got) != len(want) {
			t.Fatalf("byte %d: %d of %d events and no error", at, len(got), len(want))
		}
		for j := range got {
			if got[j].Header != want[j].Header || string(got[j].Sealed) != string(want[j].Sealed) || got[j].Commit != want[j].Commit {
				t.Fatalf("byte %d: event %d is altered", at, j+1)
			}
		}
		if err != nil {
			found++
		}
		for _, suffix := range []string{"", "-wal", "-shm", "-last", "-lock"} {
			if err := os.Remove(path + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
				t.Fatal(err)
			}
		}
	}
	if found < 30 {
		t.Errorf("only %d of 150 damages were found", found)
	}
}

// TestMissingRow takes a row away, or moves it, behind the store's back.
func TestMissingRow(t *testing.T) {
	for sql, says := range map[string]string{
		"DELETE FROM events WHERE number = 50":                                                 "event 50: it is missing",
		"DELETE FROM events WHERE number > 290":                                                "events 291 to 300 were acknowledged and are missing",
		"UPDATE events SET sealed = zeroblob(300) WHERE number = 77":                           "event 77: its checksum is wrong",
		"UPDATE events SET sealed = NULL WHERE number = 78":                                    "event 78: its checksum is wrong",
		"DELETE FROM events WHERE number = 5; UPDATE events SET number = 5 WHERE number = 300": "",
	} {
		path := filepath.Join(t.TempDir(), "events.db")
		s, want := filled(t, path)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		tamper(t, path, sql)
		got, err := readAll(t, path)
		if !errors.Is(err, eventstore.ErrCorrupt) || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: got error %v after %d of %d events", sql, err, len(got), len(want))
		}
	}
}

func tamper(t *testing.T, path, sql string) {
	t.Helper()
	conn, err := sqlite3.Open(path)
	if err == nil {
		err = errors.Join(conn.Exec(sql), conn.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestLostEnd copies the files of a store that was just appended to, as a crash leaves them, and hurts
// SQLite's log, of which SQLite would silently drop what it cannot read.
func TestLostEnd(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.db")
	_, want := filled(t, path)
	for name, hurt := range map[string]func(log []byte) []byte{
		"sound":   func(log []byte) []byte { return log },
		"gone":    func([]byte) []byte { return nil },
		"cut":     func(log []byte) []byte { return log[:len(log)*2/3] },
		"flipped": func(log []byte) []byte { log[len(log)/2] ^= 4; return log },
	} {
		t.Run(name, func(t *testing.T) {
			copied := filepath.Join(t.TempDir(), "events.db")
			for _, suffix := range []string{"", "-wal", "-last"} {
				b, err := os.ReadFile(path + suffix)
				if err != nil {
					t.Fatal(err)
				}
				if suffix == "-wal" {
					b = hurt(b)
				}
				if err := os.WriteFile(copied+suffix, b, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			got, err := readAll(t, copied)
			if name == "sound" {
				if err != nil || len(got) != len(want) {
					t.Fatalf("%d of %d events, %v", len(got), len(want), err)
				}
				return
			}
			if !errors.Is(err, eventstore.ErrCorrupt) || !strings.Contains(err.Error(), "to 300 were acknowledged and are missing") {
				t.Fatalf("got error %v, want which events are missing", err)
			}
			if err := os.Remove(copied + "-last"); err != nil { // there is nothing better: go on from here
				t.Fatal(err)
			}
			if got, err := readAll(t, copied); err != nil || len(got) == len(want) {
				t.Fatalf("%d of %d events, %v", len(got), len(want), err)
			}
		})
	}
}

func TestLocked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.db")
	s := open(t, path)
	if _, err := embedded.Open(path); !errors.Is(err, embedded.ErrLocked) {
		t.Fatalf("second Open: %v, want ErrLocked", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, path)
}

func TestOpenOfNoStore(t *testing.T) {
	dir := t.TempDir()
	if _, err := embedded.Open(filepath.Join(dir, "absent", "events.db")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("in a folder that does not exist: %v", err)
	}
	path := filepath.Join(dir, "letter.txt")
	if err := os.WriteFile(path, []byte(strings.Repeat("Madame, Monsieur, ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := embedded.Open(path); !errors.Is(err, eventstore.ErrCorrupt) {
		t.Errorf("of another kind of file: %v", err)
	}
}

// TestDiskFull runs out of room in the middle of appends: who is refused may repeat, and no number is lost.
func TestDiskFull(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "events.db"))
	if err := s.LimitPages(40); err != nil {
		t.Fatal(err)
	}
	stream := eventstore.StreamID("record-1")
	first := eventstore.Version(1)
	for ; first < 10_000; first += 5 {
		run := drafts(stream, first, 5)
		_, err := s.Append(t.Context(), run...)
		if err == nil {
			continue
		}
		if errors.Is(err, eventstore.ErrConflict) || errors.Is(err, eventstore.ErrInvalid) || errors.Is(err, eventstore.ErrCorrupt) {
			t.Fatalf("a full disk answers %v", err)
		}
		storetest.Audit(t, s)
		if err := s.LimitPages(0); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Append(t.Context(), run...); err != nil {
			t.Fatalf("with room again: %v", err)
		}
		if all := storetest.Audit(t, s); len(all) != int(first)+4 || all[len(all)-1].Position != position(len(all)) {
			t.Fatalf("%d events after %d appended", len(all), first+4)
		}
		return
	}
	t.Fatal("the disk was never full")
}
