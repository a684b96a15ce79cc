package projections_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"livret/eventstore"
	"livret/eventstore/keyvault"
	"livret/projections"
	viewmemory "livret/projections/memory"
)

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
