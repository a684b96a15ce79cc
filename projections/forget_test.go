package projections_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"testing"

	"github.com/google/uuid"

	"livret/eventstore"
	"livret/eventstore/keyvault"
	"livret/projections"
)

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
