package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"livret/eventstore"
	"livret/eventstore/feed"
	"livret/eventstore/ledger"
)

// cursors remembers how far reactions have heard, in memory. It can be made to crash before it advances.
type cursors struct {
	mu    sync.Mutex
	at    map[string]eventstore.Position
	crash bool
	moves int
}

func newCursors() *cursors { return &cursors{at: make(map[string]eventstore.Position)} }

var errCrash = errors.New("crashed before the cursor advanced")

func (c *cursors) Cursor(_ context.Context, name string) (eventstore.Position, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at[name], nil
}

func (c *cursors) Parked(context.Context, string) ([]feed.Parked, error) { return nil, nil }

func (c *cursors) Advance(_ context.Context, name string, from, to eventstore.Position, changed ...feed.Parked) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(changed) > 0 {
		return fmt.Errorf("%s parks %+v", name, changed)
	}
	if c.crash {
		return errCrash
	}
	if c.at[name] != from {
		return feed.ErrMoved
	}
	c.moves++
	c.at[name] = to
	return nil
}

// React lets a reaction hear what is new, in batches of any size. Nothing may be parked.
func (f *fixture) React(ctx context.Context, kept *cursors, r ledger.Reaction) error {
	return react(ctx, f.Ledger, kept, r, f.batch)
}

func react(ctx context.Context, l *ledger.Ledger, kept *cursors, r ledger.Reaction, batch int) error {
	return feed.New(feed.Config{Ledger: l, Cursors: kept, Reactions: []ledger.Reaction{r}, Batch: batch}).CatchUp(ctx)
}
