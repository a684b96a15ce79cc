package embedded

import (
	"context"
	"errors"
	"fmt"

	"livret/eventstore"
)

const (
	maxRequests = 1024    // that share one commit
	maxBatch    = 4 << 20 // bytes that share one commit, save for the last request
)

// errMoved says that the stream is not where the request wants it. It is for the caller to find out why.
var errMoved = errors.New("embedded: the stream moved")

// request is an append that waits for its durable commit.
type request struct {
	ctx    context.Context
	stream eventstore.StreamID
	first  eventstore.Version
	rows   []row
	size   int
	answer chan answer
}

type answer struct {
	number uint64 // of the last event
	err    error
}

func newRequest(ctx context.Context, drafts []eventstore.Envelope) (*request, error) {
	if err := eventstore.CheckAppend(drafts); err != nil {
		return nil, err
	}
	rows, err := newRows(drafts)
	if err != nil {
		return nil, err
	}
	r := &request{ctx: ctx, stream: drafts[0].Stream, first: drafts[0].Sequence, rows: rows, answer: make(chan answer, 1)}
	for _, row := range rows {
		r.size += len(row.front) + len(row.sealed)
	}
	return r, nil
}

// submit hands a request to the goroutine that writes and waits for its answer.
func (s *Store) submit(ctx context.Context, r *request) (uint64, error) {
	select {
	case s.requests <- r:
	case <-s.quit:
		return 0, eventstore.ErrClosed
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	select {
	case a := <-r.answer:
		return a.number, a.err
	case <-ctx.Done():
		return 0, ctx.Err()
	case <-s.done:
	}
	select {
	case a := <-r.answer: // the last commit was ours
		return a.number, a.err
	default:
		return 0, eventstore.ErrClosed
	}
}

// exclusively runs something on the goroutine that writes, between two commits.
func (s *Store) exclusively(ctx context.Context, do func() error) error {
	done := make(chan error, 1)
	select {
	case s.work <- func() { done <- do() }:
		return <-done
	case <-s.quit:
		return eventstore.ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}

// commitAll is the only writer.
func (s *Store) commitAll() {
	defer close(s.done)
	batch := make([]*request, 0, maxRequests)
	for {
		select {
		case <-s.quit:
			return
		case do := <-s.work:
			do()
		case first := <-s.requests:
			batch = s.gather(append(batch[:0], first))
			s.commit(batch)
			clear(batch)
			if err := s.db.checkpoint(); err != nil && s.db.broken == nil {
				s.db.broken = fmt.Errorf("embedded: moving the log failed, open the store again: %w", explain(err))
			}
		}
	}
}

// gather takes, beside the first request, those that wait already.
func (s *Store) gather(batch []*request) []*request {
	for size := batch[0].size; len(batch) < maxRequests && size < maxBatch; {
		select {
		case r := <-s.requests:
			batch = append(batch, r)
			size += r.size
		default:
			return batch
		}
	}
	return batch
}

// commit makes a batch durable at once and answers each request apart.
func (s *Store) commit(batch []*request) {
	moved := make(map[eventstore.StreamID]head, len(batch))
	at := func(stream eventstore.StreamID) head { // this goroutine alone changes heads, so it reads them freely
		if h, ok := moved[stream]; ok {
			return h
		}
		return s.heads[stream]
	}
	answers := make([]answer, len(batch))
	last := s.last
	err := s.db.transact(func() error {
		for i, r := range batch {
			h := at(r.stream)
			switch {
			case r.ctx.Err() != nil:
				answers[i].err = r.ctx.Err()
				continue
			case h.version != r.first-1:
				answers[i].err = errMoved
				continue
			}
			for j := range r.rows {
				front := r.rows[j].place(last+1, h.number)
				if err := s.db.put(last+1, front, r.rows[j].sealed); err != nil {
					return err
				}
				last++
				h = head{h.version + 1, last}
			}
			moved[r.stream] = h
			answers[i].number = last
		}
		for stream := range moved {
			s.db.dirty[stream] = struct{}{}
		}
		if last-s.db.snapshot < snapshotEvery {
			return nil
		}
		return s.db.save(last, at)
	})
	if err == nil && last != s.last {
		if last-s.db.snapshot >= snapshotEvery {
			s.db.snapshot = last
			clear(s.db.dirty)
		}
		err = s.guard.acknowledge(last)
		s.publish(moved, last)
	}
	for i, r := range batch {
		if answers[i].err == nil && err != nil {
			answers[i] = answer{err: err}
		}
		r.answer <- answers[i]
	}
}

// transact makes what do does durable, all or nothing. Once a commit failed nobody knows what the disk
// holds, and nothing more is written until the store is opened again.
func (w *writer) transact(do func() error) error {
	if w.broken != nil {
		return w.broken
	}
	if err := w.begin.Exec(); err != nil {
		return explain(err)
	}
	err := do()
	if err == nil {
		if err = w.commit.Exec(); err != nil {
			w.broken = fmt.Errorf("embedded: a commit failed, open the store again: %w", explain(err))
		}
	}
	if err != nil && !w.conn.GetAutocommit() {
		if back := w.rollback.Exec(); back != nil && w.broken == nil {
			w.broken = fmt.Errorf("embedded: a commit could not be undone, open the store again: %w", explain(back))
		}
	}
	return explain(err)
}

func (w *writer) put(number uint64, front, sealed []byte) error {
	if err := w.insert.BindInt64(1, int64(number)); err != nil {
		return err
	}
	if err := w.insert.BindBlob(2, front); err != nil {
		return err
	}
	if err := w.insert.BindBlob(3, sealed); err != nil {
		return err
	}
	return w.insert.Exec()
}
