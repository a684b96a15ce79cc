package nomenclature

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// rows reads a file of our own layout: tab-separated fields, "#" before a comment.
func rows(name string) ([][]string, error) {
	text, err := data.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return split(string(text)), nil
}

func split(text string) (all [][]string) {
	for line := range strings.Lines(text) {
		if line = strings.TrimRight(line, "\r\n"); line != "" && line[0] != '#' {
			all = append(all, strings.Split(line, "\t"))
		}
	}
	return all
}

func readCompetences(name string) (map[Competence]dated, error) {
	all, err := rows(name)
	labels := make(map[Competence]dated, len(all))
	for _, row := range all {
		if len(row) != 3 {
			return nil, fmt.Errorf("nomenclature: %s: %q is not a compétence", name, row)
		}
		from, err := strconv.Atoi(row[1])
		if err != nil {
			return nil, fmt.Errorf("nomenclature: %s: %w", name, err)
		}
		labels[Competence(row[0])] = dated{SchoolYear(from), typographic(row[2])}
	}
	return labels, err
}

func readProgrammes(name string) (m millesime, err error) {
	all, err := rows(name)
	if err != nil {
		return m, err
	}
	var regroupement string
	for _, row := range all {
		switch {
		case row[0] == "mef" && len(row) == 6:
			m.programmes = append(m.programmes, Programme{Formation: Formation{
				MEF: MEF(row[1]), Niveau: Niveau(row[2]), Serie: Serie(row[3]), SerieName: serieName(Serie(row[3]), row[4]), Speciality: typographic(row[5]),
			}})
		case row[0] == "+" && len(row) == 2:
			regroupement = typographic(row[1])
		case len(row) == 5 && len(m.programmes) > 0:
			line := Line{
				Regroupement: regroupement, Discipline: typographic(row[0]), Matiere: Matiere(row[1]),
				Modalite: Modalite(row[2]), Marked: row[3] == "M",
			}
			for code := range strings.FieldsSeq(row[4]) {
				line.Competences = append(line.Competences, Competence(code))
			}
			p := &m.programmes[len(m.programmes)-1]
			p.add(line)
		default:
			return m, fmt.Errorf("nomenclature: %s: %q is not a line of a programme", name, row)
		}
	}
	return m, nil
}

// add puts a line at the end of the programme and gives it its place and rank.
func (p *Programme) add(line Line) {
	line.Position, line.Rank = len(p.Lines)+1, 1
	for _, other := range p.Lines {
		if other.Matiere == line.Matiere && other.Modalite == line.Modalite {
			line.Rank++
		}
	}
	p.Lines = append(p.Lines, line)
}

// completed gives a programme of the voie générale without any language those that all its formations have.
// The ministry's list of 2015 forgets them in Terminale ES, where every pupil follows two: to the letter, none
// of them could be recorded.
func (p Programme) completed() Programme {
	language := func(l Line) bool { return strings.HasPrefix(string(l.Matiere), "0300") }
	if p.MEF.Voie() != VoieGenerale || len(p.Lines) == 0 || slices.ContainsFunc(p.Lines, language) {
		return p
	}
	line := func(m Matiere, modalite Modalite, regroupement string) Line {
		return Line{
			Rank: 1, Regroupement: regroupement, Discipline: "LANGUE ÉTUDIÉE", Matiere: m, Modalite: modalite, Marked: true,
			Competences: []Competence{"0032", "0033", "0075", "0076", "0088"},
		}
	}
	common := slices.IndexFunc(p.Lines, func(l Line) bool { return l.Regroupement != p.Lines[0].Regroupement })
	if common < 0 {
		common = len(p.Lines)
	}
	p.Lines = slices.Insert(slices.Clone(p.Lines), common,
		line("030001", OptionObligatoire, "Enseignements obligatoires de langues vivantes"),
		line("030002", OptionObligatoire, "Enseignements obligatoires de langues vivantes"))
	p.Lines = append(p.Lines, line("030003", OptionFacultative, "Enseignement facultatif de langue vivante"))
	for i := range p.Lines {
		p.Lines[i].Position = i + 1
	}
	return p
}

// serieName is the name we give a série, else that of the list.
func serieName(s Serie, given string) string {
	if name := s.Name(); name != string(s) || given == "" {
		return name
	}
	return typographic(given)
}

// french replaces what the ministry's files type for want of better.
var french = strings.NewReplacer("'", "’", " ;", "\u00a0;", " :", "\u00a0:")

// typographic gives a label of the ministry its French apostrophes and no-break spaces.
func typographic(label string) string { return french.Replace(strings.TrimSpace(label)) }
