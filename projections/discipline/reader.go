package discipline

import (
	"context"
	"errors"
	"slices"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/identity"
	"livret/domain/sanction"
	"livret/eventstore"
	"livret/eventstore/keyvault"
	"livret/projections"
)

// Reader reads the view for a page, on a day in Europe/Paris.
type Reader struct{ rows *projections.Reader }

// NewReader makes a reader of the live view.
func NewReader(store projections.Store, keys keyvault.Opener) *Reader {
	return &Reader{projections.NewReader(store, keys, Projection())}
}

// All is the sanctions whose term is not reached, and the proceedings under way, the last pronounced first.
func (r *Reader) All(ctx context.Context, on domain.Date) ([]Entry, error) {
	return r.find(ctx, on, true, everyLabel())
}

// Of is what is entered in a livret, and not more: neither proceedings, nor what carries no entry.
func (r *Reader) Of(ctx context.Context, livret uuid.UUID, on domain.Date) ([]Entry, error) {
	entries, err := r.find(ctx, on, false, livretLabel(livret))
	return slices.DeleteFunc(entries, func(e Entry) bool { return !e.Entered }), err
}

// Held is all that is held against the pupil of a livret, proceedings and what carries no entry included: for the
// copy that he has a right to (RGPD, art. 15), and nothing else.
func (r *Reader) Held(ctx context.Context, livret uuid.UUID, on domain.Date) ([]Entry, error) {
	return r.find(ctx, on, false, livretLabel(livret))
}

// Show answers one sanction. It fails with projections.ErrNotFound, also past its term, and with keyvault.ErrShredded
// once it is destroyed.
func (r *Reader) Show(ctx context.Context, id uuid.UUID, on domain.Date) (Entry, error) {
	stream := eventstore.Stream(sanction.Category, id)
	entries, err := r.open(ctx, on, true, stream)
	if err != nil || len(entries) == 1 {
		return append(entries, Entry{})[0], err
	}
	row, err := r.rows.Row(ctx, stream)
	if err == nil {
		err = r.rows.Open(ctx, row, new(entryRow))
	}
	if err == nil {
		err = projections.ErrNotFound // its term is reached
	}
	return Entry{}, err
}

func (r *Reader) find(ctx context.Context, on domain.Date, whole bool, label []string) ([]Entry, error) {
	streams, err := r.rows.Find(ctx, label...)
	if err != nil {
		return nil, err
	}
	return r.open(ctx, on, whole, streams...)
}

// open opens the rows of sanctions, whole with subjects and livrets. Those that were destroyed or whose term is
// reached are left out.
func (r *Reader) open(ctx context.Context, on domain.Date, whole bool, streams ...eventstore.StreamID) ([]Entry, error) {
	rows, err := r.rows.Rows(ctx, streams...)
	if err != nil {
		return nil, err
	}
	entries := []Entry{}
	for stream, row := range rows {
		id, ok := stream.UUID()
		var s entryRow
		err := r.rows.Open(ctx, row, &s)
		switch {
		case gone(err), err == nil && (!ok || s.over(on)):
			continue
		case err != nil:
			return nil, err
		}
		e := s.entry(id)
		e.Incomplete = row.Parked != 0
		if whole {
			e.Livrets = s.Livrets
			if e.Subject, err = r.subject(ctx, id); err != nil {
				return nil, err
			}
		}
		entries = append(entries, e)
	}
	slices.SortFunc(entries, func(a, b Entry) int {
		if byDate := b.dated().Compare(a.dated()); byDate != 0 {
			return byDate
		}
		return slices.Compare(a.Sanction[:], b.Sanction[:])
	})
	return entries, nil
}

// dated is the day that says where the entry stands in a list.
func (e Entry) dated() domain.Date {
	if e.Pronounced.IsZero() {
		return e.Opened
	}
	return e.Pronounced
}

// subject answers who was sanctioned, nil if that is not recorded, or was forgotten.
func (r *Reader) subject(ctx context.Context, id uuid.UUID) (*Subject, error) {
	row, err := r.rows.Row(ctx, eventstore.Stream(identity.SubjectCategory, id))
	var who subjectRow
	if err == nil {
		err = r.rows.Open(ctx, row, &who)
	}
	switch {
	case errors.Is(err, projections.ErrNotFound), gone(err):
		return nil, nil
	case err != nil:
		return nil, err
	}
	return who.subject(), nil
}

func gone(err error) bool {
	return errors.Is(err, keyvault.ErrShredded) || errors.Is(err, keyvault.ErrArchived)
}
