package storetest

import (
	"context"
	"errors"
	"iter"
	"sync"
	"testing"
	"time"

	"livret/eventstore"
)

// tail reads a sequence in a goroutine of its own.
type tail struct {
	events chan eventstore.Envelope
	failed chan error // what ended it; nil if nothing
}

func newTail(events iter.Seq2[eventstore.Envelope, error]) *tail {
	l := &tail{events: make(chan eventstore.Envelope, 1<<16), failed: make(chan error, 1)}
	go func() {
		var failed error
		for e, err := range events {
			if err != nil {
				failed = err
				break
			}
			l.events <- e
		}
		l.failed <- failed
	}()
	return l
}

func (l *tail) next(t testing.TB) eventstore.Envelope {
	t.Helper()
	select {
	case e := <-l.events:
		return e
	case err := <-l.failed:
		t.Fatalf("Follow ended with %v", err)
	case <-time.After(patience):
		t.Fatal("Follow did not wake")
	}
	panic("unreachable")
}

func (l *tail) end(t testing.TB) error {
	t.Helper()
	select {
	case err := <-l.failed:
		return err
	case <-time.After(patience):
		t.Fatal("Follow did not end")
	}
	panic("unreachable")
}

func followWaitsAndWakes(t *testing.T, a Adapter) {
	s := a.open(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	stream := newStream()
	run := drafts(stream, 1, 40)
	mustAppend(t, s, run[:10]...)
	follow := newTail(s.Follow(ctx, eventstore.Position{}))
	var got []eventstore.Envelope
	for range 10 {
		got = append(got, follow.next(t))
	}
	for i := 10; i < 40; { // now it waits; each append wakes it
		n := 1 + i%3
		if i+n > 40 {
			n = 40 - i
		}
		mustAppend(t, s, run[i:i+n]...)
		for range n {
			got = append(got, follow.next(t))
		}
		i += n
	}
	wantSame(t, "Follow", got, run)
	late := newTail(s.Follow(ctx, got[24].Position))
	for i := 25; i < 40; i++ {
		if e := late.next(t); e.Event != run[i].Event {
			t.Fatalf("Follow after event 24 yields sequence %d where %d was due", e.Sequence, i+1)
		}
	}
	cancel()
	for _, l := range []*tail{follow, late} {
		if err := l.end(t); !errors.Is(err, context.Canceled) {
			t.Errorf("Follow ended with %v", err)
		}
		if len(l.events) != 0 {
			t.Errorf("Follow yielded %d events too many", len(l.events))
		}
	}
}

// followManyReaders has readers join while events come: each sees all of them, once, in order.
func followManyReaders(t *testing.T, a Adapter) {
	s := a.open(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	run := drafts(newStream(), 1, 100)
	var followers []*tail
	for i := range run {
		if i%10 == 0 {
			followers = append(followers, newTail(s.Follow(ctx, eventstore.Position{})))
		}
		mustAppend(t, s, run[i])
	}
	var wg sync.WaitGroup
	for _, l := range followers {
		wg.Go(func() {
			for i := range run {
				select {
				case e := <-l.events:
					if e.Event != run[i].Event {
						t.Errorf("a follower got sequence %d where %d was due", e.Sequence, i+1)
						return
					}
				case err := <-l.failed:
					t.Errorf("a follower ended at event %d with %v", i, err)
					return
				case <-time.After(patience):
					t.Errorf("a follower waits for event %d", i)
					return
				}
			}
		})
	}
	wg.Wait()
}

func followEndsWithItsContext(t *testing.T, a Adapter) {
	s := a.open(t)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if events, err := collect(s.Follow(ctx, eventstore.Position{})); len(events) != 0 || !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("Follow of an empty store yields %d events and ends with %v", len(events), err)
	}
}

func closedIsClosed(t *testing.T, a Adapter) {
	s := a.open(t)
	stream := newStream()
	run := drafts(stream, 1, 2)
	mustAppend(t, s, run...)
	if err := s.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatalf("second Close: %v", err)
	}
	for name, again := range map[string][]eventstore.Envelope{"more": drafts(stream, 3, 1), "the same": run, "a conflict": drafts(stream, 1, 1)} {
		if _, err := s.Append(t.Context(), again...); !errors.Is(err, eventstore.ErrClosed) {
			t.Errorf("Append of %s to a closed store: %v", name, err)
		}
	}
	if _, err := s.Head(t.Context(), stream); !errors.Is(err, eventstore.ErrClosed) {
		t.Errorf("Head of a closed store: %v", err)
	}
	for name, events := range everyWay(t.Context(), s, stream) {
		if got, err := collect(events); len(got) != 0 || !errors.Is(err, eventstore.ErrClosed) {
			t.Errorf("%s of a closed store yields %d events and %v", name, len(got), err)
		}
	}
}

// closeEndsFollow closes under load: whoever waits is told, nobody hangs, nothing panics.
func closeEndsFollow(t *testing.T, a Adapter) {
	s := a.open(t)
	mustAppend(t, s, drafts(newStream(), 1, 1)...)
	followers := []*tail{newTail(s.Follow(t.Context(), eventstore.Position{})), newTail(s.Follow(t.Context(), eventstore.Position{}))}
	for _, l := range followers {
		l.next(t)
	}
	var wg sync.WaitGroup
	started := make(chan struct{}, 4)
	for range 4 {
		stream := newStream()
		wg.Go(func() {
			for v := eventstore.Version(1); ; v++ {
				_, err := s.Append(context.Background(), drafts(stream, v, 1)...)
				if v == 3 {
					started <- struct{}{}
				}
				if errors.Is(err, eventstore.ErrClosed) {
					return
				}
				if err != nil {
					t.Errorf("Append to a store being closed: %v", err)
					return
				}
			}
		})
	}
	for range 4 {
		<-started
	}
	if err := s.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
	wg.Wait()
	for _, l := range followers {
		if err := l.end(t); !errors.Is(err, eventstore.ErrClosed) {
			t.Errorf("Follow of a closed store ended with %v", err)
		}
	}
}
