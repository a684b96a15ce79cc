package family

import (
	"math"

	"slices"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/identity"
	"livret/domain/mark"
	"livret/domain/nomenclature"
	"livret/domain/record"
)

// A row is kept in CBOR (RFC 8949): structures are arrays without field names, since a row is read by the
// version of the view that wrote it, and rebuilt by any other. Codes are kept, and labels found on reading.

// slot is a place of the livret that is filled and corrected: the last value stands, those before are its
// history.
type slot[T any] []entry[T]

type entry[T any] struct {
	_     struct{} `cbor:",toarray"`
	Value T
	By    stamp
}

// stamp is by which event, and in which of the row's acts.
type stamp struct {
	_        struct{} `cbor:",toarray"`
	Sequence uint64
	Act      uint16
}

// acts is when and in what role things were recorded, each once: one act often writes a whole page.
type acts []act

type act struct {
	_    struct{} `cbor:",toarray"`
	Role string
	At   int64 // µs since 1970, by the ledger's clock
}

func (a *acts) stamp(f domain.Fact) stamp {
	is := act{Role: f.Actor.Role, At: f.RecordedAt.UnixMicro()}
	i := len(*a) - 1
	for i >= 0 && (*a)[i] != is {
		i--
	}
	if i < 0 && len(*a) < math.MaxUint16 {
		i = len(*a)
		*a = append(*a, is)
	}
	return stamp{Sequence: f.Sequence, Act: uint16(i)}
}

func (s *slot[T]) set(value T, by stamp) { *s = append(*s, entry[T]{Value: value, By: by}) }

// grade is a mark as a row keeps it: hundredths, or a negative number for one of the states without mark.
type grade int16

const (
	notMarked grade = -1 - iota
	absent
	dispensed
)

func gradeOf(m mark.Mark) grade {
	if h, ok := m.Hundredths(); ok {
		return grade(h)
	}
	switch m {
	case mark.Absent():
		return absent
	case mark.Dispensed():
		return dispensed
	}
	return notMarked
}

func (g grade) mark() mark.Mark {
	switch g {
	case absent:
		return mark.Absent()
	case dispensed:
		return mark.Dispensed()
	}
	m, _ := mark.Hundredths(int(g)) // notMarked is refused as the zero Mark, which it is
	return m
}

// recordRow is the fold of a record stream.
type recordRow struct {
	_           struct{} `cbor:",toarray"`
	Acts        acts
	Session     nomenclature.SchoolYear
	Years       []*yearRow // ascending
	Lines       []*lineRow // in the order met
	Engagements []entry[record.Engagement]
	Other       slot[string]
	Avis        slot[record.Avis]
	Shares      slot[avisShares]
	B2i         slot[bool]
	last        *lineRow // facts of one line follow one another
}

type yearRow struct {
	_            struct{} `cbor:",toarray"`
	Year         nomenclature.SchoolYear
	Periods      uint8
	Schooling    slot[schooling]
	Observations [3]slot[signed] // cpe, team, head
	Locks        slot[lock]
	Visa         slot[bool]
	ChangedAt    uint64 // sequence of the last change to the year's page: a visa before it is void
}

type schooling struct {
	_         struct{} `cbor:",toarray"`
	UAI       nomenclature.UAI
	MEF       nomenclature.MEF
	Division  string
	Repeating bool
}

type signed struct {
	_      struct{} `cbor:",toarray"`
	Text   string
	Author uuid.UUID
	Dated  string
}

type lock struct {
	_      struct{} `cbor:",toarray"`
	Period uint8
	Locked bool
	Reason string
}

type lineRow struct {
	_            struct{} `cbor:",toarray"`
	Year         nomenclature.SchoolYear
	Matiere      nomenclature.Matiere
	Modalite     nomenclature.Modalite
	Rank         uint8
	Periods      [3]slot[average]
	Annual       slot[average]
	Group        slot[group]
	Competences  []competence // in the order met
	Appreciation slot[string]
	Teachers     []uuid.UUID
}

type average struct {
	_      struct{} `cbor:",toarray"`
	Mark   grade
	Reason string // why the head corrected it
}

type group struct {
	_         struct{} `cbor:",toarray"`
	Headcount uint16
	Mean      grade
	Shares    []uint16 // none, or three
}

type competence struct {
	_       struct{} `cbor:",toarray"`
	Code    nomenclature.Competence
	Mastery slot[nomenclature.Mastery]
}

type avisShares struct {
	_          struct{} `cbor:",toarray"`
	Serie      nomenclature.Serie
	Headcount  uint16
	T, F, A, D uint16
}

// identityRow is the fold of an identity stream.
type identityRow struct {
	_         struct{} `cbor:",toarray"`
	Acts      acts
	Civil     slot[identity.CivilIdentityRecorded]
	INE       slot[string]
	Guardians []identity.GuardianRecorded
	Schools   []identity.SchoolAttended
}

// staffRow is the fold of a staff stream: the name in force, and the school.
type staffRow struct {
	_    struct{} `cbor:",toarray"`
	Name string
	UAI  nomenclature.UAI
}

// Marshal gives the row's canonical CBOR.
func (r *recordRow) Marshal() ([]byte, error) { return cbor.Marshal(r) }

// Unmarshal reads what Marshal wrote.
func (r *recordRow) Unmarshal(plain []byte) error { return cbor.Unmarshal(plain, r) }

// Marshal gives the row's canonical CBOR.
func (r *identityRow) Marshal() ([]byte, error) { return cbor.Marshal(r) }

// Unmarshal reads what Marshal wrote.
func (r *identityRow) Unmarshal(plain []byte) error { return cbor.Unmarshal(plain, r) }

// Marshal gives the row's canonical CBOR.
func (r *staffRow) Marshal() ([]byte, error) { return cbor.Marshal(r) }

// Unmarshal reads what Marshal wrote.
func (r *staffRow) Unmarshal(plain []byte) error { return cbor.Unmarshal(plain, r) }

// Labels finds the divisions of a school by year: nothing else of an identity is searched.
func (r *recordRow) Labels() [][]string {
	var labels [][]string
	for _, y := range r.Years {
		if n := len(y.Schooling); n > 0 {
			s := y.Schooling[n-1].Value
			labels = append(labels, schoolLabel(s.UAI, y.Year), divisionLabel(s.UAI, y.Year, s.Division))
		}
		for _, s := range y.Schooling {
			labels = append(labels, pupilsLabel(s.Value.UAI))
		}
	}
	slices.SortFunc(labels, slices.Compare)
	return slices.CompactFunc(labels, slices.Equal)
}

// Labels is none.
func (r *identityRow) Labels() [][]string { return nil }

// Labels finds the staff of a school: a text is searched for the names of all of them.
func (r *staffRow) Labels() [][]string {
	if r.UAI == "" {
		return nil
	}
	return [][]string{staffLabel(r.UAI)}
}

// pupilsLabel finds all who ever were in a school: whoever left is still somebody's classmate in a text.
func pupilsLabel(uai nomenclature.UAI) []string { return []string{"pupils", string(uai)} }

func staffLabel(uai nomenclature.UAI) []string { return []string{"staff", string(uai)} }

func schoolLabel(uai nomenclature.UAI, year nomenclature.SchoolYear) []string {
	return []string{"school", string(uai), year.Label()}
}

func divisionLabel(uai nomenclature.UAI, year nomenclature.SchoolYear, division string) []string {
	return []string{"division", string(uai), year.Label(), division}
}
