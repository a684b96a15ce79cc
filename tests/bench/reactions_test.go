package bench

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"livret/domain/access"
	"livret/domain/mark"
	"livret/domain/nomenclature"
	"livret/domain/record"
	"livret/eventstore"
	"livret/eventstore/feed"
	"livret/eventstore/ledger"
)

// BenchmarkReactions hears some 200,000 facts through the router, and in the same run through a plain loop that does
// what the router does when nothing fails: facts opened in order, handed over in batches of the same size, a cursor
// moved after each. "of-loop" is the rate of the one in that of the other.
func BenchmarkReactions(b *testing.B) {
	l, grant := openLedger(b)
	fillMarks(b, l, grant, openLivrets(b, l, grant, 1000))
	for _, batch := range []int{500, 50_000} {
		b.Run(fmt.Sprintf("batch=%d", batch), func(b *testing.B) {
			var router, loop time.Duration
			heard := new(counting)
			for b.Loop() {
				started := time.Now()
				if err := plainLoop(l, newCursors(), heard, batch); err != nil {
					b.Fatal(err)
				}
				loop += time.Since(started)
				started = time.Now()
				if err := feed.New(feed.Config{Ledger: l, Cursors: newCursors(), Reactions: []ledger.Reaction{heard}, Batch: batch}).CatchUp(context.Background()); err != nil {
					b.Fatal(err)
				}
				router += time.Since(started)
			}
			b.ReportMetric(float64(heard.facts)/2/router.Seconds(), "facts/s")
			b.ReportMetric(float64(heard.facts)/2/loop.Seconds(), "loop-facts/s")
			b.ReportMetric(loop.Seconds()/router.Seconds(), "of-loop")
		})
	}
}

// BenchmarkNothingToHear is what a reaction costs each time somebody saves a mark that does not concern it.
func BenchmarkNothingToHear(b *testing.B) {
	l, _ := openLedger(b)
	f := feed.New(feed.Config{Ledger: l, Cursors: newCursors(), Reactions: []ledger.Reaction{new(counting)}})
	for b.Loop() {
		if err := f.CatchUp(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
}

// fillMarks enters 198 marks in each livret.
func fillMarks(b *testing.B, l *ledger.Ledger, grant access.Grant, ids []uuid.UUID) {
	b.Helper()
	year := record.ImportedYear{Year: 2017, Periods: 3}
	for n := range 66 {
		evaluation := record.Evaluation{Matiere: nomenclature.Matiere(fmt.Sprintf("%06d", 10000+n)), Modalite: "S"}
		for period := range uint8(3) {
			m, err := mark.Hundredths(800 + n)
			if err != nil {
				b.Fatal(err)
			}
			evaluation.Averages = append(evaluation.Averages, record.PeriodAverage{Period: period + 1, Mark: m})
		}
		year.Evaluations = append(year.Evaluations, evaluation)
	}
	var next atomic.Int64
	each(16, func() {
		for i := int(next.Add(1)) - 1; i < len(ids); i = int(next.Add(1)) - 1 {
			command := record.ImportLivret{Session: 2018, Years: []record.ImportedYear{year}}
			if _, err := ledger.Execute(context.Background(), l, ledger.Order{ID: uuid.New(), Grant: grant, Quiet: true}, record.Decider, ids[i], command); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

func plainLoop(l *ledger.Ledger, kept *cursors, r ledger.Reaction, batch int) error {
	ctx := context.Background()
	for from := (eventstore.Position{}); ; {
		to := from
		var facts []ledger.Fact
		for fact, err := range l.Facts(ctx, from, r.Categories()...) {
			if err != nil {
				return err
			}
			if facts, to = append(facts, fact), fact.Envelope.Position; len(facts) == batch {
				break
			}
		}
		if len(facts) == 0 {
			return nil
		}
		if err := r.React(ctx, l, facts); err != nil {
			return err
		}
		if err := kept.Advance(ctx, r.Name(), from, to); err != nil {
			return err
		}
		from = to
	}
}

// counting is a reaction that only counts.
type counting struct{ facts int }

func (*counting) Name() string         { return "reaction.counting.v1" }
func (*counting) Categories() []string { return []string{record.Category} }

func (c *counting) React(_ context.Context, _ *ledger.Ledger, facts []ledger.Fact) error {
	c.facts += len(facts)
	return nil
}

// cursors are in memory.
type cursors struct {
	mu sync.Mutex
	at map[string]eventstore.Position
}

func newCursors() *cursors { return &cursors{at: make(map[string]eventstore.Position)} }

func (c *cursors) Cursor(_ context.Context, name string) (eventstore.Position, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at[name], nil
}

func (c *cursors) Parked(context.Context, string) ([]feed.Parked, error) { return nil, nil }

func (c *cursors) Advance(_ context.Context, name string, from, to eventstore.Position, _ ...feed.Parked) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.at[name] != from {
		return feed.ErrMoved
	}
	c.at[name] = to
	return nil
}
