// Package wire speaks the gRPC protocol of EventStoreDB from the server's side, on the messages that the official
// client publishes. It keeps nothing: it serves a Log, of which there are two. The one in wiretest behaves as a cluster
// does, so that clients can be tested without one; the gateway lets strangers read and subscribe to sealed events.
package wire

import (
	"cmp"
	"context"
	"iter"
	"time"

	"github.com/google/uuid"
)

// Position is a place in the order of the whole log, as the protocol has it.
type Position struct{ Commit, Prepare uint64 }

// Compare orders positions.
func (p Position) Compare(q Position) int {
	return cmp.Or(cmp.Compare(p.Commit, q.Commit), cmp.Compare(p.Prepare, q.Prepare))
}

// Record is an event as the protocol has it.
type Record struct {
	ID          uuid.UUID
	Stream      string
	Revision    uint64 // from 0
	Position    Position
	Type        string
	ContentType string // application/json or application/octet-stream
	Created     time.Time
	Data        []byte
	Metadata    []byte
}

// Types of events that mean something to servers.
const (
	LinkType      = "$>"             // its data, "revision@stream", stands for another event
	MetadataType  = "$metadata"      // of the stream whose name follows "$$" in its own
	TombstoneType = "$streamDeleted" // nothing comes after it
)

// From says where a reading begins. The zero From is the first event.
type From[P any] struct {
	At  P
	End bool // behind the last event; At is not looked at
}

// Log is what is served.
//
// Stream yields the events of one stream. Forwards, it begins at the event of the given revision; backwards, at that one
// or the last before it. A stream that is not there is ErrStreamNotFound, one that is gone for ever a *StreamDeletedError.
// All yields the whole log. Forwards, it begins at the event of the given position or the first behind it; backwards, at
// the last event strictly before it. Both stop at the end of what stood there when they came to it. Follow yields what
// stands strictly behind a position, in order, and then waits for more until its context ends, which it yields as an
// error. An error is the last thing yielded. Head is the position of the last event, zero if there is none.
type Log interface {
	Stream(ctx context.Context, stream string, from From[uint64], backwards bool) iter.Seq2[Record, error]
	All(ctx context.Context, from From[Position], backwards bool) iter.Seq2[Record, error]
	Follow(ctx context.Context, after Position) iter.Seq2[Record, error]
	Head(ctx context.Context) (Position, error)
}

// Written is what a write answers: where its last event stands.
type Written struct {
	Revision uint64
	Position Position
}

// Writer is a Log that takes events. To a Log that is none, every write is denied.
//
// Append adds all records or none; only their id, type, content type, data and metadata are looked at. Appending again
// records that already stand where they were expected answers as it did at first. A stream that stands elsewhere is a
// *WrongVersionError. Delete hides the events of a stream, which may be written to again; Tombstone ends it for ever.
type Writer interface {
	Log
	Append(ctx context.Context, stream string, expected Expected, records []Record) (Written, error)
	Delete(ctx context.Context, stream string, expected Expected) (Written, error)
	Tombstone(ctx context.Context, stream string, expected Expected) (Written, error)
}

// Expectation is a kind of expected revision.
type Expectation int

// What a writer may expect of a stream.
const (
	Any Expectation = iota
	NoStream
	StreamExists
	Exactly
)

// Expected is the revision that a writer expects a stream to stand at.
type Expected struct {
	Kind     Expectation
	Revision uint64 // of Exactly
}
