package jury

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/deliberation"
	"livret/domain/retention"
	"livret/domain/sanction"
	"livret/eventstore"
	"livret/projections"
)

// sanctionRow is the fold of a sanction stream by the jury's own rules: what is entered in a livret, and since and
// until when. Authority, proceedings and what was voided are let go here. Whose it is stands in another stream, which
// the jury is never handed, under a key that it may not open.
type sanctionRow struct {
	Kind       sanction.Kind
	Pronounced domain.Date
	Ends       domain.Date
	Entry      bool
	Livrets    []uuid.UUID
}

// Apply adds a fact about the sanction.
func (r *sanctionRow) Apply(f domain.Fact) error {
	switch e := f.Event.(type) {
	case sanction.SanctionPronounced:
		r.Kind, r.Pronounced, r.Ends, r.Entry = e.Kind, e.Pronounced, e.Ends, e.Entry
	case sanction.LivretLinked:
		r.Livrets = append(r.Livrets, e.Livret)
	case sanction.SanctionAmended:
		r.Kind, r.Ends = e.Kind, e.Ends
	case sanction.SursisRevoked:
		r.Ends = e.Ends
	case sanction.SanctionAnnulled:
		r.Entry = false
	}
	return nil
}

// Marshal gives the row's JSON.
func (r *sanctionRow) Marshal() ([]byte, error) { return json.Marshal(r) }

// Unmarshal reads what Marshal wrote.
func (r *sanctionRow) Unmarshal(plain []byte) error { return json.Unmarshal(plain, r) }

// Labels finds the sanctions of a livret.
func (r *sanctionRow) Labels() [][]string {
	var labels [][]string
	for _, livret := range r.Livrets {
		labels = append(labels, sanctionLabel(livret))
	}
	return labels
}

func sanctionLabel(livret uuid.UUID) []string { return []string{"sanction", livret.String()} }

// Sanction is what a jury may know of a sanction of the discipline commission: neither why nor whose, nor until when.
type Sanction struct {
	Kind       sanction.Kind `json:"kind"`
	Label      string        `json:"label"`
	Pronounced domain.Date   `json:"pronounced"`
}

// Sanctions is those entered in a candidate's livret whose term is not reached on a day in Europe/Paris, the last
// first; none if the livret was not transmitted. They stand beside the dossier and not in it, because they end on
// their own day: what a visa was given for can still be shown once they are destroyed. It fails as Show does.
func (r *Reader) Sanctions(ctx context.Context, session deliberation.ExamSession, number string, on domain.Date) ([]Sanction, error) {
	f, err := r.find(ctx, session, number)
	if err != nil || f.Transmitted == 0 {
		return nil, err
	}
	streams, err := r.rows.Find(ctx, sanctionLabel(f.Livret)...)
	if err != nil {
		return nil, err
	}
	rows, err := r.rows.Rows(ctx, streams...)
	if err != nil {
		return nil, err
	}
	return r.entered(ctx, rows, on)
}

func (r *Reader) entered(ctx context.Context, rows map[eventstore.StreamID]projections.Row, on domain.Date) ([]Sanction, error) {
	var all []Sanction
	for _, row := range rows {
		var s sanctionRow
		if err := r.rows.Open(ctx, row, &s); gone(err) {
			continue
		} else if err != nil {
			return nil, err
		}
		if s.Entry && on.Before(retention.SanctionTerm(s.Pronounced, s.Ends)) {
			all = append(all, Sanction{Kind: s.Kind, Label: s.Kind.Label(), Pronounced: s.Pronounced})
		}
	}
	slices.SortFunc(all, func(a, b Sanction) int { return b.Pronounced.Compare(a.Pronounced) })
	return all, nil
}
