// Package siecle reads and writes the XML exports of SIECLE, the ministry's base of a school's pupils: pupils,
// responsables, structures and nomenclature, in any of the versions known (1.7 to 3.1).
//
// Only what a livret needs is read: professions, telephones, addresses and e-mail are skipped and never reach
// memory as values. There is no public schema, so an element that is not known is not an error.
package siecle

import (
	"fmt"
	"io"
	"strings"

	"livret/domain"
	"livret/domain/exchange"
	"livret/domain/nomenclature"
)

// Header is what every export starts with. Whether school and year are the right ones is for the caller.
type Header struct {
	UAI      nomenclature.UAI
	Year     nomenclature.SchoolYear
	Exported domain.Date // zero if unknown
	Version  string      // of the format; nothing depends on it
}

// What one file may hold, since all of it is kept in memory. The largest lycées have 3,000 pupils, of whom an
// export takes 5 MB.
const (
	maxFile    = 64 << 20 // bytes of text
	maxRecords = 100_000
)

const remedy = "Corrigez la fiche dans SIECLE, puis refaites l’export."

// export is a file being read.
type export struct {
	Header
	*exchange.Reader
	kind     exchange.Kind
	records  int
	findings []exchange.Finding
}

// open reads up to the first section of DONNEES; sections then gives them one by one.
func open(r io.Reader, kind exchange.Kind) (*export, error) {
	x, err := exchange.Open(r)
	if err != nil {
		return nil, err
	}
	f := &export{Reader: x, kind: kind}
	f.Bound(maxFile)
	root, _, err := f.Expect(kind)
	if err != nil {
		return nil, err
	}
	f.Version, _ = root.Attr("VERSION")
	headed := false
	for e := range f.Children() {
		switch {
		case e.Name == "PARAMETRES" && !headed:
			headed = true
			if err := f.parametres(e.Line); err != nil {
				return nil, f.Fail(err)
			}
		case e.Name == "DONNEES" && headed:
			return f, f.Err()
		}
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	return nil, exchange.Refuse(root.Line, "donnees-absentes", "Le fichier n’a pas de paramètres ou pas de données.", "Refaites l’export depuis SIECLE.")
}

func (f *export) parametres(line int) error {
	var uai, year, exported string
	f.fields(fields{"UAJ": &uai, "ANNEE_SCOLAIRE": &year, "DATE_EXPORT": &exported})
	if f.Err() != nil {
		return f.Err()
	}
	var err error
	if f.UAI, err = nomenclature.ParseUAI(uai); err == nil {
		f.Year, err = nomenclature.ParseSchoolYear(year)
	}
	f.Exported, _ = exchange.FrenchDate(exported) // it is only shown
	if refusal, ok := err.(*domain.Refusal); ok {
		return &exchange.FileRefused{Line: line, Refusal: *refusal}
	}
	return nil
}

// sections reads what is inside DONNEES and the rest of the file: each goes through the records of one
// section, of the name it is listed under.
func (f *export) sections(each map[string]func(exchange.Element)) error {
	for section := range f.Children() {
		read, wanted := each[section.Name]
		if !wanted {
			continue
		}
		for e := range f.Children() {
			if f.records++; f.records > maxRecords {
				return f.Fail(exchange.Refuse(e.Line, "fichier-demesure", "Le fichier contient plus de fiches qu’aucun établissement.", "Refaites l’export depuis SIECLE."))
			}
			read(e)
		}
	}
	return f.Close()
}

// fields are the elements to read in a record, by name.
type fields map[string]*string

// fields reads the texts of the elements wanted inside the one last reached, and calls nested for those that
// hold more than a text. Values are padded with blanks; an element that comes twice is the last one.
func (f *export) fields(wanted fields, nested ...func(exchange.Element) bool) {
	for e := range f.Children() {
		if value, ok := wanted[e.Name]; ok {
			text, _ := f.Text()
			*value = exchange.Tidy(text)
			continue
		}
		for _, read := range nested {
			if read(e) {
				break
			}
		}
	}
}

// attr is an attribute as it is kept.
func attr(e exchange.Element, name string) string {
	value, _ := e.Attr(name)
	return exchange.Tidy(value)
}

func (f *export) warn(line int, where, rule, reason, remedy string) {
	f.findings = append(f.findings, exchange.Finding{Line: line, Where: where, Rule: rule, Reason: reason, Remedy: remedy})
}

// firstOf is the first of the texts that is not empty.
func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

func division(code string) string { return fmt.Sprintf("division %s", code) }

// inactive is the division where SIECLE puts those who left, under several spellings.
func inactive(division string) bool {
	return strings.EqualFold(division, "INACTIFS") || strings.EqualFold(division, "INACTIF")
}
