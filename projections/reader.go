package projections

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"livret/eventstore"
	"livret/eventstore/keyvault"
)

// Errors of a Reader, beside those of a vault: keyvault.ErrShredded for a forgotten person and ErrArchived
// for one in custody are ordinary answers, and neither is ErrNotFound.
var (
	ErrNotFound = errors.New("projections: no such row")
	ErrPurged   = errors.New("projections: the row was purged and its key is active: fold it again")
)

// Reader reads one view for a page. It opens keys of the projection's classes only, one request at a time,
// and keeps none.
type Reader struct {
	store Store
	keys  keyvault.Opener
	name  string
}

// NewReader makes a reader of a projection's live view.
func NewReader(store Store, keys keyvault.Opener, p Projection) *Reader {
	return &Reader{store: store, keys: keyvault.Restrict(keys, p.Classes...), name: p.Name}
}

// Rows answers those of the rows that exist.
func (r *Reader) Rows(ctx context.Context, streams ...eventstore.StreamID) (map[eventstore.StreamID]Row, error) {
	return r.store.Rows(ctx, r.name, streams...)
}

// Row answers one row, or ErrNotFound.
func (r *Reader) Row(ctx context.Context, stream eventstore.StreamID) (Row, error) {
	rows, err := r.store.Rows(ctx, r.name, stream)
	if err != nil {
		return Row{}, err
	}
	row, ok := rows[stream]
	if !ok {
		return Row{}, ErrNotFound
	}
	return row, nil
}

// Open opens a row into a folder. It fails with keyvault.ErrShredded or ErrArchived when its key is no longer
// of the active service, whether the row was purged already or not.
func (r *Reader) Open(ctx context.Context, row Row, into Folder) error {
	plain, err := openWith(ctx, r.keys, r.name, &row)
	if err != nil {
		return err
	}
	return into.Unmarshal(plain)
}

// Salt answers what a hash of the row's content is salted with: see keyvault.Key.
func (r *Reader) Salt(ctx context.Context, row Row, purpose string) ([]byte, error) {
	key, err := r.keys.Open(ctx, row.Key)
	if err != nil {
		return nil, err
	}
	defer key.Zero()
	return key.Salt(purpose), nil
}

// Find answers the streams of the rows that carry a label, in order.
func (r *Reader) Find(ctx context.Context, label ...string) ([]eventstore.StreamID, error) {
	return r.store.Find(ctx, r.name, labelOf(r.keys, r.name, label))
}

// openWith opens a row with its key, which it zeroes.
func openWith(ctx context.Context, keys keyvault.Opener, projection string, r *Row) ([]byte, error) {
	if r.Key == uuid.Nil {
		return r.Sealed, nil
	}
	if r.Sealed == nil {
		info, err := keys.Info(ctx, r.Key)
		switch {
		case err != nil:
			return nil, err
		case info.State != keyvault.Active:
			return nil, info.State.Err()
		case r.Parked != 0:
			return nil, keyvault.ErrCorrupt
		}
		return nil, ErrPurged
	}
	key, err := keys.Open(ctx, r.Key)
	if err != nil {
		return nil, err
	}
	defer key.Zero()
	return openRow(key, projection, r)
}
