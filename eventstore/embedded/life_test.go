package embedded_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"livret/eventstore"
	"livret/eventstore/embedded"
	"livret/eventstore/storetest"
)

// TestSnapshot goes beyond two snapshots of the heads and opens again from the last.
func TestSnapshot(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.db")
	s := open(t, path)
	const streams, run = 150, 100
	var first eventstore.Version = 1
	total := 0
	for ; total < 2*embedded.SnapshotEvery+5000; first += run {
		for i := range streams {
			if _, err := s.Append(t.Context(), drafts(eventstore.StreamID(fmt.Sprintf("record-%d", i)), first, run)...); err != nil {
				t.Fatal(err)
			}
			total += run
		}
	}
	for range 2 {
		number, dirty := s.Snapshot()
		if number < 2*embedded.SnapshotEvery || int(number) > total || dirty == 0 || dirty > streams {
			t.Fatalf("of %d events, the heads are saved up to %d, and %d streams moved since", total, number, dirty)
		}
		for i := range streams {
			stream := eventstore.StreamID(fmt.Sprintf("record-%d", i))
			if head, err := s.Head(t.Context(), stream); err != nil || head != first-1 {
				t.Fatalf("Head of %s: %d, %v", stream, head, err)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = open(t, path)
	}
	if all := storetest.Audit(t, s); len(all) != total || all[total-1].Position != position(total) {
		t.Fatalf("%d events, want %d", len(all), total)
	}
}

// TestLogStaysShort appends much while readers read, and looks at the size of SQLite's log.
func TestLogStaysShort(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.db")
	s := open(t, path)
	var readers, writers sync.WaitGroup
	done := make(chan struct{})
	for range 2 {
		readers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				for _, err := range s.Read(t.Context(), eventstore.Position{}) {
					if err != nil {
						t.Error(err)
						return
					}
				}
			}
		})
	}
	for w := range 2 {
		writers.Go(func() {
			stream := eventstore.StreamID(fmt.Sprintf("record-%d", w))
			for first := eventstore.Version(1); first < 60_000; first += 200 {
				if _, err := s.Append(t.Context(), drafts(stream, first, 200)...); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	writers.Wait()
	close(done)
	readers.Wait()
	log, err := os.Stat(path + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	if limit := int64(3 * embedded.CheckpointPages * embedded.PageSize); log.Size() > limit {
		t.Fatalf("SQLite's log has %d bytes, more than %d", log.Size(), limit)
	}
}

// TestPurgeLeavesNoByte looks for sealed bytes in all files beside a store that is open.
func TestPurgeLeavesNoByte(t *testing.T) {
	dir := t.TempDir()
	s := open(t, filepath.Join(dir, "events.db"))
	var doomed, kept [][]byte
	var keys []uuid.UUID
	for i := range 40 {
		run := drafts(eventstore.StreamID(fmt.Sprintf("record-%d", i)), 1, 5)
		run[0].Sealed = bytes.Repeat([]byte(run[0].Event.String()), 1000) // over several pages
		if _, err := s.Append(t.Context(), run...); err != nil {
			t.Fatal(err)
		}
		for j := range run {
			found := run[j].Sealed[len(run[j].Sealed)/2:][:32]
			if i%2 == 0 {
				doomed = append(doomed, found)
			} else {
				kept = append(kept, found)
			}
		}
		if i%2 == 0 {
			keys = append(keys, run[0].Key)
		}
	}
	if n, err := s.Purge(t.Context(), keys...); err != nil || n != len(doomed) {
		t.Fatalf("Purge: %d, %v; want %d", n, err, len(doomed))
	}
	var files []byte
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		files = append(files, b...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range doomed {
		if bytes.Contains(files, b) {
			t.Error("sealed bytes of a purged key are still in a file")
		}
	}
	for _, b := range kept {
		if !bytes.Contains(files, b) {
			t.Error("sealed bytes of another key are not found: this test does not see what it looks for")
		}
	}
	storetest.Audit(t, s)
}

// TestPurgeRefusesDamage keeps what was tampered with from being signed for anew.
func TestPurgeRefusesDamage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.db")
	s, all := filled(t, path)
	tamper(t, path, "UPDATE events SET sealed = zeroblob(300) WHERE number = 77")
	if _, err := s.Purge(t.Context(), all[76].Key); !errors.Is(err, eventstore.ErrCorrupt) {
		t.Fatalf("Purge of damaged bytes: %v", err)
	}
}

// TestCallersGone fills the queue with appends whose callers give up before anybody writes.
func TestCallersGone(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "events.db"))
	release := s.Hold()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	var wg sync.WaitGroup
	for i := range 2 * embedded.MaxRequests {
		wg.Go(func() {
			run := drafts(eventstore.StreamID(fmt.Sprintf("record-%d", i)), 1, 1)
			if _, err := s.Append(ctx, run...); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("an append that nobody could write: %v", err)
			}
		})
	}
	wg.Wait()
	release()
	if _, err := s.Append(t.Context(), drafts("record-next", 1, 1)...); err != nil {
		t.Fatal(err)
	}
	if all := storetest.Audit(t, s); len(all) != 1 {
		t.Fatalf("%d events of callers who are gone", len(all)-1)
	}
}
