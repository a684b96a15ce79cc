// Package nomenclature holds the State's lists that a livret refers to, as they stood each school year:
// académies, schools (UAI), voies, séries, MEF, matières, modalités, compétences.
//
// The lists of the général and technologique séries are built in; Extend adds those of a ministry's file.
// Everything here is immutable: a Nomenclature or a Calendar can be shared, and extending one makes another.
package nomenclature

import (
	"cmp"
	"embed"
	"fmt"
	"maps"
	"slices"

	"livret/domain"
)

//go:embed data
var data embed.FS

// Nomenclature is the programmes and compétences of each school year for which there is a list, a
// "millésime". It knows the séries it was loaded with; the others are refused by name.
type Nomenclature struct {
	programmes map[SchoolYear]map[string]Programme // by millésime, then by the root of the MEF
	labels     map[Competence][]dated              // by first school year, ascending
	matieres   map[Matiere]string                  // discipline of each matière, from the latest millésime
}

// dated is a label and the school year from which it holds.
type dated struct {
	from  SchoolYear
	label string
}

// Programme is what a formation teaches in one school year, in the order of the printed livret.
type Programme struct {
	Formation
	Millesime SchoolYear
	Lines     []Line // not to be changed
}

// Formation is a year of study of one série.
type Formation struct {
	MEF        MEF
	Niveau     Niveau
	Serie      Serie
	SerieName  string // « Sciences et technologies de la santé et du social »
	Speciality string // may be empty
}

// Voie tells the three voies of the lycée apart. A formation of a loaded list whose MEF is of no known
// dispositif is professionnelle.
func (f Formation) Voie() Voie {
	if v := f.MEF.Voie(); v != SansVoie {
		return v
	}
	return VoieProfessionnelle
}

// Line is one enseignement of a programme.
type Line struct {
	Position     int   // in the programme, from 1
	Rank         uint8 // among the lines of the same matière and modalité, from 1; 2 is a spécialité of Terminale S
	Regroupement string
	Discipline   string
	Matiere      Matiere // generic for languages: 030001 stands for any LV1
	Modalite     Modalite
	Marked       bool // whether it has averages by period; ECJS, EMC or TPE have none
	Competences  []Competence
}

// Load gives the built-in nomenclature: millésimes 2014 (classes of Première) and 2015.
func Load() (Nomenclature, error) {
	n := Nomenclature{}
	competences, err := readCompetences("data/competences.tsv")
	if err != nil {
		return n, err
	}
	for _, year := range []SchoolYear{2014, 2015} {
		m, err := readProgrammes(fmt.Sprintf("data/programme-%d.tsv", year))
		if err != nil {
			return n, err
		}
		m.year = year
		if year == 2014 {
			m.labels = competences // each with the first year it holds for
		}
		n = n.with(m)
	}
	return n, nil
}

// millesime is what one school year of a file brings.
type millesime struct {
	year       SchoolYear
	programmes []Programme
	labels     map[Competence]dated
}

// with gives the nomenclature with the programmes and labels of m, which take the place of those it had.
func (n Nomenclature) with(m millesime) Nomenclature {
	n.programmes, n.labels, n.matieres = maps.Clone(n.programmes), maps.Clone(n.labels), maps.Clone(n.matieres)
	if n.programmes == nil {
		n.programmes, n.labels, n.matieres = map[SchoolYear]map[string]Programme{}, map[Competence][]dated{}, map[Matiere]string{}
	}
	year := maps.Clone(n.programmes[m.year])
	if year == nil {
		year = map[string]Programme{}
	}
	latest := true
	for other := range n.programmes {
		latest = latest && other <= m.year
	}
	for _, p := range m.programmes {
		p = p.completed()
		p.Millesime = m.year
		year[p.MEF.Root()] = p
		for _, l := range p.Lines {
			if _, known := n.matieres[l.Matiere]; latest || !known {
				n.matieres[l.Matiere] = l.Discipline
			}
		}
	}
	n.programmes[m.year] = year
	for code, label := range m.labels {
		kept := slices.DeleteFunc(slices.Clone(n.labels[code]), func(d dated) bool { return d.from == label.from })
		kept = append(kept, label)
		slices.SortFunc(kept, func(a, b dated) int { return cmp.Compare(a.from, b.from) })
		n.labels[code] = kept
	}
	return n
}

// Millesimes lists the school years for which there is a list, oldest first.
func (n Nomenclature) Millesimes() []SchoolYear { return slices.Sorted(maps.Keys(n.programmes)) }

// Programme gives what a formation teaches in a school year. The MEF is compared without its last
// character, which is a variant of the school or académie.
//
// The list in force is the latest one, not after that year, that holds the MEF: lists are not reissued every
// year. For a year before the first list, the class of Première takes the first one; a Terminale is refused
// by "nomenclature-anterieure", since no list of that time is known. A MEF that no list holds is refused by
// "formation-hors-livret" or "serie-sans-nomenclature", which name it.
func (n Nomenclature) Programme(year SchoolYear, mef MEF) (Programme, error) {
	var first Programme
	years := n.Millesimes()
	for _, y := range slices.Backward(years) {
		p, ok := n.programmes[y][mef.Root()]
		if ok && y <= year {
			return p, nil
		}
		if ok {
			first = p
		}
	}
	switch {
	case first.MEF == "":
		return Programme{}, mef.refuse()
	case first.Niveau == Premiere:
		return first, nil
	}
	return Programme{}, domain.Refuse("nomenclature-anterieure",
		fmt.Sprintf("La première nomenclature de la classe de Terminale %s est celle de %s : l’année %s lui est antérieure.", first.Serie, first.Millesime.Label(), year.Label()),
		"Chargez la nomenclature de cette année, ou saisissez ce livret sur papier.")
}

// Programmes lists all programmes, by millésime and then by MEF.
func (n Nomenclature) Programmes() []Programme {
	var all []Programme
	for _, year := range n.Millesimes() {
		all = slices.AppendSeq(all, maps.Values(n.programmes[year]))
	}
	slices.SortFunc(all, func(a, b Programme) int {
		return cmp.Or(cmp.Compare(a.Millesime, b.Millesime), cmp.Compare(a.MEF, b.MEF))
	})
	return all
}

// Formations lists the formations that a school year can have, in the order of their MEF.
func (n Nomenclature) Formations(year SchoolYear) []Formation {
	found := map[string]Formation{}
	for _, y := range n.Millesimes() {
		for root, p := range n.programmes[y] {
			if _, known := found[root]; y <= year || !known && p.Niveau == Premiere {
				found[root] = p.Formation
			}
		}
	}
	return slices.SortedFunc(maps.Values(found), func(a, b Formation) int { return cmp.Compare(a.MEF, b.MEF) })
}

// CompetenceLabel is the wording of a compétence in a school year; for a year before its first wording,
// the first one. It answers false for a code that no list holds.
func (n Nomenclature) CompetenceLabel(year SchoolYear, code Competence) (string, bool) {
	all := n.labels[code]
	if len(all) == 0 {
		return "", false
	}
	label := all[0].label
	for _, d := range all {
		if d.from <= year {
			label = d.label
		}
	}
	return label, true
}

// MatiereLabel is the discipline of a matière whatever the formation, with the language if it is one:
// « LANGUE ÉTUDIÉE : ANGLAIS (LV1) ». It answers false for a code that no list holds.
func (n Nomenclature) MatiereLabel(m Matiere) (string, bool) {
	generic, ok := m.Generic()
	if !ok {
		return "", false
	}
	discipline, ok := n.matieres[generic]
	return m.title(discipline), ok
}
