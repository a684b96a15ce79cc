// Package memory is an event store that forgets everything when it is closed. It is the store of tests and
// the reference of the conformance suite: nothing in it is there for speed. It can be told to fail, so that
// whoever appends is tested against failures too.
package memory

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync"

	"github.com/google/uuid"

	"livret/eventstore"
)

// ErrFault is what an append answers when it was told to fail.
var ErrFault = errors.New("memory: fault asked for by a test")

// Store is an eventstore.Store in memory. Its positions are gapless: 1, 2, 3… in the first eight bytes.
type Store struct {
	mu            sync.Mutex
	events        []eventstore.Envelope         // event n stands at position n+1
	streams       map[eventstore.StreamID][]int // indexes into events
	more          chan struct{}                 // closed when there is more to see
	before, after int                           // appends that shall fail
	closed        bool
}

var _ eventstore.Receiver = (*Store)(nil)

// New makes an empty store.
func New() *Store {
	return &Store{streams: make(map[eventstore.StreamID][]int), more: make(chan struct{})}
}

// FailBefore makes the next n appends fail with ErrFault before they take effect.
func (s *Store) FailBefore(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.before = n
}

// FailAfter makes the next n appends that would succeed take effect and then fail with ErrFault.
func (s *Store) FailAfter(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.after = n
}

// Append implements eventstore.Store.
func (s *Store) Append(ctx context.Context, drafts ...eventstore.Envelope) (eventstore.Position, error) {
	if err := ctx.Err(); err != nil {
		return eventstore.Position{}, err
	}
	if err := eventstore.CheckAppend(drafts); err != nil {
		return eventstore.Position{}, err
	}
	return s.receive(drafts)
}

// Receive implements eventstore.Receiver.
func (s *Store) Receive(ctx context.Context, envelopes ...eventstore.Envelope) (eventstore.Position, error) {
	if err := ctx.Err(); err != nil {
		return eventstore.Position{}, err
	}
	if err := eventstore.CheckReceive(envelopes); err != nil {
		return eventstore.Position{}, err
	}
	return s.receive(envelopes)
}

func (s *Store) receive(drafts []eventstore.Envelope) (eventstore.Position, error) {
	kept, err := keep(drafts)
	if err != nil {
		return eventstore.Position{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return eventstore.Position{}, eventstore.ErrClosed
	}
	if s.before > 0 {
		s.before--
		return eventstore.Position{}, ErrFault
	}
	last, err := s.append(kept)
	if err == nil && s.after > 0 {
		s.after--
		return eventstore.Position{}, ErrFault
	}
	return last, err
}

func (s *Store) append(drafts []eventstore.Envelope) (eventstore.Position, error) {
	stream, want := drafts[0].Stream, drafts[0].Sequence-1
	at := s.streams[stream]
	if actual := eventstore.Version(len(at)); actual != want {
		if actual < want || !s.stand(at[want:], drafts) {
			return eventstore.Position{}, &eventstore.ConflictError{Stream: stream, Want: want, Actual: actual}
		}
		return position(at[drafts[len(drafts)-1].Sequence-1]), nil
	}
	for i := range drafts {
		drafts[i].Position = position(len(s.events))
		at = append(at, len(s.events))
		s.events = append(s.events, drafts[i])
	}
	s.streams[stream] = at
	close(s.more)
	s.more = make(chan struct{})
	return drafts[len(drafts)-1].Position, nil
}

// stand tells whether the drafts are the events at the given indexes.
func (s *Store) stand(at []int, drafts []eventstore.Envelope) bool {
	if len(at) < len(drafts) {
		return false
	}
	for i := range drafts {
		if s.events[at[i]].Event != drafts[i].Event {
			return false
		}
	}
	return true
}

// Stream implements eventstore.Store.
func (s *Store) Stream(ctx context.Context, stream eventstore.StreamID, after eventstore.Version) iter.Seq2[eventstore.Envelope, error] {
	return s.sequence(ctx, false, func(n int) (eventstore.Envelope, bool) {
		at := s.streams[stream]
		if i := uint64(after) + uint64(n); i >= uint64(after) && i < uint64(len(at)) {
			return s.events[at[i]], true
		}
		return eventstore.Envelope{}, false
	})
}

// Read implements eventstore.Store.
func (s *Store) Read(ctx context.Context, after eventstore.Position) iter.Seq2[eventstore.Envelope, error] {
	return s.sequence(ctx, false, s.from(after))
}

// Follow implements eventstore.Store.
func (s *Store) Follow(ctx context.Context, after eventstore.Position) iter.Seq2[eventstore.Envelope, error] {
	return s.sequence(ctx, true, s.from(after))
}

func (s *Store) from(after eventstore.Position) func(n int) (eventstore.Envelope, bool) {
	seen := binary.BigEndian.Uint64(after[:])
	return func(n int) (eventstore.Envelope, bool) {
		if i := seen + uint64(n); i >= seen && i < uint64(len(s.events)) {
			return s.events[i], true
		}
		return eventstore.Envelope{}, false
	}
}

// sequence yields what get gives for 0, 1, 2… under the lock, until there is no more; then it ends or waits.
func (s *Store) sequence(ctx context.Context, wait bool, get func(n int) (eventstore.Envelope, bool)) iter.Seq2[eventstore.Envelope, error] {
	return func(yield func(eventstore.Envelope, error) bool) {
		for n := 0; ; {
			s.mu.Lock()
			e, ok := get(n)
			more, closed := s.more, s.closed
			s.mu.Unlock()
			err := ctx.Err()
			if closed {
				err = eventstore.ErrClosed
			}
			switch {
			case err != nil:
				yield(eventstore.Envelope{}, err)
				return
			case ok:
				e.Sealed = slices.Clone(e.Sealed)
				if !yield(e, nil) {
					return
				}
				n++
			case !wait:
				return
			default:
				select {
				case <-more:
				case <-ctx.Done():
				}
			}
		}
	}
}

// Head implements eventstore.Store.
func (s *Store) Head(ctx context.Context, stream eventstore.StreamID) (eventstore.Version, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return 0, eventstore.ErrClosed
	}
	return eventstore.Version(len(s.streams[stream])), nil
}

// Purge replaces the sealed bytes of all events under the given keys by their digest, and tells how many it
// replaced. It is for keys that were destroyed.
func (s *Store) Purge(ctx context.Context, keys ...uuid.UUID) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return 0, eventstore.ErrClosed
	}
	n := 0
	for i := range s.events {
		e := &s.events[i]
		if e.Sealed != nil && e.Key != uuid.Nil && slices.Contains(keys, e.Key) {
			e.Digest, e.Sealed = sha256.Sum256(e.Sealed), nil
			n++
		}
	}
	return n, nil
}

// Close implements eventstore.Store.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.closed = true
		close(s.more)
	}
	return nil
}

// keep answers drafts as bytes on a disk would give them back.
func keep(drafts []eventstore.Envelope) ([]eventstore.Envelope, error) {
	kept := make([]eventstore.Envelope, len(drafts))
	for i := range drafts {
		header, err := drafts[i].Header.AppendBinary(nil)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", eventstore.ErrInvalid, err)
		}
		if kept[i].Header, err = eventstore.ParseHeader(header); err != nil {
			return nil, err
		}
		kept[i].Commit = drafts[i].Commit
		if drafts[i].Sealed == nil {
			kept[i].Digest = drafts[i].Digest
		} else {
			kept[i].Sealed = append([]byte{}, drafts[i].Sealed...)
		}
	}
	return kept, nil
}

func position(index int) (p eventstore.Position) {
	binary.BigEndian.PutUint64(p[:], uint64(index)+1)
	return p
}
