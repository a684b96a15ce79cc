package projections_test

import (
	"context"
	"errors"
	"fmt"
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
	viewmemory "livret/projections/memory"
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

func TestKeysAreOpenedOncePerBatchAndOfTheProjectionOnly(t *testing.T) {
	w := newWorld(t)
	a, foreign, other := stream("record"), stream("record"), stream("candidate")
	w.note(a, keyvault.Record, numbered(100)...)
	w.note(foreign, keyvault.Candidate, "under a key of another class")
	w.note(other, keyvault.Candidate, "x")
	w.run()
	if w.opened[w.keys[a]] != 1 || w.opened[w.keys[foreign]] != 0 || w.opened[w.keys[other]] != 0 {
		t.Errorf("opened %d, %d, %d times", w.opened[w.keys[a]], w.opened[w.keys[foreign]], w.opened[w.keys[other]])
	}
	if report := w.check(); !slices.Equal(report.Parked, []eventstore.StreamID{foreign}) {
		t.Errorf("parked: %v", report.Parked)
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

func TestForgottenAndInCustody(t *testing.T) {
	w := newWorld(t)
	gone, held, stays := stream("record"), stream("record"), stream("record")
	for _, s := range []eventstore.StreamID{gone, held, stays} {
		w.note(s, keyvault.Record, "un", "deux")
	}
	w.run()
	w.become(gone, keyvault.Shredded)
	w.become(held, keyvault.Held)
	w.expectError(gone, keyvault.ErrShredded) // at once, before any purge
	w.expectError(held, keyvault.ErrArchived)
	w.check()
	w.must(w.views.Purge(t.Context(), w.keys[gone]))
	w.must(w.views.Purge(t.Context(), w.keys[held]))
	w.expectError(gone, keyvault.ErrShredded) // and never as a row that is missing
	w.expectError(held, keyvault.ErrArchived)
	w.expectError(stream("record"), projections.ErrNotFound)
	if report := w.check(); report.Purged != 2 {
		t.Errorf("%d purged", report.Purged)
	}
	_, err := projections.Rebuild(t.Context(), w.source(), w.views, testView)
	w.must(err)
	w.expectError(gone, keyvault.ErrShredded)
	w.expectError(held, keyvault.ErrArchived)

	w.become(held, keyvault.Active)
	w.expectError(held, projections.ErrPurged)
	w.must(projections.Refold(t.Context(), w.source(), w.views, testView, held, gone))
	w.expect(held, "un", "deux")
	w.expectError(gone, keyvault.ErrShredded)
	w.check()
}

// TestPurgedRowComesBackWithItsNextEvent: nobody asked for a refold, and the row is whole nevertheless.
func TestPurgedRowComesBackWithItsNextEvent(t *testing.T) {
	w := newWorld(t)
	a := stream("record")
	w.note(a, keyvault.Record, "un", "deux")
	w.run()
	w.become(a, keyvault.Held)
	w.must(w.views.Purge(t.Context(), w.keys[a]))
	w.become(a, keyvault.Active)
	w.note(a, keyvault.Record, "trois")
	w.run()
	w.expect(a, "un", "deux", "trois")
	w.check()
}

// TestKeyDestroyedInMidBatch: the batch had opened the key, and yet no row is written under it.
func TestKeyDestroyedInMidBatch(t *testing.T) {
	w := newWorld(t)
	a, b := stream("record"), stream("record")
	w.note(a, keyvault.Record, "un")
	w.note(b, keyvault.Record, "un")
	w.onOpen = func(key uuid.UUID) {
		if key == w.keys[a] {
			w.become(a, keyvault.Fenced)
		}
	}
	views := &faulty{Store: w.views}
	_, err := projections.Run(t.Context(), w.source(), views, testView)
	w.must(err)
	for _, r := range views.committed {
		if r.Stream == a && (r.Sealed != nil || len(r.Labels) > 0) {
			t.Error("a row was written under a destroyed key")
		}
	}
	w.expectError(a, keyvault.ErrShredded)
	w.expect(b, "un")
}

// TestKeyDestroyedAtTheVeryCommit: the fence had been looked at, and the row is purged right after.
func TestKeyDestroyedAtTheVeryCommit(t *testing.T) {
	w := newWorld(t)
	a := stream("record")
	w.note(a, keyvault.Record, "un")
	views := &faulty{Store: w.views, before: func() error { w.become(a, keyvault.Fenced); return nil }}
	_, err := projections.Run(t.Context(), w.source(), views, testView)
	w.must(err)
	rows, err := w.views.Rows(t.Context(), testView.Name, a)
	w.must(err)
	if rows[a].Sealed != nil {
		t.Error("a row sealed under a destroyed key stays")
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

func TestKeysAreZeroedWhateverHappens(t *testing.T) {
	crash := errors.New("killed")
	for name, run := range map[string]func(w *world) error{
		"run": func(w *world) error { w.run(); return nil },
		"rebuild": func(w *world) error {
			_, err := projections.Rebuild(t.Context(), w.source(), w.views, testView)
			return err
		},
		"check": func(w *world) error { w.run(); w.check(); return nil },
		"page":  func(w *world) error { w.run(); w.expect(w.firstStream(), "un", "deux"); return nil },
		"crash": func(w *world) error {
			views := &faulty{Store: w.views, before: func() error { return crash }}
			if _, err := projections.Run(t.Context(), w.source(), views, testView); !errors.Is(err, crash) {
				return fmt.Errorf("the crash was not told: %w", err)
			}
			return nil
		},
		"unreadable log": func(w *world) error {
			source := w.source()
			source.Store = torn{source.Store}
			if _, err := projections.Run(t.Context(), source, w.views, testView); !errors.Is(err, eventstore.ErrCorrupt) {
				return fmt.Errorf("the end of the log was not told: %w", err)
			}
			return nil
		},
	} {
		w := newWorld(t)
		w.batch = 1
		w.note(stream("record"), keyvault.Record, "un", "deux")
		if err := run(w); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, key := range w.handed {
			if key.Fingerprint() != keyvault.FingerprintOf([keyvault.KeySize]byte{}) {
				t.Errorf("%s: a key outlives it", name)
			}
		}
		if len(w.handed) == 0 {
			t.Errorf("%s opened nothing", name)
		}
	}
}

func (w *world) firstStream() eventstore.StreamID {
	for e, err := range w.log.Read(context.Background(), eventstore.Position{}) {
		w.must(err)
		return e.Stream
	}
	return ""
}

// torn is a store whose bytes end in damage.
type torn struct{ eventstore.Store }

func (s torn) Read(ctx context.Context, after eventstore.Position) iter.Seq2[eventstore.Envelope, error] {
	return func(yield func(eventstore.Envelope, error) bool) {
		for e, err := range s.Store.Read(ctx, after) {
			if !yield(e, err) {
				return
			}
		}
		yield(eventstore.Envelope{}, eventstore.ErrCorrupt)
	}
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

// TestRebuildWhileWritersAndAFollowerGoOn: pages never see a view that is older than it was.
func TestRebuildWhileWritersAndAFollowerGoOn(t *testing.T) {
	w := newWorld(t)
	w.batch = 7
	ctx, cancel := context.WithCancel(t.Context())
	var others sync.WaitGroup
	others.Go(func() {
		if err := projections.Follow(ctx, w.source(), w.views, testView); !errors.Is(err, context.Canceled) {
			t.Errorf("the follower stopped: %v", err)
		}
	})
	others.Go(func() { // a page
		var seen eventstore.Position
		for ctx.Err() == nil {
			at, err := w.views.Cursor(context.Background(), testView.Name)
			if err != nil || at.Compare(seen) < 0 {
				t.Errorf("the view went back from %x to %x, %v", seen, at, err)
				return
			}
			seen = at
		}
	})
	var streams []eventstore.StreamID
	done := make(chan struct{})
	go func() {
		defer close(done)
		streams = write(w, 4, 60)
	}()
	for range 10 {
		_, err := projections.Rebuild(t.Context(), w.source(), w.views, testView)
		w.must(err)
		report, err := projections.Check(t.Context(), w.source(), w.views, viewmemory.New(), testView)
		if err == nil && !report.Exact() {
			t.Errorf("not exact: %v", report.Differ)
		} else if err != nil && !errors.Is(err, projections.ErrMoving) {
			t.Error(err)
		}
	}
	<-done
	cancel()
	others.Wait()
	w.run()
	w.check()
	for _, s := range streams {
		w.expect(s, numbered(60)...)
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

func TestRebuildBeginsAgainFromNothing(t *testing.T) {
	w := newWorld(t)
	a := stream("record")
	w.note(a, keyvault.Record, "un", "deux")
	w.run()
	shadow := testView.Name + "~rebuild" // what an interrupted rebuild left behind
	rows, err := w.views.Rows(t.Context(), testView.Name, a)
	w.must(err)
	half := rows[a]
	half.Sealed, half.Version = []byte("half a row"), 1
	w.must(w.views.Commit(t.Context(), shadow, eventstore.Position{}, w.lastPosition(), []projections.Row{half}))
	_, err = projections.Rebuild(t.Context(), w.source(), w.views, testView)
	w.must(err)
	w.expect(a, "un", "deux")
	w.check()
}

func TestRebuildCatchesUpWithAViewThatMovedOn(t *testing.T) {
	w := newWorld(t)
	a := stream("record")
	w.note(a, keyvault.Record, "un")
	views := &faulty{Store: w.views}
	views.onSwitch = func() {
		views.onSwitch = nil
		w.note(a, keyvault.Record, "deux")
		w.run()
	}
	_, err := projections.Rebuild(t.Context(), w.source(), views, testView)
	w.must(err)
	w.expect(a, "un", "deux")
	w.check()
}

func TestRefoldGoesNoFurtherThanTheView(t *testing.T) {
	w := newWorld(t)
	a := stream("record")
	w.note(a, keyvault.Record, "un")
	w.run()
	w.note(a, keyvault.Record, "deux")
	w.must(projections.Refold(t.Context(), w.source(), w.views, testView, a, stream("record")))
	w.expect(a, "un")
	w.check()
	w.run()
	w.expect(a, "un", "deux")
}

func TestDamagedRowIsFoldedAgain(t *testing.T) {
	w := newWorld(t)
	a := stream("record")
	w.note(a, keyvault.Record, "un")
	at := w.run()
	rows, err := w.views.Rows(t.Context(), testView.Name, a)
	w.must(err)
	bad := rows[a]
	bad.Sealed[15] ^= 1
	w.must(w.views.Commit(t.Context(), testView.Name, at, at, []projections.Row{bad}))
	w.expectError(a, keyvault.ErrCorrupt)
	w.note(a, keyvault.Record, "deux")
	w.run()
	w.expect(a, "un", "deux")
	w.check()
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

func TestCheckFindsWhatDiffers(t *testing.T) {
	w := newWorld(t)
	a, b := stream("record"), stream("record")
	w.note(a, keyvault.Record, "un")
	w.note(b, keyvault.Record, "un")
	w.run()
	old, err := w.views.Rows(t.Context(), testView.Name, a)
	w.must(err)
	w.note(a, keyvault.Record, "deux")
	at := w.run()
	good := w.check()
	if again := w.check(); again.Live == good.Live || good.Live == "" {
		t.Error("the hash of a state is the same twice: it is not keyed")
	}
	for name, change := range map[string]func(r *projections.Row){
		"older row":    func(r *projections.Row) { *r = old[a] },
		"tampered row": func(r *projections.Row) { r.Sealed[15] ^= 1 },
		"label":        func(r *projections.Row) { r.Labels = r.Labels[:1] },
		"parked":       func(r *projections.Row) { r.Parked = 3 },
		"purged":       func(r *projections.Row) { *r = projections.Row{Stream: a, Key: r.Key} },
	} {
		rows, err := w.views.Rows(t.Context(), testView.Name, a)
		w.must(err)
		bad := rows[a]
		change(&bad)
		w.must(w.views.Commit(t.Context(), testView.Name, at, at, []projections.Row{bad}))
		report, err := projections.Check(t.Context(), w.source(), w.views, viewmemory.New(), testView)
		w.must(err)
		if report.Exact() || !slices.Equal(report.Differ, []eventstore.StreamID{a}) || report.Rows != 2 {
			t.Errorf("%s: %+v", name, report)
		}
		_, err = projections.Rebuild(t.Context(), w.source(), w.views, testView)
		w.must(err)
		w.check()
	}
	w.must(w.views.Commit(t.Context(), testView.Name, at, at, []projections.Row{{Stream: stream("record"), Version: 1, Key: w.keys[a], Sealed: []byte("invented")}}))
	report, err := projections.Check(t.Context(), w.source(), w.views, viewmemory.New(), testView)
	w.must(err)
	if report.Exact() || len(report.Differ) != 1 {
		t.Errorf("an invented row: %+v", report)
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
