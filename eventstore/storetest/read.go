package storetest

import (
	"context"
	"errors"
	"iter"
	"testing"

	"livret/eventstore"
)

func streamAfter(t *testing.T, a Adapter) {
	s := a.open(t)
	stream := newStream()
	run := drafts(stream, 1, 12)
	for i := range run {
		mustAppend(t, s, run[i])
		mustAppend(t, s, drafts(newStream(), 1, 1)...)
	}
	for after := range eventstore.Version(12) {
		wantSame(t, "Stream", mustCollect(t, s.Stream(t.Context(), stream, after)), run[after:])
	}
	for _, after := range []eventstore.Version{12, 13, 1 << 40, 1<<64 - 1} {
		if events := mustCollect(t, s.Stream(t.Context(), stream, after)); len(events) != 0 {
			t.Fatalf("Stream after %d of 12 yields %d events", after, len(events))
		}
	}
	// The name of a stream is compared whole: neither a prefix nor another case is the same stream.
	for _, other := range []eventstore.StreamID{stream[:len(stream)-1], stream + "x", "Record" + stream[6:], stream + "\x00"} {
		wantHead(t, s, other, 0)
	}
}

// longStream is longer than any page an adapter might read at once, and interleaved with others.
func longStream(t *testing.T, a Adapter) {
	s := a.open(t)
	stream := newStream()
	run := drafts(stream, 1, 3000)
	for i := 0; i < len(run); i += 500 {
		mustAppend(t, s, run[i:i+500]...)
		mustAppend(t, s, drafts(newStream(), 1, 7)...)
	}
	wantSame(t, "Stream", mustCollect(t, s.Stream(t.Context(), stream, 0)), run)
	wantSame(t, "Stream after 1234", mustCollect(t, s.Stream(t.Context(), stream, 1234)), run[1234:])
	Audit(t, s)
}

func readAfter(t *testing.T, a Adapter) {
	s := a.open(t)
	for range 15 {
		mustAppend(t, s, drafts(newStream(), 1, 3)...)
	}
	all := Audit(t, s)
	for i, e := range all {
		wantEqual(t, "Read after an event", mustCollect(t, s.Read(t.Context(), e.Position)), all[i+1:])
	}
}

func stopEarly(t *testing.T, a Adapter) {
	s := a.open(t)
	stream := newStream()
	mustAppend(t, s, drafts(stream, 1, 50)...)
	for range 50 { // a reader that leaves early holds nothing back
		for _, events := range everyWay(t.Context(), s, stream) {
			n := 0
			for _, err := range events {
				if err != nil {
					t.Fatal(err)
				}
				if n++; n == 7 {
					break
				}
			}
		}
	}
	Audit(t, s)
}

// everyWay is each of the three ways to read, from the beginning.
func everyWay(ctx context.Context, s eventstore.Store, stream eventstore.StreamID) map[string]iter.Seq2[eventstore.Envelope, error] {
	return map[string]iter.Seq2[eventstore.Envelope, error]{
		"Stream": s.Stream(ctx, stream, 0),
		"Read":   s.Read(ctx, eventstore.Position{}),
		"Follow": s.Follow(ctx, eventstore.Position{}),
	}
}

func bytesBelongToTheCaller(t *testing.T, a Adapter) {
	s := a.open(t)
	stream := newStream()
	run := drafts(stream, 1, 3)
	want := make([]eventstore.Envelope, len(run))
	for i, d := range run {
		want[i] = d
		want[i].Sealed = append([]byte(nil), d.Sealed...)
	}
	mustAppend(t, s, run...)
	for _, d := range run {
		clear(d.Sealed) // what was given to Append may be used again
	}
	for range 2 {
		events := mustCollect(t, s.Read(t.Context(), eventstore.Position{}))
		wantSame(t, "Read", events, want)
		for _, e := range events {
			e.Sealed = append(e.Sealed, 0xff, 0xff, 0xff) // must not run into a neighbour
			clear(e.Sealed)
		}
		events = mustCollect(t, s.Stream(t.Context(), stream, 0))
		wantSame(t, "Stream", events, want)
		clear(events[0].Sealed)
	}
}

func cancelledContext(t *testing.T, a Adapter) {
	s := a.open(t)
	stream := newStream()
	mustAppend(t, s, drafts(stream, 1, 3)...)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	run := drafts(stream, 4, 1)
	if _, err := s.Append(ctx, run...); !errors.Is(err, context.Canceled) {
		t.Errorf("Append under a cancelled context: %v", err)
	}
	if _, err := s.Head(ctx, stream); !errors.Is(err, context.Canceled) {
		t.Errorf("Head under a cancelled context: %v", err)
	}
	for name, events := range everyWay(ctx, s, stream) {
		if _, err := collect(events); !errors.Is(err, context.Canceled) {
			t.Errorf("%s under a cancelled context: %v", name, err)
		}
	}
	mustAppend(t, s, run...) // whether it took effect or not
	wantHead(t, s, stream, 4)
	Audit(t, s)
}

// cutReadIsNotShortRead cancels in the middle: what comes is a whole history or an error, never a shorter one.
func cutReadIsNotShortRead(t *testing.T, a Adapter) {
	s := a.open(t)
	stream := newStream()
	const total = 2000
	run := drafts(stream, 1, total)
	for i := 0; i < total; i += 500 {
		mustAppend(t, s, run[i:i+500]...)
	}
	for _, cut := range []int{1, 500, total - 1} {
		for _, way := range []string{"Stream", "Read", "Follow"} {
			ctx, cancel := context.WithCancel(t.Context())
			n := 0
			var failed error
			for e, err := range everyWay(ctx, s, stream)[way] {
				if err != nil {
					failed = err
					break
				}
				if n++; e.Sequence != eventstore.Version(n) {
					t.Fatalf("%s: event %d has sequence %d", way, n, e.Sequence)
				}
				if n == cut {
					cancel()
				}
			}
			cancel()
			if failed == nil && n != total {
				t.Errorf("%s was cut after %d events and ended without error at %d of %d", way, cut, n, total)
			}
			if failed != nil && !errors.Is(failed, context.Canceled) {
				t.Errorf("%s was cut after %d events and ended with %v", way, cut, failed)
			}
		}
	}
}
