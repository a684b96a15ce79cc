package storetest

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"livret/eventstore"
)

func empty(t *testing.T, a Adapter) {
	s := a.open(t)
	if all := Audit(t, s); len(all) != 0 {
		t.Fatalf("a new store holds %d events", len(all))
	}
	stream := newStream()
	wantHead(t, s, stream, 0)
	if events := mustCollect(t, s.Stream(t.Context(), stream, 0)); len(events) != 0 {
		t.Fatalf("a stream that does not exist yields %d events", len(events))
	}
}

func keepsEveryByte(t *testing.T, a Adapter) {
	s := a.open(t)
	run := drafts(eventstore.StreamID("session-métropole-"+uuid.NewString()), 1, 4)
	run[0].Key = uuid.Nil // in clear
	run[1].Sealed = []byte{}
	run[2].Sealed = make([]byte, 100_000)
	run[3].Type, run[3].Schema = strings.Repeat("é", 500), 0xffff
	mustAppend(t, s, run...)
	wantSame(t, "Read", Audit(t, s), run)
	wantSame(t, "Stream", mustCollect(t, s.Stream(t.Context(), run[0].Stream, 0)), run)
}

func refusesInvalidAppends(t *testing.T, a Adapter) {
	s := a.open(t)
	stream := newStream()
	tests := map[string]func() []eventstore.Envelope{
		"nothing": func() []eventstore.Envelope { return nil },
		"too many events": func() []eventstore.Envelope {
			return drafts(stream, 1, eventstore.MaxAppendEvents+1)
		},
		"too many bytes": func() []eventstore.Envelope {
			run := drafts(stream, 1, 1)
			run[0].Sealed = make([]byte, eventstore.MaxAppendBytes)
			return run
		},
		"two streams": func() []eventstore.Envelope { return append(drafts(stream, 1, 1), drafts(newStream(), 2, 1)...) },
		"two ledgers": func() []eventstore.Envelope {
			run := drafts(stream, 1, 2)
			run[1].Ledger = uuid.New()
			return run
		},
		"a gap":         func() []eventstore.Envelope { return append(drafts(stream, 1, 1), drafts(stream, 3, 1)...) },
		"sequence zero": func() []eventstore.Envelope { return drafts(stream, 0, 1) },
		"no id": func() []eventstore.Envelope {
			run := drafts(stream, 1, 1)
			run[0].Event = uuid.Nil
			return run
		},
		"an id twice": func() []eventstore.Envelope {
			run := drafts(stream, 1, 2)
			run[1].Event = run[0].Event
			return run
		},
		"no type": func() []eventstore.Envelope {
			run := drafts(stream, 1, 1)
			run[0].Type = ""
			return run
		},
		"no stream": func() []eventstore.Envelope { return drafts("", 1, 1) },
		"no sealed bytes": func() []eventstore.Envelope {
			run := drafts(stream, 1, 1)
			run[0].Sealed = nil
			return run
		},
		"a type that no header holds": func() []eventstore.Envelope {
			run := drafts(stream, 1, 1)
			run[0].Type = strings.Repeat("x", 0x10000)
			return run
		},
	}
	for name, run := range tests {
		if _, err := s.Append(t.Context(), run()...); !errors.Is(err, eventstore.ErrInvalid) {
			t.Errorf("%s: got error %v, want ErrInvalid", name, err)
		}
	}
	if all := Audit(t, s); len(all) != 0 {
		t.Fatalf("refused appends left %d events", len(all))
	}
}

func takesTheLargestAppend(t *testing.T, a Adapter) {
	s := a.open(t)
	many := drafts(newStream(), 1, eventstore.MaxAppendEvents)
	mustAppend(t, s, many...)
	large := drafts(newStream(), 1, 1)
	large[0].Sealed = make([]byte, eventstore.MaxAppendBytes-1000)
	large[0].Sealed[len(large[0].Sealed)-1] = 1
	mustAppend(t, s, large...)
	wantSame(t, "Read", Audit(t, s), append(many, large...))
}

func conflictTellsBothVersions(t *testing.T, a Adapter) {
	s := a.open(t)
	stream := newStream()
	_, err := s.Append(t.Context(), drafts(stream, 3, 1)...)
	wantConflict(t, err, stream, 2, 0)
	mustAppend(t, s, drafts(stream, 1, 5)...)
	for _, first := range []eventstore.Version{1, 3, 5, 7, 100} {
		_, err := s.Append(t.Context(), drafts(stream, first, 2)...)
		wantConflict(t, err, stream, first-1, 5)
	}
	wantHead(t, s, stream, 5)
	if all := Audit(t, s); len(all) != 5 {
		t.Fatalf("refused appends left %d events", len(all)-5)
	}
}

func allOrNone(t *testing.T, a Adapter) {
	s := a.open(t)
	stream := newStream()
	first := drafts(stream, 1, 3)
	mustAppend(t, s, first...)
	if _, err := s.Append(t.Context(), drafts(stream, 2, 10)...); !errors.Is(err, eventstore.ErrConflict) {
		t.Fatalf("got error %v, want a conflict", err)
	}
	second := drafts(stream, 4, 10)
	last := mustAppend(t, s, second...)
	all := Audit(t, s)
	wantSame(t, "Read", all, append(first, second...))
	if got := all[len(all)-1].Position; got != last {
		t.Fatalf("Append answers %x, its last event stands at %x", last, got)
	}
}

func oneWinner(t *testing.T, a Adapter) {
	s := a.open(t)
	stream := newStream()
	const rounds, writers = 10, 8
	for round := range eventstore.Version(rounds) {
		start := make(chan struct{})
		errs := make([]error, writers)
		var wg sync.WaitGroup
		for w := range writers {
			run := drafts(stream, round+1, 1)
			wg.Go(func() {
				<-start
				_, errs[w] = s.Append(t.Context(), run...)
			})
		}
		close(start)
		wg.Wait()
		winners := 0
		for _, err := range errs {
			if err == nil {
				winners++
				continue
			}
			wantConflict(t, err, stream, round, round+1)
		}
		if winners != 1 {
			t.Fatalf("%d appends at the same version succeeded", winners)
		}
	}
	if all := Audit(t, s); len(all) != rounds {
		t.Fatalf("%d events, want %d", len(all), rounds)
	}
}

func retryForEver(t *testing.T, a Adapter) {
	s := a.open(t)
	stream, other := newStream(), newStream()
	var runs [][]eventstore.Envelope
	var positions []eventstore.Position
	next := eventstore.Version(1)
	for i := range 30 {
		run := drafts(stream, next, 1+i%4)
		next += eventstore.Version(len(run))
		runs = append(runs, run)
		positions = append(positions, mustAppend(t, s, run...))
		mustAppend(t, s, drafts(other, eventstore.Version(i)+1, 1)...)
	}
	before := len(Audit(t, s))
	check := func() {
		t.Helper()
		for i, run := range runs {
			if got := mustAppend(t, s, run...); got != positions[i] {
				t.Fatalf("retry of append %d answers %x, the original answered %x", i, got, positions[i])
			}
		}
	}
	check()
	// A run over two former appends stands too: what counts is where its events are, not how they came.
	both := append(append([]eventstore.Envelope{}, runs[2]...), runs[3]...)
	if got := mustAppend(t, s, both...); got != positions[3] {
		t.Fatalf("retry of two appends at once answers %x, want %x", got, positions[3])
	}
	if a.Reopen != nil {
		s = a.reopen(t, s)
		check()
	}
	if after := len(Audit(t, s)); after != before {
		t.Fatalf("retries left %d more events", after-before)
	}
}

func partialOverlapIsRefused(t *testing.T, a Adapter) {
	s := a.open(t)
	stream := newStream()
	run := drafts(stream, 1, 6)
	mustAppend(t, s, run[:4]...)
	_, err := s.Append(t.Context(), run[2:]...)
	wantConflict(t, err, stream, 2, 4)
	_, err = s.Append(t.Context(), run...)
	wantConflict(t, err, stream, 0, 4)
	mixed := append([]eventstore.Envelope{run[1]}, drafts(stream, 3, 1)...)
	_, err = s.Append(t.Context(), mixed...)
	wantConflict(t, err, stream, 1, 4)
	moved := drafts(stream, 3, 1) // an id that stands, but elsewhere
	moved[0].Event = run[1].Event
	_, err = s.Append(t.Context(), moved...)
	wantConflict(t, err, stream, 2, 4)
	wantSame(t, "Read", Audit(t, s), run[:4])
	mustAppend(t, s, run[4:]...)
	mustAppend(t, s, run...)
	wantSame(t, "Read", Audit(t, s), run)
}

// retriesAtOnce has several callers append the very same drafts at the same time.
func retriesAtOnce(t *testing.T, a Adapter) {
	s := a.open(t)
	stream := newStream()
	for round := range eventstore.Version(10) {
		run := drafts(stream, round*2+1, 2)
		positions, errs := make([]eventstore.Position, 8), make([]error, 8)
		var wg sync.WaitGroup
		for w := range positions {
			wg.Go(func() { positions[w], errs[w] = s.Append(t.Context(), run...) })
		}
		wg.Wait()
		for w := range positions {
			if errs[w] != nil || positions[w] != positions[0] {
				t.Fatalf("the same drafts were answered with %x, %v and with %x, %v", positions[0], errs[0], positions[w], errs[w])
			}
		}
	}
	if all := Audit(t, s); len(all) != 20 {
		t.Fatalf("%d events, want 20", len(all))
	}
}

func positionsIncrease(t *testing.T, a Adapter) {
	s := a.open(t)
	streams := []eventstore.StreamID{newStream(), newStream(), newStream()}
	var last eventstore.Position
	for i := range 60 {
		position := mustAppend(t, s, drafts(streams[i%3], eventstore.Version(i/3)*2+1, 2)...)
		if position.Compare(last) <= 0 {
			t.Fatalf("append %d answers %x after %x", i, position, last)
		}
		last = position
	}
	Audit(t, s)
}
