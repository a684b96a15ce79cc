// Package statistics is the view of the statistician: aggregates of an exam session, from which no path leads
// back to a pupil.
//
// It goes in three steps. A row is what one livret contributes, or what came of one candidate, without a name, a
// school or a word of text, sealed under the livret's own keys like every other row. Sufficient adds contributions up, exactly and in
// integers, so that two académies merge by addition. A Publication is what may be seen of it: the tables of a
// closed catalogue, where Publish withholds what would point at too few pupils, by itself, by subtraction
// within the publication, or by subtraction from an earlier one.
package statistics

import (
	"context"
	"encoding/json"
	"errors"
	"iter"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/deliberation"
	"livret/domain/mark"
	"livret/domain/nomenclature"
	"livret/domain/record"
	"livret/eventstore/keyvault"
	"livret/projections"
)

// Projection folds livrets and candidates into contributions. It opens no key of an identity.
func Projection() projections.Projection {
	return projections.Projection{
		Name:       "statistics.v2",
		Categories: []string{record.Category, deliberation.Category},
		Classes:    []keyvault.Class{keyvault.Record, keyvault.Candidate},
		New: func(category string) projections.Folder {
			if category == deliberation.Category {
				return new(candidateRow)
			}
			return &row{state: record.NewState()}
		},
	}
}

// row is one livret being folded, of which it keeps only what can be counted.
type row struct{ state *record.State }

// Apply adds a fact of the livret. The rules by which averages replace one another are those of the livret.
func (r *row) Apply(f domain.Fact) error {
	switch e := f.Event.(type) {
	case record.LivretOpened, record.AverageRecorded, record.AnnualAverageRecorded, record.AvisIssued,
		record.ProcessingRestricted, record.RestrictionLifted:
	case record.SchoolingRecorded:
		f.Event = record.SchoolingRecorded{Year: e.Year, MEF: e.MEF} // neither the school nor the division
	case record.AverageCorrected:
		e.Reason = ""
		f.Event = e
	default:
		return nil
	}
	f.Actor = domain.Actor{}
	r.state = record.Evolve(r.state, f)
	return nil
}

// Marshal gives the row's JSON.
func (r *row) Marshal() ([]byte, error) { return json.Marshal(r.state) }

// Unmarshal reads what Marshal wrote.
func (r *row) Unmarshal(plain []byte) error {
	r.state = record.NewState()
	return json.Unmarshal(plain, r.state)
}

// Labels is empty: nobody looks for a contribution.
func (r *row) Labels() [][]string { return nil }

// Course is an enseignement whatever the year: what a mark is a mark of.
type Course struct {
	Matiere  nomenclature.Matiere  `json:"matiere"`
	Modalite nomenclature.Modalite `json:"modalite"`
	Rank     uint8                 `json:"rank"` // 2: the spécialité of Terminale S
}

// Contribution is what one livret adds to the statistics of its session.
type Contribution struct {
	Livret  uuid.UUID               // whose it is: a random id, so that none is counted twice
	Session nomenclature.SchoolYear // calendar year of the exam
	Years   []Year                  // of the cycle terminal, ascending
	Avis    record.Avis             // empty until issued
	Outcome
}

// Year is one school year of a contribution.
type Year struct {
	Year     nomenclature.SchoolYear
	MEF      nomenclature.MEF // empty if unknown
	Averages []Average        // annual ones, those who are not marked left out
}

// Average is an annual average of a pupil.
type Average struct {
	Course Course
	Mark   mark.Mark
}

// contribution is nothing as long as processing is restricted (RGPD, art. 18): the livret is stored, and that is all.
func (r *row) contribution() Contribution {
	if r.state.Restricted() {
		return Contribution{}
	}
	c := Contribution{Session: r.state.Session, Avis: r.state.Avis}
	for i := range r.state.Years {
		y := Year{Year: r.state.Years[i].Year}
		if schooling, ok := r.state.Years[i].Schooling(); ok {
			y.MEF = schooling.MEF
		}
		for line := range r.state.LinesOf(y.Year) {
			if m, _ := line.Annual(); m.IsMarked() {
				e := line.Enseignement
				y.Averages = append(y.Averages, Average{Course{e.Matiere, e.Modalite, e.Rank}, m})
			}
		}
		c.Years = append(c.Years, y)
	}
	return c
}

// Contributions yields those of all livrets of the view. The livrets that are forgotten or in custody are
// left out: what they added was frozen before.
func Contributions(ctx context.Context, store projections.Store, keys keyvault.Opener) iter.Seq2[Contribution, error] {
	p := Projection()
	reader := projections.NewReader(store, keys, p)
	return func(yield func(Contribution, error) bool) {
		cameOf, err := outcomes(ctx, store, reader)
		if err != nil {
			yield(Contribution{}, err)
			return
		}
		for stored, err := range store.Scan(ctx, p.Name, record.Category) {
			r := new(row)
			if err == nil {
				err = reader.Open(ctx, stored, r)
			}
			if errors.Is(err, keyvault.ErrShredded) || errors.Is(err, keyvault.ErrArchived) {
				continue
			}
			if err != nil {
				yield(Contribution{}, err)
				return
			}
			c := r.contribution()
			c.Livret, _ = stored.Stream.UUID()
			c.Outcome = cameOf[c.Livret]
			if !yield(c, nil) {
				return
			}
		}
	}
}
