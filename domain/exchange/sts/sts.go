// Package sts reads and writes sts_emp, the file by which STS-Web tells timetable software who teaches what in
// a school. The livret takes from it the names of the staff, the services by which a line of a file finds
// its teacher, the professeurs principaux, and the name and town of the school.
//
// Birth dates, grades and disciplines of the staff are skipped: they are of no use to a livret.
package sts

import (
	"io"

	"livret/domain"
	"livret/domain/exchange"
	"livret/domain/identity"
	"livret/domain/nomenclature"
)

// File is what a livret needs of a sts_emp.
type File struct {
	UAI        nomenclature.UAI
	Academie   string // code as STS writes it
	SchoolName string // « LYCEE GENERAL ET TECHNOLOGIQUE FICTIF »
	Town       string
	Year       nomenclature.SchoolYear
	Staff      []Staff
	Divisions  []Division
	Groups     []Group
	Findings   []exchange.Finding
}

// Staff is an INDIVIDU or a SUPPLEANT. An ID is unique among those of its Type only.
type Staff struct {
	identity.Redacted
	Line       int
	ID, Type   string // epp, local, dir, eppsup; the type is empty before April 2017
	Civility   string // "M.", "Mme"
	Name       string // of usage, else of family
	First      string
	Function   string // ENS, EDU, DIR, FIJ; empty for a local one
	Substitute bool
	Principal  []Principal
}

// Principal is a division of which a teacher is professeur principal, for a time.
type Principal struct {
	Division    string
	From, Until domain.Date // zero where unbounded
}

// PrincipalOn lists the divisions of which a teacher is professeur principal on a day.
func (s Staff) PrincipalOn(day domain.Date) (divisions []string) {
	for _, p := range s.Principal {
		if !day.Before(p.From) && (p.Until.IsZero() || !p.Until.Before(day)) {
			divisions = append(divisions, p.Division)
		}
	}
	return divisions
}

// Ref refers to a member of staff.
type Ref struct{ ID, Type string }

// Service is a matière taught to a division or a group. A teacher may be referred to and not be in the file:
// on leave, or retired.
type Service struct {
	Matiere  string // raw: it may be one of the school itself
	Mode     string // CG, TD, TP
	Teachers []Ref
}

// Division is a class and what all of it is taught.
type Division struct {
	Code, Label string
	MEFs        []nomenclature.MEF
	Services    []Service
}

// Group is pupils of some divisions and what they are taught.
type Group struct {
	Code, Label string
	Divisions   []string
	Services    []Service
}

// Find finds who a service refers to. An older file has no types, and then the ID is enough.
func (f *File) Find(r Ref) (Staff, bool) {
	for _, s := range f.Staff {
		if s.ID == r.ID && (s.Type == r.Type || s.Type == "" || r.Type == "") {
			return s, true
		}
	}
	return Staff{}, false
}

// Identity is the command by which what the file says of a member of staff would enter the ledger.
func (s Staff) Identity(uai nomenclature.UAI) identity.RecordStaff {
	return identity.RecordStaff{UAI: uai, StsID: s.ID, Civility: s.Civility, Name: s.Name, First: s.First, Function: s.Function}
}

// maxFile is how many bytes of text a file may hold, since all of it is kept in memory; a large lycée takes
// half a megabyte.
const maxFile = 32 << 20

// Read reads a sts_emp. It refuses the file that timetable software sends back to STS-Web, which looks like
// it, and any other, by a *exchange.FileRefused that says what was given.
func Read(r io.Reader) (*File, error) {
	x, err := exchange.Open(r)
	if err != nil {
		return nil, err
	}
	f := reader{Reader: x, known: map[Ref]bool{}}
	f.Bound(maxFile)
	root, _, err := f.Expect(exchange.STS)
	if err != nil {
		return nil, err
	}
	for e := range f.Children() {
		switch e.Name {
		case "PARAMETRES":
			f.parametres()
		case "DONNEES":
			f.donnees()
		}
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	uai, err := nomenclature.ParseUAI(f.uai)
	if err == nil {
		f.file.UAI = uai
		f.file.Year, err = nomenclature.ParseSchoolYear(f.year)
	}
	if refusal, ok := err.(*domain.Refusal); ok {
		return nil, &exchange.FileRefused{Line: root.Line, Refusal: *refusal}
	}
	return &f.file, nil
}
