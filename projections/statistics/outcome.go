package statistics

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/deliberation"
	"livret/eventstore/keyvault"
	"livret/projections"
)

// candidateRow is one candidate being folded: what the last deliberation decided, and which kind of formation
// was proposed. The link to the livret stays in here, sealed under the candidate's key.
type candidateRow struct {
	Livret  uuid.UUID                `json:"livret"`
	Session deliberation.ExamSession `json:"session"`
	Outcome
}

// Outcome is what came of a livret. Each part is empty as long as nobody recorded it.
type Outcome struct {
	Result      deliberation.Result      `json:"result,omitempty"`
	Mention     deliberation.Mention     `json:"mention,omitempty"`
	Orientation deliberation.Orientation `json:"orientation,omitempty"`
}

// Apply adds a fact about the candidate. A new deliberation undoes the result of the one before.
func (r *candidateRow) Apply(f domain.Fact) error {
	switch e := f.Event.(type) {
	case deliberation.CandidateRegistered:
		r.Livret, r.Session = e.Livret, deliberation.ExamSession{Year: e.Session, Round: e.Round}
	case deliberation.ResultRecorded:
		r.Result, r.Mention = e.Result, e.Mention
	case deliberation.DeliberationReopened:
		r.Result, r.Mention = "", ""
	case deliberation.OrientationProposed:
		r.Orientation = e.Orientation
	}
	return nil
}

// Marshal gives the row's JSON.
func (r *candidateRow) Marshal() ([]byte, error) { return json.Marshal(r) }

// Unmarshal reads what Marshal wrote.
func (r *candidateRow) Unmarshal(plain []byte) error { return json.Unmarshal(plain, r) }

// Labels is empty: nobody looks for a candidate here.
func (r *candidateRow) Labels() [][]string { return nil }

// outcomes joins candidates to livrets, in memory only. Of a livret with candidates in both rounds of its
// session, what the later one brought counts.
func outcomes(ctx context.Context, store projections.Store, reader *projections.Reader) (map[uuid.UUID]Outcome, error) {
	june, september := make(map[uuid.UUID]Outcome), make(map[uuid.UUID]Outcome)
	for stored, err := range store.Scan(ctx, Projection().Name, deliberation.Category) {
		var r candidateRow
		if err == nil {
			err = reader.Open(ctx, stored, &r)
		}
		switch {
		case errors.Is(err, keyvault.ErrShredded), errors.Is(err, keyvault.ErrArchived):
		case err != nil:
			return nil, err
		case r.Session.Round == deliberation.Septembre:
			september[r.Livret] = r.Outcome
		default:
			june[r.Livret] = r.Outcome
		}
	}
	for livret, last := range september {
		june[livret] = last.after(june[livret])
	}
	return june, nil
}

// after is an outcome that follows another, of which it keeps what it does not replace.
func (o Outcome) after(first Outcome) Outcome {
	if o.Result == "" {
		o.Result, o.Mention = first.Result, first.Mention
	}
	o.Orientation = cmp.Or(o.Orientation, first.Orientation)
	return o
}
