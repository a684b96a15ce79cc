package statistics

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"livret/domain"
	"livret/domain/deliberation"
	"livret/domain/mark"
	"livret/domain/nomenclature"
	"livret/projections/wording"
)

// ErrSequence says that the earlier publications handed to Publish are not those of the session from the
// first on.
var ErrSequence = errors.New("statistics: the earlier publications are not those of the session, in order")

// Publish makes the next publication of a session. The earlier ones, oldest first, are what a reader can
// subtract it from; all of them count, not the last alone. The threshold is never lower than theirs.
//
// Two publications are compared by how many pupils a cell counts. A cell that counts as many as before is
// shown, be its marks other ones: after a late period, all of them are. Who knows that one mark alone was
// corrected in between can tell by how much, within the rounding of the mean.
func Publish(s Sufficient, session nomenclature.SchoolYear, policy Policy, dated domain.Date, earlier []Publication, n nomenclature.Nomenclature) (Publication, error) {
	return publish(s, session, policy, dated, earlier, nil, n)
}

func publish(s Sufficient, session nomenclature.SchoolYear, policy Policy, dated domain.Date, earlier []Publication, shares []Share, n nomenclature.Nomenclature) (Publication, error) {
	p := Publication{
		Catalogue: Catalogue, Session: session, Number: len(earlier) + 1, Dated: dated, Threshold: policy.Threshold(), Ledgers: len(shares),
		Marks: []MarksRow{}, Correlations: []Correlations{}, Avis: []AvisRow{},
	}
	for i, e := range earlier {
		if e.Session != session || e.Number != i+1 || e.Catalogue > Catalogue || (e.Ledgers == 0) != (len(shares) == 0) {
			return Publication{}, ErrSequence
		}
		p.Threshold = max(p.Threshold, e.Threshold)
		p.Previous = e.Digest()
	}
	p.marks(s, earlier, shares, n)
	p.correlations(s, earlier, shares, n)
	p.avis(s, earlier, shares)
	p.Results = p.outcomes(s, ofResult, earlier, shares)
	p.Orientations = p.outcomes(s, ofOrientation, earlier, shares)
	p.links(s, earlier, shares, n)
	return p, nil
}

// rowKey is what a row of the first table is about, whatever the série.
type rowKey struct {
	year   nomenclature.SchoolYear
	niveau nomenclature.Niveau
	course Course
}

// marks fills the first table.
func (p *Publication) marks(s Sufficient, earlier []Publication, shares []Share, n nomenclature.Nomenclature) {
	before, local := read(earlier, Publication.marksShown), read(lastOf(shares), Publication.marksShown)
	keys := slices.DeleteFunc(slices.SortedFunc(maps.Keys(s.marks), marksKey.compare), func(k marksKey) bool { return k.Session != p.Session })
	for len(keys) > 0 {
		key := rowKey{keys[0].Year, keys[0].Niveau, keys[0].Course}
		var g group
		var values []Moments
		var all Moments
		for len(keys) > 0 && key == (rowKey{keys[0].Year, keys[0].Niveau, keys[0].Course}) {
			m := s.marks[keys[0]]
			g.members = append(g.members, m.member(keys[0].Serie))
			values, all, keys = append(values, m), all.merge(m), keys[1:]
		}
		if len(g.members) > 1 {
			g.total, values = all.member(""), append(values, all)
		}
		g.addLocals(groups(local, key), func(i int, serie nomenclature.Serie) *member {
			return shares[i].Sums.marks[marksKey{p.Session, key.year, key.niveau, key.course, serie}].member(serie)
		})
		g.protect(int64(p.Threshold), groups(before, key))
		for i, m := range g.cells() {
			row := MarksRow{Year: key.year, Niveau: key.niveau, Course: key.course, Label: label(n, key.course), Serie: m.serie, Figures: m.figures(marksLabel)}
			if !m.withheld {
				row.Mean, row.Deviation = values[i].mean(), values[i].deviation()
			}
			p.Marks = append(p.Marks, row)
		}
	}
}

// correlations fills the second table. Its cells are in no sum: each is protected alone.
func (p *Publication) correlations(s Sufficient, earlier []Publication, shares []Share, n nomenclature.Nomenclature) {
	before, local := read(earlier, Publication.pairsShown), read(lastOf(shares), Publication.pairsShown)
	for _, key := range slices.SortedFunc(maps.Keys(s.pairs), pairKey.compare) {
		products := s.pairs[key]
		r, ok := products.coefficient()
		if key.Session != p.Session || !ok || r == 1000 || r == -1000 { // one mark would tell the other
			continue
		}
		g := group{members: []*member{{serie: key.Serie, n: products.Count}}}
		g.addLocals(groups(local, key), func(i int, serie nomenclature.Serie) *member {
			return &member{serie: serie, n: shares[i].Sums.pairs[key].Count}
		})
		if g.protect(int64(p.Threshold), groups(before, key)); g.members[0].withheld {
			continue
		}
		if last := len(p.Correlations) - 1; last < 0 || p.Correlations[last].Serie != key.Serie {
			p.Correlations = append(p.Correlations, Correlations{Serie: key.Serie})
		}
		c := &p.Correlations[len(p.Correlations)-1]
		c.Pairs = append(c.Pairs, Pair{place(&c.Courses, key.A, n), place(&c.Courses, key.B, n), products.Count, r})
	}
}

// place is where a course stands in the table, after the others if it is new.
func place(courses *[]LabelledCourse, course Course, n nomenclature.Nomenclature) int {
	i := slices.IndexFunc(*courses, func(l LabelledCourse) bool { return l.Course == course })
	if i < 0 {
		i = len(*courses)
		*courses = append(*courses, LabelledCourse{course, label(n, course)})
	}
	return i
}

// avis fills the third table.
func (p *Publication) avis(s Sufficient, earlier []Publication, shares []Share) {
	var g group
	var all AvisCounts
	for _, key := range slices.SortedFunc(maps.Keys(s.avis), avisKey.compare) {
		if key.Session == p.Session {
			all = all.merge(s.avis[key])
			g.members = append(g.members, s.avis[key].member(key.Serie))
		}
	}
	if len(g.members) > 1 {
		g.total = all.member("")
	}
	g.addLocals(read(lastOf(shares), Publication.avisShown), func(i int, serie nomenclature.Serie) *member {
		return shares[i].Sums.avis[avisKey{p.Session, serie}].member(serie)
	})
	g.protect(int64(p.Threshold), read(earlier, Publication.avisShown))
	for _, m := range g.cells() {
		p.Avis = append(p.Avis, AvisRow{m.serie, m.figures(avisLabel)})
	}
}

func (m Moments) member(serie nomenclature.Serie) *member {
	return &member{serie: serie, n: m.Count, alike: m.alike(), below: []int64{m.Bins[mark.Below8], m.Bins[mark.Below8] + m.Bins[mark.From8]}}
}

func (a AvisCounts) member(serie nomenclature.Serie) *member {
	return &member{serie: serie, n: a[0] + a[1] + a[2] + a[3], below: []int64{a[0], a[0] + a[1], a[0] + a[1] + a[2]}}
}

// cells lists those of a group, the total last.
func (g *group) cells() []*member {
	if g.total == nil {
		return g.members
	}
	return append(slices.Clip(g.members), g.total)
}

// figures are what is shown of a cell.
func (m *member) figures(label func(first, last int) string) Figures {
	if m.withheld {
		return Figures{Withheld: true}
	}
	f := Figures{Count: m.n}
	if m.cuts == 0 {
		return f
	}
	first, sum := 0, int64(0)
	share := func(n int64) int { return int((20000*n + m.n) / (2 * m.n)) }
	segments := m.segments(m.cuts)
	for last := 0; last <= len(m.below); last++ {
		if last < len(m.below) && m.cuts&(1<<last) == 0 {
			continue
		}
		n := segments[len(f.Distribution)]
		f.Distribution = append(f.Distribution, Segment{first, last, label(first, last), n, share(sum+n) - share(sum)})
		first, sum = last+1, sum+n
	}
	return f
}

// label is the wording of a course: « MATHÉMATIQUES », « MATHÉMATIQUES (spécialité) »; the code of a matière
// that no list holds.
func label(n nomenclature.Nomenclature, c Course) string {
	text, ok := n.MatiereLabel(c.Matiere)
	if !ok {
		text = string(c.Matiere)
	}
	if c.Rank > 1 {
		text += " (spécialité)"
	}
	return text
}

func marksLabel(first, last int) string {
	switch [2]int{first, last} {
	case [2]int{0, 0}:
		return "moins de 8"
	case [2]int{0, 1}:
		return "moins de 12"
	case [2]int{1, 1}:
		return "de 8 à moins de 12"
	case [2]int{1, 2}:
		return "8 et plus"
	}
	return "12 et plus"
}

func avisLabel(first, last int) string { return either(avisOrder[first:last+1], wording.Avis) }

func resultLabel(first, last int) string {
	return either(results[first:last+1], func(label string) string { return label })
}

func orientationLabel(first, last int) string {
	return either(orientations[first:last+1], deliberation.Orientation.Label)
}

// either is the wording of categories put together: « Favorable ou Assez favorable ».
func either[C any](categories []C, label func(C) string) string {
	var all []string
	for _, c := range categories {
		all = append(all, label(c))
	}
	return strings.Join(all, " ou ")
}
