package record

import (
	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/mark"
	"livret/domain/nomenclature"
)

// ImportLivret is all that a file of the school's software says of one pupil's livret, in one command: one
// decision and one append. What the file does not say is left as it is, and what it says again yields
// nothing, so a file can be imported any number of times.
//
// A line that may not go in does not hold back the others: it is one of the Refusals.
type ImportLivret struct {
	Session      nomenclature.SchoolYear // opens the livret; zero: it must be open
	Engagements  []Engagement
	Other        string // free line of engagements; blank: not said
	Avis         Avis   // empty: not said
	B2i          bool   // false: not said
	Years        []ImportedYear
	Nomenclature *nomenclature.Nomenclature // nil: only the form of codes is checked
}

// ImportedYear is a school year of the file.
type ImportedYear struct {
	Year         nomenclature.SchoolYear
	Schooling    *RecordSchooling // nil: not said; its Year and Nomenclature are not looked at
	Periods      uint8            // 0: not said
	Observations []ImportedObservation
	Evaluations  []Evaluation
}

// ImportedObservation is one of the three signed texts of a year; a blank text is none.
type ImportedObservation struct {
	Kind   Observation
	Text   string
	Author uuid.UUID // staff id
	Dated  domain.Date
}

// Evaluation is what the file says of one enseignement. Files do not tell apart two enseignements of the same
// matière and modalité: nomenclature.Programme.Match does, once the pupil's formation is known; before, they
// are numbered as they come.
type Evaluation struct {
	Matiere      nomenclature.Matiere
	Modalite     nomenclature.Modalite
	Averages     []PeriodAverage
	Headcount    uint16       // 0: not said
	Mean         mark.Mark    // of the group; NotMarked: not said
	Shares       *mark.Shares // nil: not said
	Competences  []Competence
	Appreciation string      // blank: not said
	Teachers     []uuid.UUID // staff ids; none: not said
}

// PeriodAverage is the average of a period.
type PeriodAverage struct {
	Period uint8
	Mark   mark.Mark
}

// Place is what a line of the file is about, as far as it applies.
type Place struct {
	Act        string                  // event type of what was wished: "record.AverageRecorded"
	Year       nomenclature.SchoolYear // 0: the whole cycle
	Matiere    nomenclature.Matiere
	Modalite   nomenclature.Modalite
	Rank       uint8 // 0: not told apart
	Period     uint8
	Competence nomenclature.Competence
	Code       string // of an engagement, or the kind of an observation
}

// LineRefusal is a line that may not go in, and why.
type LineRefusal struct {
	Place
	*domain.Refusal
}

// Decide grants the differences between the file and the livret. It refuses as a whole only if the livret
// can not be opened.
func (c ImportLivret) Decide(s *State) ([]domain.Event, error) {
	events, refused := c.Plan(s)
	if len(refused) > 0 && refused[0].Act == (LivretOpened{}).EventType() {
		return nil, refused[0].Refusal
	}
	return events, nil
}

// Refusals lists the lines that may not go in, in the order of the file.
func (c ImportLivret) Refusals(s *State) []LineRefusal {
	_, refused := c.Plan(s)
	return refused
}
