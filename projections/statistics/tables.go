package statistics

import (
	"livret/domain"
	"livret/domain/mark"
	"livret/domain/nomenclature"
)

// Catalogue is the version of the closed list of tables: what they hold is decided here and nowhere else, and
// nobody asks a question of his own. Catalogue 1 had the first three tables.
const Catalogue = 2

// Publication is what is shown of a session from a day on. It stands for ever: its labels are in it, and it
// is frozen into the ledger as its JSON, which is always the same for the same figures.
type Publication struct {
	Catalogue    int                     `json:"catalogue"`
	Session      nomenclature.SchoolYear `json:"session"` // calendar year of the exam
	Number       int                     `json:"number"`  // of the publication in the session, from 1
	Dated        domain.Date             `json:"dated"`
	Threshold    int                     `json:"threshold"`
	Ledgers      int                     `json:"ledgers,omitempty"`  // that it adds up; 0: the one it is in
	Previous     string                  `json:"previous,omitempty"` // digest of the publication before
	Marks        []MarksRow              `json:"marks"`
	Correlations []Correlations          `json:"correlations"`
	Avis         []AvisRow               `json:"avis"`
	Results      []OutcomeRow            `json:"results,omitempty"`
	Orientations []OutcomeRow            `json:"orientations,omitempty"`
	Links        []Links                 `json:"links,omitempty"`
}

// Figures are those of a group of pupils; all are empty when they are withheld (« secret statistique »).
type Figures struct {
	Withheld     bool      `json:"withheld,omitempty"`
	Count        int64     `json:"count,omitempty"`
	Distribution []Segment `json:"distribution,omitempty"` // none where it can not be shown
}

// Segment is a part of a distribution: one category, or several put together because they are too small.
type Segment struct {
	First int    `json:"first"` // categories, from 0, both included
	Last  int    `json:"last"`
	Label string `json:"label"`
	Count int64  `json:"count"`
	Share int    `json:"share"` // of the group, hundredths of a per cent, summing to 10000
}

// MarksRow is a row of the first table: the annual averages of an enseignement in one school year and série.
// Its categories are those of a livret: < 8, 8 to 12, >= 12.
type MarksRow struct {
	Year   nomenclature.SchoolYear `json:"year"`
	Niveau nomenclature.Niveau     `json:"niveau"`
	Course
	Label string             `json:"label"`           // of the matière
	Serie nomenclature.Serie `json:"serie,omitempty"` // empty: all séries
	Figures
	Mean      mark.Mark `json:"mean,omitzero"`
	Deviation int64     `json:"deviation,omitempty"` // standard deviation, hundredths of a point
}

// Correlations is the second table for one série: how the averages of two enseignements over the cycle
// terminal go together. A pair that is not listed is withheld, or followed by nobody.
type Correlations struct {
	Serie   nomenclature.Serie `json:"serie"`
	Courses []LabelledCourse   `json:"courses"`
	Pairs   []Pair             `json:"pairs"`
}

// LabelledCourse is a course and its matière's label.
type LabelledCourse struct {
	Course
	Label string `json:"label"`
}

// Pair is two courses, by their place in Correlations.Courses.
type Pair struct {
	A           int   `json:"a"`
	B           int   `json:"b"`
	Count       int64 `json:"n"` // pupils who have both averages
	Coefficient int   `json:"r"` // Pearson's, in thousandths
}

// AvisRow is a row of the third table: how the avis in view of the exam are shared. Its categories are T, F,
// A and D.
type AvisRow struct {
	Serie nomenclature.Serie `json:"serie,omitempty"` // empty: all séries
	Figures
}

// OutcomeRow is a row of the fourth table, the results of the exam, or of the fifth, the orientations proposed:
// how the pupils of a série are shared whose average over the cycle terminal, of all enseignements, is in a band.
// No row adds bands up: nobody is found by subtracting them.
type OutcomeRow struct {
	Band  Band               `json:"band"`
	Label string             `json:"label"`           // of the band
	Serie nomenclature.Serie `json:"serie,omitempty"` // empty: all séries
	Figures
}

// Links is the sixth table for one série: how the average of an enseignement over the cycle terminal goes with
// what came after. What is not listed is withheld, or concerns nobody.
type Links struct {
	Serie   nomenclature.Serie `json:"serie"`
	Courses []LabelledCourse   `json:"courses"`
	Links   []Link             `json:"links"`
}

// Link is a course, by its place in Links.Courses, and a yes or no.
type Link struct {
	Course      int       `json:"course"`
	Indicator   Indicator `json:"indicator"`
	Count       int64     `json:"n"`   // pupils who have the average, and are asked
	Yes         int64     `json:"yes"` // of them, those of whom it is true
	Coefficient int       `json:"r"`   // Pearson's, in thousandths: the point-biserial coefficient
}
