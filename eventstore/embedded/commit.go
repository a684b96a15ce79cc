package embedded

import (
	"context"
	"errors"
	"fmt"
	"runtime"

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

// submit puts a request in the queue and waits for its answer. Whoever waits and finds that nobody writes
// writes for all: alone, an append so is a call that goes straight to the disk.
func (s *Store) submit(ctx context.Context, r *request) (uint64, error) {
	queue := s.queue
	select {
	case queue <- r:
		queue = nil
	default: // full, maybe of requests whose callers went away: somebody has to clear it
	}
	for {
		select {
		case queue <- r:
			queue = nil
		case a := <-r.answer:
			return a.number, a.err
		case s.writing <- struct{}{}:
			s.commit(s.gather())
			s.release()
		case <-s.quit:
			return 0, eventstore.ErrClosed
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}

// release lets the next one write, after moving SQLite's log if it is long: at nobody's expense.
func (s *Store) release() {
	if s.db.logPages < checkpointPages {
		<-s.writing
		return
	}
	go func() {
		s.db.checkpoint()
		<-s.writing
	}()
}

// exclusively runs something while nobody writes.
func (s *Store) exclusively(ctx context.Context, do func() error) error {
	select {
	case s.writing <- struct{}{}:
		defer s.release()
		return do()
	case <-s.quit:
		return eventstore.ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}

// gather takes the requests that wait, and lets those who are about to ask come: the callers of the last
// commit were all woken at once.
func (s *Store) gather() []*request {
	var batch []*request
	for size, yielded := 0, false; len(batch) < maxRequests && size < maxBatch; {
		select {
		case r := <-s.queue:
			batch = append(batch, r)
			size += r.size
			yielded = false
		default:
			if yielded {
				return batch
			}
			runtime.Gosched()
			yielded = true
		}
	}
	return batch
}

// commit makes a batch durable at once and answers each request apart.
func (s *Store) commit(batch []*request) {
	if len(batch) == 0 { // the one before took ours along
		return
	}
	moved := make(map[eventstore.StreamID]head, len(batch))
	at := func(stream eventstore.StreamID) head { // who writes alone changes heads, so he reads them freely
		if h, ok := moved[stream]; ok {
			return h
		}
		return s.heads[stream]
	}
	answers := make([]answer, len(batch))
	var written []kept
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
				written = append(written, kept{last, front, r.rows[j].sealed})
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
		s.commits.Add(1)
		s.gained.Add(uint64(len(written)))
		s.recent.keep(owned(written))
		s.publish(moved, last)
	}
	for i, r := range batch {
		if answers[i].err == nil && err != nil {
			answers[i] = answer{err: err}
		}
		r.answer <- answers[i]
	}
}

// owned copies rows into one buffer: the bytes of a draft are its caller's again once it is answered.
func owned(rows []kept) []kept {
	size := 0
	for _, row := range rows {
		size += len(row.front) + len(row.sealed)
	}
	buf := make([]byte, 0, size)
	own := func(b []byte) []byte {
		if b == nil { // sealed bytes that were deleted
			return nil
		}
		start := len(buf)
		buf = append(buf, b...)
		return buf[start:len(buf):len(buf)]
	}
	for i := range rows {
		rows[i].front, rows[i].sealed = own(rows[i].front), own(rows[i].sealed)
	}
	return rows
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
