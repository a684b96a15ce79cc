package projections_test

import (
	"context"
	"errors"
	"iter"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"livret/eventstore"
	"livret/eventstore/keyvault"
	"livret/projections"
)

func TestRunFoldsWhatIsNew(t *testing.T) {
	w := newWorld(t)
	a, b, other := stream("record"), stream("identity"), stream("candidate")
	w.note(a, keyvault.Record, "un", "deux")
	w.note(b, keyvault.Identity, "nom")
	w.note(other, keyvault.Candidate, "numéro")
	first := w.run()
	w.expect(a, "un", "deux")
	w.expect(b, "nom")
	w.expectError(other, projections.ErrNotFound)
	w.note(a, keyvault.Record, "trois")
	second := w.run()
	w.expect(a, "un", "deux", "trois")
	if first.Compare(second) >= 0 || w.run() != second {
		t.Error("the position does not follow the ledger")
	}
	w.check()
	if w.holds("deux") || w.holds("trois") {
		t.Error("the view holds what was noted in clear")
	}
	found, err := projections.NewReader(w.views, w, testView).Find(t.Context(), "last", "trois")
	if err != nil || !slices.Equal(found, []eventstore.StreamID{a}) {
		t.Errorf("found %v, %v", found, err)
	}
}

// TestCursorFollowsWhatIsNotFolded: a filter that matches nothing, on a small and idle ledger, still moves on.
func TestCursorFollowsWhatIsNotFolded(t *testing.T) {
	w := newWorld(t)
	w.note(stream("candidate"), keyvault.Candidate, "a", "b", "c")
	to := w.run()
	at, err := w.views.Cursor(t.Context(), testView.Name)
	if err != nil || at != to || at == (eventstore.Position{}) {
		t.Errorf("cursor at %x, %v, after reading to %x", at, err, to)
	}
}

func TestDamageParksOneStreamAndNoOther(t *testing.T) {
	for name, damage := range map[string]func(w *world, a eventstore.StreamID){
		"flipped bit": func(w *world, a eventstore.StreamID) {
			w.tamper = func(e *eventstore.Envelope) {
				if e.Stream == a && e.Sequence == 3 {
					e.Sealed[20] ^= 1
				}
			}
		},
		"other commitment": func(w *world, a eventstore.StreamID) {
			w.tamper = func(e *eventstore.Envelope) {
				if e.Stream == a && e.Sequence == 3 {
					e.Commit[0] ^= 1
				}
			}
		},
		"other header": func(w *world, a eventstore.StreamID) {
			w.tamper = func(e *eventstore.Envelope) {
				if e.Stream == a && e.Sequence == 3 {
					e.Type = "test.Other"
				}
			}
		},
		"other key": func(w *world, a eventstore.StreamID) {
			w.tamper = func(e *eventstore.Envelope) {
				if e.Stream == a && e.Sequence == 3 {
					e.Key = uuid.New()
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			a, b := stream("record"), stream("record")
			w.note(a, keyvault.Record, "un", "deux", "trois", "quatre")
			w.note(b, keyvault.Record, "un")
			damage(w, a)
			w.run()
			w.note(a, keyvault.Record, "cinq")
			w.note(b, keyvault.Record, "deux")
			w.run()
			w.expect(a, "un", "deux")
			w.expect(b, "un", "deux")
			rows, err := w.views.Rows(t.Context(), testView.Name, a, b)
			w.must(err)
			if rows[a].Parked != 3 || rows[a].Version != 2 || rows[b].Parked != 0 {
				t.Errorf("parked at %d after %d; the other at %d", rows[a].Parked, rows[a].Version, rows[b].Parked)
			}
			if report := w.check(); !slices.Equal(report.Parked, []eventstore.StreamID{a}) {
				t.Errorf("parked: %v", report.Parked)
			}
			w.tamper = nil // the disk was repaired from a copy
			_, err = projections.Rebuild(t.Context(), w.source(), w.views, testView)
			w.must(err)
			w.expect(a, "un", "deux", "trois", "quatre", "cinq")
			if report := w.check(); len(report.Parked) != 0 {
				t.Errorf("parked after a rebuild: %v", report.Parked)
			}
		})
	}
}

func TestWhatCanNotBeReadOrAppliedParks(t *testing.T) {
	for _, text := range []string{"unknown", "inapplicable"} {
		w := newWorld(t)
		a := stream("record")
		w.note(a, keyvault.Record, text, "un")
		w.run()
		w.expect(a)
		if report := w.check(); len(report.Parked) != 1 {
			t.Errorf("%s: parked %v", text, report.Parked)
		}
	}
}

// faulty fails commits before or after they take effect.
type faulty struct {
	projections.Store
	before, after func() error
	onSwitch      func()
	committed     []projections.Row
}

func (f *faulty) Switch(ctx context.Context, from, to string) error {
	if f.onSwitch != nil {
		f.onSwitch()
	}
	return f.Store.Switch(ctx, from, to)
}

func (f *faulty) Commit(ctx context.Context, view string, from, to eventstore.Position, rows []projections.Row) error {
	if f.before != nil {
		if err := f.before(); err != nil {
			return err
		}
	}
	f.committed = append(f.committed, rows...)
	err := f.Store.Commit(ctx, view, from, to, rows)
	if err == nil && f.after != nil {
		err = f.after()
	}
	return err
}

// TestKilledAnywhere: whatever the order of events, the size of batches and the moment of each crash, the view
// is what one fold in order gives, and nothing is folded twice.
func TestKilledAnywhere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		streams := []eventstore.StreamID{stream("record"), stream("identity"), stream("record"), stream("candidate")}
		classes := []keyvault.Class{keyvault.Record, keyvault.Identity, keyvault.Record, keyvault.Candidate}
		want := make(map[eventstore.StreamID][]string)
		crash := errors.New("killed")
		for range rapid.IntRange(1, 6).Draw(t, "rounds") {
			for range rapid.IntRange(0, 12).Draw(t, "events") {
				i := rapid.IntRange(0, len(streams)-1).Draw(t, "stream")
				text := rapid.StringMatching("[a-z]{1,3}").Draw(t, "text")
				w.note(streams[i], classes[i], text)
				want[streams[i]] = append(want[streams[i]], text)
			}
			w.batch = rapid.IntRange(1, 5).Draw(t, "batch")
			before, after := rapid.IntRange(0, 4).Draw(t, "before"), rapid.IntRange(0, 4).Draw(t, "after")
			countdown := func(n *int) func() error {
				return func() error {
					if *n--; *n == 0 {
						return crash
					}
					return nil
				}
			}
			views := &faulty{Store: w.views, before: countdown(&before), after: countdown(&after)}
			if _, err := projections.Run(context.Background(), w.source(), views, testView); err != nil && err != crash {
				t.Fatal(err)
			}
		}
		w.run()
		for i, s := range streams[:3] {
			if len(want[s]) > 0 {
				w.expect(s, want[s]...)
			} else {
				w.expectError(streams[i], projections.ErrNotFound)
			}
		}
		w.check()
	})
}

func TestFollowersShareAView(t *testing.T) {
	w := newWorld(t)
	w.batch = 3
	ctx, cancel := context.WithCancel(t.Context())
	var followers sync.WaitGroup
	for range 3 {
		followers.Go(func() {
			if err := projections.Follow(ctx, w.source(), w.views, testView); !errors.Is(err, context.Canceled) {
				t.Errorf("a follower stopped: %v", err)
			}
		})
	}
	streams := write(w, 4, 50)
	last := w.lastPosition()
	for at := (eventstore.Position{}); at != last; {
		var err error
		at, err = w.views.Cursor(t.Context(), testView.Name)
		w.must(err)
	}
	w.check()
	cancel()
	followers.Wait()
	for _, s := range streams {
		w.expect(s, numbered(50)...)
	}
}

// write lets writers append to streams of their own at the same time.
func write(w *world, writers, events int) []eventstore.StreamID {
	streams := make([]eventstore.StreamID, writers)
	var wg sync.WaitGroup
	for i := range streams {
		streams[i] = stream("record")
		wg.Go(func() {
			for texts := numbered(events); len(texts) > 0; {
				n := min(len(texts), 1+rand.IntN(3))
				w.note(streams[i], keyvault.Record, texts[:n]...)
				texts = texts[n:]
			}
		})
	}
	wg.Wait()
	return streams
}

func (w *world) lastPosition() (last eventstore.Position) {
	for e, err := range w.log.Read(context.Background(), last) {
		w.must(err)
		last = e.Position
	}
	return last
}

func TestEventGivenTwiceIsFoldedOnce(t *testing.T) {
	w := newWorld(t)
	a := stream("record")
	w.note(a, keyvault.Record, "un", "deux")
	source := w.source()
	source.Store = stuttering{source.Store}
	_, err := projections.Run(t.Context(), source, w.views, testView)
	w.must(err)
	w.expect(a, "un", "deux")
	w.check()
}

// stuttering is a store that gives each event twice.
type stuttering struct{ eventstore.Store }

func (s stuttering) Read(ctx context.Context, after eventstore.Position) iter.Seq2[eventstore.Envelope, error] {
	return func(yield func(eventstore.Envelope, error) bool) {
		for e, err := range s.Store.Read(ctx, after) {
			for range 2 {
				if !yield(e, err) {
					return
				}
			}
		}
	}
}

func TestRunStopsWhenTheVaultIsLockedAndGoesOnAfter(t *testing.T) {
	w := newWorld(t)
	a := stream("record")
	w.note(a, keyvault.Record, "un")
	locked := locked{w}
	source := w.source()
	source.Keys = locked
	if _, err := projections.Run(t.Context(), source, w.views, testView); !errors.Is(err, keyvault.ErrLocked) {
		t.Fatalf("a locked vault: %v", err)
	}
	w.expectError(a, projections.ErrNotFound) // neither parked nor purged
	w.run()
	w.expect(a, "un")
}

type locked struct{ *world }

func (locked) Open(context.Context, uuid.UUID) (*keyvault.Key, error) {
	return nil, keyvault.ErrLocked
}
