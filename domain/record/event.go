package record

import (
	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/mark"
	"livret/domain/nomenclature"
)

// Enseignement is what a mark hangs on: a matière followed in one year under one modalité. The same matière
// may appear twice with the same modalité (tronc commun and spécialité of Terminale S): Rank tells them
// apart, from 1, in the order of the programme.
type Enseignement struct {
	Year     nomenclature.SchoolYear `json:"year"`
	Matiere  nomenclature.Matiere    `json:"matiere"`
	Modalite nomenclature.Modalite   `json:"modalite"`
	Rank     uint8                   `json:"rank"`
}

// LivretOpened starts a livret: one preparation of one exam by one pupil.
type LivretOpened struct {
	Session nomenclature.SchoolYear `json:"session"` // calendar year of the exam
}

// SchoolingRecorded says where and in what formation the pupil spent a year of the cycle terminal. A change
// of division, school or série during the year is a new one for the same year.
type SchoolingRecorded struct {
	Year      nomenclature.SchoolYear `json:"year"`
	UAI       nomenclature.UAI        `json:"uai"`
	MEF       nomenclature.MEF        `json:"mef"`
	Division  string                  `json:"division"`
	Repeating bool                    `json:"repeating,omitempty"`
}

// PeriodsSet says how a year is cut: 3 trimesters or 2 semesters.
type PeriodsSet struct {
	Year  nomenclature.SchoolYear `json:"year"`
	Count uint8                   `json:"count"`
}

// AverageRecorded is the pupil's average for one period, or that he was not marked. Imported says that it
// came in a file of the school's marks software: from then on only the head may change it, by AverageCorrected.
type AverageRecorded struct {
	Enseignement Enseignement `json:"enseignement"`
	Period       uint8        `json:"period"`
	Mark         mark.Mark    `json:"mark"`
	Imported     bool         `json:"imported,omitempty"`
}

// AverageCorrected is the head of school's correction of the average of a period, and why: the one change
// that a recours always asks about. An import no longer changes this average.
type AverageCorrected struct {
	Enseignement Enseignement `json:"enseignement"`
	Period       uint8        `json:"period"`
	Mark         mark.Mark    `json:"mark"`
	Reason       string       `json:"reason"`
}

// AnnualAverageRecorded is an annual average given as such; without it, the view computes one from periods.
type AnnualAverageRecorded struct {
	Enseignement Enseignement `json:"enseignement"`
	Mark         mark.Mark    `json:"mark"`
}

// GroupFiguresRecorded describes the group that followed the enseignement: those with a mark, their annual
// average, and the share of annual averages in each bin, in hundredths of a per cent.
type GroupFiguresRecorded struct {
	Enseignement Enseignement `json:"enseignement"`
	Headcount    uint16       `json:"headcount,omitempty"`
	Mean         mark.Mark    `json:"mean"`
	Shares       *mark.Shares `json:"shares,omitempty"`
}

// CompetenceAssessed is the level reached in one compétence.
type CompetenceAssessed struct {
	Enseignement Enseignement            `json:"enseignement"`
	Competence   nomenclature.Competence `json:"competence"`
	Mastery      nomenclature.Mastery    `json:"mastery"`
}

// AppreciationWritten is the teacher's general appreciation of the year, 1 to 300 characters.
type AppreciationWritten struct {
	Enseignement Enseignement `json:"enseignement"`
	Text         string       `json:"text"`
}

// TeachersNamed lists by random staff id who taught; the names are facts of identity.
type TeachersNamed struct {
	Enseignement Enseignement `json:"enseignement"`
	Staff        []uuid.UUID  `json:"staff"`
}

// EngagementDeclared is a responsibility held during the cycle terminal, once per code.
type EngagementDeclared struct {
	Code Engagement `json:"code"`
}

// OtherEngagementDeclared is the free line of engagements, 1 to 300 characters.
type OtherEngagementDeclared struct {
	Text string `json:"text"`
}

// ObservationWritten is a signed text of a year: CPE on engagements, team on investment, head of school.
type ObservationWritten struct {
	Kind   Observation             `json:"kind"`
	Year   nomenclature.SchoolYear `json:"year"`
	Text   string                  `json:"text"`
	Author uuid.UUID               `json:"author"` // staff id
	Dated  domain.Date             `json:"dated,omitzero"`
}

// AvisIssued is the team's opinion in view of the exam.
type AvisIssued struct {
	Avis Avis `json:"avis"`
}

// AvisSharesFrozen keeps, with the livret, how the avis were shared among all pupils of the school in that
// série when it was locked: headcount, and hundredths of a per cent for T, F, A, D.
type AvisSharesFrozen struct {
	Serie     nomenclature.Serie `json:"serie"`
	Headcount uint16             `json:"headcount"`
	T         uint16             `json:"t"`
	F         uint16             `json:"f"`
	A         uint16             `json:"a"`
	D         uint16             `json:"d"`
}

// B2iAttested says that the brevet informatique et internet lycée was delivered.
type B2iAttested struct{}

// PeriodLocked closes a period of a year to changes; period 0 is the whole year.
type PeriodLocked struct {
	Year   nomenclature.SchoolYear `json:"year"`
	Period uint8                   `json:"period"`
}

// PeriodUnlocked opens it again, for a reason.
type PeriodUnlocked struct {
	Year   nomenclature.SchoolYear `json:"year"`
	Period uint8                   `json:"period"`
	Reason string                  `json:"reason"`
}

// HeadVisaGiven is the visa of the chef d'établissement on a year's page.
type HeadVisaGiven struct {
	Year nomenclature.SchoolYear `json:"year"`
}

// FreeTextScreened records a human's decision on a text that the screening rule drew attention to. The
// suspected category is never kept.
type FreeTextScreened struct {
	Text     uint64            `json:"text"` // sequence of the text's event in this stream
	Decision ScreeningDecision `json:"decision"`
	Rule     string            `json:"rule"` // version of the screening rule
}

// PassagesMasked says which passages of a text name someone or somewhere: the jury view shows the text only
// under such a mask. Spans are [from, to) in Unicode code points, ordered, disjoint; none if nothing is named.
type PassagesMasked struct {
	Text  uint64      `json:"text"` // sequence of the text's event in this stream
	Spans [][2]uint16 `json:"spans,omitempty"`
	Rule  string      `json:"rule"` // version of the masking rule
}

// EventType is the name on disk.
func (LivretOpened) EventType() string { return "record.LivretOpened" }

// EventType is the name on disk.
func (SchoolingRecorded) EventType() string { return "record.SchoolingRecorded" }

// EventType is the name on disk.
func (PeriodsSet) EventType() string { return "record.PeriodsSet" }

// EventType is the name on disk.
func (AverageRecorded) EventType() string { return "record.AverageRecorded" }

// EventType is the name on disk.
func (AverageCorrected) EventType() string { return "record.AverageCorrected" }

// EventType is the name on disk.
func (AnnualAverageRecorded) EventType() string { return "record.AnnualAverageRecorded" }

// EventType is the name on disk.
func (GroupFiguresRecorded) EventType() string { return "record.GroupFiguresRecorded" }

// EventType is the name on disk.
func (CompetenceAssessed) EventType() string { return "record.CompetenceAssessed" }

// EventType is the name on disk.
func (AppreciationWritten) EventType() string { return "record.AppreciationWritten" }

// EventType is the name on disk.
func (TeachersNamed) EventType() string { return "record.TeachersNamed" }

// EventType is the name on disk.
func (EngagementDeclared) EventType() string { return "record.EngagementDeclared" }

// EventType is the name on disk.
func (OtherEngagementDeclared) EventType() string { return "record.OtherEngagementDeclared" }

// EventType is the name on disk.
func (ObservationWritten) EventType() string { return "record.ObservationWritten" }

// EventType is the name on disk.
func (AvisIssued) EventType() string { return "record.AvisIssued" }

// EventType is the name on disk.
func (AvisSharesFrozen) EventType() string { return "record.AvisSharesFrozen" }

// EventType is the name on disk.
func (B2iAttested) EventType() string { return "record.B2iAttested" }

// EventType is the name on disk.
func (PeriodLocked) EventType() string { return "record.PeriodLocked" }

// EventType is the name on disk.
func (PeriodUnlocked) EventType() string { return "record.PeriodUnlocked" }

// EventType is the name on disk.
func (HeadVisaGiven) EventType() string { return "record.HeadVisaGiven" }

// EventType is the name on disk.
func (FreeTextScreened) EventType() string { return "record.FreeTextScreened" }

// EventType is the name on disk.
func (PassagesMasked) EventType() string { return "record.PassagesMasked" }
