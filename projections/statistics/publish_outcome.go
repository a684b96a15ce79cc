package statistics

import (
	"maps"
	"slices"

	"livret/domain/nomenclature"
)

// outcomes fills the fourth or the fifth table.
func (p *Publication) outcomes(s Sufficient, of outcomeOf, earlier []Publication, shares []Share) (rows []OutcomeRow) {
	label, shown := resultLabel, Publication.resultsShown
	if of == ofOrientation {
		label, shown = orientationLabel, Publication.orientationsShown
	}
	before, local := read(earlier, shown), read(lastOf(shares), shown)
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
		g.addLocals(groups(local, band), func(i int, serie nomenclature.Serie) *member {
			return shares[i].Sums.outcomes[outcomeKey{p.Session, of, band, serie}].member(serie)
		})
		g.protect(int64(p.Threshold), groups(before, band))
		for _, m := range g.cells() {
			rows = append(rows, OutcomeRow{band, band.Label(), m.serie, m.figures(label)})
		}
	}
	return rows
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
func (p *Publication) links(s Sufficient, earlier []Publication, shares []Share, n nomenclature.Nomenclature) {
	before, local := read(earlier, Publication.questions), read(lastOf(shares), Publication.questions)
	keys := slices.DeleteFunc(slices.SortedFunc(maps.Keys(s.links), linkKey.compare), func(k linkKey) bool { return k.Session != p.Session })
	for len(keys) > 0 {
		asked := keys[0].question()
		end := slices.IndexFunc(keys, func(k linkKey) bool { return k.question() != asked })
		if end < 0 {
			end = len(keys)
		}
		truth := func(i int, answer nomenclature.Serie) *member { return shares[i].Sums.answer(keys[:end], answer) }
		g := s.answers(keys[:end], false)
		g.addLocals(groups(local, asked), truth)
		if g.protect(int64(p.Threshold), groups(before, asked)); len(g.hidden()) > 0 {
			g = s.answers(keys[:end], true)
			g.addLocals(groups(local, asked), truth)
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

// answer is how many answered so to a question.
func (s *Sufficient) answer(keys []linkKey, answer nomenclature.Serie) *member {
	m := &member{serie: answer}
	for _, key := range keys {
		switch products := s.links[key]; answer {
		case nomenclature.Serie(key.Indicator):
			m.n = products.SumB
		case no:
			m.n = products.Count - products.SumB
		}
	}
	return m
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
