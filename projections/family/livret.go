package family

import (
	"time"

	"github.com/google/uuid"

	"livret/domain/mark"
	"livret/domain/nomenclature"
	"livret/domain/record"
)

// Livret is a whole livret as its pupil and his family see it, in the order of the paper model (arrêté of 30
// March 2012): cover, schools since sixième, one part per year of the cycle terminal, last page. Codes come
// with their official French label; a code that no nomenclature knows is its own label.
type Livret struct {
	ID              uuid.UUID               `json:"id"`
	Session         nomenclature.SchoolYear `json:"session"` // calendar year of the exam
	Serie           nomenclature.Serie      `json:"serie,omitempty"`
	SerieLabel      string                  `json:"serieLabel,omitempty"`
	Pupil           Pupil                   `json:"pupil"`
	Guardians       []Guardian              `json:"guardians,omitempty"`
	Schools         []School                `json:"schools,omitempty"`
	Years           []Year                  `json:"years,omitempty"` // oldest first
	Engagements     []Engagement            `json:"engagements,omitempty"`
	OtherEngagement *Text                   `json:"otherEngagement,omitempty"`
	Avis            *Avis                   `json:"avis,omitempty"`
	B2i             *Stamp                  `json:"b2i,omitempty"` // delivered, when; nil: not
	Incomplete      *Incomplete             `json:"incomplete,omitempty"`
}

// Incomplete says from which event of a stream on nothing could be read: an incident that the page must show,
// since what it shows is then old. Zero: nothing is missing there.
type Incomplete struct {
	Record   uint64 `json:"record,omitempty"`
	Identity uint64 `json:"identity,omitempty"`
}

// Pupil is the cover: who the livret belongs to. History holds the former names and numbers.
type Pupil struct {
	DisplayName string   `json:"displayName"` // usual first name, then usage or family name
	ListName    string   `json:"listName"`    // surname first
	FamilyName  string   `json:"familyName"`
	UsageName   string   `json:"usageName,omitempty"`
	FirstNames  []string `json:"firstNames"`
	BirthDate   string   `json:"birthDate,omitempty"` // ISO 8601; empty if unknown
	BirthPlace  string   `json:"birthPlace,omitempty"`
	Sex         string   `json:"sex,omitempty"` // "1" or "2" as in SIECLE
	INE         string   `json:"ine,omitempty"`
	History     []Change `json:"history,omitempty"`
}

// Guardian is a responsable of the pupil.
type Guardian struct {
	DisplayName string `json:"displayName"`
	Civility    string `json:"civility,omitempty"`
	Name        string `json:"name"`
	First       string `json:"first,omitempty"`
	Legal       uint8  `json:"legal"`             // 1 or 2: parental authority; 0: a mere contact
	Parente     string `json:"parente,omitempty"` // SIECLE code
}

// School is one line of the table « Scolarité au collège et au lycée »; a repeated year has a second line.
type School struct {
	Year     nomenclature.SchoolYear `json:"year"`
	Level    string                  `json:"level,omitempty"` // "6e" … "Tle"
	Division string                  `json:"division,omitempty"`
	UAI      nomenclature.UAI        `json:"uai,omitempty"`
	Name     string                  `json:"name,omitempty"`
	Town     string                  `json:"town,omitempty"`
}

// Year is the part of one year of the cycle terminal.
type Year struct {
	Year         nomenclature.SchoolYear `json:"year"`
	Label        string                  `json:"label"` // "2015-2016"
	Schooling    []Schooling             `json:"schooling,omitempty"`
	Periods      uint8                   `json:"periods,omitempty"`     // 3 or 2; 0 if unknown
	PeriodLabel  string                  `json:"periodLabel,omitempty"` // "trimestre" or "semestre"
	Groups       []Regroupement          `json:"groups,omitempty"`
	Observations []Observation           `json:"observations,omitempty"`
	Locks        []Lock                  `json:"locks,omitempty"`
	HeadVisa     *Stamp                  `json:"headVisa,omitempty"` // the last one given
	VisaVoid     bool                    `json:"visaVoid,omitempty"` // the page was changed after it
}

// Schooling is where and in what formation a year was spent. A change during the year is one more; the last
// one is the present one.
type Schooling struct {
	UAI        nomenclature.UAI   `json:"uai"`
	MEF        nomenclature.MEF   `json:"mef"`
	Level      string             `json:"level,omitempty"` // "Première", "Terminale"
	Serie      nomenclature.Serie `json:"serie,omitempty"`
	SerieLabel string             `json:"serieLabel,omitempty"`
	Specialite string             `json:"specialite,omitempty"`
	Division   string             `json:"division"`
	Repeating  bool               `json:"repeating,omitempty"`
	By         Stamp              `json:"by"`
}

// Regroupement is a heading of the year's table with its lines, in the order of the programme.
type Regroupement struct {
	Label string `json:"label"`
	Lines []Line `json:"lines"`
}

// Line is one enseignement of a year.
type Line struct {
	Matiere       nomenclature.Matiere  `json:"matiere"`
	Modalite      nomenclature.Modalite `json:"modalite"`
	Rank          uint8                 `json:"rank"`
	Label         string                `json:"label"`
	ModaliteLabel string                `json:"modaliteLabel,omitempty"`
	Periods       []*Mark               `json:"periods,omitempty"` // by period from 1; nil: nothing recorded
	Annual        *Mark                 `json:"annual,omitempty"`
	Group         *Group                `json:"group,omitempty"`
	Competences   []Competence          `json:"competences,omitempty"`
	Appreciation  *Text                 `json:"appreciation,omitempty"`
	Teachers      []Person              `json:"teachers,omitempty"`
}

// Mark is a mark with how it is written, who recorded it and what it was before.
type Mark struct {
	Value    mark.Mark `json:"value"`
	Shown    string    `json:"shown"`              // « 12,50 », « Non noté »
	Computed bool      `json:"computed,omitempty"` // an annual average nobody recorded: mean of the periods
	By       Stamp     `json:"by"`
	History  []Change  `json:"history,omitempty"`
}

// Group is the group that followed the enseignement.
type Group struct {
	Headcount uint16       `json:"headcount,omitempty"` // 0: unknown
	Mean      mark.Mark    `json:"mean"`
	MeanShown string       `json:"meanShown"`
	Shares    *mark.Shares `json:"shares,omitempty"`
	By        Stamp        `json:"by"`
	History   []Change     `json:"history,omitempty"`
}

// Competence is the level reached in one compétence.
type Competence struct {
	Code         nomenclature.Competence `json:"code"`
	Label        string                  `json:"label"`
	Mastery      nomenclature.Mastery    `json:"mastery"`
	MasteryLabel string                  `json:"masteryLabel"`
	By           Stamp                   `json:"by"`
	History      []Change                `json:"history,omitempty"`
}

// Text is a text with what it was before.
type Text struct {
	Text    string   `json:"text"`
	By      Stamp    `json:"by"`
	History []Change `json:"history,omitempty"`
}

// Person is a member of staff. Forgotten says that his key was destroyed: the name is gone, lawfully. Neither
// a name nor Forgotten: nothing can be said of that person now.
type Person struct {
	ID        uuid.UUID `json:"id"`
	Name      string    `json:"name,omitempty"`
	Forgotten bool      `json:"forgotten,omitempty"`
}

// Observation is a signed text of a year.
type Observation struct {
	Kind   record.Observation `json:"kind"`
	Label  string             `json:"label"`
	Author Person             `json:"author"`
	Dated  string             `json:"dated,omitempty"`
	Text
}

// Lock is a lock as it stands: of one period, or of the whole year (0).
type Lock struct {
	Period uint8  `json:"period"`
	Locked bool   `json:"locked"`
	Reason string `json:"reason,omitempty"` // why it was unlocked
	By     Stamp  `json:"by"`
}

// Engagement is a responsibility held during the cycle terminal.
type Engagement struct {
	Code  record.Engagement `json:"code"`
	Label string            `json:"label"`
	By    Stamp             `json:"by"`
}

// Avis is the team's opinion in view of the exam, with how all pupils of the série were given theirs.
type Avis struct {
	Avis    record.Avis `json:"avis,omitempty"`
	Label   string      `json:"label,omitempty"`
	By      Stamp       `json:"by"`
	History []Change    `json:"history,omitempty"`
	Shares  *AvisShares `json:"shares,omitempty"`
}

// AvisShares is frozen when the livret is locked; shares are in hundredths of a per cent.
type AvisShares struct {
	Serie     nomenclature.Serie `json:"serie"`
	Headcount uint16             `json:"headcount"`
	T         uint16             `json:"t"`
	F         uint16             `json:"f"`
	A         uint16             `json:"a"`
	D         uint16             `json:"d"`
	By        Stamp              `json:"by"`
}

// Stamp says in what role somebody recorded something, and when. Sequence is the event's, in its stream.
type Stamp struct {
	Role      string    `json:"role"`
	RoleLabel string    `json:"roleLabel"`
	At        time.Time `json:"at"`
	Sequence  uint64    `json:"sequence"`
}

// Change is one correction of a value: what it was, what it became, when and in what role it was done.
type Change struct {
	What   string `json:"what,omitempty"` // which value, where several share a history
	From   string `json:"from"`
	To     string `json:"to"`
	Reason string `json:"reason,omitempty"` // why, where the law asks
	By     Stamp  `json:"by"`
}
