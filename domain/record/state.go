package record

import (
	"cmp"
	"iter"
	"slices"
	"strings"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/mark"
	"livret/domain/nomenclature"
)

// maxPeriods is how many periods a year can have: trimesters.
const maxPeriods = 3

// State is a livret as it stands: what the commands decide on and what the views show. Evolve alone changes
// it; everyone else reads. Slices are sorted, so two folds of the same facts are equal and list alike, and
// it survives encoding/json unchanged, so that a view can keep it as a row.
type State struct {
	Session     nomenclature.SchoolYear `json:",omitzero"`  // calendar year of the exam; 0 until the livret is opened
	Years       []Year                  `json:",omitempty"` // ascending
	Lines       []*Line                 `json:",omitempty"` // by Enseignement
	Engagements []Engagement            `json:",omitempty"` // each at most once, by code
	Other       Text                    `json:",omitzero"`  // the free line of engagements
	Avis        Avis                    `json:",omitzero"`  // empty until issued
	Shares      *AvisShares             `json:",omitempty"` // nil until frozen
	B2i         bool                    `json:",omitzero"`
	TransferTo  nomenclature.UAI        `json:",omitempty"` // school that may take the livret over; empty once it has
	Rights      Rights                  `json:",omitzero"`

	hint int // index of the line last changed: facts of one line follow one another
}

// Year is a year of the cycle terminal. Several schoolings are a pupil who moved; the last one stands.
type Year struct {
	Year         nomenclature.SchoolYear
	Periods      uint8               `json:",omitzero"`  // 3 trimesters, 2 semesters, 0 not said
	Schoolings   []SchoolingRecorded `json:",omitempty"` // oldest first
	Observations [3]Signed           `json:",omitzero"`  // by the CPE, the team, the head, in this order
	Locks        Locks               `json:",omitzero"`
	LockedAt     uint64              `json:",omitzero"` // sequence of the last lock of the whole year
	ChangedAt    uint64              `json:",omitzero"` // sequence of the last change to the year's page
	VisaAt       uint64              `json:",omitzero"` // sequence of the last visa of the head
}

// Locks is a set of locked periods, one bit each; bit 0 is the whole year.
type Locks uint8

// Has tells whether that very lock is set; see State.Locked for what it closes.
func (l Locks) Has(period uint8) bool { return l&(1<<period) != 0 }

// Signed is an observation: a text, who signed it, and when if the signature bears a date.
type Signed struct {
	Text
	Author uuid.UUID
	Dated  domain.Date
}

// Line is all that a livret says about one enseignement.
type Line struct {
	Enseignement Enseignement
	Averages     [maxPeriods]Average `json:",omitzero"` // of the periods, the first at index 0
	AnnualGiven  Average             `json:",omitzero"` // as recorded; see Annual
	Group        Group               `json:",omitzero"`
	Competences  []Competence        `json:",omitempty"` // by code
	Appreciation Text                `json:",omitzero"`
	Teachers     []uuid.UUID         `json:",omitempty"` // staff ids, sorted
}

// Average is an average as it stands.
type Average struct {
	Mark     mark.Mark
	Sequence uint64 // of the event that says so; 0 if none does, which is not the same as not marked
	Imported bool   `json:",omitempty"` // from the school's marks software
	Reason   string `json:",omitempty"` // why the head corrected it; empty if he did not
}

// Recorded tells an average, be it of a pupil not marked, from none.
func (a Average) Recorded() bool { return a.Sequence != 0 }

// Group is the group that followed an enseignement.
type Group struct {
	Headcount uint16       `json:",omitempty"` // those with a mark; 0 not said
	Mean      mark.Mark    // of their annual averages; NotMarked: not said
	Shares    *mark.Shares `json:",omitempty"` // nil: not said
	Sequence  uint64       // of the event that says so; 0 if none does
}

// Competence is the level reached in a compétence.
type Competence struct {
	Code    nomenclature.Competence
	Mastery nomenclature.Mastery
}

// AvisShares is how avis were shared in the school and série, and since which event of the livret.
type AvisShares struct {
	AvisSharesFrozen
	Sequence uint64
}

// Compare orders enseignements by year, matière, modalité and rank: a stable order to list in, which is not
// the programme's.
func (e Enseignement) Compare(other Enseignement) int {
	if c := cmp.Compare(e.Year, other.Year); c != 0 {
		return c
	}
	if c := strings.Compare(string(e.Matiere), string(other.Matiere)); c != 0 {
		return c
	}
	if c := strings.Compare(string(e.Modalite), string(other.Modalite)); c != 0 {
		return c
	}
	return cmp.Compare(e.Rank, other.Rank)
}

// Opened tells whether the stream has a livret at all.
func (s *State) Opened() bool { return s.Session != 0 }

// Terminale is the school year that ends with the exam; the cycle's last page, engagements and avis, is
// locked and visaed with it.
func (s *State) Terminale() nomenclature.SchoolYear { return s.Session - 1 }

// Year answers the year of that name, nil if nothing is known of it.
func (s *State) Year(year nomenclature.SchoolYear) *Year {
	for i := range s.Years {
		if s.Years[i].Year == year {
			return &s.Years[i]
		}
	}
	return nil
}

// Schooling answers where the pupil is, or last was, in a year.
func (y *Year) Schooling() (SchoolingRecorded, bool) {
	if y == nil || len(y.Schoolings) == 0 {
		return SchoolingRecorded{}, false
	}
	return y.Schoolings[len(y.Schoolings)-1], true
}

// Latest answers where the pupil is now, or last was.
func (s *State) Latest() (SchoolingRecorded, bool) {
	for i := len(s.Years) - 1; i >= 0; i-- {
		if at, ok := s.Years[i].Schooling(); ok {
			return at, true
		}
	}
	return SchoolingRecorded{}, false
}

// Observation answers the signed text of a kind; its Sequence is 0 if there is none.
func (y *Year) Observation(kind Observation) Signed {
	if i := kind.index(); y != nil && i >= 0 {
		return y.Observations[i]
	}
	return Signed{}
}

// VisaStands tells whether the head has given his visa to the page as it is now: a later change voids it.
func (y *Year) VisaStands() bool { return y != nil && y.VisaAt > y.ChangedAt }

// Locked tells whether a period of a year is closed to changes, by its own lock or by the year's. Period 0
// asks for what belongs to no period: appreciation, compétences, observations.
func (s *State) Locked(year nomenclature.SchoolYear, period uint8) bool {
	y := s.Year(year)
	return y != nil && (y.Locks.Has(0) || y.Locks.Has(period))
}

// Line answers the line of an enseignement, nil if nothing is known of it.
func (s *State) Line(e Enseignement) *Line {
	if i, found := s.find(e); found {
		return s.Lines[i]
	}
	return nil
}

func (s *State) find(e Enseignement) (int, bool) {
	if s.hint < len(s.Lines) && s.Lines[s.hint].Enseignement == e {
		return s.hint, true
	}
	return slices.BinarySearchFunc(s.Lines, e, func(l *Line, e Enseignement) int { return l.Enseignement.Compare(e) })
}

// LinesOf yields the lines of one year.
func (s *State) LinesOf(year nomenclature.SchoolYear) iter.Seq[*Line] {
	return func(yield func(*Line) bool) {
		for _, l := range s.Lines {
			if l.Enseignement.Year == year && !yield(l) {
				return
			}
		}
	}
}

// Average answers the average of a period, from 1; the zero Average if none was recorded. It may be asked of
// a nil line.
func (l *Line) Average(period uint8) Average {
	if l == nil || period < 1 || int(period) > len(l.Averages) {
		return Average{}
	}
	return l.Averages[period-1]
}

// Annual is the annual average: the one recorded, or else mark.Annual of the periods, and computed is true.
func (l *Line) Annual() (m mark.Mark, computed bool) {
	if l.AnnualGiven.Recorded() {
		return l.AnnualGiven.Mark, false
	}
	var sum mark.Sum
	for _, a := range l.Averages {
		sum = sum.Add(a.Mark) // an average never recorded is not marked, and does not enter the sum
	}
	return sum.Mean(mark.HalfUpHundredth), true
}

// Mastery answers the level reached in a compétence, empty if it was not assessed.
func (l *Line) Mastery(code nomenclature.Competence) nomenclature.Mastery {
	if l == nil {
		return ""
	}
	if i, found := slices.BinarySearchFunc(l.Competences, code, byCode); found {
		return l.Competences[i].Mastery
	}
	return ""
}

func byCode(c Competence, code nomenclature.Competence) int {
	return strings.Compare(string(c.Code), string(code))
}

// HasEngagement tells whether an engagement was declared.
func (s *State) HasEngagement(code Engagement) bool {
	_, found := slices.BinarySearch(s.Engagements, code)
	return found
}
