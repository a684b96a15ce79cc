package projections

import (
	"context"
	"hash/maphash"
	"sync"
	"sync/atomic"

	"livret/eventstore"
	"livret/eventstore/keyvault"
	"livret/eventstore/ledger/facts"
)

// batch is a run of the ledger folded in memory and committed in one transaction. Its workers share the
// streams out between them, so that the events of one stream are folded in order and without locks, and each
// key is opened once.
type batch struct {
	e          *engine
	from       eventstore.Position
	generation uint64 // of the keys when the batch started
	workers    []*worker
	seed       maphash.Seed
	met        atomic.Int64                // rows of the batch
	previous   map[eventstore.StreamID]Row // those of the batch before,
	committing *background                 // which may still be on their way
}

func (e *engine) newBatch(ctx context.Context, from eventstore.Position, previous map[eventstore.StreamID]Row, committing *background) (*batch, error) {
	generation, err := e.keys.Generation(ctx)
	if err != nil {
		return nil, err
	}
	b := &batch{e: e, from: from, generation: generation, seed: maphash.MakeSeed(), previous: previous, committing: committing}
	for i := range e.source.Workers {
		b.workers = append(b.workers, &worker{batch: b, index: uint64(i), rows: make(map[eventstore.StreamID]*row), facts: facts.Reader{Codec: e.source.Codec}})
	}
	return b, nil
}

// fold hands pages to the workers until there are none or the batch is full, and answers the position of the
// last event it saw, whether it was folded or not, and whether there may be more.
func (b *batch) fold(ctx context.Context, pages <-chan *page) (to eventstore.Position, more bool, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	for _, w := range b.workers {
		w.pages = make(chan *page, queueSize)
		wg.Go(func() {
			for p := range w.pages {
				if ctx.Err() == nil {
					if err := w.fold(ctx, p.envelopes); err != nil {
						cancel(err)
					}
				}
				p.done()
			}
		})
	}
	to = b.from
	to, more, err = b.share(ctx, pages)
	for _, w := range b.workers {
		close(w.pages)
	}
	wg.Wait()
	if err == nil {
		err = context.Cause(ctx)
	}
	return to, more, err
}

// share gives each page to every worker, who takes what is his.
func (b *batch) share(ctx context.Context, pages <-chan *page) (to eventstore.Position, more bool, err error) {
	to = b.from
	events, size := 0, 0
	for !b.full(events, size) {
		var next *page
		var ok bool
		select {
		case next, ok = <-pages:
		case <-ctx.Done():
			return to, false, context.Cause(ctx)
		}
		if !ok {
			return to, false, ctx.Err()
		}
		if next.err != nil {
			return to, false, next.err
		}
		for i := range next.envelopes {
			events++
			size += len(next.envelopes[i].Sealed)
		}
		to = next.envelopes[len(next.envelopes)-1].Position
		next.readers.Store(int32(len(b.workers)))
		for _, w := range b.workers {
			w.pages <- next
		}
	}
	return to, true, nil
}

// full tells whether it is time to commit: before memory runs short, and as soon as rows have grown by so many
// events that writing them is cheap beside, and the batch before is out of the way. So an import, which brings pupil after pupil whole, is committed
// while it is still being read, and no row is written over and over when events of all pupils come mixed.
func (b *batch) full(events, size int) bool {
	return events >= b.e.source.Batch || size >= maxBatchBytes ||
		events >= worthwhile && events >= eventsPerRow*int(b.met.Load()) && b.committing.ended()
}

// seal seals the rows that changed and answers them.
func (b *batch) seal() (map[eventstore.StreamID]Row, error) {
	if err := b.each(func(w *worker) error { return w.seal() }); err != nil {
		return nil, err
	}
	sealed := make(map[eventstore.StreamID]Row, b.met.Load())
	for _, w := range b.workers {
		for stream, r := range w.rows {
			if r.changed {
				sealed[stream] = r.Row
			}
		}
	}
	return sealed, nil
}

// commit writes the rows and moves the cursor with them, and zeroes the keys. It looks at the keys before, so
// that no row is written under one that was destroyed while it was in use, and after, for one destroyed in
// between.
func (b *batch) commit(ctx context.Context, to eventstore.Position) error {
	defer b.zero()
	if err := b.fence(ctx, func(r *row) error { r.purge(); return nil }); err != nil {
		return err
	}
	var rows []Row
	for _, w := range b.workers {
		for _, r := range w.rows {
			if r.changed {
				rows = append(rows, r.Row)
			}
		}
	}
	if err := b.e.store.Commit(ctx, b.e.view, b.from, to, rows); err != nil {
		return err
	}
	return b.fence(ctx, func(r *row) error { return b.e.store.Purge(ctx, r.Key) })
}

// fence finds the rows whose key is no longer active, if any key changed state since the batch started.
func (b *batch) fence(ctx context.Context, dead func(*row) error) error {
	for {
		generation, err := b.e.keys.Generation(ctx)
		if err != nil || generation == b.generation {
			return err
		}
		for _, w := range b.workers {
			for _, r := range w.rows {
				if r.Sealed == nil || r.key == nil {
					continue
				}
				info, err := b.e.keys.Info(ctx, r.Key)
				if err == nil && info.State != keyvault.Active {
					err = dead(r)
				}
				if err != nil {
					return err
				}
			}
		}
		b.generation = generation
	}
}

// each lets all workers do something at the same time.
func (b *batch) each(do func(*worker) error) error {
	errs := make([]error, len(b.workers))
	var wg sync.WaitGroup
	for i, w := range b.workers {
		wg.Go(func() { errs[i] = do(w) })
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// zero overwrites the keys of the batch and what was opened with them last.
func (b *batch) zero() {
	for _, w := range b.workers {
		w.facts.Zero()
		for _, r := range w.rows {
			if r.key != nil {
				r.key.Zero()
			}
		}
	}
}
