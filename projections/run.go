package projections

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"runtime"
	"sync/atomic"

	"livret/domain"
	"livret/eventstore"
	"livret/eventstore/keyvault"
)

// Source is where facts come from and what opens them.
type Source struct {
	Store   eventstore.Store
	Keys    keyvault.Opener // each projection is restricted to its classes
	Codec   *domain.Codec
	Workers int // that open and fold at the same time; 0: one per processor
	Batch   int // events of one commit, give or take a page; 0: as many as memory allows

	Only func(eventstore.StreamID) bool // a Check looks at these streams only; nil: at all
}

// Run folds what is new into a view, up to the end of the ledger, and answers the position it reached.
// Several processes may run the same projection: only one at a time moves its cursor, and the others start
// again from where it stands. Killed anywhere and run again, a view is exact.
func Run(ctx context.Context, source Source, store Store, p Projection) (eventstore.Position, error) {
	e := newEngine(source, store, p, p.Name)
	for {
		to, err := e.catchUp(ctx, nil)
		if !errors.Is(err, ErrFenced) {
			return to, err
		}
	}
}

// Follow runs a projection, and again each time the ledger grows, until its context ends. It is the same loop
// when it is late and when it is not: there is no moment of changing over at which an event could be lost.
func Follow(ctx context.Context, source Source, store Store, p Projection) error {
	for {
		to, err := Run(ctx, source, store, p)
		if err != nil {
			return err
		}
		for _, err := range source.Store.Follow(ctx, to) {
			if err != nil {
				return err
			}
			break
		}
	}
}

// Refold folds some streams again from their first event, as far as the view stands: for rows that were
// purged when their key went into custody and whose key came back.
func Refold(ctx context.Context, source Source, store Store, p Projection, streams ...eventstore.StreamID) error {
	e := newEngine(source, store, p, p.Name)
	for {
		err := e.refold(ctx, streams)
		if !errors.Is(err, ErrFenced) {
			return err
		}
	}
}

// When a batch is committed; see batch.full.
const (
	pageSize       = 512       // envelopes handed to the workers together
	queueSize      = 32        // pages that wait for the workers, and for each of them: enough to outlast turns at the processor
	maxBatchEvents = 1_000_000 // of any category
	maxBatchBytes  = 400 << 20 // of sealed bytes
	worthwhile     = 1 << 16   // events that make a batch large enough
	eventsPerRow   = 64        // if there are so many to each row
)

// engine folds one projection into one view, which is the projection's own or a shadow of it.
type engine struct {
	source Source
	keys   keyvault.Opener
	store  Store
	p      Projection
	view   string
}

func newEngine(source Source, store Store, p Projection, view string) *engine {
	source.Workers = cmp.Or(source.Workers, runtime.GOMAXPROCS(0))
	source.Batch = cmp.Or(source.Batch, maxBatchEvents)
	return &engine{source: source, keys: keyvault.Restrict(source.Keys, p.Classes...), store: store, p: p, view: view}
}

// catchUp folds batch after batch to the end of the ledger, or up to a position. While one is being committed,
// the next is already read and folded, upon the rows that are on their way.
func (e *engine) catchUp(ctx context.Context, until *eventstore.Position) (at eventstore.Position, err error) {
	if at, err = e.store.Cursor(ctx, e.view); err != nil {
		return at, err
	}
	ctx, cancel := context.WithCancel(ctx)
	pages := prefetch(ctx, e.source.Store.Read(ctx, at), until, min(pageSize, e.source.Batch))
	committing := inBackground(func() error { return nil })
	defer func() {
		cancel()
		for range pages { // the reader stops before its store may be closed
		}
		err = cmp.Or(err, committing.wait())
	}()
	var previous map[eventstore.StreamID]Row
	for more := true; more; {
		b, err := e.newBatch(ctx, at, previous, committing)
		if err != nil {
			return at, err
		}
		var to eventstore.Position
		if to, more, err = b.fold(ctx, pages); err == nil {
			previous, err = b.seal()
		}
		if err == nil {
			err = committing.wait()
		}
		if err != nil || to == at {
			b.zero()
			return at, err
		}
		committing = inBackground(func() error { return b.commit(ctx, to) })
		at = to
	}
	return at, committing.wait()
}

// background is something that goes on beside.
type background struct {
	done chan struct{}
	err  error
}

func inBackground(do func() error) *background {
	b := &background{done: make(chan struct{})}
	go func() {
		defer close(b.done)
		b.err = do()
	}()
	return b
}

func (b *background) wait() error {
	<-b.done
	return b.err
}

func (b *background) ended() bool {
	select {
	case <-b.done:
		return true
	default:
		return false
	}
}

// page is a run of envelopes in the order of the ledger, or the error that ended them. Every worker reads it,
// and the last one gives it back to be filled again.
type page struct {
	envelopes []eventstore.Envelope
	err       error
	readers   atomic.Int32
	free      chan<- *page
}

func (p *page) done() {
	if p.readers.Add(-1) == 0 {
		clear(p.envelopes)
		select {
		case p.free <- p:
		default:
		}
	}
}

// prefetch reads the ledger a few pages ahead of those who fold it. The channel closes after the last page,
// or when the context ends.
func prefetch(ctx context.Context, envelopes iter.Seq2[eventstore.Envelope, error], until *eventstore.Position, size int) <-chan *page {
	pages, free := make(chan *page, queueSize), make(chan *page, 3*queueSize)
	blank := func() *page {
		select {
		case p := <-free:
			p.envelopes = p.envelopes[:0]
			return p
		default:
			return &page{envelopes: make([]eventstore.Envelope, 0, size), free: free}
		}
	}
	send := func(p *page) bool {
		select {
		case pages <- p:
			return true
		case <-ctx.Done():
			return false
		}
	}
	go func() {
		defer close(pages)
		next := blank()
		for e, err := range envelopes {
			if err != nil {
				send(&page{err: err})
				return
			}
			if until != nil && e.Position.Compare(*until) > 0 {
				break
			}
			if next.envelopes = append(next.envelopes, e); len(next.envelopes) == size {
				if !send(next) {
					return
				}
				next = blank()
			}
		}
		if len(next.envelopes) > 0 {
			send(next)
		}
	}()
	return pages
}
