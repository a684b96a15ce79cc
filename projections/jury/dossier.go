package jury

import (
	"livret/domain/mark"
	"livret/domain/nomenclature"
	"livret/domain/record"
)

// Dossier is what a jury may know of a candidate. It has no field for a name, an INE, a SIECLE id, a birth
// date, a school, a town, a division, a teacher, a CPE, a head of school, a UAI, an académie, a MEF (its
// last character names a variant of the school) nor the moment when anything was recorded; texts come only
// under a current mask, and what is rare enough to point at somebody is generalised.
type Dossier struct {
	Number  string                  `json:"number"`  // of the candidate
	Session nomenclature.SchoolYear `json:"session"` // calendar year of the exam
	Round   string                  `json:"round"`   // "juin" or "septembre"
	Standing
	Serie           nomenclature.Serie `json:"serie,omitempty"`
	SerieLabel      string             `json:"serieLabel,omitempty"`
	Specialite      string             `json:"specialite,omitempty"`
	Years           []Year             `json:"years,omitempty"` // oldest first
	Engagements     []Engagement       `json:"engagements,omitempty"`
	OtherEngagement *Text              `json:"otherEngagement,omitempty"`
	Avis            *Avis              `json:"avis,omitempty"`
	B2i             bool               `json:"b2i"`
	Pending         int                `json:"pending"`              // texts withheld until they are masked
	Incomplete      bool               `json:"incomplete,omitempty"` // an event could not be read: an incident
	Imprint         string             `json:"imprint,omitempty"`    // salted hash of the content, in hexadecimal; empty: no livret
}

// Year is one year of the cycle terminal.
type Year struct {
	Year         nomenclature.SchoolYear `json:"year"`
	Label        string                  `json:"label"`           // "2015-2016"
	Level        string                  `json:"level,omitempty"` // "Première", "Terminale"
	Repeating    bool                    `json:"repeating,omitempty"`
	Periods      uint8                   `json:"periods,omitempty"`     // 3 or 2; 0 if unknown
	PeriodLabel  string                  `json:"periodLabel,omitempty"` // "trimestre" or "semestre"
	Groups       []Regroupement          `json:"groups,omitempty"`
	Observations []Observation           `json:"observations,omitempty"`
	HeadVisa     bool                    `json:"headVisa,omitempty"` // given; by whom is not said
}

// Regroupement is a heading of the year's table with its lines, in the order of the programme.
type Regroupement struct {
	Label string `json:"label"`
	Lines []Line `json:"lines"`
}

// Line is one enseignement of a year. It carries no code: the code of a rare language names it.
type Line struct {
	Label         string       `json:"label"`
	ModaliteLabel string       `json:"modaliteLabel,omitempty"`
	Periods       []*mark.Mark `json:"periods,omitempty"` // by period from 1; nil: nothing recorded
	Annual        *mark.Mark   `json:"annual,omitempty"`
	Computed      bool         `json:"computed,omitempty"` // the annual average is the mean of the periods
	Group         *Group       `json:"group,omitempty"`
	Competences   []Competence `json:"competences,omitempty"`
	Appreciation  *Text        `json:"appreciation,omitempty"`
}

// Group is the group that followed the enseignement. A group of fewer than ten, or of unknown size, is
// Withheld: its figures would be those of its few pupils. Shares are whole per cents, since hundredths would
// give the headcount back.
type Group struct {
	Headcount string     `json:"headcount"` // "10 à 19", "moins de 10"
	Withheld  bool       `json:"withheld,omitempty"`
	Mean      *mark.Mark `json:"mean,omitempty"`
	Shares    *Shares    `json:"shares,omitempty"`
}

// Shares is how a group's annual averages fall into the three bins, in whole per cents.
type Shares struct {
	Below8 int `json:"below8"`
	From8  int `json:"from8"`
	From12 int `json:"from12"`
}

// Competence is the level reached in one compétence.
type Competence struct {
	Label        string               `json:"label"`
	Mastery      nomenclature.Mastery `json:"mastery"`
	MasteryLabel string               `json:"masteryLabel"`
}

// Text is a free text. Pending: it exists and is withheld until it has been searched for names; the page
// says « en attente de masquage ».
type Text struct {
	Text    string `json:"text,omitempty"`
	Pending bool   `json:"pending,omitempty"`
}

// Observation is a text of a year, without its author.
type Observation struct {
	Kind  record.Observation `json:"kind"`
	Label string             `json:"label"`
	Text
}

// Engagement is a responsibility held during the cycle terminal.
type Engagement struct {
	Code  record.Engagement `json:"code"`
	Label string            `json:"label"`
}

// Avis is the team's opinion in view of the exam.
type Avis struct {
	Avis   record.Avis `json:"avis,omitempty"`
	Label  string      `json:"label,omitempty"`
	Shares *AvisShares `json:"shares,omitempty"`
}

// AvisShares is how the avis were shared among all pupils of the school in that série, in whole per cents.
// They stay, being the point of an avis; the headcount is coarsened.
type AvisShares struct {
	Headcount string `json:"headcount"` // "50 à 99"
	T         int    `json:"t"`
	F         int    `json:"f"`
	A         int    `json:"a"`
	D         int    `json:"d"`
}
