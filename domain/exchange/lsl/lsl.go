// Package lsl reads and writes the file by which marks software fills livrets: "import LSL", schema version
// 1.0, in both of its variants, which differ only in whether an annual appreciation is mandatory.
//
// A file holds neither the name, nor the class, nor the formation of a pupil, nor the label of anything: only
// codes. What they mean is for nomenclature, and whose they are for siecle.
package lsl

import (
	"livret/domain"
	"livret/domain/exchange"
	"livret/domain/mark"
	"livret/domain/nomenclature"
	"livret/domain/record"
)

// Header says which software wrote the file, and for which school.
type Header struct {
	Editeur     string // may be empty
	Application string // at most 50 characters; may be empty
	UAI         nomenclature.UAI
}

// Pupil is one element eleve: what a file says of one livret. What was refused is not in it, and its findings
// say so; a refused pupil has findings and nothing else.
type Pupil struct {
	ID              uint64 // SIECLE ELEVE_ID; 0 if it could not be read, and the pupil is refused
	Line            int
	Refused         bool
	Engagements     []record.Engagement // each once
	OtherEngagement string              // 1 to 300 characters; empty if none
	Avis            record.Avis         // empty if none
	Years           []Year              // each once, in the order of the file, which may be any
	Findings        []exchange.Finding
}

// Year is one element scolarite.
type Year struct {
	Line         int
	Year         nomenclature.SchoolYear
	Periods      uint8 // 3 trimesters or 2 semesters
	Observations []Observation
	Evaluations  []Evaluation
}

// Observation is one of the three signed texts of a year.
type Observation struct {
	Line   int
	Kind   record.Observation
	Text   string // 1 to 300 characters
	Author Person // may be without name
	Date   domain.Date
}

// Person is a member of staff as a file names them: there is no identifier.
type Person struct {
	Name, First string // at most 65 and 50 characters; not both empty, except for the author of an Observation
}

// Evaluation is one matière in one year: a line of the livret.
//
// The same matière may come twice with the same modalité, in Terminale S. Ordinal tells the two apart, from
// 1, in the order of the file; which line of the programme each is, is for nomenclature.Programme.Match.
type Evaluation struct {
	Line         int
	Matiere      nomenclature.Matiere // six digits; may be one that no nomenclature knows
	Modalite     nomenclature.Modalite
	Ordinal      uint8
	Date         domain.Date // of validation by the teacher; zero if not said
	Group        Group
	Appreciation string    // 1 to 300 characters; empty if absent
	Averages     []Average // each period once, in the order of the file
	Competences  []Competence
	Teachers     []Person // each once; empty if the file names nobody
}

// Group is what is said of the group that followed the enseignement; each figure may be missing.
type Group struct {
	Headcount uint16       // of those who have a mark; 0 if not said
	Mean      mark.Mark    // NotMarked if not said
	Shares    *mark.Shares // summing to 100 %, give or take 0.1; nil if not said
}

// Average is a pupil's average for a period. A pupil without mark, -1 in the file, is here as NotMarked; a
// period of which the file says nothing is not here.
type Average = record.PeriodAverage

// Competence is the level reached in one compétence, whose code may be one that no nomenclature knows.
type Competence = record.Competence
