package ledger_test

import (
	"context"
	"errors"
	"sync"

	"livret/eventstore"
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

func (c *cursors) Advance(_ context.Context, name string, from, to eventstore.Position) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.crash {
		return errCrash
	}
	if c.at[name] != from {
		return errors.New("the cursor stands elsewhere")
	}
	c.moves++
	c.at[name] = to
	return nil
}
