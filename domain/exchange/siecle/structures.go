package siecle

import (
	"io"

	"livret/domain/exchange"
	"livret/domain/nomenclature"
)

// Structures is the file of divisions and groups.
type Structures struct {
	Header
	Divisions []Division
	Groups    []Group
	Findings  []exchange.Finding
}

// Division is a class, which may hold pupils of several formations. Its code may be all digits or hold
// blanks.
type Division struct {
	Code, Label string
	MEFs        []nomenclature.MEF
}

// Group is pupils of one or several divisions.
type Group struct {
	Code, Label string
	Divisions   []string
}

// ReadStructures reads the divisions and groups of a school.
func ReadStructures(r io.Reader) (*Structures, error) {
	f, err := open(r, exchange.Structures)
	if err != nil {
		return nil, err
	}
	s := Structures{Header: f.Header}
	err = f.sections(map[string]func(exchange.Element){
		"DIVISIONS": func(e exchange.Element) {
			d := Division{Code: attr(e, "CODE_STRUCTURE")}
			f.fields(fields{"LIBELLE_LONG": &d.Label}, f.list("MEFS_APPARTENANCE", "CODE_MEF", func(line int, code string) {
				mef, err := nomenclature.ParseMEF(code)
				if err != nil {
					f.warn(line, division(d.Code), "mef-illisible", "Le code d’une formation (MEF) de la division est illisible\u00a0: il est laissé de côté.", "Corrigez-le dans SIECLE, puis refaites l’export.")
					return
				}
				d.MEFs = append(d.MEFs, mef)
			}))
			if d.Code != "" {
				s.Divisions = append(s.Divisions, d)
			}
		},
		"GROUPES": func(e exchange.Element) {
			g := Group{Code: attr(e, "CODE_STRUCTURE")}
			f.fields(fields{"LIBELLE_LONG": &g.Label}, f.list("DIVISIONS_APPARTENANCE", "CODE_STRUCTURE", func(_ int, code string) {
				g.Divisions = append(g.Divisions, code)
			}))
			if g.Code != "" {
				s.Groups = append(s.Groups, g)
			}
		},
	})
	if err != nil {
		return nil, err
	}
	s.Findings = f.findings
	return &s, nil
}

// list reads one text of each element of a list: LIST/any/NAME.
func (f *export) list(list, name string, add func(line int, text string)) func(exchange.Element) bool {
	return func(e exchange.Element) bool {
		if e.Name != list {
			return false
		}
		for member := range f.Children() {
			var text string
			if f.fields(fields{name: &text}); text != "" {
				add(member.Line, text)
			}
		}
		return true
	}
}
