package statistics

import (
	"maps"
	"slices"

	"livret/domain/nomenclature"
)

// outcomes fills the fourth or the fifth table.
func (p *Publication) outcomes(s Sufficient, of outcomeOf, earlier []Publication) (rows []OutcomeRow) {
	before := make([]map[Band]group, len(earlier))
	for i, e := range earlier {
		before[i] = map[Band]group{}
		for _, r := range e.rows(of) {
			before[i][r.Band] = before[i][r.Band].with(shown(r.Serie, r.Figures, len(OutcomeCounts{})))
		}
	}
	label := resultLabel
	if of == ofOrientation {
		label = orientationLabel
	}
	keys := slices.DeleteFunc(slices.SortedFunc(maps.Keys(s.outcomes), outcomeKey.compare), func(k outcomeKey) bool { return k.Session != p.Session || k.Of != of })
	for len(keys) > 0 {
		band := keys[0].Band
		var g group
		var all OutcomeCounts
		for len(keys) > 0 && keys[0].Band == band {
			counts := s.outcomes[keys[0]]
			g.members = append(g.members, counts.member(keys[0].Serie))
			all, keys = all.merge(counts), keys[1:]
		}
		if len(g.members) > 1 {
			g.total = all.member("")
		}
		g.protect(int64(p.Threshold), groups(before, band))
		for _, m := range g.cells() {
			rows = append(rows, OutcomeRow{band, band.Label(), m.serie, m.figures(label)})
		}
	}
	return rows
}

func (p Publication) rows(of outcomeOf) []OutcomeRow {
	if of == ofOrientation {
		return p.Orientations
	}
	return p.Results
}

// question is what an average of a série is linked to: its answers share the same pupils out.
type question struct {
	serie  nomenclature.Serie
	course Course
	asked  Indicator
}

func (k linkKey) question() question { return question{k.Serie, k.Course, k.Indicator.asked()} }

// no is the answer of those for whom a yes or no is not true, in the group of a question.
const no = "non"

// links fills the sixth table. The answers to a question are protected together, since they add up.
func (p *Publication) links(s Sufficient, earlier []Publication, n nomenclature.Nomenclature) {
	before := make([]map[question]group, len(earlier))
	for i, e := range earlier {
		before[i] = e.questions()
	}
	keys := slices.DeleteFunc(slices.SortedFunc(maps.Keys(s.links), linkKey.compare), func(k linkKey) bool { return k.Session != p.Session })
	for len(keys) > 0 {
		asked := keys[0].question()
		end := slices.IndexFunc(keys, func(k linkKey) bool { return k.question() != asked })
		if end < 0 {
			end = len(keys)
		}
		g := s.answers(keys[:end], false)
		if g.protect(int64(p.Threshold), groups(before, asked)); len(g.hidden()) > 0 {
			g = s.answers(keys[:end], true)
			g.protect(int64(p.Threshold), groups(before, asked))
		}
		for _, key := range keys[:end] {
			r, ok := s.links[key].coefficient()
			if !ok || r == 1000 || r == -1000 || !g.shows(key.Indicator) {
				continue
			}
			if last := len(p.Links) - 1; last < 0 || p.Links[last].Serie != key.Serie {
				p.Links = append(p.Links, Links{Serie: key.Serie})
			}
			l := &p.Links[len(p.Links)-1]
			l.Links = append(l.Links, Link{place(&l.Courses, key.Course, n), key.Indicator, s.links[key].Count, s.links[key].SumB, r})
		}
		keys = keys[end:]
	}
}

// answers is the group of a question. The answers of nobody look like those withheld as soon as one is: they are
// then cells like the others.
func (s *Sufficient) answers(keys []linkKey, nobody bool) group {
	g := group{total: &member{n: s.links[keys[0]].Count}}
	for _, key := range keys {
		g.answer(key.Indicator, s.links[key].Count, s.links[key].SumB, nobody)
	}
	return g
}

// answer adds the cells of an indicator: those who answered so, and, of a question with two answers, the others.
func (g *group) answer(i Indicator, all, yes int64, nobody bool) {
	if yes > 0 || nobody {
		g.members = append(g.members, &member{serie: nomenclature.Serie(i), n: yes})
	}
	if i.asked() == i && (all > yes || nobody) {
		g.members = append(g.members, &member{serie: no, n: all - yes})
	}
}

// shows tells whether a coefficient may be shown: those who answered so can be counted, and all who were asked.
func (g *group) shows(i Indicator) bool {
	return g.totalShown() && !slices.Contains(g.hidden(), nomenclature.Serie(i)) && !(i.asked() == i && slices.Contains(g.hidden(), no))
}

// questions reads back what a publication shows of each question. Kinds of orientation that are not listed may
// be behind the rest of those who were asked.
func (p Publication) questions() map[question]group {
	all := map[question]group{}
	for _, l := range p.Links {
		for _, link := range l.Links {
			key := linkKey{p.Session, l.Serie, l.Courses[link.Course].Course, link.Indicator}.question()
			g := all[key]
			g.total = &member{n: link.Count}
			g.answer(link.Indicator, link.Count, link.Yes, false)
			all[key] = g
		}
	}
	for key, g := range all {
		rest := g.total.n - g.count(g.series())
		for _, kind := range orientations {
			if s := nomenclature.Serie(kind); key.asked == ofKind && rest > 0 && !g.has([]nomenclature.Serie{s}) {
				g.members = append(g.members, &member{serie: s, withheld: true})
			}
		}
		all[key] = g
	}
	return all
}
