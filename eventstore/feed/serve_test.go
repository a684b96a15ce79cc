package feed_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"livret/domain/deliberation"
	"livret/domain/record"
	"livret/eventstore"
	"livret/eventstore/feed"
	"livret/eventstore/ledger"
)

// pass lets time pass in a bubble, until everybody waits again.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// serve runs a feed until the end of the test, which fails if a goroutine is left.
func serve(t *testing.T, f *feed.Feed) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- f.Serve(ctx) }()
	return func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("ended with %v", err)
		}
	}
}

// TestServeHearsWhatIsCommitted appends beside a feed that serves, which waits out what passes, and parks poison.
func TestServeHearsWhatIsCommitted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, heard := newWorld(t), &hearing{}
		var shown, failed atomic.Int64
		f := feed.New(feed.Config{Ledger: w.Ledger, Cursors: newCursors(), Reactions: []ledger.Reaction{heard, &hearing{name: "other"}},
			Views: func(context.Context) error { shown.Add(1); return nil }})
		defer serve(t, f)()
		livret := w.livret(t)
		pass(time.Second)
		heard.holds(t, w)
		if n := shown.Load(); n < 2 {
			t.Errorf("views were shown %d times", n)
		}
		heard.fails(func(ledger.Fact) error { failed.Add(1); return ledger.ErrContended })
		w.write(t, livret, 1)
		pass(time.Hour)
		if n := failed.Load(); n < 60 || n > 80 { // the pauses grow to a minute
			t.Errorf("tried %d times in an hour", n)
		}
		heard.fails(nil)
		pass(2 * time.Minute)
		heard.holds(t, w)

		heard.fails(at(eventstore.Stream(record.Category, livret), 4, errCrash))
		w.write(t, livret, 2)
		w.livret(t)
		pass(time.Second)
		if s := status(t, f); len(s.Parked) != 1 || s.Lag != 0 {
			t.Errorf("stands at %+v", s)
		}
		catchUp(t, f) // beside it
		heard.fails(nil)
		if err := f.Retry(context.Background()); err != nil {
			t.Error(err)
		}
		heard.holds(t, w)
	})
}

// TestServeEndsInTheMiddle ends while a reaction is at work, which hears of it.
func TestServeEndsInTheMiddle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.livret(t)
		slow := &slow{}
		f := feed.New(feed.Config{Ledger: w.Ledger, Cursors: newCursors(), Reactions: []ledger.Reaction{slow}})
		stop := serve(t, f)
		pass(time.Second)
		stop()
		if !slow.ended {
			t.Error("it was left at work")
		}
		if s := status(t, f); s.Lag != 2 || len(s.Parked) > 0 {
			t.Errorf("stands at %+v", s)
		}
	})
}

type slow struct {
	hearing
	ended bool
}

func (s *slow) React(ctx context.Context, _ *ledger.Ledger, _ []ledger.Fact) error {
	<-ctx.Done()
	time.Sleep(time.Second)
	s.ended = true
	return fmt.Errorf("half done: %w", ctx.Err())
}

// TestServeEndsWithTheStore gives up when the ledger is closed.
func TestServeEndsWithTheStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		f := feed.New(feed.Config{Ledger: w.Ledger, Cursors: newCursors(), Reactions: []ledger.Reaction{&hearing{}}})
		ended := make(chan error, 1)
		go func() { ended <- f.Serve(context.Background()) }()
		pass(time.Second)
		w.store.Close()
		if err := <-ended; !errors.Is(err, eventstore.ErrClosed) {
			t.Errorf("ended with %v", err)
		}
	})
}

// TestDaysAreHeardOnce goes through days, open and closed, to the other side of a leap day.
func TestDaysAreHeardOnce(t *testing.T) {
	w, kept, heard := newWorld(t), newCursors(), &hearing{categories: []string{ledger.Days}}
	f := feed.New(feed.Config{Ledger: w.Ledger, Cursors: kept, Reactions: []ledger.Reaction{heard}, Batch: 2})
	on := func(now time.Time) {
		w.now = func() time.Time { return now }
		catchUp(t, f)
	}
	on(time.Date(2020, 2, 27, 22, 59, 59, 0, time.UTC))
	on(time.Date(2020, 2, 27, 23, 0, 0, 0, time.UTC)) // midnight in Paris
	on(time.Date(2020, 2, 20, 23, 0, 0, 0, time.UTC)) // a clock set back
	on(time.Date(2020, 3, 3, 12, 0, 0, 0, time.UTC))
	on(time.Date(2020, 3, 3, 13, 0, 0, 0, time.UTC))
	var days []string
	for _, fact := range heard.heard {
		days = append(days, fact.Event.(ledger.DayBegan).Day.String())
	}
	if got := fmt.Sprint(days); got != "[2020-02-27 2020-02-28 2020-02-29 2020-03-01 2020-03-02 2020-03-03]" {
		t.Errorf("heard %s", got)
	}
	if len(heard.broken) > 0 {
		t.Error(heard.broken)
	}
}

// TestADayThatFailsIsParked lets the later days wait behind it.
func TestADayThatFailsIsParked(t *testing.T) {
	w, heard := newWorld(t), &hearing{categories: []string{ledger.Days, record.Category}}
	f := feed.New(feed.Config{Ledger: w.Ledger, Cursors: newCursors(), Reactions: []ledger.Reaction{heard}})
	start := w.now()
	catchUp(t, f)
	heard.fail = func(fact ledger.Fact) error {
		if day, ok := fact.Event.(ledger.DayBegan); ok && day.Day.String() == "2018-06-12" {
			return errCrash
		}
		return nil
	}
	w.now = func() time.Time { return start.AddDate(0, 0, 4) }
	w.livret(t)
	catchUp(t, f)
	if len(heard.of(ledger.DaysStream)) != 2 || len(heard.heard) != 4 {
		t.Errorf("heard %d facts", len(heard.heard))
	}
	if all, err := f.Status(t.Context()); err != nil || len(all) != 2 || all[1].Name != "reaction.hearing.days" || len(all[0].Parked) != 0 || len(all[1].Parked) != 1 {
		t.Errorf("stands at %+v, %v", all, err)
	}
	heard.fail = nil
	if err := f.Retry(context.Background()); err != nil {
		t.Fatal(err)
	}
	if len(heard.of(ledger.DaysStream)) != 5 {
		t.Errorf("heard %d days", len(heard.of(ledger.DaysStream)))
	}
	heard.holds(t, w)
}

// TestServeHearsDays waits for midnight in Paris.
func TestServeHearsDays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, heard := newWorld(t), &hearing{categories: []string{ledger.Days}}
		w.now = time.Now // that of the bubble: midnight, 1 January 2000 in UTC
		defer serve(t, feed.New(feed.Config{Ledger: w.Ledger, Cursors: newCursors(), Reactions: []ledger.Reaction{heard}}))()
		pass(22*time.Hour + 59*time.Minute)
		if n := heard.days(); n != 1 {
			t.Errorf("heard %d days", n)
		}
		pass(2 * time.Minute)
		if n := heard.days(); n != 2 {
			t.Errorf("heard %d days", n)
		}
	})
}

// TestDaysAreHeardAfterFacts has a day put an end to something only when all that came before had its effect.
func TestDaysAreHeardAfterFacts(t *testing.T) {
	w := newWorld(t)
	for range 3 {
		w.livret(t)
	}
	registered := &hearing{name: "registered", categories: []string{deliberation.Category}}
	ends := &hearing{name: "ends", categories: []string{ledger.Days}}
	ends.fail = func(ledger.Fact) error {
		if len(registered.heard) != 3 {
			return errCrash
		}
		return nil
	}
	f := feed.New(feed.Config{Ledger: w.Ledger, Cursors: newCursors(), Reactions: []ledger.Reaction{ends, registered, ledger.Candidates{}}, Batch: 1})
	catchUp(t, f)
	if parked, err := f.Parked(context.Background()); err != nil || len(parked) > 0 || len(ends.heard) != 1 {
		t.Errorf("parked %+v, %v", parked, err)
	}
}
