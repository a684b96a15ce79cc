package feed_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"syscall"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"livret/domain"
	"livret/domain/record"
	"livret/eventstore"
	"livret/eventstore/feed"
	"livret/eventstore/ledger"
)

// at fails at one fact of one stream.
func at(stream eventstore.StreamID, sequence eventstore.Version, err error) func(ledger.Fact) error {
	return func(fact ledger.Fact) error {
		if fact.Envelope.Stream == stream && fact.Envelope.Sequence == sequence {
			return err
		}
		return nil
	}
}

func status(t testing.TB, f *feed.Feed) feed.Status {
	t.Helper()
	all, err := f.Status(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return all[0]
}

// TestPoisonIsParked fails at one fact of one livret of five, in batches of any size.
func TestPoisonIsParked(t *testing.T) {
	poisons := map[string]struct {
		err   error
		class string
	}{
		"a refusal":  {domain.Refuse("regle-dite", "Rose MARTIN.", ""), "refused by rule regle-dite"},
		"unreadable": {fmt.Errorf("of Rose MARTIN: %w", ledger.ErrUnreadable), ledger.ErrUnreadable.Error()},
		"another":    {fmt.Errorf("of Rose MARTIN: %w", io.ErrUnexpectedEOF), "*errors.errorString"},
		"a panic":    {nil, "*errors.errorString"},
	}
	for name, poison := range poisons {
		for _, size := range []int{1, 2, 3, 5, 1000} {
			t.Run(fmt.Sprint(name, size), func(t *testing.T) {
				w, heard := newWorld(t), &hearing{}
				var livrets []uuid.UUID
				for range 5 {
					livrets = append(livrets, w.livret(t))
				}
				for n := range 4 {
					for _, livret := range livrets {
						w.write(t, livret, n)
					}
				}
				sick := eventstore.Stream(record.Category, livrets[2])
				heard.fail = at(sick, 4, poison.err)
				if poison.err == nil {
					heard.fail = func(fact ledger.Fact) error {
						if fact.Envelope.Stream == sick && fact.Envelope.Sequence == 4 {
							panic("of Rose MARTIN")
						}
						return nil
					}
				}
				var log bytes.Buffer
				f := feed.New(feed.Config{Ledger: w.Ledger, Cursors: newCursors(), Reactions: []ledger.Reaction{heard}, Batch: size, Log: slog.New(slog.NewTextHandler(&log, nil))})
				catchUp(t, f)
				for n, livret := range livrets {
					want := []eventstore.Version{1, 2, 3, 4, 5, 6}
					if n == 2 {
						want = want[:3]
					}
					if got := heard.of(eventstore.Stream(record.Category, livret)); !slices.Equal(got, want) {
						t.Fatalf("of livret %d, heard %v", n, got)
					}
				}
				s := status(t, f)
				if len(s.Parked) != 1 || s.Parked[0].Stream != sick || s.Parked[0].Sequence != 4 || s.Parked[0].Class != poison.class || s.Parked[0].Attempts != 1 || s.Lag != 0 {
					t.Fatalf("stands at %+v", s)
				}
				if !bytes.Contains(log.Bytes(), []byte(sick)) || bytes.Contains(log.Bytes(), []byte("MARTIN")) {
					t.Errorf("logged %s", log.String())
				}
				w.write(t, livrets[2], 100) // waits behind it
				w.write(t, livrets[1], 100)
				catchUp(t, f)
				if got := heard.of(sick); len(got) != 3 {
					t.Fatalf("a later fact did not wait: %v", got)
				}
				if err := f.Retry(t.Context()); err != nil { // in vain
					t.Fatal(err)
				}
				if s := status(t, f); len(s.Parked) != 1 || s.Parked[0].Sequence != 4 || s.Parked[0].Attempts != 2 {
					t.Fatalf("stands at %+v", s)
				}
				heard.fail = at(sick, 6, poison.err) // something else
				if poison.err != nil {
					if err := f.Retry(t.Context(), sick); err != nil {
						t.Fatal(err)
					}
					if s := status(t, f); len(s.Parked) != 1 || s.Parked[0].Sequence != 6 || s.Parked[0].Attempts != 3 {
						t.Fatalf("stands at %+v", s)
					}
				}
				heard.fail = nil
				if err := f.Retry(t.Context(), eventstore.Stream(record.Category, livrets[0])); err != nil || len(status(t, f).Parked) != 1 {
					t.Fatalf("another stream was meant: %v", err)
				}
				if err := f.Retry(t.Context()); err != nil {
					t.Fatal(err)
				}
				if s := status(t, f); len(s.Parked) != 0 {
					t.Fatalf("stands at %+v", s)
				}
				heard.holds(t, w)
			})
		}
	}
}

// TestWhatPassesIsNotParked fails as a machine does, and hears the same again.
func TestWhatPassesIsNotParked(t *testing.T) {
	for _, passing := range []error{
		ledger.ErrContended, context.DeadlineExceeded, eventstore.ErrClosed, &eventstore.ConflictError{},
		&os.PathError{Op: "write", Err: syscall.ENOSPC}, temporary{},
	} {
		w, heard, healthy := newWorld(t), &hearing{}, &hearing{name: "healthy"}
		w.livret(t)
		sick := eventstore.Stream(record.Category, w.livret(t))
		heard.fail = at(sick, 1, fmt.Errorf("wrapped: %w", passing))
		f := feed.New(feed.Config{Ledger: w.Ledger, Cursors: newCursors(), Reactions: []ledger.Reaction{heard, healthy}})
		if err := f.CatchUp(context.Background()); !errors.Is(err, passing) {
			t.Fatalf("got %v", err)
		}
		if s := status(t, f); len(s.Parked) != 0 || s.Lag != 4 {
			t.Errorf("stands at %+v", s)
		}
		healthy.holds(t, w) // the others caught up
		heard.fail = nil
		catchUp(t, f)
		heard.holds(t, w)
	}
}

type temporary struct{}

func (temporary) Error() string   { return "busy" }
func (temporary) Temporary() bool { return true }

// TestAReactionThatFailsForAllIsStopped does not park the whole ledger.
func TestAReactionThatFailsForAllIsStopped(t *testing.T) {
	w := newWorld(t)
	for range 1100 {
		w.do(t, uuid.New(), record.OpenLivret{Session: 2018})
	}
	heard := &hearing{fail: func(ledger.Fact) error { return errCrash }}
	f := feed.New(feed.Config{Ledger: w.Ledger, Cursors: newCursors(), Reactions: []ledger.Reaction{heard}})
	if err := f.CatchUp(context.Background()); !errors.Is(err, feed.ErrFails) {
		t.Fatalf("got %v", err)
	}
	if s := status(t, f); len(s.Parked) != 0 || s.Lag != 1100 {
		t.Errorf("%d parked, %d to hear", len(s.Parked), s.Lag)
	}
	heard.fail = nil
	catchUp(t, f)
	heard.holds(t, w)
}

// TestAsIfNothingHadFailed lets a reaction fail for good, for a time, and at any of its cursor's moves, while the
// ledger grows, by whatever batches: once nothing fails any more, it has heard everything, in order.
func TestAsIfNothingHadFailed(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		w, kept := newWorld(t), newCursors()
		var livrets []uuid.UUID
		sick := make(map[eventstore.StreamID]error)
		healthy, heard := &hearing{name: "healthy"}, &hearing{name: "heard"}
		heard.fail = func(fact ledger.Fact) error { return sick[fact.Envelope.Stream] }
		crashes := false
		kept.crash = func() (bool, bool) {
			if !crashes {
				return false, false
			}
			return rapid.Bool().Draw(r, "before"), rapid.Bool().Draw(r, "after")
		}
		reborn := func() *feed.Feed {
			size := rapid.SampledFrom([]int{1, 2, 3, 10, 1000}).Draw(r, "batch")
			return feed.New(feed.Config{Ledger: w.Ledger, Cursors: kept, Reactions: []ledger.Reaction{heard}, Batch: size})
		}
		n := 0
		r.Repeat(map[string]func(*rapid.T){
			"open": func(*rapid.T) { livrets = append(livrets, w.livret(t)) },
			"write": func(r *rapid.T) {
				for range rapid.IntRange(1, 5).Draw(r, "facts") {
					if len(livrets) > 0 {
						n++
						w.write(t, rapid.SampledFrom(livrets).Draw(r, "livret"), n)
					}
				}
			},
			"sicken": func(r *rapid.T) {
				if len(livrets) > 0 {
					of := eventstore.Stream(record.Category, rapid.SampledFrom(livrets).Draw(r, "livret"))
					sick[of] = rapid.SampledFrom([]error{errors.New("poison"), ledger.ErrContended}).Draw(r, "failure")
				}
			},
			"heal":    func(*rapid.T) { clear(sick) },
			"catchUp": func(*rapid.T) { crashes = false; _ = reborn().CatchUp(context.Background()) },
			"crash":   func(*rapid.T) { crashes = true; _ = reborn().CatchUp(context.Background()) },
			"retry":   func(*rapid.T) { crashes = false; _ = reborn().Retry(context.Background()) },
			"killed":  func(*rapid.T) { crashes = true; _ = reborn().Retry(context.Background()) },
			"": func(*rapid.T) { // the laws of each moment
				for _, law := range heard.broken {
					r.Fatal(law)
				}
			},
		})
		clear(sick)
		crashes = false
		f := reborn()
		catchUp(t, f)
		if err := f.Retry(context.Background()); err != nil {
			r.Fatal(err)
		}
		catchUp(t, feed.New(feed.Config{Ledger: w.Ledger, Cursors: newCursors(), Reactions: []ledger.Reaction{healthy}}))
		heard.holds(t, w)
		if s := status(t, f); len(s.Parked) != 0 || s.Lag != 0 || len(heard.heard) != len(healthy.heard) {
			r.Fatalf("stands at %+v", s)
		}
	})
}

// choosy hears the openings of livrets and the marks in them.
type choosy struct{ hearing }

func (*choosy) Types() []string {
	return []string{record.LivretOpened{}.EventType(), record.AverageRecorded{}.EventType()}
}

// TestAChoosyReaction is handed facts of its types only, when it is parked and tries again as well.
func TestAChoosyReaction(t *testing.T) {
	w, heard := newWorld(t), new(choosy)
	sick := w.livret(t) // opened, then its periods set
	for n := range 3 {
		w.write(t, sick, n)
	}
	stream := eventstore.Stream(record.Category, sick)
	heard.fail = at(stream, 3, errCrash)
	f := feed.New(feed.Config{Ledger: w.Ledger, Cursors: newCursors(), Reactions: []ledger.Reaction{heard}})
	catchUp(t, f)
	if got := heard.of(stream); !slices.Equal(got, []eventstore.Version{1}) || len(status(t, f).Parked) != 1 {
		t.Errorf("heard %v", got)
	}
	heard.fail = nil
	if err := f.Retry(context.Background()); err != nil {
		t.Fatal(err)
	}
	if got := heard.of(stream); !slices.Equal(got, []eventstore.Version{1, 3, 4, 5}) {
		t.Errorf("heard %v", got)
	}
}
