package discipline

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/sanction"
)

// schoolRow is the fold of the stream of a school's sanction.
type schoolRow struct{ sanction.SchoolSanction }

// Apply adds a fact about it.
func (r *schoolRow) Apply(f domain.Fact) error {
	r.SchoolSanction.Apply(f.Event)
	return nil
}

// Marshal gives the row's JSON.
func (r *schoolRow) Marshal() ([]byte, error) { return json.Marshal(r.SchoolSanction) }

// Unmarshal reads what Marshal wrote.
func (r *schoolRow) Unmarshal(plain []byte) error { return json.Unmarshal(plain, &r.SchoolSanction) }

// Labels finds those of a livret.
func (r *schoolRow) Labels() [][]string {
	if r.Livret == uuid.Nil {
		return nil
	}
	return [][]string{schoolLabel(r.Livret)}
}

func schoolLabel(livret uuid.UUID) []string { return []string{"school", livret.String()} }

// SchoolEntry is a sanction of the school.
type SchoolEntry struct {
	Sanction   uuid.UUID     `json:"sanction"`
	Kind       sanction.Kind `json:"kind"`
	KindLabel  string        `json:"kindLabel"`
	Days       uint8         `json:"days,omitempty"`
	Suspended  bool          `json:"suspended,omitempty"`
	Pronounced domain.Date   `json:"pronounced"`
	Term       domain.Date   `json:"term"`
}

// School is the sanctions of the school against the pupil of a livret whose term is not reached, the last first.
// Whether they may be shown at all is for who knows what the controller decided.
func (r *Reader) School(ctx context.Context, livret uuid.UUID, on domain.Date) ([]SchoolEntry, error) {
	streams, err := r.rows.Find(ctx, schoolLabel(livret)...)
	if err != nil {
		return nil, err
	}
	rows, err := r.rows.Rows(ctx, streams...)
	if err != nil {
		return nil, err
	}
	entries := []SchoolEntry{}
	for stream, row := range rows {
		var s schoolRow
		err := r.rows.Open(ctx, row, &s)
		id, ok := stream.UUID()
		switch {
		case gone(err), err == nil && (!ok || !on.Before(s.Term())):
			continue
		case err != nil:
			return nil, err
		}
		entries = append(entries, SchoolEntry{
			Sanction: id, Kind: s.Kind, KindLabel: s.Kind.Label(), Days: s.Days, Suspended: s.Suspended, Pronounced: s.Pronounced, Term: s.Term(),
		})
	}
	slices.SortFunc(entries, func(a, b SchoolEntry) int {
		if byDate := b.Pronounced.Compare(a.Pronounced); byDate != 0 {
			return byDate
		}
		return slices.Compare(a.Sanction[:], b.Sanction[:])
	})
	return entries, nil
}
