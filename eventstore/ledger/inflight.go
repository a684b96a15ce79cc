package ledger

import (
	"context"
	"sync"
)

// inFlight knows which orders are being carried out. Whoever fences a key waits for those that came before: one of
// them may hold the key open and append under it. Those that come after find it fenced, and are not waited for.
//
// It knows the orders of this process only. A ledger that several processes write needs their leases besides.
type inFlight struct {
	mu     sync.Mutex
	orders *sync.WaitGroup
}

// enter tells that an order begins; what it answers tells that it ended.
func (f *inFlight) enter() (leave func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.orders == nil {
		f.orders = new(sync.WaitGroup)
	}
	f.orders.Add(1)
	return f.orders.Done
}

// drain waits for the orders that have begun.
func (f *inFlight) drain(ctx context.Context) error {
	f.mu.Lock()
	before := f.orders
	f.orders = nil
	f.mu.Unlock()
	if before == nil {
		return ctx.Err()
	}
	done := make(chan struct{})
	go func() { before.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
