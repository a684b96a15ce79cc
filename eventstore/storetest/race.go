package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"livret/eventstore"
)

// race is the test that most stores fail. Many writers append with stalls, refusals, lost answers and
// retries, on streams of their own and on streams they fight for, while one reader follows and another
// polls. Both readers must end with exactly what was acknowledged, each event once, in one and the same
// order. Stores that number events before they commit them show a later event first, and a reader that
// keeps its place never sees the earlier one.
func race(t *testing.T, a Adapter, writers, appends int) {
	s := a.open(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	follow := newTail(s.Follow(ctx, eventstore.Position{}))
	done := make(chan struct{})
	polled := make(chan []eventstore.Envelope, 1)
	go func() { polled <- poll(t, s, done) }()

	shared := make([]eventstore.StreamID, writers/8)
	for i := range shared {
		shared[i] = newStream()
	}
	all := make([]*writer, writers)
	var wg sync.WaitGroup
	for i := range all {
		w := &writer{a: a, s: s, r: rand.New(rand.NewPCG(uint64(i), uint64(writers)))}
		all[i] = w
		streams := append([]eventstore.StreamID{newStream(), newStream()}, shared...)
		wg.Go(func() {
			for range appends {
				if err := w.append(ctx, streams[w.r.IntN(len(streams))]); err != nil {
					t.Errorf("writer %d: %v", i, err)
					return
				}
			}
		})
	}
	wg.Wait()
	close(done)
	seen := <-polled
	if t.Failed() {
		return
	}

	events := Audit(t, s)
	acked := make(map[uuid.UUID]bool)
	ends := make(map[uuid.UUID]eventstore.Position)
	for _, w := range all {
		for i, run := range w.runs {
			for _, d := range run {
				acked[d.Event] = true
			}
			ends[run[len(run)-1].Event] = w.positions[i]
			if i > 0 && w.positions[i].Compare(w.positions[i-1]) <= 0 {
				t.Fatalf("a writer was answered %x after %x", w.positions[i], w.positions[i-1])
			}
		}
	}
	for _, e := range events {
		if !acked[e.Event] {
			t.Fatalf("event %s at %x was never acknowledged, or stands twice", e.Event, e.Position)
		}
		delete(acked, e.Event)
		if end, ok := ends[e.Event]; ok && end != e.Position {
			t.Fatalf("event %s was answered %x and stands at %x", e.Event, end, e.Position)
		}
	}
	if len(acked) != 0 {
		t.Fatalf("%d of %d acknowledged events are lost", len(acked), len(events)+len(acked))
	}

	wantEqual(t, "seen by the polling reader", seen, events)
	var followed []eventstore.Envelope
	for range events {
		followed = append(followed, follow.next(t))
	}
	wantEqual(t, "seen by the following reader", followed, events)
	cancel()
	if err := follow.end(t); !errors.Is(err, context.Canceled) || len(follow.events) != 0 {
		t.Fatalf("the following reader ended with %v and %d events too many", err, len(follow.events))
	}
}

// poll reads again and again from where it stands, once more after everything is written.
func poll(t testing.TB, s eventstore.Store, done <-chan struct{}) (seen []eventstore.Envelope) {
	var after eventstore.Position
	for last := false; ; {
		for e, err := range s.Read(t.Context(), after) {
			if err != nil {
				t.Errorf("Read: %v", err)
				return seen
			}
			seen, after = append(seen, e), e.Position
		}
		if last {
			return seen
		}
		select {
		case <-done:
			last = true
		case <-time.After(time.Millisecond):
		}
	}
}

// writer appends and keeps what it was answered.
type writer struct {
	a         Adapter
	s         eventstore.Store
	r         *rand.Rand
	runs      [][]eventstore.Envelope
	positions []eventstore.Position
}

// append adds one run to a stream, however often it must decide anew because others came first.
func (w *writer) append(ctx context.Context, stream eventstore.StreamID) error {
	for range 1000 {
		w.stall()
		head, err := w.s.Head(ctx, stream)
		if err != nil {
			return err
		}
		w.stall()
		run := drafts(stream, head+1, 1+w.r.IntN(3))
		position, err := w.insist(ctx, run)
		if errors.Is(err, eventstore.ErrConflict) {
			conflict, ok := errors.AsType[*eventstore.ConflictError](err)
			if !ok || conflict.Want != head || conflict.Actual <= head {
				return fmt.Errorf("at version %d: %w", head, err)
			}
			continue
		}
		if err != nil {
			return err
		}
		w.runs, w.positions = append(w.runs, run), append(w.positions, position)
		if w.r.IntN(4) == 0 { // a late retry, of any run
			i := w.r.IntN(len(w.runs))
			again, err := w.insist(ctx, w.runs[i])
			if err != nil || again != w.positions[i] {
				return fmt.Errorf("retry of what was answered %x: %x, %w", w.positions[i], again, err)
			}
		}
		return nil
	}
	return errors.New("a thousand conflicts in a row")
}

// insist appends a run until the answer is certain: now and then it gives up waiting in the middle, or the
// store fails with or without effect, and then it says the same thing again.
func (w *writer) insist(ctx context.Context, run []eventstore.Envelope) (position eventstore.Position, err error) {
	for range 100 {
		hurried, cancel := ctx, context.CancelFunc(func() {})
		switch w.r.IntN(12) {
		case 0:
			hurried, cancel = context.WithTimeout(ctx, time.Duration(w.r.IntN(500))*time.Microsecond)
		case 1:
			if w.a.FailBefore != nil {
				w.a.FailBefore(w.s, 1)
			}
		case 2:
			if w.a.FailAfter != nil {
				w.a.FailAfter(w.s, 1)
			}
		}
		position, err = w.s.Append(hurried, run...)
		cancel()
		if err == nil || errors.Is(err, eventstore.ErrConflict) {
			return position, err
		}
		w.stall()
	}
	return position, fmt.Errorf("storetest: no certain answer: %w", err)
}

func (w *writer) stall() {
	if w.r.IntN(5) == 0 {
		time.Sleep(time.Duration(w.r.IntN(1500)) * time.Microsecond)
	}
}
