// Package storetest is the conformance suite of eventstore.Store. An adapter that passes it loses nothing,
// doubles nothing and reorders nothing, however many write and whatever fails meanwhile.
package storetest

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"iter"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"livret/eventstore"
)

// Adapter makes the stores of one kind and says what else they can do. All but New is optional; what an
// adapter cannot do is skipped, never taken for granted.
type Adapter struct {
	// New makes an empty store. The suite closes it; closing twice is allowed.
	New func(t testing.TB) eventstore.Store
	// Reopen answers a store on the same bytes, as a new process would find them. It closes the one given.
	Reopen func(t testing.TB, s eventstore.Store) eventstore.Store
	// FailBefore makes the next n appends fail before they take effect, in a way that does not tell whether
	// they did; FailAfter makes them take effect and then fail likewise.
	FailBefore, FailAfter func(s eventstore.Store, n int)
	// Purge replaces the sealed bytes of all events of a key by their digest.
	Purge func(ctx context.Context, s eventstore.Store, key uuid.UUID) (int, error)
}

// Run runs the suite.
func Run(t *testing.T, a Adapter) {
	tests := []struct {
		name string
		test func(*testing.T, Adapter)
	}{
		{"Empty", empty},
		{"KeepsEveryByte", keepsEveryByte},
		{"RefusesInvalidAppends", refusesInvalidAppends},
		{"TakesTheLargestAppend", takesTheLargestAppend},
		{"ConflictTellsBothVersions", conflictTellsBothVersions},
		{"AllOrNone", allOrNone},
		{"OneWinner", oneWinner},
		{"RetryForEver", retryForEver},
		{"PartialOverlapIsRefused", partialOverlapIsRefused},
		{"RetriesAtOnce", retriesAtOnce},
		{"PositionsIncrease", positionsIncrease},
		{"StreamAfter", streamAfter},
		{"LongStream", longStream},
		{"ReadAfter", readAfter},
		{"StopEarly", stopEarly},
		{"BytesBelongToTheCaller", bytesBelongToTheCaller},
		{"CancelledContext", cancelledContext},
		{"CutReadIsNotShortRead", cutReadIsNotShortRead},
		{"FollowWaitsAndWakes", followWaitsAndWakes},
		{"FollowManyReaders", followManyReaders},
		{"FollowEndsWithItsContext", followEndsWithItsContext},
		{"ClosedIsClosed", closedIsClosed},
		{"CloseEndsFollow", closeEndsFollow},
		{"ReopenKeepsEverything", reopenKeepsEverything},
		{"FaultMatrix", faultMatrix},
		{"PurgeKeepsTheLeaf", purgeKeepsTheLeaf},
		{"ReceivesWhatWasPurged", receivesWhatWasPurged},
		{"RandomWalk", randomWalk},
		{"Race16Writers", func(t *testing.T, a Adapter) { race(t, a, 16, 60) }},
		{"Race64Writers", func(t *testing.T, a Adapter) { race(t, a, 64, 20) }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { test.test(t, a) })
	}
}

// patience is how long something that must happen at once may take on a busy machine.
const patience = 20 * time.Second

// Ledger is the one whose events the suite appends.
var Ledger = uuid.MustParse("6f0d3c1e-2a94-4b57-8d11-0f4f5a3f9e21")

func (a Adapter) open(t testing.TB) eventstore.Store {
	t.Helper()
	s := a.New(t)
	t.Cleanup(func() { s.Close() })
	return s
}

func (a Adapter) reopen(t testing.TB, s eventstore.Store) eventstore.Store {
	t.Helper()
	s = a.Reopen(t, s)
	t.Cleanup(func() { s.Close() })
	return s
}

func newStream() eventstore.StreamID { return eventstore.Stream("record", uuid.New()) }

// drafts makes a run of n events from a sequence on, with random ids and bytes and one key per stream.
func drafts(stream eventstore.StreamID, first eventstore.Version, n int) []eventstore.Envelope {
	types := []string{"record.MarkEntered", "record.AppreciationWritten", "record.Locked"}
	made := make([]eventstore.Envelope, n)
	for i := range made {
		id := uuid.New()
		e := &made[i]
		e.Header = eventstore.Header{
			Ledger: Ledger, Stream: stream, Sequence: first + eventstore.Version(i),
			Type: types[int(id[0])%len(types)], Schema: uint16(id[1]), Event: id, Key: keyOf(stream),
			RecordedAt: time.UnixMicro(1_780_000_000_000_000 + int64(id[2])).UTC(),
		}
		e.Sealed = make([]byte, 32+int(id[3]))
		rand.Read(e.Commit[:])
		rand.Read(e.Sealed)
	}
	return made
}

func keyOf(stream eventstore.StreamID) uuid.UUID { return uuid.NewSHA1(Ledger, []byte(stream)) }

func mustAppend(t testing.TB, s eventstore.Store, drafts ...eventstore.Envelope) eventstore.Position {
	t.Helper()
	position, err := s.Append(t.Context(), drafts...)
	if err != nil {
		t.Fatalf("Append: %v", err)
	}
	if position == (eventstore.Position{}) {
		t.Fatal("Append answers the zero position")
	}
	return position
}

func mustCollect(t testing.TB, events iter.Seq2[eventstore.Envelope, error]) []eventstore.Envelope {
	t.Helper()
	all, err := collect(events)
	if err != nil {
		t.Fatalf("after %d events: %v", len(all), err)
	}
	return all
}

// collect gathers a sequence and checks that an error is the last thing it yields.
func collect(events iter.Seq2[eventstore.Envelope, error]) (all []eventstore.Envelope, failed error) {
	for e, err := range events {
		if failed != nil {
			return all, fmt.Errorf("storetest: the sequence goes on after its error: %w", failed)
		}
		if err != nil {
			failed = err
			continue
		}
		all = append(all, e)
	}
	return all, failed
}

// wantSame checks that events are the drafts, in order, each at a position of its own.
func wantSame(t testing.TB, what string, events, drafts []eventstore.Envelope) {
	t.Helper()
	placed := make([]eventstore.Envelope, len(drafts))
	copy(placed, drafts)
	for i := range min(len(events), len(drafts)) {
		if events[i].Position == (eventstore.Position{}) {
			t.Fatalf("%s: event %d has no position", what, i)
		}
		placed[i].Position = events[i].Position
	}
	wantEqual(t, what, events, placed)
}

// wantEqual checks that two runs of events are the same, positions included, and shows where they part.
func wantEqual(t testing.TB, what string, got, want []eventstore.Envelope) {
	t.Helper()
	for i := range min(len(got), len(want)) {
		if !equal(&got[i], &want[i]) {
			t.Fatalf("%s: event %d of %d differs (-want +got):\n%s", what, i, len(want), cmp.Diff(want[i], got[i]))
		}
	}
	if len(got) != len(want) {
		t.Fatalf("%s: %d events, want %d", what, len(got), len(want))
	}
}

func equal(a, b *eventstore.Envelope) bool {
	return a.Header == b.Header && a.Commit == b.Commit && a.Digest == b.Digest && a.Position == b.Position &&
		bytes.Equal(a.Sealed, b.Sealed) && (a.Sealed == nil) == (b.Sealed == nil)
}

func wantConflict(t testing.TB, err error, stream eventstore.StreamID, want, actual eventstore.Version) {
	t.Helper()
	conflict, ok := errors.AsType[*eventstore.ConflictError](err)
	if !ok || !errors.Is(err, eventstore.ErrConflict) {
		t.Fatalf("got error %v, want a ConflictError", err)
	}
	if got, due := *conflict, (eventstore.ConflictError{Stream: stream, Want: want, Actual: actual}); got != due {
		t.Fatalf("got conflict %+v, want %+v", got, due)
	}
}

func wantHead(t testing.TB, s eventstore.Store, stream eventstore.StreamID, want eventstore.Version) {
	t.Helper()
	got, err := s.Head(t.Context(), stream)
	if err != nil || got != want {
		t.Fatalf("Head of %s: %d, %v; want %d", stream, got, err, want)
	}
}
