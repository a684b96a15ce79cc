// Package results reads and writes the CSV file of what juries decided. No public format of the exam software
// exists: this one is ours, described in docs/formats/resultats.md, and as lenient about separators and encodings
// as spreadsheets are careless with them.
package results

import (
	"livret/domain"
	"livret/domain/deliberation"
)

// Columns are those of the file, in the order in which it is written.
var columns = [...]string{"numero", "groupe", "resultat", "mention", "orientation"}

// Line is what the file says of a candidate after one group of tests. Codes are as they were written, without
// blanks around and in lower case (mentions: upper case): the commands know which exist.
type Line struct {
	Line        int    // of the file, from 1
	Number      string // of the candidate
	Group       deliberation.Group
	Result      deliberation.Result // empty: this line only says an orientation
	Mention     deliberation.Mention
	Orientation deliberation.Orientation // empty: nothing said
}

// says is the line without its place.
func (l Line) says() Line {
	l.Line = 0
	return l
}

// Record is the command that the line proposes, but for what only the ledger knows: the version of the livret, and
// whether deliberations are closed.
func (l Line) Record() (deliberation.RecordResult, bool) {
	return deliberation.RecordResult{Group: l.Group, Result: l.Result, Mention: l.Mention}, l.Result != ""
}

// Propose is the command for the orientation, and false if the line says none.
func (l Line) Propose() (deliberation.ProposeOrientation, bool) {
	return deliberation.ProposeOrientation{Orientation: l.Orientation}, l.Orientation != ""
}

// File is what a file says: the lines that can be taken, and those that cannot be read.
type File struct {
	Lines   []Line
	Refused []Refused
}

// Refused is a line that is left out.
type Refused struct {
	Line    int
	Number  string // of the candidate, if it could be read
	Refusal domain.Refusal
}
