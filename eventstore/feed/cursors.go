package feed

import (
	"context"
	"errors"
	"time"

	"livret/eventstore"
)

// Cursors remembers how far each reaction has heard, and which streams are parked. They are as easily thrown away
// as a view: a reaction without a cursor hears everything again, and does nothing new.
//
// Cursor is the position up to which a name has heard, zero if it never did. Parked lists the streams parked under a
// name, in the order of their ids. Advance moves a cursor from one position to the next, which may be the same, and
// records what became of some streams, in one transaction; it fails with ErrMoved, and changes nothing, if the cursor
// stands elsewhere.
type Cursors interface {
	Cursor(ctx context.Context, name string) (eventstore.Position, error)
	Parked(ctx context.Context, name string) ([]Parked, error)
	Advance(ctx context.Context, name string, from, to eventstore.Position, changed ...Parked) error
}

// ErrMoved says that a cursor was moved by somebody else.
var ErrMoved = errors.New("feed: the cursor was moved by someone else")

// Parked is a stream at a fact that a reaction failed to take. It says nothing about what the fact holds.
type Parked struct {
	Stream   eventstore.StreamID `json:"stream"`
	Sequence eventstore.Version  `json:"sequence"` // of the fact; 0: it was taken, and the stream is parked no more
	Class    string              `json:"class"`    // of the failure, see ledger.Class
	Since    time.Time           `json:"since"`
	Tried    time.Time           `json:"tried"` // for the last time
	Attempts int                 `json:"attempts"`
}
