package storetest

import (
	"math/rand/v2"
	"testing"

	"livret/eventstore"
)

// randomWalk compares a store with the simplest model there is, a list, over random calls of one caller.
func randomWalk(t *testing.T, a Adapter) {
	for seed := range uint64(3) {
		w := walk{a: a, s: a.open(t), r: rand.New(rand.NewPCG(seed, 1))}
		for range 4 {
			w.streams = append(w.streams, newStream())
		}
		w.runs = make(map[eventstore.StreamID][][]eventstore.Envelope)
		w.ends = make(map[eventstore.Version]eventstore.Position)
		for range 150 {
			w.step(t)
		}
		wantSame(t, "Read", Audit(t, w.s), w.all)
	}
}

type walk struct {
	a       Adapter
	s       eventstore.Store
	r       *rand.Rand
	streams []eventstore.StreamID
	all     []eventstore.Envelope // in commit order
	runs    map[eventstore.StreamID][][]eventstore.Envelope
	ends    map[eventstore.Version]eventstore.Position // of the run that brought all to this length
}

func (w *walk) of(stream eventstore.StreamID) (events []eventstore.Envelope) {
	for _, run := range w.runs[stream] {
		events = append(events, run...)
	}
	return events
}

func (w *walk) step(t *testing.T) {
	stream := w.streams[w.r.IntN(len(w.streams))]
	have := w.of(stream)
	head := eventstore.Version(len(have))
	switch w.r.IntN(10) {
	case 0, 1, 2, 3: // what is due
		run := drafts(stream, head+1, 1+w.r.IntN(5))
		w.maybeFail(t, run)
		position := mustAppend(t, w.s, run...)
		w.all = append(w.all, run...)
		w.runs[stream] = append(w.runs[stream], run)
		w.ends[eventstore.Version(len(w.all))] = position
	case 4, 5: // a cut of what stands
		if head == 0 {
			return
		}
		from := w.r.IntN(len(have))
		to := from + 1 + w.r.IntN(len(have)-from)
		mustAppend(t, w.s, have[from:to]...)
	case 6: // strangers anywhere but at the head
		first := 1 + eventstore.Version(w.r.IntN(len(have)+3))
		if first == head+1 {
			return
		}
		_, err := w.s.Append(t.Context(), drafts(stream, first, 1+w.r.IntN(3))...)
		wantConflict(t, err, stream, first-1, head)
	case 7: // what stands and a stranger behind it
		if head == 0 {
			return
		}
		from := w.r.IntN(len(have))
		run := append(have[from:len(have):len(have)], drafts(stream, head+1, 1)...)
		_, err := w.s.Append(t.Context(), run...)
		wantConflict(t, err, stream, eventstore.Version(from), head)
	case 8:
		after := w.r.IntN(len(have) + 2)
		wantSame(t, "Stream", mustCollect(t, w.s.Stream(t.Context(), stream, eventstore.Version(after))), have[min(after, len(have)):])
		wantHead(t, w.s, stream, head)
	case 9:
		before := mustCollect(t, w.s.Read(t.Context(), eventstore.Position{}))
		wantSame(t, "Read", before, w.all)
		for n, position := range w.ends {
			if before[n-1].Position != position {
				t.Fatalf("the run that ends with event %d was answered %x and stands at %x", n, position, before[n-1].Position)
			}
		}
		if w.a.Reopen != nil && w.r.IntN(3) == 0 {
			w.s = w.a.reopen(t, w.s)
			wantEqual(t, "reopened", mustCollect(t, w.s.Read(t.Context(), eventstore.Position{})), before)
		}
	}
}

// maybeFail has the first try of an append fail, one way or the other.
func (w *walk) maybeFail(t *testing.T, run []eventstore.Envelope) {
	fail := w.a.FailBefore
	if w.r.IntN(2) == 0 {
		fail = w.a.FailAfter
	}
	if fail == nil || w.r.IntN(4) != 0 {
		return
	}
	fail(w.s, 1)
	if _, err := w.s.Append(t.Context(), run...); err == nil {
		t.Fatal("no fault came")
	}
}
