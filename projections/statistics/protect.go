package statistics

import (
	"math/bits"
	"slices"

	"livret/domain/nomenclature"
)

// member is one cell of a group: the pupils of one série.
//
// Of an earlier publication, n and below are known only as far as they were shown.
type member struct {
	serie    nomenclature.Serie
	n        int64
	below    []int64 // pupils in the categories up to each boundary between two
	alike    bool    // all of them have the same mark
	withheld bool
	cuts     uint8 // the boundaries shown, one bit each
	locals   []local
}

// group is a row of cells and their total over the séries: the fixed hierarchy within which one cell can be
// found by subtracting the others. Without a total, cells stand alone.
type group struct {
	total   *member // nil: none
	members []*member
}

// protect decides what of a group is withheld, given the groups of the same name in earlier publications.
//
// A cell is withheld if it counts fewer than k pupils (primary), or if they all have the same mark. What then
// follows by subtraction must be a group that could itself be shown: at least two cells and k pupils, or
// another cell is withheld with it, or the total (secondary). And where a set of pupils can be counted in
// this publication and in an earlier one, the two counts are equal or at least k apart (differencing).
func (g *group) protect(k int64, earlier []group) {
	for _, m := range g.members {
		m.withheld = m.n < k || m.alike || !m.apartFromLocals(k)
	}
	if g.total != nil {
		g.total.withheld = g.total.n < k || g.total.alike || !g.total.apartFromLocals(k)
	}
	for g.withholdMore(k, earlier) {
	}
	for _, m := range g.members {
		if !m.withheld {
			m.cuts = m.chooseCuts(k, earlier)
		}
	}
	g.cutTotal()
}

// withholdMore withholds one cell more if something is wrong yet.
func (g *group) withholdMore(k int64, earlier []group) bool {
	if hidden := g.hidden(); len(hidden) > 0 && g.totalShown() {
		if n := g.count(hidden); len(hidden) < 2 || n < k {
			g.withholdAnother(nil, 3)
			return true
		}
	}
	if g.totalShown() && !g.restOfLocals(k) {
		g.total.withheld = true
		return true
	}
	for i := range earlier {
		for _, block := range blocks(g, &earlier[i]) {
			change := g.count(block) - earlier[i].count(block)
			if change == 0 || change >= k || change <= -k || !g.has(block) {
				continue
			}
			if slices.ContainsFunc(block, func(s nomenclature.Serie) bool { return slices.Contains(g.hidden(), s) }) {
				g.total.withheld = true // the block is what remains of the total
			} else {
				g.withholdAnother(block, 1)
			}
			return true
		}
	}
	return false
}

// withholdAnother withholds the smallest shown cell among some séries (nil: all), or the total if fewer than
// so many are shown: two cells and no total say more than a total alone.
func (g *group) withholdAnother(among []nomenclature.Serie, atLeast int) {
	var smallest *member
	shown := 0
	for _, m := range g.members {
		if m.withheld || among != nil && !slices.Contains(among, m.serie) {
			continue
		}
		shown++
		if smallest == nil || m.n < smallest.n {
			smallest = m
		}
	}
	if shown < atLeast {
		g.total.withheld = true
		return
	}
	smallest.withheld = true
}

func (g *group) totalShown() bool { return g.total != nil && !g.total.withheld }

// hidden lists the séries whose cells are withheld.
func (g *group) hidden() (series []nomenclature.Serie) {
	for _, m := range g.members {
		if m.withheld {
			series = append(series, m.serie)
		}
	}
	return series
}

// count is the number of pupils of a block, as a reader finds it: the cells shown, and the rest of the total
// for those withheld, which are in a block all or none.
func (g *group) count(block []nomenclature.Serie) (n int64) {
	rest := false
	for _, m := range g.members {
		if slices.Contains(block, m.serie) {
			if rest = rest || m.withheld; !m.withheld {
				n += m.n
			}
		}
	}
	if rest {
		n += g.total.n
		for _, m := range g.members {
			if !m.withheld {
				n -= m.n
			}
		}
	}
	return n
}

// blocks lists the smallest sets of séries whose pupils can be counted in both of two publications: each cell
// shown in both, and what is withheld in one, if the total gives it away, with what covers it in the other.
// A série without a cell has no pupils.
func blocks(a, b *group) (all [][]nomenclature.Serie) {
	hiddenA, hiddenB := a.hidden(), b.hidden()
	merge := slices.ContainsFunc(hiddenA, func(s nomenclature.Serie) bool { return slices.Contains(hiddenB, s) })
	switch {
	case merge && a.totalShown() && b.totalShown():
		all = append(all, union(hiddenA, hiddenB))
	case merge:
	default:
		if len(hiddenA) > 0 && a.totalShown() {
			all = append(all, hiddenA)
		}
		if len(hiddenB) > 0 && b.totalShown() {
			all = append(all, hiddenB)
		}
	}
	for _, s := range union(a.series(), b.series()) {
		if !slices.Contains(hiddenA, s) && !slices.Contains(hiddenB, s) {
			all = append(all, []nomenclature.Serie{s})
		}
	}
	return all
}

func (g *group) series() (series []nomenclature.Serie) {
	for _, m := range g.members {
		series = append(series, m.serie)
	}
	return series
}

// has tells whether one of the séries has a cell.
func (g *group) has(block []nomenclature.Serie) bool {
	return slices.ContainsFunc(g.members, func(m *member) bool { return slices.Contains(block, m.serie) })
}

func union(a, b []nomenclature.Serie) []nomenclature.Serie {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}

// chooseCuts chooses how finely a cell's distribution is shown: neighbouring categories are put together
// until each holds no pupil or at least k, in two places at least, since a distribution in one place is the
// mark of everyone. Two publications must not differ by fewer than k pupils anywhere.
func (m *member) chooseCuts(k int64, earlier []group) (best uint8) {
	for cuts := uint8(1); cuts < 1<<len(m.below); cuts++ {
		if bits.OnesCount8(cuts) <= bits.OnesCount8(best) {
			continue
		}
		places, fine := 0, m.cutApartFromLocals(k, cuts)
		for _, n := range m.segments(cuts) {
			fine = fine && (n == 0 || n >= k)
			if n > 0 {
				places++
			}
		}
		for i := range earlier {
			for _, e := range earlier[i].members {
				fine = fine && (e.serie != m.serie || e.withheld || apart(m, e, k, cuts))
			}
		}
		if fine && places > 1 {
			best = cuts
		}
	}
	return best
}

// apart tells whether two distributions of a cell differ nowhere by fewer than k pupils.
func apart(m, e *member, k int64, cuts uint8) bool {
	if cuts &= e.cuts; cuts == 0 {
		return true
	}
	before := e.segments(cuts)
	for i, n := range m.segments(cuts) {
		if change := n - before[i]; change != 0 && change < k && change > -k {
			return false
		}
	}
	return true
}

// segments counts the pupils between the cuts.
func (m *member) segments(cuts uint8) (all []int64) {
	last := int64(0)
	for i, below := range m.below {
		if cuts&(1<<i) != 0 {
			all = append(all, below-last)
			last = below
		}
	}
	return append(all, m.n-last)
}

// cutTotal shows of the total's distribution what adds up from the cells shown, and nothing more: no cell can
// then be found from it.
func (g *group) cutTotal() {
	if !g.totalShown() {
		return
	}
	g.total.cuts = 1<<len(g.total.below) - 1
	for _, m := range g.members {
		g.total.cuts &= m.cuts // none for a cell withheld
	}
}
