package statistics

import "livret/domain/nomenclature"

// read reads back what each publication shows of a table.
func read[T any](all []Publication, shown func(Publication) T) []T {
	read := make([]T, len(all))
	for i := range all {
		read[i] = shown(all[i])
	}
	return read
}

// groups gives the group of that key in each earlier publication; one without cells where there is none.
func groups[K comparable](before []map[K]group, key K) []group {
	all := make([]group, len(before))
	for i := range before {
		all[i] = before[i][key]
	}
	return all
}

// with adds a cell read from a publication; that of no série is the total.
func (g group) with(m *member) group {
	if m.serie == "" {
		g.total = m
	} else {
		g.members = append(g.members, m)
	}
	return g
}

// shown reads back what a publication shows of a cell.
func shown(serie nomenclature.Serie, f Figures, categories int) *member {
	m := &member{serie: serie, n: f.Count, withheld: f.Withheld, below: make([]int64, categories-1)}
	below := int64(0)
	for _, s := range f.Distribution {
		if below += s.Count; s.Last >= 0 && s.Last < len(m.below) {
			m.below[s.Last] = below
			m.cuts |= 1 << s.Last
		}
	}
	return m
}

func (p Publication) marksShown() map[rowKey]group {
	all := map[rowKey]group{}
	for _, r := range p.Marks {
		key := rowKey{r.Year, r.Niveau, r.Course}
		all[key] = all[key].with(shown(r.Serie, r.Figures, 3))
	}
	return all
}

func (p Publication) pairsShown() map[pairKey]group {
	all := map[pairKey]group{}
	for _, c := range p.Correlations {
		for _, pair := range c.Pairs {
			key := pairKey{p.Session, c.Serie, c.Courses[pair.A].Course, c.Courses[pair.B].Course}
			all[key] = group{members: []*member{{serie: c.Serie, n: pair.Count}}}
		}
	}
	return all
}

func (p Publication) avisShown() (g group) {
	for _, r := range p.Avis {
		g = g.with(shown(r.Serie, r.Figures, len(avisOrder)))
	}
	return g
}

func (p Publication) resultsShown() map[Band]group { return outcomesShown(p.Results) }

func (p Publication) orientationsShown() map[Band]group { return outcomesShown(p.Orientations) }

func outcomesShown(rows []OutcomeRow) map[Band]group {
	all := map[Band]group{}
	for _, r := range rows {
		all[r.Band] = all[r.Band].with(shown(r.Serie, r.Figures, len(OutcomeCounts{})))
	}
	return all
}
