package jury

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"slices"

	"github.com/google/uuid"

	"livret/domain"
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

// Entry is one line of the list of a session or of a jury.
type Entry struct {
	Number     string             `json:"number"`
	Serie      nomenclature.Serie `json:"serie,omitempty"`
	SerieLabel string             `json:"serieLabel,omitempty"`
	Standing
	Avis    record.Avis `json:"avis,omitempty"`
	Pending int         `json:"pending"` // texts withheld until they are masked
}

// ErrAmbiguous says that a number stands for several candidates of a session: nobody's dossier is shown then.
var ErrAmbiguous = errors.New("jury: a number stands for several candidates")

// found is a candidate with the row of his livret.
type found struct {
	candidateRow
	stream eventstore.StreamID
	row    projections.Row // of the candidate
	livret projections.Row // empty: none is here
	record *recordRow      // nil: not opened
}

// find answers the candidate of a number. It fails with projections.ErrNotFound if there is none or his livret is
// not here, with a refusal by "acces-livret-suspendu" if its processing is restricted, and with keyvault.ErrShredded or ErrArchived if it was forgotten or is in custody.
func (r *Reader) find(ctx context.Context, session deliberation.ExamSession, number string) (found, error) {
	var f found
	streams, err := r.rows.Find(ctx, numberLabel(session, number)...)
	switch {
	case err != nil:
		return f, err
	case len(streams) == 0:
		return f, projections.ErrNotFound
	case len(streams) > 1:
		return f, ErrAmbiguous
	}
	f.stream = streams[0]
	if f.row, err = r.rows.Row(ctx, f.stream); err != nil {
		return f, err
	}
	if err := r.rows.Open(ctx, f.row, &f.candidateRow); err != nil {
		return f, err
	}
	if f.livret, err = r.rows.Row(ctx, eventstore.Stream(record.Category, f.Livret)); err != nil {
		return f, err
	}
	f.record = new(recordRow)
	if err := r.rows.Open(ctx, f.livret, f.record); err != nil {
		return f, err
	}
	if f.record.Restricted {
		return f, domain.Refuse("acces-livret-suspendu", "Ce livret est retiré de l’examen le temps d’une vérification : il ne peut être ni lu ni examiné.",
			"La division des examens vous dira quand il peut l’être de nouveau.")
	}
	return f, nil
}

// Show answers a candidate's dossier. It fails with projections.ErrNotFound if there is no such candidate or
// his livret is not here, and with keyvault.ErrShredded or ErrArchived if it was forgotten or is in custody.
func (r *Reader) Show(ctx context.Context, session deliberation.ExamSession, number string) (Dossier, error) {
	f, err := r.find(ctx, session, number)
	if err != nil {
		return Dossier{}, err
	}
	jury, err := r.juryNumber(ctx, f.Jury)
	if err != nil {
		return Dossier{}, err
	}
	d, e, err := r.shown(ctx, f)
	d.Standing = standing(f.Candidate, jury, e.RecordVersion)
	return d, err
}

// Evidence identifies what a jury is shown of a livret at a moment.
type Evidence struct {
	Candidate     uuid.UUID // id of the stream
	Livret        uuid.UUID
	Jury          uuid.UUID // uuid.Nil: none yet
	RecordVersion uint64    // of what is shown; 0: no livret is supplied
	Salt          []byte
	ViewHash      []byte // HMAC-SHA-256 of the dossier's canonical bytes under Salt
}

// Evidence answers that of a candidate's dossier as it is now. It fails as Show does.
func (r *Reader) Evidence(ctx context.Context, session deliberation.ExamSession, number string) (Evidence, error) {
	f, err := r.find(ctx, session, number)
	if err != nil {
		return Evidence{}, err
	}
	_, e, err := r.shown(ctx, f)
	return e, err
}

// shown is a candidate's dossier without his standing, and what identifies it.
func (r *Reader) shown(ctx context.Context, f found) (Dossier, Evidence, error) {
	a := assembly{lists: r.lists, record: f.record}
	d := a.dossier(f.Candidate)
	d.Incomplete = f.row.Parked != 0 || f.livret.Parked != 0
	id, _ := f.stream.UUID()
	e := Evidence{Candidate: id, Livret: f.Livret, Jury: f.Jury}
	if f.Transmitted == 0 {
		return d, e, nil
	}
	canonical, err := d.canonical()
	if err != nil {
		return d, e, err
	}
	if e.Salt, err = r.rows.Salt(ctx, f.row, Name); err != nil {
		return d, e, err
	}
	e.RecordVersion, e.ViewHash = f.record.Version, imprint(e.Salt, canonical)
	d.Imprint = hex.EncodeToString(e.ViewHash)
	return d, e, nil
}

// juryNumber is the number of a jury, empty for none.
func (r *Reader) juryNumber(ctx context.Context, jury uuid.UUID) (string, error) {
	if jury == uuid.Nil {
		return "", nil
	}
	j, err := r.jury(ctx, eventstore.Stream(deliberation.JuryCategory, jury))
	if err != nil {
		return "", err
	}
	return j.Number, nil
}

func (r *Reader) jury(ctx context.Context, stream eventstore.StreamID) (*deliberation.Jury, error) {
	row, err := r.rows.Row(ctx, stream)
	if err != nil {
		return nil, err
	}
	j := juryRow{Jury: deliberation.JuryDecider.Initial()}
	return j.Jury, r.rows.Open(ctx, row, &j)
}

// Juries are those of a session, by number.
func (r *Reader) Juries(ctx context.Context, session deliberation.ExamSession) ([]*deliberation.Jury, error) {
	streams, err := r.rows.Find(ctx, juriesLabel(session)...)
	if err != nil {
		return nil, err
	}
	all := make([]*deliberation.Jury, len(streams))
	for n, stream := range streams {
		if all[n], err = r.jury(ctx, stream); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(all, func(a, b *deliberation.Jury) int { return cmp.Compare(a.Number, b.Number) })
	return all, nil
}

// List is the candidates of a session by number, which is drawn at random: no order of enrolment, of import or
// of the alphabet can be read in it. Those who were forgotten are not in it.
func (r *Reader) List(ctx context.Context, session deliberation.ExamSession) ([]Entry, error) {
	return r.list(ctx, sessionLabel(session))
}

// ListOf is the candidates of a jury, in the same order.
func (r *Reader) ListOf(ctx context.Context, jury uuid.UUID) ([]Entry, error) {
	return r.list(ctx, juryLabel(jury))
}

func (r *Reader) list(ctx context.Context, label []string) ([]Entry, error) {
	candidates, err := r.candidates(ctx, label)
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
	numbers := make(map[uuid.UUID]string)
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
		if _, met := numbers[c.Jury]; !met {
			if numbers[c.Jury], err = r.juryNumber(ctx, c.Jury); err != nil {
				return nil, err
			}
		}
		entries = append(entries, r.entry(c, &rec, numbers[c.Jury]))
	}
	return entries, nil
}

func (r *Reader) entry(c candidateRow, rec *recordRow, jury string) Entry {
	a := assembly{lists: r.lists, record: rec}
	e := Entry{Number: c.Number, Standing: standing(c.Candidate, jury, rec.Version)}
	e.Serie, e.SerieLabel, _ = a.serie()
	if c.Transmitted != 0 && !rec.Restricted {
		e.Avis, e.Pending = rec.Avis, rec.pending()
	}
	return e
}

func (r *Reader) candidates(ctx context.Context, label []string) ([]candidateRow, error) {
	streams, err := r.rows.Find(ctx, label...)
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
	candidates, err := r.candidates(ctx, livretLabel(session, livret))
	if err != nil {
		return "", err
	}
	if len(candidates) == 0 {
		return "", projections.ErrNotFound
	}
	return candidates[0].Number, nil
}

// LivretOf is the livret of a candidate's stream, for who tells consumers that a candidate changed: it is never shown. It
// fails with projections.ErrNotFound if there is no such candidate, and with keyvault.ErrShredded or ErrArchived.
func (r *Reader) LivretOf(ctx context.Context, candidate eventstore.StreamID) (uuid.UUID, error) {
	row, err := r.rows.Row(ctx, candidate)
	if err != nil {
		return uuid.Nil, err
	}
	var c candidateRow
	err = r.rows.Open(ctx, row, &c)
	if err != nil {
		return uuid.Nil, err
	}
	return c.Livret, nil
}

// Readable fails with keyvault.ErrShredded or ErrArchived if a livret was forgotten or is in custody, and with
// projections.ErrNotFound if it is none.
func (r *Reader) Readable(ctx context.Context, livret uuid.UUID) error {
	row, err := r.rows.Row(ctx, eventstore.Stream(record.Category, livret))
	if err != nil {
		return err
	}
	return r.rows.Open(ctx, row, new(recordRow))
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
