package merkle_test

import (
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"livret/eventstore"
	"livret/eventstore/merkle"
)

// TestManyEventsStandUnderACheckpoint asks of events together what Proved answers of each: in a store of which positions
// are ranks, and in one of which they are not.
func TestManyEventsStandUnderACheckpoint(t *testing.T) {
	for _, gapless := range []bool{true, false} {
		events := new(ledger)
		events.grow(700)
		if gapless {
			for n := range events.events {
				events.events[n].Position = eventstore.Position{}
				binary.BigEndian.PutUint64(events.events[n].Position[:], uint64(n+1))
			}
		}
		dir := t.TempDir()
		log, err := merkle.Open(t.Context(), config(t, dir, events))
		if err != nil {
			t.Fatal(err)
		}
		signed, _, err := log.Checkpoint(t.Context(), time.Unix(1, 0))
		if err != nil {
			t.Fatal(err)
		}
		if !gapless {
			events.grow(600) // tiles are wider than they were
		}
		if _, err := log.Extend(t.Context()); err != nil {
			t.Fatal(err)
		}
		some := []eventstore.Envelope{events.events[0], events.events[255], events.events[256], events.events[699], events.events[3]}
		if err := errors.Join(log.Stand(t.Context(), signed, some), log.Stand(t.Context(), signed, nil)); err != nil {
			t.Errorf("gapless %t: %v", gapless, err)
		}
		if !gapless {
			if err := log.Stand(t.Context(), signed, events.events[699:701]); !errors.Is(err, merkle.ErrFuture) {
				t.Errorf("an event of later: %v", err)
			}
		}
		other := some[2]
		other.Commit[0]++
		if err := log.Stand(t.Context(), signed, []eventstore.Envelope{some[0], other}); !errors.Is(err, merkle.ErrForked) {
			t.Errorf("gapless %t, another event: %v", gapless, err)
		}
		under := signed
		under.Root[0]++
		if err := log.Stand(t.Context(), under, some); !errors.Is(err, merkle.ErrDamaged) {
			t.Errorf("gapless %t, another root: %v", gapless, err)
		}
		spoil(t, filepath.Join(dir, "tree", "tile", "0", "000"))
		if err := log.Stand(t.Context(), signed, some); !errors.Is(err, merkle.ErrDamaged) && !errors.Is(err, merkle.ErrForked) {
			t.Errorf("gapless %t, another tile: %v", gapless, err)
		}
	}
}

// spoil changes the last bit of a file.
func spoil(t *testing.T, path string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(path, err)
	}
	data[len(data)-1] ^= 1
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}
