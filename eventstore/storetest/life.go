package storetest

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"testing"

	"livret/eventstore"
)

func reopenKeepsEverything(t *testing.T, a Adapter) {
	if a.Reopen == nil {
		t.Skip("the store does not outlive its process")
	}
	s := a.open(t)
	var streams []eventstore.StreamID
	for range 20 {
		streams = append(streams, newStream())
	}
	next := make(map[eventstore.StreamID]eventstore.Version)
	var want []eventstore.Envelope
	for round := range 4 {
		for i := range 40 {
			stream := streams[(i*7+round)%len(streams)]
			run := drafts(stream, next[stream]+1, 1+i%5)
			next[stream] += eventstore.Version(len(run))
			mustAppend(t, s, run...)
			want = append(want, run...)
		}
		before := Audit(t, s)
		s = a.reopen(t, s)
		after := Audit(t, s)
		wantSame(t, "reopened", after, want)
		wantEqual(t, "reopened", after, before)
	}
}

// faultMatrix has appends fail before and after taking effect. Whoever repeats the same drafts ends with
// exactly one copy of them; whoever decides anew finds a conflict if they took effect.
func faultMatrix(t *testing.T, a Adapter) {
	faults := map[string]func(eventstore.Store, int){"before": a.FailBefore, "after": a.FailAfter}
	for name, fail := range faults {
		t.Run(name, func(t *testing.T) {
			if fail == nil {
				t.Skip("the adapter offers no such fault")
			}
			s := a.open(t)
			stream := newStream()
			var want []eventstore.Envelope
			for i := range 12 {
				run := drafts(stream, eventstore.Version(len(want))+1, 1+i%3)
				fail(s, 1+i%2)
				var err error
				tries := 0
				for tries = 0; tries < 5; tries++ {
					if _, err = s.Append(t.Context(), run...); err == nil {
						break
					}
					if errors.Is(err, eventstore.ErrConflict) || errors.Is(err, eventstore.ErrInvalid) {
						t.Fatalf("a fault answers %v, which says that nothing took effect", err)
					}
				}
				if err != nil || tries == 0 {
					t.Fatalf("%d faults, then %v", tries, err)
				}
				want = append(want, run...)
				wantSame(t, "Read", Audit(t, s), want)
			}
			run, rival := drafts(stream, eventstore.Version(len(want))+1, 2), drafts(stream, eventstore.Version(len(want))+1, 1)
			fail(s, 1)
			if _, err := s.Append(t.Context(), run...); err == nil {
				t.Fatal("no fault came")
			}
			fail(s, 0)
			_, err := s.Append(t.Context(), rival...)
			if name == "after" {
				wantConflict(t, err, stream, eventstore.Version(len(want)), eventstore.Version(len(want))+2)
				want = append(want, run...)
			} else if want = append(want, rival...); err != nil {
				t.Fatalf("after an append without effect: %v", err)
			}
			wantSame(t, "Read", Audit(t, s), want)
			if a.Reopen != nil {
				wantSame(t, "reopened", Audit(t, a.reopen(t, s)), want)
			}
		})
	}
}

// purgeKeepsTheLeaf deletes the sealed bytes of a key: the rest stays, and so does every leaf.
func purgeKeepsTheLeaf(t *testing.T, a Adapter) {
	if a.Purge == nil {
		t.Skip("the adapter deletes no sealed bytes")
	}
	s := a.open(t)
	kept, gone := newStream(), newStream()
	var want []eventstore.Envelope
	var appended [][]eventstore.Envelope
	for i := range eventstore.Version(20) {
		for _, stream := range []eventstore.StreamID{kept, gone} {
			run := drafts(stream, i*2+1, 2)
			mustAppend(t, s, run...)
			want, appended = append(want, run...), append(appended, run)
		}
	}
	leaves := leavesOf(t, Audit(t, s))
	for _, due := range []int{40, 0} { // the second time there is nothing left to do
		if n, err := a.Purge(t.Context(), s, keyOf(gone)); err != nil || n != due {
			t.Fatalf("Purge of 40 events: %d, %v; want %d", n, err, due)
		}
	}
	for i := range want {
		if want[i].Stream == gone {
			want[i].Digest, want[i].Sealed = sha256.Sum256(want[i].Sealed), nil
		}
	}
	check := func() {
		t.Helper()
		all := Audit(t, s)
		wantSame(t, "purged", all, want)
		for i, leaf := range leavesOf(t, all) {
			if !bytes.Equal(leaf, leaves[i]) {
				t.Fatalf("leaf %d changed", i)
			}
		}
	}
	check()
	for _, run := range appended { // the retry of an append is as safe as before
		mustAppend(t, s, run...)
	}
	check()
	if a.Reopen != nil {
		s = a.reopen(t, s)
		check()
	}
	more := drafts(kept, 41, 1)
	mustAppend(t, s, more...)
	want = append(want, more...)
	leaves = leavesOf(t, Audit(t, s))
	check()
}

// receivesWhatWasPurged moves envelopes without sealed bytes into a store that takes a whole log over.
func receivesWhatWasPurged(t *testing.T, a Adapter) {
	s := a.open(t)
	to, ok := s.(eventstore.Receiver)
	if !ok {
		t.Skip("the store receives nothing")
	}
	run := drafts(newStream(), 1, 5)
	for _, i := range []int{0, 2, 3} {
		run[i].Digest, run[i].Sealed = sha256.Sum256(run[i].Sealed), nil
	}
	run[4].Sealed = []byte{}
	if _, err := s.Append(t.Context(), run...); !errors.Is(err, eventstore.ErrInvalid) {
		t.Fatalf("Append of purged envelopes: %v", err)
	}
	var last eventstore.Position
	for range 2 { // again is the same
		at, err := to.Receive(t.Context(), run...)
		if err != nil || last != (eventstore.Position{}) && at != last {
			t.Fatalf("Receive: %x, %v", at, err)
		}
		last = at
	}
	wantSame(t, "received", Audit(t, s), run)
	if a.Reopen != nil {
		s = a.reopen(t, s)
		wantSame(t, "reopened", Audit(t, s), run)
	}
	mustAppend(t, s, drafts(run[0].Stream, 6, 1)...)
}

func leavesOf(t testing.TB, events []eventstore.Envelope) [][]byte {
	t.Helper()
	leaves := make([][]byte, len(events))
	for i := range events {
		var err error
		if leaves[i], err = events[i].Leaf(); err != nil {
			t.Fatal(err)
		}
	}
	return leaves
}
