package lycee

import (
	"time"

	"livret/domain"
	"livret/domain/exchange/lsl"
	"livret/domain/mark"
	"livret/domain/nomenclature"
	"livret/domain/record"
)

// grade gives the marks of a year, then the figures of each class and group, which follow from them: where
// nobody has a mark there are none.
func (s *school) grade(y int) {
	for _, p := range s.pupils {
		for _, c := range p.seats[y] {
			if c.line.Marked {
				if c.marks == nil {
					c.marks = map[*pupil][3]mark.Mark{}
				}
				c.marks[p] = s.marks(y, p, c.course)
			}
		}
	}
	for _, c := range s.courses[y] {
		var sum mark.Sum
		var bins mark.Distribution
		for _, marks := range c.marks {
			annual := mark.Annual(marks[:]...)
			sum, bins = sum.Add(annual), bins.Add(annual)
		}
		if shares, any := bins.Shares(); any {
			c.figures = lsl.Group{Headcount: uint16(bins.Count()), Mean: sum.Mean(mark.HalfUpHundredth), Shares: &shares}
		}
	}
}

// marks draws the three averages of a pupil. Some are missing: a trimester not marked, a pupil away, one who
// came in the year, one who does no sport.
func (s *school) marks(y int, p *pupil, c *course) (all [3]mark.Mark) {
	subject := subjectOf(c.matiere)
	exempt := subject.field == "eps" && s.chance(2)
	missed := -1
	if s.chance(4) {
		missed = s.IntN(3)
	}
	around := p.level + p.flair[subject.field] + c.teachers[0].severity + s.bell(110)
	if subject.field == "eps" {
		around += 150
	}
	for t := range all {
		h := around + p.drift*(t-1) + s.bell(90)
		if exempt || t == missed || p.away && y == 1 && t == 1 || p.comes && t == 0 {
			continue // not marked
		}
		if s.chance(30) {
			h -= h % 50 // some teachers think in half points
		}
		all[t] = mark.Must(mark.Hundredths(min(max(h, 120), 2000)))
	}
	return all
}

// standing is how well a pupil does in a course, in hundredths: his annual average, or what he is worth
// where there are no marks.
func standing(p *pupil, c seat) int {
	marks := c.marks[p]
	if h, marked := mark.Annual(marks[:]...).Hundredths(); marked {
		return h
	}
	return p.level + p.flair[subjectOf(c.matiere).field]
}

// tier is 5 for the best and 1 for the worst.
func tier(h int) int {
	switch {
	case h >= 1550:
		return 5
	case h >= 1300:
		return 4
	case h >= 1050:
		return 3
	case h >= 800:
		return 2
	}
	return 1
}

// livret is what the marks software says of a pupil.
func (s *school) livret(p *pupil) lsl.Pupil {
	out := lsl.Pupil{ID: p.id, Avis: p.avis()}
	for _, code := range record.Engagements() {
		if s.chance(7) {
			out.Engagements = append(out.Engagements, code)
		}
	}
	if s.chance(14) {
		out.OtherEngagement = s.say("autre", p, nil)
	}
	for y, year := range years {
		if p.class[y] == nil {
			continue
		}
		out.Years = append(out.Years, lsl.Year{Year: year, Periods: 3, Observations: s.observations(y, p, out), Evaluations: s.evaluations(y, p)})
	}
	return out
}

// overall is a pupil's mean over the marked courses of a year, in hundredths.
func (p *pupil) overall(y int) int {
	sum, count := 0, 0
	for _, c := range p.seats[y] {
		if c.line.Marked {
			sum, count = sum+standing(p, c), count+1
		}
	}
	if count == 0 {
		return p.level
	}
	return sum / count
}

// avis is the team's opinion, which looks at the Terminale first.
func (p *pupil) avis() record.Avis {
	h := p.overall(1)
	if p.class[0] != nil {
		h = (2*h + p.overall(0)) / 3
	}
	switch {
	case h >= 1430:
		return record.TresFavorable
	case h >= 1180:
		return record.Favorable
	case h >= 1000:
		return record.AssezFavorable
	}
	return record.FaireSesPreuves
}

func (s *school) observations(y int, p *pupil, l lsl.Pupil) (all []lsl.Observation) {
	spring := int(years[y]) + 1
	signed := func(kind record.Observation, text string, t *teacher, month time.Month, day int) {
		all = append(all, lsl.Observation{
			Kind: kind, Text: text, Author: lsl.Person{Name: t.name, First: t.first}, Date: domain.NewDate(spring, month, day),
		})
	}
	grade := tier(p.overall(y))
	if len(l.Engagements) > 0 || s.chance(45) {
		signed(record.ObservationCPE, s.say("cpe", p, nil), s.of("EDU", int(p.id)), 5, 22+s.IntN(8))
	}
	if p.class[y].principal != nil {
		signed(record.ObservationTeam, s.say("equipe "+digit(grade), p, nil), p.class[y].principal, 5, 28+s.IntN(3))
	}
	if y == 1 && s.chance(75) {
		signed(record.ObservationHead, s.say("chef "+sign(grade), p, nil), s.of("DIR", 0), 6, 4+s.IntN(3))
	}
	return all
}

// of is one of the members of staff with a function.
func (s *school) of(function string, n int) *teacher {
	var all []*teacher
	for _, t := range s.staff {
		if t.function == function {
			all = append(all, t)
		}
	}
	return all[n%len(all)]
}

func (s *school) evaluations(y int, p *pupil) (all []lsl.Evaluation) {
	for _, c := range p.seats[y] {
		e := lsl.Evaluation{
			Matiere: c.matiere, Modalite: c.line.Modalite, Date: domain.NewDate(int(years[y])+1, 5, 20+s.IntN(9)),
			Competences: s.competences(p, c),
		}
		for _, t := range c.teachers {
			e.Teachers = append(e.Teachers, lsl.Person{Name: t.name, First: t.first})
		}
		if c.line.Marked {
			e.Group = c.figures
			for t, m := range c.marks[p] {
				e.Averages = append(e.Averages, lsl.Average{Period: uint8(t + 1), Mark: m})
			}
		}
		aside := ""
		if y == 1 && len(all) == 0 {
			aside = p.aside
		}
		e.Appreciation = s.write(p, c, aside)
		all = append(all, e)
	}
	return all
}

// competences follow the marks, give or take one level; of languages, the levels of the common framework.
func (s *school) competences(p *pupil, c seat) (all []lsl.Competence) {
	levels := []nomenclature.Mastery{"1", "2", "3", "4"}
	if subjectOf(c.matiere).field == "langues" {
		levels = []nomenclature.Mastery{"A1", "A2", "B1", "B2", "C1"}
	}
	for _, code := range c.line.Competences {
		at := (standing(p, c) + s.bell(220) - 500) * len(levels) / 1200
		mastery := levels[min(max(at, 0), len(levels)-1)]
		if s.chance(4) {
			mastery = "NE"
		}
		all = append(all, lsl.Competence{Code: code, Mastery: mastery})
	}
	return all
}
