package migrate_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"

	"livret/eventstore"
	"livret/eventstore/embedded"
	"livret/eventstore/memory"
	"livret/eventstore/migrate"
	"livret/eventstore/storetest"
)

// log fills a store with some streams, interleaved, of which some lost their sealed bytes.
func log(t *testing.T, r *rand.Rand, n int) *memory.Store {
	t.Helper()
	s := memory.New()
	heads := make(map[eventstore.StreamID]eventstore.Version)
	streams := make([]eventstore.StreamID, 12)
	for i := range streams {
		streams[i] = eventstore.Stream("record", uuid.New())
	}
	doomed := uuid.New()
	for range n {
		stream := streams[r.IntN(len(streams))]
		drafts := make([]eventstore.Envelope, 1+r.IntN(4))
		for i := range drafts {
			heads[stream]++
			drafts[i].Header = eventstore.Header{
				Ledger: storetest.Ledger, Stream: stream, Sequence: heads[stream], Type: "record.MarkEntered", Schema: 1,
				Event: uuid.New(), Key: uuid.New(), RecordedAt: time.UnixMicro(1_780_000_000_000_000).UTC(),
			}
			if r.IntN(5) == 0 {
				drafts[i].Key = doomed
			}
			drafts[i].Sealed = fmt.Appendf(nil, "%d", r.Uint64())
			drafts[i].Commit = sha256.Sum256(drafts[i].Sealed)
		}
		if _, err := s.Append(t.Context(), drafts...); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Purge(t.Context(), doomed); err != nil {
		t.Fatal(err)
	}
	return s
}

func leaves(t *testing.T, s eventstore.Store) (all [][]byte, at []eventstore.Position) {
	t.Helper()
	for _, e := range storetest.Audit(t, s) {
		leaf, err := e.Leaf()
		if err != nil {
			t.Fatal(err)
		}
		all, at = append(all, leaf), append(at, e.Position)
	}
	return all, at
}

// TestKilled kills the moving again and again, before an event was counted or while it is appended, until it is through.
func TestKilled(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	from := log(t, r, 300)
	path := filepath.Join(t.TempDir(), "events.db")
	killed := errors.New("killed")
	want, _ := leaves(t, from)
	for kills, limit := 0, 0; ; kills++ {
		limit += 1 + r.IntN(60)
		to, err := embedded.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		var seen [][]byte
		var places []eventstore.Position
		_, moved, err := migrate.Copy(t.Context(), from, to, func(leaf []byte, at eventstore.Position) error {
			if len(seen) == limit {
				return killed
			}
			seen, places = append(seen, leaf), append(places, at)
			return nil
		})
		if errors.Is(err, killed) {
			to.Close()
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		there, at := leaves(t, to)
		if len(there) != len(want) || len(seen) != len(want) {
			t.Fatalf("%d events came of %d, %d were seen", len(there), len(want), len(seen))
		}
		for i := range want {
			if !bytes.Equal(there[i], want[i]) || !bytes.Equal(seen[i], want[i]) || places[i] != at[i] {
				t.Fatalf("event %d is not what it was, or stands elsewhere than it was said", i)
			}
		}
		if t.Logf("%d events, %d kills, %d in the last run", len(want), kills, moved); kills < 3 {
			t.Errorf("only %d kills", kills)
		}
		to.Close()
		return
	}
}

// TestOthersAreLeftAlone refuses a store that holds anything else than a beginning of the log.
func TestOthersAreLeftAlone(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	from := log(t, r, 5)
	for name, to := range map[string]*memory.Store{"another log": log(t, r, 3), "a longer one": longer(t, from)} {
		before, _ := leaves(t, to)
		_, _, err := migrate.Copy(t.Context(), from, to, func([]byte, eventstore.Position) error { return nil })
		if !errors.Is(err, migrate.ErrDiffers) {
			t.Errorf("%s: %v", name, err)
		}
		if after, _ := leaves(t, to); len(after) != len(before) {
			t.Errorf("%s: %d events were added", name, len(after)-len(before))
		}
	}
}

func longer(t *testing.T, of eventstore.Store) *memory.Store {
	t.Helper()
	s := memory.New()
	for e, err := range of.Read(context.Background(), eventstore.Position{}) {
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Receive(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	more := eventstore.Envelope{
		Header: eventstore.Header{Ledger: storetest.Ledger, Stream: "school-x", Sequence: 1, Type: "x", Event: uuid.New(), RecordedAt: time.UnixMicro(1).UTC()},
		Sealed: []byte("x"),
	}
	if _, err := s.Append(t.Context(), more); err != nil {
		t.Fatal(err)
	}
	return s
}
