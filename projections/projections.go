// Package projections is what is shown: each view is a fold of the ledger and can be thrown away.
//
// A view is made of rows, and a row is the fold of one stream, sealed under the key of that stream. So
// destroying a key empties the log and the views at once; and a page assembles the rows it may open: the
// family's livret is the identity row and the record row of the same livret, the jury's dossier is a
// candidate row and a record row folded by the jury's own rules.
package projections

import (
	"context"
	"errors"
	"iter"

	"github.com/google/uuid"

	"livret/domain"
	"livret/eventstore"
	"livret/eventstore/keyvault"
)

// Projection says how a view folds streams.
type Projection struct {
	Name       string           // with its version, "family.v1"; a new version is a rebuild
	Categories []string         // of the streams it folds; it is never handed others
	Classes    []keyvault.Class // of the keys it may open; it can open no others
	New        func(category string) Folder
}

// Folder is one row while it is being folded. Marshal is deterministic, so that two folds of the same facts
// give the same bytes; it is what gets sealed. Labels are values the row can be found by: they are kept as
// keyed hashes only. An event whose bytes were destroyed or fail to open is not handed over.
type Folder interface {
	Unmarshal(plain []byte) error
	Apply(fact domain.Fact) error
	Marshal() ([]byte, error)
	Labels() [][]string
}

// Row is a row as it is kept.
//
// A row without Sealed is purged: its key was destroyed or put in custody, and Key still says which one, so
// that a page can tell a forgotten pupil from one that never was. A row with Parked is incomplete: it holds
// the events before that one, which could not be read, and the other rows go on.
type Row struct {
	Stream  eventstore.StreamID
	Version eventstore.Version // sequence of the last event folded
	Parked  eventstore.Version // sequence of the first event that could not be read; 0: complete
	Key     uuid.UUID          // what seals it; uuid.Nil: in clear, for streams in clear
	Sealed  []byte             // nil: purged
	Labels  [][]byte           // keyed hashes, without repetition
}

// Store keeps views.
//
// Cursor is the position up to which a view is folded, zero if there is none. Rows answers the rows of the
// given streams that exist. Commit replaces rows and moves the cursor from one position to the next in one
// transaction; it fails with ErrFenced, and changes nothing, if the cursor stands elsewhere. Scan yields all
// rows of a category, ordered by stream, as they stood together at one moment. Find yields the streams of the
// rows that carry a label, in order.
//
// Purge empties the rows of all views sealed under some keys, of their bytes and labels; what stays is the stream
// and the key. Switch makes the view from take the place of the view to, which is deleted, in one
// transaction; it fails with ErrBehind, and changes nothing, if from is folded less far than to. Drop deletes
// a view. All methods are safe for concurrent use, and may be repeated.
type Store interface {
	Cursor(ctx context.Context, view string) (eventstore.Position, error)
	Rows(ctx context.Context, view string, streams ...eventstore.StreamID) (map[eventstore.StreamID]Row, error)
	Commit(ctx context.Context, view string, from, to eventstore.Position, rows []Row) error
	Scan(ctx context.Context, view, category string) iter.Seq2[Row, error]
	Find(ctx context.Context, view string, label []byte) ([]eventstore.StreamID, error)
	Purge(ctx context.Context, keys ...uuid.UUID) error
	Switch(ctx context.Context, from, to string) error
	Drop(ctx context.Context, view string) error
	Close() error
}

// Errors of a Store.
var (
	ErrFenced = errors.New("projections: the cursor was moved by someone else")
	ErrBehind = errors.New("projections: the view is folded less far than the one it would replace")
	ErrClosed = errors.New("projections: the view store is closed")
)
