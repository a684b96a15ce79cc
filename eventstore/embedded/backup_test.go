package embedded_test

import (
	"path/filepath"
	"sync"
	"testing"

	"livret/eventstore"
	"livret/eventstore/storetest"
)

// TestBackupWhileOthersAppend takes copies in the middle of appends: each is a whole store, and holds what was
// acknowledged before it was asked for.
func TestBackupWhileOthersAppend(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "events.db"))
	const stream, batches, size = eventstore.StreamID("record-1"), 60, 10
	acknowledged := make(chan eventstore.Version, batches)
	var appending sync.WaitGroup
	appending.Go(func() {
		defer close(acknowledged)
		for n := range batches {
			first := eventstore.Version(n*size + 1)
			if _, err := s.Append(t.Context(), drafts(stream, first, size)...); err != nil {
				t.Error(err)
				return
			}
			acknowledged <- first + size - 1
		}
	})
	copies := 0
	for version := range acknowledged {
		if version%200 != 0 {
			continue
		}
		path := filepath.Join(t.TempDir(), "events.db")
		if err := s.Backup(t.Context(), path); err != nil {
			t.Fatal(err)
		}
		if err := s.Backup(t.Context(), path); err == nil {
			t.Error("a backup is written over another")
		}
		restored := open(t, path)
		at, err := restored.Head(t.Context(), stream)
		if err != nil || at < version || at%size != 0 {
			t.Errorf("after event %d the copy holds %d, %v", version, at, err)
		}
		if all := storetest.Audit(t, restored); eventstore.Version(len(all)) != at {
			t.Errorf("%d events, head %d", len(all), at)
		}
		if _, err := restored.Append(t.Context(), drafts(stream, at+1, 1)...); err != nil {
			t.Errorf("appending to the copy: %v", err)
		}
		copies++
	}
	appending.Wait()
	if copies != 3 {
		t.Errorf("%d copies", copies)
	}
}
