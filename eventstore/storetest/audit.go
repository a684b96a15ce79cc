package storetest

import (
	"testing"

	"livret/eventstore"
)

// Audit reads a store whole and checks what must hold of any: positions strictly increase, each stream runs
// from 1 without gap, no event id stands twice in a stream, and Stream and Head say what Read says. It
// answers all events in commit order.
func Audit(t testing.TB, s eventstore.Store) []eventstore.Envelope {
	t.Helper()
	all := mustCollect(t, s.Read(t.Context(), eventstore.Position{}))
	streams := make(map[eventstore.StreamID][]eventstore.Envelope)
	type place struct {
		stream eventstore.StreamID
		event  [16]byte
	}
	seen := make(map[place]bool, len(all))
	var last eventstore.Position
	for i, e := range all {
		if e.Position.Compare(last) <= 0 {
			t.Fatalf("audit: event %d stands at %x, not after %x", i, e.Position, last)
		}
		if due := eventstore.Version(len(streams[e.Stream])) + 1; e.Sequence != due {
			t.Fatalf("audit: stream %s goes on with sequence %d, want %d", e.Stream, e.Sequence, due)
		}
		if at := (place{e.Stream, e.Event}); seen[at] {
			t.Fatalf("audit: event %s stands twice in stream %s", e.Event, e.Stream)
		} else {
			seen[at] = true
		}
		last = e.Position
		streams[e.Stream] = append(streams[e.Stream], e)
	}
	for stream, events := range streams {
		wantEqual(t, "audit: stream "+string(stream), mustCollect(t, s.Stream(t.Context(), stream, 0)), events)
		wantHead(t, s, stream, eventstore.Version(len(events)))
	}
	return all
}
