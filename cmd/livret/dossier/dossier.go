// Package dossier prints the dossiers of a jury for a room without network: one self-contained page of HTML, with
// a table of contents, a place for the president's signature after each group, and on each sheet the candidate's
// number and the imprint of what is shown, which is what the visa is for. It is signed beside, as detached bytes
// that openssl verifies: whoever holds the public key of the ledger knows that nothing was changed since.
package dossier

import (
	_ "embed"
	"html/template"
	"io"
	"strings"

	"livret/domain"
	"livret/domain/deliberation"
	"livret/domain/mark"
	"livret/projections/jury"
	"livret/projections/wording"
)

//go:embed dossier.html
var page string

// Booklet is the dossiers of a jury as they are on a day. It holds nothing that a jury may not see.
type Booklet struct {
	Session    deliberation.ExamSession
	Jury       string // number
	Printed    domain.Date
	Candidates []Candidate // by number
}

// Candidate is a dossier, and the sanctions entered in the livret on that day, which stand beside what a visa is for.
type Candidate struct {
	jury.Dossier
	Sanctions []jury.Sanction
}

// Groups are those after which the president signs.
func (Booklet) Groups() []deliberation.Group { return deliberation.Groups() }

// Write writes the page.
func (b Booklet) Write(w io.Writer) error {
	t, err := template.New("dossier").Funcs(template.FuncMap{"short": short, "periods": wording.Periods, "at": wording.At[mark.Mark], "date": wording.Date}).Parse(page)
	if err != nil {
		return err
	}
	return t.Execute(w, b)
}

// short is an imprint as it is compared by eye: in groups of eight.
func short(imprint string) string {
	var groups []string
	for len(imprint) > 8 {
		groups, imprint = append(groups, imprint[:8]), imprint[8:]
	}
	return strings.Join(append(groups, imprint), " ")
}
