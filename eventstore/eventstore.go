// Package eventstore is what is kept: streams of sealed envelopes in one total order. It knows bytes,
// streams and positions; it knows no school and no key.
package eventstore

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/google/uuid"
)

// StreamID names a stream: category, dash, id, as in "record-6f1c…". The category ends at the first dash.
// The id is random or a public code, never anything about a pupil.
type StreamID string

// Stream composes the id of a stream of the given category.
func Stream(category string, id uuid.UUID) StreamID {
	return StreamID(category + "-" + id.String())
}

// Category is the part of the id before the first dash.
func (s StreamID) Category() string {
	category, _, _ := strings.Cut(string(s), "-")
	return category
}

// UUID is the part of the id after the first dash, if it is a UUID in canonical form.
func (s StreamID) UUID() (uuid.UUID, bool) {
	_, id, _ := strings.Cut(string(s), "-")
	if len(id) != 36 {
		return uuid.UUID{}, false
	}
	u, err := uuid.Parse(id)
	return u, err == nil && u.String() == id
}

// Version is the number of events in a stream, which is also the sequence of its last event; 0: none yet.
type Version uint64

// Position is a place in the total order of a store: opaque, compared as bytes, of fixed size. The zero
// Position is before everything. Only the embedded store promises positions without gaps.
type Position [16]byte

// Compare orders two positions as bytes.Compare does.
func (p Position) Compare(q Position) int { return bytes.Compare(p[:], q[:]) }

// Envelope is one event as it is kept: an authenticated header in clear, a commitment to the plaintext, and
// the sealed bytes. Sealed is nil once the bytes were deleted after the destruction of their key; Digest
// then holds what SHA-256 gave for them, so that the leaf can still be computed.
type Envelope struct {
	Header
	Commit   [32]byte
	Sealed   []byte
	Digest   [32]byte // only set when Sealed is nil
	Position Position // set by the store
}

// Store keeps envelopes.
//
// Append adds a run of consecutive sequences of one stream, all or none, and answers the position of the
// last one once they are durable: after a crash at any later moment they are there. The expected version of
// the stream is drafts[0].Sequence-1: a stream that stands elsewhere is a *ConflictError, and there is no
// "any version". Appending again events whose ids already stand at those very sequences is a no-op that
// answers the original position, for ever, whatever was appended since; a run of which only a part stands
// is a *ConflictError. Positions of drafts are ignored. An error that is not a *ConflictError nor
// ErrInvalid may have taken effect: repeat the same call with the same drafts.
//
// Stream yields the events of one stream with a sequence greater than after, in order; a stream that does
// not exist yields nothing. Read yields all events with a position greater than after, in commit order, and
// stops at the end of what was committed when it got there. Follow does the same and then waits for more
// until its context ends, which it yields as an error. Nothing ever appears behind a position already
// yielded. A sequence that ends without an error is complete; an error is the last thing yielded. The bytes
// of an envelope belong to the caller.
//
// Head is the version of a stream. All methods are safe for concurrent use. Close waits for no one: calls
// under way may fail with ErrClosed.
type Store interface {
	Append(ctx context.Context, drafts ...Envelope) (Position, error)
	Stream(ctx context.Context, stream StreamID, after Version) iter.Seq2[Envelope, error]
	Read(ctx context.Context, after Position) iter.Seq2[Envelope, error]
	Follow(ctx context.Context, after Position) iter.Seq2[Envelope, error]
	Head(ctx context.Context, stream StreamID) (Version, error)
	Close() error
}

// Limits of one append, so that every store can take it in one piece.
const (
	MaxAppendBytes  = 1 << 20 // as the store writes them that needs most room, see width
	MaxAppendEvents = 1000
)

// Errors of a Store.
var (
	ErrConflict = errors.New("eventstore: stream stands at another version")
	ErrInvalid  = errors.New("eventstore: invalid append")
	ErrClosed   = errors.New("eventstore: store is closed")
	ErrCorrupt  = errors.New("eventstore: bytes on disk are damaged")
)

// ConflictError says which version was expected and which was found. It is ErrConflict.
type ConflictError struct {
	Stream       StreamID
	Want, Actual Version
}

func (e *ConflictError) Error() string {
	return fmt.Sprintf("eventstore: stream %s stands at version %d, not %d", e.Stream, e.Actual, e.Want)
}

// Unwrap makes a ConflictError match ErrConflict.
func (e *ConflictError) Unwrap() error { return ErrConflict }

// DamagedError says which events can not be read as they were written: from the Nth of the store to the Through-th. It is
// ErrCorrupt. A store that answers one reads again behind its Position, which is that of the last of them, so that an
// auditor sees everything that is wrong and not only the first thing.
type DamagedError struct {
	N, Through uint64
	Position   Position
	Missing    bool // rather than altered
	How        string
}

func (e *DamagedError) Error() string {
	if e.N == e.Through {
		return fmt.Sprintf("%v: event %d: %s", ErrCorrupt, e.N, e.How)
	}
	return fmt.Sprintf("%v: events %d to %d: %s", ErrCorrupt, e.N, e.Through, e.How)
}

// Unwrap makes a DamagedError match ErrCorrupt.
func (e *DamagedError) Unwrap() error { return ErrCorrupt }

// width is how many bytes an envelope takes in a cluster that counts all of them (EventStoreDB: sealed bytes, header and
// commitment as base64 in JSON, the type again as UTF-16) and takes no more than MaxAppendBytes.
func (e *Envelope) width() int {
	const json = len(`{"header":"","commit":""}`)
	return len(e.Sealed) + json + base64.StdEncoding.EncodedLen(e.Header.size()) + base64.StdEncoding.EncodedLen(len(e.Commit)) + 2*len(e.Type)
}

// Receiver is a Store that a whole log can be moved to. Receive does as Append, and takes envelopes, too, whose sealed
// bytes were deleted: of these it keeps the digest.
type Receiver interface {
	Store
	Receive(ctx context.Context, envelopes ...Envelope) (Position, error)
}

// CheckAppend tells whether drafts are a run that Append may take: one stream, consecutive sequences from 1
// or more, one ledger, distinct event ids, sealed bytes, within the limits. Every adapter calls it first.
func CheckAppend(drafts []Envelope) error {
	for _, d := range drafts {
		if d.Sealed == nil {
			return fmt.Errorf("%w: an envelope lacks its sealed bytes", ErrInvalid)
		}
	}
	return CheckReceive(drafts)
}

// CheckReceive tells whether envelopes are a run that Receive may take.
func CheckReceive(drafts []Envelope) error {
	if len(drafts) == 0 || len(drafts) > MaxAppendEvents {
		return fmt.Errorf("%w: %d events", ErrInvalid, len(drafts))
	}
	size, ids := 0, make(map[uuid.UUID]struct{}, len(drafts))
	for i, d := range drafts {
		switch {
		case d.Stream != drafts[0].Stream || d.Ledger != drafts[0].Ledger:
			return fmt.Errorf("%w: more than one stream or ledger", ErrInvalid)
		case d.Sequence == 0 || d.Sequence != drafts[0].Sequence+Version(i):
			return fmt.Errorf("%w: sequences are not consecutive", ErrInvalid)
		case d.Event == uuid.Nil || d.Type == "" || d.Stream == "":
			return fmt.Errorf("%w: an envelope lacks its id, type or stream", ErrInvalid)
		}
		if _, twice := ids[d.Event]; twice {
			return fmt.Errorf("%w: an event id stands twice", ErrInvalid)
		}
		ids[d.Event] = struct{}{}
		size += d.width()
	}
	if size > MaxAppendBytes {
		return fmt.Errorf("%w: %d bytes", ErrInvalid, size)
	}
	return nil
}
