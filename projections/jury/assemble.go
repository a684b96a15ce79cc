package jury

import (
	"cmp"
	"slices"

	"livret/domain/deliberation"
	"livret/domain/mark"
	"livret/domain/nomenclature"
	"livret/projections/wording"
)

// assembly makes a dossier of opened rows and of the State's lists.
type assembly struct {
	lists  nomenclature.Nomenclature
	record *recordRow
}

// dossier is without the content of the livret as long as it was not transmitted.
func (a *assembly) dossier(c *deliberation.Candidate) Dossier {
	d := Dossier{Number: c.Number, Session: c.Session.Year, Round: c.Session.Round}
	d.Serie, d.SerieLabel, d.Specialite = a.serie()
	if c.Transmitted == 0 {
		return d
	}
	d.B2i, d.OtherEngagement, d.Avis, d.Pending = a.record.B2i, a.record.Other.show(), a.avis(), a.record.pending()
	for _, y := range a.record.Years {
		d.Years = append(d.Years, a.year(y))
	}
	for _, code := range slices.Sorted(slices.Values(a.record.Engagements)) {
		d.Engagements = append(d.Engagements, Engagement{Code: code, Label: wording.Engagement(code)})
	}
	return d
}

// serie is that of the last year whose formation is known.
func (a *assembly) serie() (serie nomenclature.Serie, label, specialite string) {
	for _, y := range slices.Backward(a.record.Years) {
		if p, err := a.lists.Programme(y.Year, y.MEF); err == nil {
			return p.Serie, p.SerieName, p.Speciality
		}
	}
	return "", "", ""
}

func (a *assembly) year(y *yearRow) Year {
	out := Year{
		Year: y.Year, Label: y.Year.Label(), Repeating: y.Repeating,
		Periods: y.Periods, PeriodLabel: wording.Period(y.Periods), HeadVisa: y.Visa,
	}
	programme, err := a.lists.Programme(y.Year, y.MEF)
	if err == nil {
		out.Level = string(programme.Niveau)
	}
	out.Groups = a.groups(y, programme)
	for i := range y.Observations {
		if t := y.Observations[i].show(); t != nil {
			out.Observations = append(out.Observations, Observation{
				Kind: observations[i], Label: wording.Observation(observations[i]), Text: *t,
			})
		}
	}
	return out
}

// groups arranges the lines of a year as the programme of the formation does. A discipline that no list of
// the State holds is named by its school alone, and so not at all.
func (a *assembly) groups(y *yearRow, programme nomenclature.Programme) []Regroupement {
	type placed struct {
		Line
		row      *lineRow
		heading  string
		position int
	}
	var lines []placed
	for _, row := range a.record.Lines {
		if row.Year != y.Year {
			continue
		}
		p := placed{Line: a.line(row, y.Periods), row: row, heading: wording.Elsewhere, position: len(programme.Lines) + 1}
		matiere, ok := generalised(row.Matiere)
		if found, placed := programme.Line(row.Matiere, row.Modalite, row.Rank); placed {
			p.heading, p.position = found.Regroupement, found.Position
			if ok {
				p.Label = found.Title(matiere)
			}
		} else if label, known := a.lists.MatiereLabel(matiere); ok && known {
			p.Label = label
		}
		lines = append(lines, p)
	}
	slices.SortFunc(lines, func(p, q placed) int {
		return cmp.Or(p.position-q.position, cmp.Compare(p.row.Matiere, q.row.Matiere),
			cmp.Compare(p.row.Modalite, q.row.Modalite), cmp.Compare(p.row.Rank, q.row.Rank))
	})
	var groups []Regroupement
	for _, p := range lines {
		i := slices.IndexFunc(groups, func(g Regroupement) bool { return g.Label == p.heading })
		if i < 0 {
			i = len(groups)
			groups = append(groups, Regroupement{Label: p.heading})
		}
		groups[i].Lines = append(groups[i].Lines, p.Line)
	}
	return groups
}

// unnamed is a discipline that could not be named without pointing at a school.
const unnamed = "Autre enseignement"

func (a *assembly) line(row *lineRow, periods uint8) Line {
	l := Line{Label: unnamed, ModaliteLabel: row.Modalite.Label(), Group: a.group(row.Group), Appreciation: row.Appreciation.show()}
	shown, recorded := int(min(periods, 3)), false
	var marks []mark.Mark
	for i, g := range row.Periods {
		if m := g.mark(); m != nil {
			marks, recorded, shown = append(marks, *m), true, max(shown, i+1)
		}
	}
	if recorded {
		for _, g := range row.Periods[:shown] {
			l.Periods = append(l.Periods, g.mark())
		}
	}
	if l.Annual = row.Annual.mark(); l.Annual == nil && recorded {
		annual := mark.Annual(marks...)
		l.Annual, l.Computed = &annual, true
	}
	for _, c := range row.Competences {
		label, known := a.lists.CompetenceLabel(row.Year, c.Code)
		if !known {
			label = string(c.Code)
		}
		l.Competences = append(l.Competences, Competence{
			Label: label, Mastery: c.Mastery, MasteryLabel: cmp.Or(c.Mastery.Label(), string(c.Mastery)),
		})
	}
	return l
}

func (a *assembly) group(row *group) *Group {
	if row == nil {
		return nil
	}
	g := new(Group)
	if g.Headcount, g.Withheld = groupSize(row.Headcount); g.Withheld {
		return g
	}
	if mean := row.Mean.mark(); mean != nil && mean.IsMarked() {
		g.Mean = mean
	}
	if len(row.Shares) == 3 {
		p := percents(row.Shares...)
		g.Shares = &Shares{Below8: p[0], From8: p[1], From12: p[2]}
	}
	return g
}

func (a *assembly) avis() *Avis {
	if a.record.Avis == "" && a.record.Shares == nil {
		return nil
	}
	out := &Avis{Avis: a.record.Avis, Label: wording.Avis(a.record.Avis)}
	if s := a.record.Shares; s != nil {
		p := percents(s.T, s.F, s.A, s.D)
		out.Shares = &AvisShares{Headcount: serieSize(s.Headcount), T: p[0], F: p[1], A: p[2], D: p[3]}
	}
	return out
}
