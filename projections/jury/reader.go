package jury

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/google/uuid"

	"livret/domain/deliberation"
	"livret/domain/nomenclature"
	"livret/domain/record"
	"livret/eventstore"
	"livret/eventstore/keyvault"
	"livret/projections"
)

// Reader reads the jury's view for a page.
type Reader struct {
	rows  *projections.Reader
	lists nomenclature.Nomenclature
}

// NewReader makes a reader of the live view.
func NewReader(store projections.Store, keys keyvault.Opener, lists nomenclature.Nomenclature) *Reader {
	return &Reader{rows: projections.NewReader(store, keys, Projection()), lists: lists}
}

// Entry is one line of the list of a session.
type Entry struct {
	Number     string             `json:"number"`
	Serie      nomenclature.Serie `json:"serie,omitempty"`
	SerieLabel string             `json:"serieLabel,omitempty"`
	Avis       record.Avis        `json:"avis,omitempty"`
	Pending    int                `json:"pending"` // texts withheld until they are masked
}

// ErrAmbiguous says that a number stands for several candidates of a session: nobody's dossier is shown then.
var ErrAmbiguous = errors.New("jury: a number stands for several candidates")

// Show answers a candidate's dossier. It fails with projections.ErrNotFound if there is no such candidate or
// his livret is not here, and with keyvault.ErrShredded or ErrArchived if it was forgotten or is in custody.
func (r *Reader) Show(ctx context.Context, session deliberation.ExamSession, number string) (Dossier, error) {
	streams, err := r.rows.Find(ctx, numberLabel(session, number)...)
	if err != nil {
		return Dossier{}, err
	}
	switch {
	case len(streams) == 0:
		return Dossier{}, projections.ErrNotFound
	case len(streams) > 1:
		return Dossier{}, ErrAmbiguous
	}
	row, err := r.rows.Row(ctx, streams[0])
	if err != nil {
		return Dossier{}, err
	}
	var c candidateRow
	if err := r.rows.Open(ctx, row, &c); err != nil {
		return Dossier{}, err
	}
	livret, err := r.rows.Row(ctx, eventstore.Stream(record.Category, c.Livret))
	if err != nil {
		return Dossier{}, err
	}
	var rec recordRow
	if err := r.rows.Open(ctx, livret, &rec); err != nil {
		return Dossier{}, err
	}
	a := assembly{lists: r.lists, record: &rec}
	d := a.dossier(&c)
	d.Incomplete = row.Parked != 0 || livret.Parked != 0
	return d, nil
}

// List is the candidates of a session by number, which is drawn at random: no order of enrolment, of import or
// of the alphabet can be read in it. Those who were forgotten are not in it.
func (r *Reader) List(ctx context.Context, session deliberation.ExamSession) ([]Entry, error) {
	candidates, err := r.candidates(ctx, session)
	if err != nil {
		return nil, err
	}
	streams := make([]eventstore.StreamID, len(candidates))
	for i, c := range candidates {
		streams[i] = eventstore.Stream(record.Category, c.Livret)
	}
	rows, err := r.rows.Rows(ctx, streams...)
	if err != nil {
		return nil, err
	}
	entries := make([]Entry, 0, len(candidates))
	for i, c := range candidates {
		row, ok := rows[streams[i]]
		if !ok {
			continue
		}
		var rec recordRow
		if err := r.rows.Open(ctx, row, &rec); gone(err) {
			continue
		} else if err != nil {
			return nil, err
		}
		a := assembly{lists: r.lists, record: &rec}
		e := Entry{Number: c.Number, Avis: rec.Avis, Pending: rec.pending()}
		e.Serie, e.SerieLabel, _ = a.serie()
		entries = append(entries, e)
	}
	return entries, nil
}

func (r *Reader) candidates(ctx context.Context, session deliberation.ExamSession) ([]candidateRow, error) {
	streams, err := r.rows.Find(ctx, sessionLabel(session)...)
	if err != nil {
		return nil, err
	}
	rows, err := r.rows.Rows(ctx, streams...)
	if err != nil {
		return nil, err
	}
	var candidates []candidateRow
	for _, row := range rows {
		var c candidateRow
		if err := r.rows.Open(ctx, row, &c); gone(err) {
			continue
		} else if err != nil {
			return nil, err
		}
		candidates = append(candidates, c)
	}
	slices.SortFunc(candidates, func(a, b candidateRow) int { return cmp.Compare(a.Number, b.Number) })
	return candidates, nil
}

// Number answers a livret's number before the jury of a session, for the DEC, who alone may ask for the link:
// package access says so to the page. It fails with projections.ErrNotFound if the livret has none.
func (r *Reader) Number(ctx context.Context, session deliberation.ExamSession, livret uuid.UUID) (string, error) {
	candidates, err := r.candidates(ctx, session)
	if err != nil {
		return "", err
	}
	for _, c := range candidates {
		if c.Livret == livret {
			return c.Number, nil
		}
	}
	return "", projections.ErrNotFound
}

func gone(err error) bool {
	return errors.Is(err, keyvault.ErrShredded) || errors.Is(err, keyvault.ErrArchived)
}

func (r *recordRow) pending() int {
	n := 0
	count := func(t *text) {
		if t.Sequence != 0 && !t.Masked {
			n++
		}
	}
	for _, l := range r.Lines {
		count(&l.Appreciation)
	}
	for _, y := range r.Years {
		for i := range y.Observations {
			count(&y.Observations[i])
		}
	}
	count(&r.Other)
	return n
}
