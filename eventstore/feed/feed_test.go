package feed_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/google/uuid"

	"livret/domain/deliberation"
	"livret/domain/record"
	"livret/eventstore"
	"livret/eventstore/feed"
	"livret/eventstore/keyvault"
	"livret/eventstore/keyvault/vaulttest"
	"livret/eventstore/ledger"
)

func catchUp(t testing.TB, f *feed.Feed) {
	t.Helper()
	if err := f.CatchUp(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// TestFactsAreHeardInOrderAndOnce catches up in batches of any size, in steps, and by several feeds.
func TestFactsAreHeardInOrderAndOnce(t *testing.T) {
	for _, size := range []int{1, 2, 3, 7, 1000} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			w, kept := newWorld(t), newCursors()
			a, b := &hearing{name: "a"}, &hearing{name: "b"}
			reactions := []ledger.Reaction{a, b}
			for n := range 3 {
				livret := w.livret(t)
				for i := range 5 {
					w.write(t, livret, 10*n+i)
				}
				catchUp(t, feed.New(feed.Config{Ledger: w.Ledger, Cursors: kept, Reactions: reactions, Batch: size}))
			}
			a.holds(t, w)
			b.holds(t, w)
			for i := 1; i < len(a.heard); i++ {
				if a.heard[i-1].Envelope.Position.Compare(a.heard[i].Envelope.Position) >= 0 {
					t.Error("not in the order of the ledger")
				}
			}
			calls := a.calls
			catchUp(t, feed.New(feed.Config{Ledger: w.Ledger, Cursors: kept, Reactions: reactions}))
			if a.calls != calls || len(a.heard) != 21 {
				t.Errorf("heard %d facts in %d calls, and %d calls more", len(a.heard), calls, a.calls-calls)
			}
		})
	}
}

// TestWhatFollowsIsHeardToo has one reaction hear what another one did, in whatever order they are listed.
func TestWhatFollowsIsHeardToo(t *testing.T) {
	w := newWorld(t)
	after := &hearing{name: "after", categories: []string{deliberation.Category}}
	for range 3 {
		w.livret(t)
	}
	catchUp(t, feed.New(feed.Config{Ledger: w.Ledger, Cursors: newCursors(), Reactions: []ledger.Reaction{after, ledger.Candidates{}}}))
	if after.holds(t, w); len(after.heard) != 3 {
		t.Errorf("heard %d candidates", len(after.heard))
	}
}

// TestNothingIsHidden has facts that can not be read any more, lawfully or not.
func TestNothingIsHidden(t *testing.T) {
	w := newWorld(t)
	states := make(map[eventstore.StreamID]ledger.Readability)
	ctx := context.Background()
	for _, state := range []ledger.Readability{ledger.Readable, ledger.Archived, ledger.Shredded, ledger.Unreadable} {
		livret := w.livret(t)
		states[eventstore.Stream(record.Category, livret)] = state
		key, err := w.vault.Find(ctx, livret, keyvault.Record)
		if err != nil {
			t.Fatal(err)
		}
		switch state {
		case ledger.Archived:
			vaulttest.Move(t, w.vault, key.ID, keyvault.Active, keyvault.Archived)
		case ledger.Shredded:
			vaulttest.Move(t, w.vault, key.ID, keyvault.Active, keyvault.Fenced, keyvault.Shredded)
		case ledger.Unreadable:
			if err := w.vault.Forget(ctx, key.ID); err != nil {
				t.Fatal(err)
			}
		}
	}
	heard := &hearing{}
	catchUp(t, feed.New(feed.Config{Ledger: w.Ledger, Cursors: newCursors(), Reactions: []ledger.Reaction{heard}}))
	heard.holds(t, w)
	for _, fact := range heard.heard {
		if want := states[fact.Envelope.Stream]; fact.State != want || (fact.Event != nil) != (want == ledger.Readable) {
			t.Errorf("handed as %s, want %s", fact.State, want)
		}
	}
}

// TestViewsAreShownFirst has what a reaction is about to hear folded before.
func TestViewsAreShownFirst(t *testing.T) {
	w := newWorld(t)
	w.livret(t)
	shown := 0
	heard := &hearing{fail: func(ledger.Fact) error {
		if shown == 0 {
			return errors.New("not shown")
		}
		return nil
	}}
	views := func(context.Context) error { shown++; return nil }
	f := feed.New(feed.Config{Ledger: w.Ledger, Cursors: newCursors(), Reactions: []ledger.Reaction{heard}, Views: views})
	catchUp(t, f)
	if status, err := f.Status(context.Background()); err != nil || len(status[0].Parked) > 0 {
		t.Errorf("%+v, %v", status, err)
	}
	w.livret(t)
	f = feed.New(feed.Config{Ledger: w.Ledger, Cursors: newCursors(), Reactions: []ledger.Reaction{&hearing{}}, Views: func(context.Context) error { return errCrash }})
	if err := f.CatchUp(context.Background()); !errors.Is(err, errCrash) {
		t.Errorf("got %v", err)
	}
}

// TestAReactionIsNeverCalledTwiceAtOnce lets many catch up at the same time.
func TestAReactionIsNeverCalledTwiceAtOnce(t *testing.T) {
	w, heard := newWorld(t), &hearing{categories: []string{record.Category, ledger.Days}}
	f := feed.New(feed.Config{Ledger: w.Ledger, Cursors: newCursors(), Reactions: []ledger.Reaction{heard}, Batch: 2})
	for range 10 {
		w.livret(t)
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if err := f.CatchUp(context.Background()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	heard.holds(t, w)
}

// TestACursorThatOthersMoveIsReadAgain has two feeds over the same cursors, as if two processes were at work.
func TestACursorThatOthersMoveIsReadAgain(t *testing.T) {
	w, kept := newWorld(t), newCursors()
	var other *feed.Feed
	both := &hearing{fail: func(fact ledger.Fact) error {
		if fact.Envelope.Sequence == 2 {
			return other.CatchUp(context.Background())
		}
		return nil
	}}
	w.livret(t)
	second := &hearing{}
	other = feed.New(feed.Config{Ledger: w.Ledger, Cursors: kept, Reactions: []ledger.Reaction{second}})
	catchUp(t, feed.New(feed.Config{Ledger: w.Ledger, Cursors: kept, Reactions: []ledger.Reaction{both}}))
	both.holds(t, w)
	second.holds(t, w)
}

// TestNobodyHears has no reaction, or one that hears nothing.
func TestNobodyHears(t *testing.T) {
	w := newWorld(t)
	w.livret(t)
	catchUp(t, feed.New(feed.Config{Ledger: w.Ledger, Cursors: newCursors()}))
	catchUp(t, feed.New(feed.Config{Ledger: w.Ledger, Cursors: newCursors(), Reactions: []ledger.Reaction{&hearing{categories: []string{}}}}))
}

// TestMuchThatDoesNotConcernAReactionIsReadOnce moves a cursor past events of other categories.
func TestMuchThatDoesNotConcernAReactionIsReadOnce(t *testing.T) {
	w, kept := newWorld(t), newCursors()
	heard := &hearing{categories: []string{deliberation.Category}}
	f := feed.New(feed.Config{Ledger: w.Ledger, Cursors: kept, Reactions: []ledger.Reaction{heard}})
	var drafts []eventstore.Envelope
	for n := range 1000 {
		drafts = append(drafts, eventstore.Envelope{
			Header: eventstore.Header{Ledger: uuid.New(), Event: uuid.New(), Type: "other.Event", Sequence: eventstore.Version(n + 1)}, Sealed: []byte("{}"),
		})
	}
	for range 11 {
		stream, ledger := eventstore.Stream("other", uuid.New()), uuid.New()
		for i := range drafts {
			drafts[i].Stream, drafts[i].Ledger = stream, ledger
		}
		if _, err := w.store.Append(context.Background(), drafts...); err != nil {
			t.Fatal(err)
		}
	}
	catchUp(t, f)
	catchUp(t, f)
	if kept.moves != 1 || heard.calls != 0 {
		t.Errorf("%d moves, %d calls", kept.moves, heard.calls)
	}
}
