package jury

import (
	"slices"

	"github.com/fxamacker/cbor/v2"

	"livret/domain"
	"livret/domain/masking"
	"livret/domain/nomenclature"
	"livret/domain/record"
)

// recordRow is the fold of a record stream by the jury's own rules: what a jury may not know (school,
// division, teachers, authors, who wrote what and when) is let go here and never reaches a row. Texts stay
// whole, sealed under the pupil's key, because a later mask may have to hide more; only masked text leaves.
type recordRow struct {
	_           struct{} `cbor:",toarray"`
	Version     uint64   // sequence of the last fact that changed what is shown
	Session     nomenclature.SchoolYear
	Years       []*yearRow // ascending
	Lines       []*lineRow // in the order met
	Engagements []record.Engagement
	Other       text
	Avis        record.Avis
	Shares      *avisShares
	B2i         bool
	Restricted  bool // processing is: nothing is shown
}

type yearRow struct {
	_            struct{} `cbor:",toarray"`
	Year         nomenclature.SchoolYear
	MEF          nomenclature.MEF // to find the programme; its variant names a school and is not shown
	Repeating    bool
	Periods      uint8
	Observations [3]text // cpe, team, head
	Visa         bool
}

type lineRow struct {
	_            struct{} `cbor:",toarray"`
	Year         nomenclature.SchoolYear
	Matiere      nomenclature.Matiere
	Modalite     nomenclature.Modalite
	Rank         uint8
	Periods      [3]grade
	Annual       grade
	Group        *group
	Competences  []competence
	Appreciation text
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
	Mastery nomenclature.Mastery
}

type avisShares struct {
	_          struct{} `cbor:",toarray"`
	Headcount  uint16
	T, F, A, D uint16
}

// text is a free text as it stands and the mask made for it. Another text in its place has no mask: it is
// withheld until one is made.
type text struct {
	_        struct{} `cbor:",toarray"`
	Sequence uint64   // of the event that wrote it; 0: no text
	Value    string
	Masked   bool
	Spans    [][2]uint16
}

func newText(value string, f domain.Fact) text { return text{Sequence: f.Sequence, Value: value} }

// show applies the mask. Without one nothing of the text leaves, not even its length.
func (t *text) show() *Text {
	switch {
	case t.Sequence == 0:
		return nil
	case !t.Masked:
		return &Text{Pending: true}
	}
	spans := make([]masking.Span, len(t.Spans))
	for i, s := range t.Spans {
		spans[i] = masking.Span{From: int(s[0]), To: int(s[1])}
	}
	return &Text{Text: masking.Apply(t.Value, spans)}
}

// Apply adds a fact of the livret.
func (r *recordRow) Apply(f domain.Fact) error {
	if r.apply(f) {
		r.Version = f.Sequence
	}
	return nil
}

// apply tells whether the fact is one that a jury is shown anything of.
func (r *recordRow) apply(f domain.Fact) bool {
	switch e := f.Event.(type) {
	case record.AverageRecorded:
		r.average(e.Enseignement, e.Period, gradeOf(e.Mark))
	case record.AverageCorrected:
		r.average(e.Enseignement, e.Period, gradeOf(e.Mark))
	case record.AnnualAverageRecorded:
		r.line(e.Enseignement).Annual = gradeOf(e.Mark)
	case record.GroupFiguresRecorded:
		g := &group{Headcount: e.Headcount, Mean: gradeOf(e.Mean)}
		if e.Shares != nil {
			g.Shares = []uint16{e.Shares.Below8, e.Shares.From8, e.Shares.From12}
		}
		r.line(e.Enseignement).Group = g
	case record.CompetenceAssessed:
		l := r.line(e.Enseignement)
		i := slices.IndexFunc(l.Competences, func(c competence) bool { return c.Code == e.Competence })
		if i < 0 {
			i, l.Competences = len(l.Competences), append(l.Competences, competence{Code: e.Competence})
		}
		l.Competences[i].Mastery = e.Mastery
	case record.AppreciationWritten:
		r.line(e.Enseignement).Appreciation = newText(e.Text, f)
	case record.PassagesMasked:
		if t := r.text(e.Text); t != nil {
			t.Masked, t.Spans = true, e.Spans
		}
	case record.LivretOpened:
		r.Session = e.Session
	case record.SchoolingRecorded:
		y := r.year(e.Year)
		y.MEF, y.Repeating = e.MEF, e.Repeating
	case record.PeriodsSet:
		r.year(e.Year).Periods = e.Count
	case record.EngagementDeclared:
		if !slices.Contains(r.Engagements, e.Code) {
			r.Engagements = append(r.Engagements, e.Code)
		}
	case record.OtherEngagementDeclared:
		r.Other = newText(e.Text, f)
	case record.ObservationWritten:
		if i := slices.Index(observations[:], e.Kind); i >= 0 {
			r.year(e.Year).Observations[i] = newText(e.Text, f)
		}
	case record.AvisIssued:
		r.Avis = e.Avis
	case record.AvisSharesFrozen:
		r.Shares = &avisShares{Headcount: e.Headcount, T: e.T, F: e.F, A: e.A, D: e.D}
	case record.B2iAttested:
		r.B2i = true
	case record.HeadVisaGiven:
		r.year(e.Year).Visa = true
	case record.ProcessingRestricted:
		r.Restricted = true
		return false
	case record.RestrictionLifted:
		r.Restricted = false
		return false
	default:
		return false
	}
	return true
}

var observations = [3]record.Observation{record.ObservationCPE, record.ObservationTeam, record.ObservationHead}

func (r *recordRow) average(e record.Enseignement, period uint8, g grade) {
	if l := r.line(e); period >= 1 && int(period) <= len(l.Periods) {
		l.Periods[period-1] = g
	}
}

func (r *recordRow) line(e record.Enseignement) *lineRow {
	r.year(e.Year)
	for i := len(r.Lines) - 1; i >= 0; i-- {
		l := r.Lines[i]
		if l.Matiere == e.Matiere && l.Year == e.Year && l.Modalite == e.Modalite && l.Rank == e.Rank {
			return l
		}
	}
	l := &lineRow{Year: e.Year, Matiere: e.Matiere, Modalite: e.Modalite, Rank: e.Rank}
	r.Lines = append(r.Lines, l)
	return l
}

func (r *recordRow) year(year nomenclature.SchoolYear) *yearRow {
	for _, y := range r.Years {
		if y.Year == year {
			return y
		}
	}
	y := &yearRow{Year: year}
	i, _ := slices.BinarySearchFunc(r.Years, year, func(y *yearRow, year nomenclature.SchoolYear) int { return int(y.Year) - int(year) })
	r.Years = slices.Insert(r.Years, i, y)
	return y
}

// text finds the text that the event of that sequence wrote, nil if another has taken its place.
func (r *recordRow) text(sequence uint64) *text {
	for _, l := range r.Lines {
		if l.Appreciation.Sequence == sequence {
			return &l.Appreciation
		}
	}
	for _, y := range r.Years {
		for i := range y.Observations {
			if y.Observations[i].Sequence == sequence {
				return &y.Observations[i]
			}
		}
	}
	if r.Other.Sequence == sequence {
		return &r.Other
	}
	return nil
}

// Marshal gives the row's canonical CBOR.
func (r *recordRow) Marshal() ([]byte, error) { return cbor.Marshal(r) }

// Unmarshal reads what Marshal wrote.
func (r *recordRow) Unmarshal(plain []byte) error { return cbor.Unmarshal(plain, r) }

// Labels is none: a dossier is found through its candidate.
func (r *recordRow) Labels() [][]string { return nil }
