package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"livret/domain"
	"livret/domain/record"
	"livret/eventstore"
	"livret/eventstore/ledger"
	"livret/eventstore/memory"
)

// given is an order and what is known of its answer.
type given struct {
	order    ledger.Order
	command  domain.Command[*record.State]
	answered bool
	result   ledger.Result
}

// give gives an order, and compares its answer with the one it had before.
func (f *fixture) give(livret uuid.UUID, g *given) error {
	result, err := ledger.Execute(context.Background(), f.Ledger, g.order, record.Decider, livret, g.command)
	switch {
	case errors.Is(err, memory.ErrFault):
		return nil // nobody knows; it is given again
	case err != nil:
		return err
	case !g.answered:
		g.answered, g.result = true, result
		return nil
	case !result.Replay:
		return errors.New("carried out again")
	case result.Version != g.result.Version || !reflect.DeepEqual(result.Events, g.result.Events):
		return fmt.Errorf("answered %+v, originally %+v", result, g.result)
	}
	return nil
}

// TestExecuteIsExactlyOnce is the law of command ids, under any interleaving of commands, late retries, faults
// before and after taking effect, refusals and concurrent writers.
func TestExecuteIsExactlyOnce(t *testing.T) {
	synctest.Test(t, exactlyOnce) // what waits between tries takes no time
}

func exactlyOnce(t *testing.T) {
	rapid.Check(struct{ testing.TB }{t}, func(r *rapid.T) { // without t.Deadline, which has no meaning in there
		f := open(t)
		livret := f.livret(t)
		base, _ := f.count(t)
		var all []*given
		fresh := func(r *rapid.T) *given {
			mark := rapid.IntRange(10, 12).Draw(r, "mark") * 100 // few values: many commands change nothing
			g := &given{order: f.order(), command: average(t, uint8(rapid.IntRange(1, 2).Draw(r, "period")), mark)}
			all = append(all, g)
			return g
		}
		any := func(r *rapid.T) *given {
			if len(all) == 0 {
				r.Skip("nothing to retry")
			}
			return all[rapid.IntRange(0, len(all)-1).Draw(r, "which")]
		}
		check := func(err error) {
			if err != nil {
				r.Fatal(err)
			}
		}
		r.Repeat(map[string]func(*rapid.T){
			"command": func(r *rapid.T) { check(f.give(livret, fresh(r))) },
			"retry":   func(r *rapid.T) { check(f.give(livret, any(r))) },
			"faults": func(r *rapid.T) {
				f.store.FailBefore(rapid.IntRange(0, 2).Draw(r, "before"))
				f.store.FailAfter(rapid.IntRange(0, 2).Draw(r, "after"))
			},
			"outage": func(r *rapid.T) { // longer than Execute insists: the answer is unknown
				before := rapid.Bool().Draw(r, "before")
				if before {
					f.store.FailBefore(5)
				} else {
					f.store.FailAfter(5)
				}
				check(f.give(livret, fresh(r)))
				f.store.FailBefore(0)
				f.store.FailAfter(0)
			},
			"refusal": func(r *rapid.T) {
				before, _ := f.count(t)
				var refusal *domain.Refusal
				if err := f.give(livret, &given{order: f.order(), command: average(t, 9, 1000)}); !errors.As(err, &refusal) {
					r.Fatalf("got %v", err)
				}
				if after, _ := f.count(t); after != before {
					r.Fatal("a refusal left a trace")
				}
			},
			"together": func(r *rapid.T) {
				var orders []*given
				for range rapid.IntRange(2, 4).Draw(r, "writers") {
					orders = append(orders, fresh(r))
				}
				twice := *orders[0] // the same order given twice at once
				orders = append(orders, &twice)
				errs := make([]error, len(orders))
				var wg sync.WaitGroup
				for i, g := range orders {
					wg.Go(func() { errs[i] = f.give(livret, g) })
				}
				wg.Wait()
				check(errors.Join(errs...))
				if twice.answered && orders[0].answered {
					if twice.result.Version != orders[0].result.Version || !reflect.DeepEqual(twice.result.Events, orders[0].result.Events) {
						r.Fatalf("one order was answered %+v and %+v", twice.result, orders[0].result)
					}
				}
			},
		})
		f.store.FailBefore(0)
		f.store.FailAfter(0)
		for range 2 {
			for _, g := range all {
				check(f.give(livret, g))
			}
		}
		// One event for each order, be it only that it was heard.
		causes := make(map[uuid.UUID]int)
		for fact, err := range f.Stream(context.Background(), eventstore.Stream(record.Category, livret)) {
			check(err)
			causes[fact.Cause]++
		}
		for _, g := range all {
			if n := causes[g.order.ID]; n != 1 {
				r.Fatalf("an order has %d events", n)
			}
		}
		if n, _ := f.count(t); n != base+len(all) {
			r.Fatalf("%d events of %d orders", n-base, len(all))
		}
	})
}

// TestQuietOrdersLeaveNoTraceOfNothing gives quiet orders that change nothing, and one that does, late again.
func TestQuietOrdersLeaveNoTraceOfNothing(t *testing.T) {
	f := open(t)
	livret := f.livret(t)
	first := f.order()
	first.Quiet = true
	original := f.do(t, first, livret, average(t, 1, 1200))
	events, keys := f.count(t)
	quiet := f.order()
	quiet.Quiet = true
	if result := f.do(t, quiet, livret, average(t, 1, 1200)); result.Version != original.Version || len(result.Events) != 0 {
		t.Errorf("got %+v", result)
	}
	f.untouched(t, events, keys)
	f.do(t, f.order(), livret, average(t, 1, 1500))
	if again := f.do(t, first, livret, average(t, 1, 1200)); !again.Replay || again.Version != original.Version {
		t.Errorf("late: %+v", again)
	}
}

// TestManyWritersOfOneStream has more writers than a class has teachers.
func TestManyWritersOfOneStream(t *testing.T) {
	f := open(t)
	livret := f.livret(t)
	var wg sync.WaitGroup
	for i := range 64 {
		wg.Go(func() { f.do(t, f.order(), livret, average(t, 1, 500+i)) })
	}
	wg.Wait()
	if head, _ := f.store.Head(context.Background(), eventstore.Stream(record.Category, livret)); head != 66 {
		t.Errorf("%d events", head)
	}
}
