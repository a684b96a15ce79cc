package embedded

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/ncruces/go-sqlite3"

	"livret/eventstore"
)

// Pages grow from the first to the last size in bytes: who reads one event does not pay for a thousand.
const (
	firstPage = 1 << 13
	lastPage  = 1 << 18
)

// page is a run of decoded events and the one buffer that holds their sealed bytes.
type page struct {
	events []eventstore.Envelope
	size   int // of the next buffer
	buf    []byte
}

// reset starts a page on a new buffer: the former one belongs to whoever took its events.
func (p *page) reset() {
	p.size = min(max(2*p.size, firstPage), lastPage)
	p.events, p.buf = p.events[:0], make([]byte, 0, p.size)
}

// add decodes the row under a statement of number, front and sealed bytes; the number is to be the given
// one. It tells false, and adds nothing, when the page is full.
func (p *page) add(s *sqlite3.Stmt, number uint64) (bool, error) {
	bytes := sealed(s, 2)
	if len(bytes) > cap(p.buf)-len(p.buf) {
		if len(p.events) > 0 {
			return false, nil
		}
		p.buf = make([]byte, 0, len(bytes))
	}
	if bytes != nil {
		start := len(p.buf)
		p.buf = append(p.buf, bytes...)
		bytes = p.buf[start:len(p.buf):len(p.buf)]
	}
	n := len(p.events)
	if n == cap(p.events) {
		p.events = slices.Grow(p.events, 1)
	}
	p.events = p.events[:n+1]
	e := &p.events[n]
	if n > 0 {
		e.Stream, e.Type = p.events[n-1].Stream, p.events[n-1].Type // to be shared if they are the same
	}
	err := decode(e, number, s.ColumnRawBlob(1), bytes)
	if found := uint64(s.ColumnInt64(0)); err != nil && found > number {
		err = missing(number, found-1)
	}
	if err != nil {
		p.events = p.events[:n]
	}
	return err == nil, err
}

// Read implements eventstore.Store.
func (s *Store) Read(ctx context.Context, after eventstore.Position) iter.Seq2[eventstore.Envelope, error] {
	return s.scan(ctx, after, false)
}

// Follow implements eventstore.Store.
func (s *Store) Follow(ctx context.Context, after eventstore.Position) iter.Seq2[eventstore.Envelope, error] {
	return s.scan(ctx, after, true)
}

func (s *Store) scan(ctx context.Context, after eventstore.Position, wait bool) iter.Seq2[eventstore.Envelope, error] {
	return func(yield func(eventstore.Envelope, error) bool) {
		var p page
		for at := number(after); ; {
			last, more, err := s.tail()
			if err == nil {
				err = ctx.Err()
			}
			reading := err == nil && at < last
			if reading {
				err = s.readRun(ctx, &p, at, last)
				for i := range p.events { // as far as they are sound
					if !yield(p.events[i], nil) {
						return
					}
				}
				at += uint64(len(p.events))
			}
			switch {
			case err != nil:
				yield(eventstore.Envelope{}, err)
				return
			case reading:
			case !wait:
				return
			default:
				p.size = 0
				select {
				case <-more:
				case <-s.quit:
				case <-ctx.Done():
				}
			}
		}
	}
}

// readRun fills a page with the events after one number, up to another, and checks that none is missing.
func (s *Store) readRun(ctx context.Context, p *page, after, last uint64) error {
	p.reset()
	return s.readers.use(ctx, func(r *reader) error {
		defer r.run.Reset()
		if err := bind(r.run, after, last); err != nil {
			return err
		}
		for r.run.Step() {
			if added, err := p.add(r.run, after+1); err != nil || !added {
				return err
			}
			after++
		}
		if err := explain(r.run.Err()); errors.Is(err, eventstore.ErrCorrupt) {
			return damaged(after+1, err.Error())
		} else if err != nil {
			return fmt.Errorf("after event %d: %w", after, err)
		}
		if after != last {
			return missing(after+1, last)
		}
		return nil
	})
}

// shortStream is how many events of a stream are read in one go, back from the last one.
const shortStream = 1024

// Stream implements eventstore.Store.
func (s *Store) Stream(ctx context.Context, stream eventstore.StreamID, after eventstore.Version) iter.Seq2[eventstore.Envelope, error] {
	return func(yield func(eventstore.Envelope, error) bool) {
		at, err := s.head(stream)
		if err == nil {
			err = ctx.Err()
		}
		events := func(yield func(eventstore.Envelope, error) bool) {}
		switch {
		case err != nil:
		case at.version <= after:
		case at.version-after <= shortStream:
			var all []eventstore.Envelope
			all, err = s.readBack(ctx, at.number, int(at.version-after))
			events = func(yield func(eventstore.Envelope, error) bool) {
				for _, e := range all {
					if !yield(e, nil) {
						return
					}
				}
			}
		default:
			var numbers []uint64
			numbers, err = s.chain(ctx, at, after)
			events = s.fetch(ctx, numbers)
		}
		if err != nil {
			yield(eventstore.Envelope{}, err)
			return
		}
		for e, err := range events {
			if after++; err == nil && (e.Stream != stream || e.Sequence != after) {
				err = damaged(number(e.Position), "it is not the event of the stream that it should be")
			}
			if err != nil {
				yield(eventstore.Envelope{}, err)
				return
			}
			if !yield(e, nil) {
				return
			}
		}
	}
}

// readBack reads the last events of a stream, of which the last one has the given number: from memory as far
// as they are recent, the others in one pass and one snapshot. It is how every order begins.
func (s *Store) readBack(ctx context.Context, last uint64, count int) ([]eventstore.Envelope, error) {
	events := make([]eventstore.Envelope, count)
	left, next, err := s.recent.back(events, last)
	if err != nil || left == 0 {
		return events, err
	}
	err = s.readers.use(ctx, func(r *reader) error {
		return r.snapshot(func() error {
			var buf []byte
			for i := left - 1; i >= 0; i-- {
				share(events, i)
				var err error
				if next, buf, err = r.back(next, &events[i], buf); err != nil {
					return err
				}
			}
			return nil
		})
	})
	if err != nil {
		return nil, err
	}
	return events, ctx.Err()
}

// share gives an event the strings of the one after it, to be kept if they are the same.
func share(events []eventstore.Envelope, i int) {
	if i+1 < len(events) {
		events[i].Stream, events[i].Type = events[i+1].Stream, events[i+1].Type
	}
}

// back reads one event, and answers the number of the one before it in its stream. Sealed bytes are copied
// to the end of buf, or to a new one that is answered.
func (r *reader) back(of uint64, e *eventstore.Envelope, buf []byte) (uint64, []byte, error) {
	defer r.one.Reset()
	if err := r.one.BindInt64(1, int64(of)); err != nil {
		return 0, buf, err
	}
	if !r.one.Step() {
		if err := r.one.Err(); err != nil {
			return 0, buf, fmt.Errorf("event %d: %w", of, explain(err))
		}
		return 0, buf, damaged(of, "it is missing")
	}
	front, bytes := r.one.ColumnRawBlob(1), sealed(r.one, 2)
	if bytes != nil {
		if buf == nil || len(bytes) > cap(buf)-len(buf) { // a slice of a nil one would say that they were deleted
			buf = make([]byte, 0, max(len(bytes), firstPage))
		}
		start := len(buf)
		buf = append(buf, bytes...)
		bytes = buf[start:len(buf):len(buf)]
	}
	prev, err := rowBefore(e, of, front, bytes)
	return prev, buf, err
}

// rowBefore decodes a row, and answers the number of the one before it in its stream.
func rowBefore(e *eventstore.Envelope, of uint64, front, sealed []byte) (uint64, error) {
	if err := decode(e, of, front, sealed); err != nil {
		return 0, err
	}
	prev, ok := previous(front)
	if !ok || prev >= of {
		return 0, damaged(of, "it names no event before it")
	}
	return prev, nil
}

// chain walks a stream back from its end and answers the numbers of its events after a version, in order.
func (s *Store) chain(ctx context.Context, at head, after eventstore.Version) ([]uint64, error) {
	numbers := make([]uint64, at.version-after)
	next := at.number
	for end := len(numbers); end > 0; {
		start := max(0, end-1024)
		err := s.readers.use(ctx, func(r *reader) error {
			return r.snapshot(func() error {
				for i := end - 1; i >= start; i-- {
					numbers[i] = next
					var err error
					if next, err = r.previous(next); err != nil {
						return err
					}
				}
				return nil
			})
		})
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return nil, err
		}
		end = start
	}
	return numbers, nil
}

func (r *reader) previous(of uint64) (uint64, error) {
	defer r.front.Reset()
	if err := r.front.BindInt64(1, int64(of)); err != nil {
		return 0, err
	}
	if !r.front.Step() {
		if err := r.front.Err(); err != nil {
			return 0, fmt.Errorf("event %d: %w", of, explain(err))
		}
		return 0, damaged(of, "it is missing")
	}
	prev, ok := previous(r.front.ColumnRawBlob(0))
	if !ok || prev >= of {
		return 0, damaged(of, "it names no event before it")
	}
	return prev, nil
}

// fetch yields the events of the given numbers.
func (s *Store) fetch(ctx context.Context, numbers []uint64) iter.Seq2[eventstore.Envelope, error] {
	return func(yield func(eventstore.Envelope, error) bool) {
		var p page
		for len(numbers) > 0 {
			p.reset()
			err := s.readers.use(ctx, func(r *reader) error {
				return r.snapshot(func() error {
					for _, number := range numbers {
						if full, err := r.fetch(&p, number); full || err != nil {
							return err
						}
					}
					return nil
				})
			})
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				yield(eventstore.Envelope{}, err)
				return
			}
			for i := range p.events {
				if !yield(p.events[i], nil) {
					return
				}
			}
			numbers = numbers[len(p.events):]
		}
	}
}

func (r *reader) fetch(p *page, number uint64) (full bool, err error) {
	defer r.one.Reset()
	if err := r.one.BindInt64(1, int64(number)); err != nil {
		return false, err
	}
	if !r.one.Step() {
		if err := r.one.Err(); err != nil {
			return false, fmt.Errorf("event %d: %w", number, explain(err))
		}
		return false, damaged(number, "it is missing")
	}
	added, err := p.add(r.one, number)
	return !added, err
}

func bind(s *sqlite3.Stmt, numbers ...uint64) error {
	for i, n := range numbers {
		if err := s.BindInt64(i+1, int64(n)); err != nil {
			return err
		}
	}
	return nil
}
