package embedded_test

import (
	"bytes"
	"path/filepath"
	"testing"

	"github.com/google/uuid"

	"livret/eventstore"
	"livret/eventstore/embedded"
)

// TestRecentRowsAreThoseOfTheFile reads streams of which some rows, all, or none are still in memory, and then
// again after their sealed bytes were purged.
func TestRecentRowsAreThoseOfTheFile(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "events.db"))
	s.KeepRecent(8)
	streams := []eventstore.StreamID{"record-a", "record-b", "record-c"}
	written := make(map[eventstore.StreamID][]eventstore.Envelope)
	for round := range 5 {
		for i, stream := range streams {
			run := drafts(stream, eventstore.Version(len(written[stream])+1), 1+(round+i)%2)
			if _, err := s.Append(t.Context(), run...); err != nil {
				t.Fatal(err)
			}
			for _, d := range run {
				d.Sealed = bytes.Clone(d.Sealed)
				written[stream] = append(written[stream], d)
			}
			clear(run[0].Sealed) // its caller's again
		}
	}
	var keys []uuid.UUID
	for _, stream := range streams {
		for i, e := range read(t, s, stream) {
			want := written[stream][i]
			if e.Header != want.Header || e.Commit != want.Commit || !bytes.Equal(e.Sealed, want.Sealed) {
				t.Errorf("%s, event %d is not what was written", stream, i+1)
			}
			clear(e.Sealed) // the reader's: nobody else may see this
			keys = append(keys, e.Key)
		}
		for i, e := range read(t, s, stream) {
			if !bytes.Equal(e.Sealed, written[stream][i].Sealed) {
				t.Errorf("%s, event %d was changed by a reader", stream, i+1)
			}
		}
	}
	if _, err := s.Purge(t.Context(), keys...); err != nil {
		t.Fatal(err)
	}
	for _, stream := range streams {
		for _, e := range read(t, s, stream) {
			if e.Sealed != nil {
				t.Errorf("%s, event %d is still sealed in memory after the purge", stream, e.Sequence)
			}
		}
	}
}

func read(t *testing.T, s *embedded.Store, stream eventstore.StreamID) (all []eventstore.Envelope) {
	t.Helper()
	for e, err := range s.Stream(t.Context(), stream, 0) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, e)
	}
	if len(all) == 0 {
		t.Fatalf("%s has no events", stream)
	}
	return all
}
