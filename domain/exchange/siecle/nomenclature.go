package siecle

import (
	"io"

	"livret/domain/exchange"
	"livret/domain/nomenclature"
)

// Nomenclature is the file of the formations and matières of a school: by it, the codes that the school made
// up lead to those of the nation.
type Nomenclature struct {
	Header
	Formations []Formation
	Matieres   []Matiere
	Findings   []exchange.Finding
}

// Formation is an element MEF.
type Formation struct {
	MEF        nomenclature.MEF
	Label      string
	Formation  string           // "TS", "1STMG"
	Speciality string           // may be empty
	Base       nomenclature.MEF // MEF_RATTACHEMENT; empty for a formation that is not offered
}

// Matiere is a school subject. The code of one that the school made up may hold letters.
type Matiere struct {
	Code     string
	Label    string
	Local    bool
	National nomenclature.Matiere // empty if none is said
}

// ReadNomenclature reads the formations and matières of a school. Its other lists are not needed.
func ReadNomenclature(r io.Reader) (*Nomenclature, error) {
	f, err := open(r, exchange.Nomenclature)
	if err != nil {
		return nil, err
	}
	n := Nomenclature{Header: f.Header}
	err = f.sections(map[string]func(exchange.Element){
		"MEFS":     func(e exchange.Element) { n.formation(f, e) },
		"MATIERES": func(e exchange.Element) { n.matiere(f, e) },
	})
	if err != nil {
		return nil, err
	}
	n.Findings = f.findings
	return &n, nil
}

func (n *Nomenclature) formation(f *export, e exchange.Element) {
	if e.Name != "MEF" {
		return
	}
	var m Formation
	var label, base string
	f.fields(fields{"FORMATION": &m.Formation, "SPECIALITE": &m.Speciality, "LIBELLE_LONG": &m.Label, "LIBELLE_EDITION": &label, "MEF_RATTACHEMENT": &base})
	m.Label = firstOf(m.Label, label)
	var err error
	if m.MEF, err = nomenclature.ParseMEF(attr(e, "CODE_MEF")); err != nil {
		f.warn(e.Line, "", "mef-illisible", "Le code d’une formation (MEF) est illisible\u00a0: elle est laissée de côté.", "Refaites l’export depuis SIECLE.")
		return
	}
	m.Base, _ = nomenclature.ParseMEF(base) // empty where there is none
	n.Formations = append(n.Formations, m)
}

func (n *Nomenclature) matiere(f *export, e exchange.Element) {
	if e.Name != "MATIERE" {
		return
	}
	m := Matiere{Code: attr(e, "CODE_MATIERE")}
	var edition, long, local, national string
	f.fields(fields{"LIBELLE_EDITION": &edition, "LIBELLE_LONG": &long, "MATIERE_ETP": &local, "CODE_MATIERE_NATIONALE": &national})
	m.Label, m.Local = firstOf(edition, long), local == "1"
	if code, err := nomenclature.ParseMatiere(national); err == nil {
		m.National = code
	}
	if m.Code != "" {
		n.Matieres = append(n.Matieres, m)
	}
}

// National is the matière of the nation for a code of the school: itself if it is one, else the one that the
// file points to. It answers false if there is none.
func (n *Nomenclature) National(code string) (nomenclature.Matiere, bool) {
	if n != nil {
		for _, m := range n.Matieres {
			if m.Code == code && m.National != "" {
				return m.National, true
			}
		}
	}
	m, err := nomenclature.ParseMatiere(code)
	return m, err == nil
}

// BaseOf is the formation of the nation for one that may be a variant of the school: its rattachement if the
// file says one, else itself.
func (n *Nomenclature) BaseOf(mef nomenclature.MEF) nomenclature.MEF {
	if n != nil {
		for _, f := range n.Formations {
			if f.MEF == mef && f.Base != "" {
				return f.Base
			}
		}
	}
	return mef
}

// LabelOf is the label that the file gives a formation, by which nomenclature.SerieOf can name one that has
// no livret; empty if the file does not hold it.
func (n *Nomenclature) LabelOf(mef nomenclature.MEF) string {
	if n != nil {
		for _, f := range n.Formations {
			if f.MEF == mef {
				return firstOf(f.Formation, f.Label)
			}
		}
	}
	return ""
}
