package nomenclature

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"livret/domain"
)

// Asked is an evaluation of a file as it names its enseignement: by codes that are not always a key.
type Asked struct {
	Matiere     Matiere // a real language or its generic code
	Modalite    Modalite
	Competences []Competence // those it assesses; may be empty
}

// Found is the line of the programme for one Asked, or the refusal.
type Found struct {
	Line Line
	Err  error
}

// Match finds the lines of a pupil's evaluations of one year, all together, in the order of the file.
//
// In Terminale S a matière stands twice with the same modalité, for all and as a spécialité. The compétences
// tell which is which where they differ; where they do not, or are missing, the lines left are given in
// order, so that the first evaluation is the common one. One evaluation more than there are lines, or two
// whose compétences are those of the same line, is refused by rule "matiere-en-double"; a matière that the
// programme does not hold by "matiere-hors-programme"; the same matière under another modalité by
// "modalite-hors-programme".
func (p Programme) Match(asked []Asked) []Found {
	found := make([]Found, len(asked))
	type slot struct {
		matiere  Matiere // the real one: two languages share a generic line
		modalite Modalite
		rank     uint8
	}
	taken := map[slot]bool{}
	for _, decided := range []bool{true, false} { // first those that their compétences decide
		for i, a := range asked {
			lines, err := p.candidates(a.Matiere, a.Modalite)
			if err != nil {
				found[i].Err = err
				continue
			}
			best := decide(lines, a.Competences)
			if (best >= 0) != decided {
				continue
			}
			if best < 0 {
				best = slices.IndexFunc(lines, func(l Line) bool { return !taken[slot{a.Matiere, a.Modalite, l.Rank}] })
			}
			if best < 0 || taken[slot{a.Matiere, a.Modalite, lines[best].Rank}] {
				found[i].Err = domain.Refuse("matiere-en-double",
					fmt.Sprintf("La matière %s (%s), %s, est donnée plus de fois que le programme ne la contient.", lines[0].Title(a.Matiere), a.Matiere, a.Modalite.Label()),
					"Réunissez les services de cette matière en un seul dans le logiciel d’origine.")
				continue
			}
			taken[slot{a.Matiere, a.Modalite, lines[best].Rank}] = true
			found[i].Line = lines[best]
		}
	}
	return found
}

// Find is the line of one enseignement, by its compétences if two lines share its codes, else the first of
// them. Match is the way when all evaluations of a year are at hand. The refusals are those of Programme and
// Match.
func (n Nomenclature) Find(year SchoolYear, mef MEF, matiere Matiere, modalite Modalite, competences []Competence) (Line, error) {
	p, err := n.Programme(year, mef)
	if err != nil {
		return Line{}, err
	}
	found := p.Match([]Asked{{matiere, modalite, competences}})[0]
	return found.Line, found.Err
}

// Line finds the line of an enseignement already told apart by its rank.
func (p Programme) Line(matiere Matiere, modalite Modalite, rank uint8) (Line, bool) {
	lines, err := p.candidates(matiere, modalite)
	if err != nil || rank < 1 || int(rank) > len(lines) {
		return Line{}, false
	}
	return lines[rank-1], true
}

// candidates are the lines that a matière and modalité may mean: at least one, in order of rank.
func (p Programme) candidates(matiere Matiere, modalite Modalite) (lines []Line, err error) {
	generic, ok := matiere.Generic()
	other, elsewhere := Line{}, false
	for _, l := range p.Lines {
		switch {
		case !ok || l.Matiere != generic:
		case l.Modalite == modalite:
			lines = append(lines, l)
		default:
			other, elsewhere = l, true
		}
	}
	switch {
	case len(lines) > 0:
		return lines, nil
	case elsewhere:
		return nil, domain.Refuse("modalite-hors-programme",
			fmt.Sprintf("En %s %s, la matière %s (%s) ne peut pas être suivie comme « %s ».", p.Niveau, p.Serie, other.Title(matiere), matiere, modalite.Label()),
			fmt.Sprintf("Donnez-lui dans le logiciel d’origine la modalité « %s ».", other.Modalite.Label()))
	case !ok:
		return nil, domain.Refuse("matiere-hors-programme",
			fmt.Sprintf("La matière %s est une discipline enseignée en langue étrangère (section européenne) : le livret n’a pas de ligne pour elle.", matiere),
			"Laissez cette matière hors du livret.")
	}
	return nil, domain.Refuse("matiere-hors-programme",
		fmt.Sprintf("La matière %s n’est pas au programme de %s %s.", matiere, p.Niveau, p.Serie),
		"Rattachez le service à une matière du programme, ou laissez-le hors du livret.")
}

// decide answers which line alone shares the most compétences with those given, or -1 if none does. A single
// line is decided without them.
func decide(lines []Line, given []Competence) int {
	if len(lines) == 1 {
		return 0
	}
	best, most, tie := -1, 0, false
	for i, l := range lines {
		shared := 0
		for _, c := range given {
			if l.Expects(c) {
				shared++
			}
		}
		if shared > most {
			best, most, tie = i, shared, false
		} else if shared == most {
			tie = true
		}
	}
	if tie {
		return -1
	}
	return best
}

// Expects tells whether a compétence is one that the line assesses.
func (l Line) Expects(c Competence) bool { return slices.Contains(l.Competences, c) }

// Title is the discipline as it is printed, with the real language if the line is one.
func (l Line) Title(m Matiere) string { return m.title(l.Discipline) }

// Entitle names an enseignement as the programme of a formation does, and tells its place there. What the
// programme does not hold is named as any list names it, by its code if none does, and comes last.
func (n Nomenclature) Entitle(year SchoolYear, mef MEF, matiere Matiere, modalite Modalite, rank uint8) (title string, position int) {
	title, position = string(matiere), math.MaxInt
	if label, ok := n.MatiereLabel(matiere); ok {
		title = label
	}
	if programme, err := n.Programme(year, mef); err == nil {
		if line, ok := programme.Line(matiere, modalite, rank); ok {
			title, position = line.Title(matiere), line.Position
		}
	}
	if rank > 1 {
		title += " (spécialité)"
	}
	return title, position
}

// ForEverybody tells whether all pupils of the formation follow a line: one of the tronc commun, unless its
// regroupement offers a choice, « AU CHOIX DE L’ELEVE » or « CHOISIE PAR L’ELEVE », between several.
func (p Programme) ForEverybody(l Line) bool {
	if l.Modalite != TroncCommun || l.Rank > 1 {
		return false
	}
	if !strings.Contains(strings.ToLower(l.Regroupement), "choi") {
		return true
	}
	same := func(other Line) bool { return other.Regroupement == l.Regroupement && other.Position != l.Position }
	return !slices.ContainsFunc(p.Lines, same)
}
