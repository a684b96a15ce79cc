// Package exchange is what the files of a school's software have in common: how they are opened whatever
// their encoding, how they are read without trusting them, and how what is wrong in them is said.
//
// Its sub-packages read and write one format each: lsl the livrets of marks software, siecle the base élèves,
// sts the teachers and their services. They take an io.Reader and give typed values and findings; they
// neither open files nor decide what enters a livret.
//
// What is refused is refused at the smallest level that is safe. A thing that is misplaced or wrong refuses
// itself; a thing that is unknown refuses what contains it, since it might change its meaning; what leaves a
// doubt about whose or when refuses the pupil or the year; and only what makes the whole file doubtful
// refuses the file.
package exchange

import (
	"fmt"

	"livret/domain"
)

// Severity is what a finding costs.
type Severity uint8

// From the mildest to the worst.
const (
	Warning      Severity = iota // taken, and someone should look at it
	LineRefused                  // this line of this pupil is left out, the rest goes in
	YearRefused                  // this school year of this pupil is left out, the rest goes in
	PupilRefused                 // this pupil is left out, the others go in
)

// Finding is something to say about one place of a file, in French, for the person who imports it. Line is
// that of the file as a text editor counts them, from 1; Where is a school year or an enseignement, and may
// be empty. It quotes neither a name, nor a mark, nor a text; but it speaks of a pupil and is not for a log.
type Finding struct {
	Line     int
	Severity Severity
	Where    string
	Rule     string // stable name in kebab-case French
	Reason   string
	Remedy   string // may be empty
}

// Refused tells whether something was left out.
func (f Finding) Refused() bool { return f.Severity > Warning }

// FileRefused is a file that is refused as a whole from that line on. Its text is that of a log; what is
// shown on a screen is the refusal it wraps.
type FileRefused struct {
	Line    int // from 1; 0 if the file could not be opened at all
	Refusal domain.Refusal
}

// Error gives the line and the rule only, as domain.Refusal does.
func (e *FileRefused) Error() string { return fmt.Sprintf("line %d: %v", e.Line, &e.Refusal) }

// Unwrap gives the refusal.
func (e *FileRefused) Unwrap() error { return &e.Refusal }

// Refuse makes the *FileRefused of a line.
func Refuse(line int, rule, reason, remedy string) error {
	return &FileRefused{Line: line, Refusal: domain.Refusal{Rule: rule, Reason: reason, Remedy: remedy}}
}
