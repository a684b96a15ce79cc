// Package embedded is an event store in one SQLite file, for one process.
//
// Events are rows in commit order, numbered from 1 without gap; the number is the position. There is no
// secondary index: each row carries the number of the previous row of its stream, and where each stream ends
// is known in memory. An append so touches the right edge of one B-tree only, and costs what the disk costs
// to be certain. One caller writes at a time: he gathers what all ask for meanwhile into one durable commit,
// and answers each of them apart. Readers have connections of their own.
//
// Beside the database stand SQLite's log while the store is open, a lock, and the number of the last
// acknowledged event, by which a store that lost its end is found out; see Open.
package embedded

import (
	"context"
	"encoding/binary"
	"errors"
	"strings"
	"sync"
	"sync/atomic"

	"livret/eventstore"
)

// ErrLocked says that another process, or another Store of this one, has the file open.
var ErrLocked = errors.New("embedded: event store is in use")

var errExamined = errors.New("embedded: this store was opened to be examined only")

// Store is an eventstore.Store in a file. Its positions are gapless: 1, 2, 3… as eight big-endian bytes,
// the other eight zero.
type Store struct {
	guard   *guard
	db      *writer
	readers *pool
	recent  *recent
	queue   chan *request
	writing chan struct{} // holds one: that of whoever uses db
	quit    chan struct{} // closed when Close was called
	done    chan struct{} // closed when all is closed
	commits atomic.Uint64 // durable ones since it was opened
	gained  atomic.Uint64 // events in them

	mu     sync.RWMutex
	heads  map[eventstore.StreamID]head
	last   uint64        // number of the last committed event
	more   chan struct{} // closed when last grows
	closed bool
}

var _ eventstore.Receiver = (*Store)(nil)

// Commits is how many commits the disk made durable since the store was opened, and how many events they brought
// together: events by commit is what writers that share a commit save.
func (s *Store) Commits() (commits, events uint64) { return s.commits.Load(), s.gained.Load() }

// head is where a stream ends.
type head struct {
	version eventstore.Version
	number  uint64 // of its last event
}

// Open opens the store in the file of the given path, and makes it if there is none. It fails with ErrLocked
// while somebody has it open, and with eventstore.ErrCorrupt when the file is damaged or ends before the
// last event that was ever acknowledged: a file like that is to be restored, not to be written on. Who knows
// that an older copy is the best there is removes the file of the same name that ends in "-last".
func Open(path string) (*Store, error) { return open(path, false) }

// Examine opens a store as it is, damaged or not, for an auditor: its Read goes on behind each DamagedError, up to the
// last event that was ever acknowledged. It appends nothing.
func Examine(path string) (*Store, error) { return open(path, true) }

func open(path string, damaged bool) (*Store, error) {
	g, err := newGuard(path)
	if err != nil {
		return nil, err
	}
	db, err := openWriter(path)
	if err != nil {
		return nil, errors.Join(err, g.close())
	}
	s := &Store{
		guard: g, db: db, readers: newPool(path), recent: newRecent(recentRows),
		queue: make(chan *request, maxRequests), writing: make(chan struct{}, 1),
		quit: make(chan struct{}), done: make(chan struct{}), more: make(chan struct{}),
	}
	if damaged {
		db.broken = errExamined
		s.heads, s.last, err = db.examine()
		s.last = max(s.last, g.noted())
	} else if s.heads, s.last, err = db.load(); err == nil {
		err = g.check(s.last)
	}
	if err != nil {
		return nil, errors.Join(err, db.close(), g.close())
	}
	return s, nil
}

// Append implements eventstore.Store.
func (s *Store) Append(ctx context.Context, drafts ...eventstore.Envelope) (eventstore.Position, error) {
	if err := eventstore.CheckAppend(drafts); err != nil {
		return eventstore.Position{}, err
	}
	return s.append(ctx, drafts)
}

// Receive implements eventstore.Receiver.
func (s *Store) Receive(ctx context.Context, envelopes ...eventstore.Envelope) (eventstore.Position, error) {
	if err := eventstore.CheckReceive(envelopes); err != nil {
		return eventstore.Position{}, err
	}
	return s.append(ctx, envelopes)
}

func (s *Store) append(ctx context.Context, drafts []eventstore.Envelope) (eventstore.Position, error) {
	if err := ctx.Err(); err != nil {
		return eventstore.Position{}, err
	}
	r, err := newRequest(ctx, drafts)
	if err != nil {
		return eventstore.Position{}, err
	}
	for {
		number, err := s.stands(ctx, r)
		if err != nil || number != 0 {
			return position(number), err
		}
		number, err = s.submit(ctx, r)
		if !errors.Is(err, errMoved) {
			return position(number), err
		}
	}
}

// stands answers the number of the last event of a request if all of them are kept already, 0 if they are
// due next, and a conflict otherwise. What it finds can only turn from due into a conflict or kept.
func (s *Store) stands(ctx context.Context, r *request) (uint64, error) {
	at, err := s.head(r.stream)
	last := r.first + eventstore.Version(len(r.rows)) - 1
	switch {
	case err != nil:
		return 0, err
	case at.version == r.first-1:
		return 0, nil
	case at.version < last:
		return 0, &eventstore.ConflictError{Stream: r.stream, Want: r.first - 1, Actual: at.version}
	}
	numbers, err := s.chain(ctx, at, r.first-1)
	if err != nil {
		return 0, err
	}
	numbers = numbers[:len(r.rows)]
	i := 0
	for e, err := range s.fetch(ctx, numbers) {
		if err != nil {
			return 0, err
		}
		if e.Event != r.rows[i].event {
			return 0, &eventstore.ConflictError{Stream: r.stream, Want: r.first - 1, Actual: at.version}
		}
		i++
	}
	return numbers[len(numbers)-1], nil
}

// Head implements eventstore.Store.
func (s *Store) Head(ctx context.Context, stream eventstore.StreamID) (eventstore.Version, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	at, err := s.head(stream)
	return at.version, err
}

func (s *Store) head(stream eventstore.StreamID) (head, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return head{}, eventstore.ErrClosed
	}
	return s.heads[stream], nil
}

// Count is how many events there are.
func (s *Store) Count() int {
	last, _, _ := s.tail()
	return int(last)
}

// tail is the number of the last event and what is closed when there is a later one.
func (s *Store) tail() (uint64, <-chan struct{}, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return 0, nil, eventstore.ErrClosed
	}
	return s.last, s.more, nil
}

// publish shows what was committed.
func (s *Store) publish(moved map[eventstore.StreamID]head, last uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for stream, at := range moved {
		if _, known := s.heads[stream]; !known {
			stream = eventstore.StreamID(strings.Clone(string(stream))) // the caller's may be part of something large
		}
		s.heads[stream] = at
	}
	s.last = last
	close(s.more)
	s.more = make(chan struct{})
}

// Close implements eventstore.Store. It waits for the commit and the pages under way, not for their readers.
func (s *Store) Close() error {
	s.mu.Lock()
	first := !s.closed
	s.closed = true
	s.mu.Unlock()
	if first {
		defer close(s.done)
		close(s.quit)
		s.writing <- struct{}{} // for ever
		return errors.Join(s.readers.close(), s.db.close(), s.guard.close())
	}
	<-s.done
	return nil
}

func position(number uint64) (p eventstore.Position) {
	binary.BigEndian.PutUint64(p[:], number)
	return p
}

func number(p eventstore.Position) uint64 { return binary.BigEndian.Uint64(p[:]) }
