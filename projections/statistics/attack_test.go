package statistics_test

import (
	"fmt"
	"math/big"
	"math/bits"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"livret/domain/nomenclature"
	"livret/projections/statistics"
)

// The attacker reads publications and nothing else. What he can know of a table is what linear algebra gives:
// a count that is a combination of counts shown. He wins if he finds a set of pupils (some séries, some
// categories) that is fewer than the threshold, or the few by which such a set changed between publications.

// population is the pupils of one row of a table: by série, how many are in each category.
type population map[nomenclature.Serie][]int64

// cell is what a publication shows of a série, or of all ("").
type cell struct {
	serie nomenclature.Serie
	statistics.Figures
}

// knowledge is the row space of what is shown, in echelon form: no row has an entry at an earlier pivot.
type knowledge struct {
	rows   [][]*big.Rat
	pivots []int
}

func (k *knowledge) reduce(v []*big.Rat) []*big.Rat {
	for i, row := range k.rows {
		if f := new(big.Rat).Set(v[k.pivots[i]]); f.Sign() != 0 {
			for j := range v {
				v[j] = new(big.Rat).Sub(v[j], new(big.Rat).Mul(f, row[j]))
			}
		}
	}
	return v
}

func pivot(v []*big.Rat) int {
	return slices.IndexFunc(v, func(x *big.Rat) bool { return x.Sign() != 0 })
}

func (k *knowledge) learn(v []*big.Rat) {
	v = k.reduce(v)
	p := pivot(v)
	if p < 0 {
		return
	}
	inverse := new(big.Rat).Inv(v[p])
	for j := range v {
		v[j] = new(big.Rat).Mul(v[j], inverse)
	}
	k.rows, k.pivots = append(k.rows, v), append(k.pivots, p)
}

func (k *knowledge) knows(v []*big.Rat) bool { return pivot(k.reduce(v)) < 0 }

// attacker looks at one row of a table in successive publications.
type attacker struct {
	series     []nomenclature.Serie
	categories int
}

// sum is the count of some séries (bits of a set) in the categories from first to last.
func (a attacker) sum(set uint, first, last int) []*big.Rat {
	v := make([]*big.Rat, len(a.series)*a.categories)
	for i := range v {
		s, c := i/a.categories, i%a.categories
		v[i] = new(big.Rat)
		if set&(1<<s) != 0 && c >= first && c <= last {
			v[i].SetInt64(1)
		}
	}
	return v
}

func (a attacker) truth(p population, set uint, first, last int) (n int64) {
	for s, serie := range a.series {
		for c, count := range p[serie] {
			if set&(1<<s) != 0 && c >= first && c <= last {
				n += count
			}
		}
	}
	return n
}

// called is the set of séries that a cell is about: one of them, all (""), all of a ledger ("A/"), or one of all
// ledgers ("/ES").
func (a attacker) called(name nomenclature.Serie) (set uint) {
	for s, serie := range a.series {
		ledger, of := strings.HasSuffix(string(name), "/"), strings.HasPrefix(string(name), "/")
		if name == "" || serie == name || ledger && strings.HasPrefix(string(serie), string(name)) || of && strings.HasSuffix(string(serie), string(name)) {
			set |= 1 << s
		}
	}
	return set
}

// read learns what the cells say; a série without a cell has no pupils.
func (a attacker) read(cells []cell) *knowledge {
	k := &knowledge{}
	for s, serie := range a.series {
		if !slices.ContainsFunc(cells, func(c cell) bool { return c.serie == serie }) {
			for c := range a.categories {
				k.learn(a.sum(1<<s, c, c))
			}
		}
	}
	for _, c := range cells {
		set := a.called(c.serie)
		if c.Withheld {
			continue
		}
		k.learn(a.sum(set, 0, a.categories-1))
		for _, s := range c.Distribution {
			k.learn(a.sum(set, s.First, s.Last))
		}
	}
	return k
}

// set is a set of pupils that an attacker may count.
type set struct {
	series      uint
	first, last int
}

func (s set) within(o set) bool {
	return s != o && s.series&^o.series == 0 && s.first >= o.first && s.last <= o.last
}

func (a attacker) countable(k *knowledge) (all []set) {
	for series := uint(1); series < 1<<len(a.series); series++ {
		for first := range a.categories {
			for last := first; last < a.categories; last++ {
				if k.knows(a.sum(series, first, last)) {
					all = append(all, set{series, first, last})
				}
			}
		}
	}
	slices.SortFunc(all, func(x, y set) int { return bits.OnesCount(x.series) - bits.OnesCount(y.series) })
	return all
}

// attack lists what was found out.
func (a attacker) attack(threshold int64, truth []population, shown [][]cell) (found []string) {
	few := func(n int64) bool { return n != 0 && n < threshold && n > -threshold }
	var countable [][]set
	for i, cells := range shown {
		countable = append(countable, a.countable(a.read(cells)))
		for _, s := range countable[i] {
			if n := a.truth(truth[i], s.series, s.first, s.last); few(n) {
				found = append(found, fmt.Sprintf("publication %d: %d pupils in séries %b, categories %d to %d", i+1, n, s.series, s.first, s.last))
			}
		}
	}
	for i := range shown {
		for j := range i {
			both := slices.DeleteFunc(slices.Clone(countable[i]), func(s set) bool { return !slices.Contains(countable[j], s) })
			for _, s := range both {
				smallest := !slices.ContainsFunc(both, func(o set) bool { return o.within(s) })
				if n := a.truth(truth[i], s.series, s.first, s.last) - a.truth(truth[j], s.series, s.first, s.last); smallest && few(n) {
					found = append(found, fmt.Sprintf("publications %d and %d: %+d pupils in séries %b, categories %d to %d", j+1, i+1, n, s.series, s.first, s.last))
				}
			}
		}
	}
	return found
}

var attacked = attacker{series: []nomenclature.Serie{"ES", "L", "S", "ST2S"}}

// TestNobodyIsFoundInPublications fails the build if an attacker can count too few pupils in what is
// published: in one publication, or in up to three that follow one another.
func TestNobodyIsFoundInPublications(t *testing.T) {
	n := load(t)
	rapid.Check(t, func(t *rapid.T) {
		threshold := rapid.IntRange(statistics.LowestThreshold, 11).Draw(t, "threshold")
		policy, err := statistics.NewPolicy(threshold)
		if err != nil {
			t.Fatal(err)
		}
		k := int64(threshold)
		start := rapid.SampledFrom([]int64{0, 0, 1, 2, 4, k - 1, k, k + 1, 2 * k, 40})
		change := rapid.SampledFrom([]int64{0, 0, 0, 0, 1, -1, 3, k - 1, k, 2 * k, -k})
		marks, avis := population{}, population{}
		var publications []statistics.Publication
		var marksOf, avisOf []population
		var marksShown, avisShown [][]cell
		for i := range rapid.IntRange(1, 3).Draw(t, "publications") {
			for _, p := range []struct {
				population
				categories int
			}{{marks, 3}, {avis, 4}} {
				for _, serie := range attacked.series {
					counts := slices.Clone(p.population[serie])
					if i == 0 {
						counts = make([]int64, p.categories)
					}
					for c := range counts {
						if i == 0 {
							counts[c] = start.Draw(t, "pupils")
						} else {
							counts[c] = max(0, counts[c]+change.Draw(t, "change"))
						}
					}
					p.population[serie] = counts
				}
			}
			p, err := statistics.Publish(populate(t, n, marks, avis), 2016, policy, day(5+i), publications, n)
			if err != nil {
				t.Fatal(err)
			}
			publications = append(publications, reread(t, p))
			marksOf, avisOf = append(marksOf, clone(marks)), append(avisOf, clone(avis))
			marksShown, avisShown = append(marksShown, marksCells(p)), append(avisShown, avisCells(p))
		}
		byMarks, byAvis := attacked, attacked
		byMarks.categories, byAvis.categories = 3, 4
		found := append(byMarks.attack(k, marksOf, marksShown), byAvis.attack(k, avisOf, avisShown)...)
		if len(found) > 0 {
			t.Fatalf("found out: %q\nmarks %v\nshown %+v\navis %v\nshown %+v", found, marksOf, marksShown, avisOf, avisShown)
		}
	})
}

func clone(p population) population {
	c := population{}
	for serie, counts := range p {
		c[serie] = slices.Clone(counts)
	}
	return c
}

// The attacker is worth something: he finds what a careless publication gives away.
func TestTheAttackerIsAble(t *testing.T) {
	a := attacker{series: []nomenclature.Serie{"ES", "L", "S"}, categories: 2}
	open := func(serie nomenclature.Serie, counts ...int64) cell {
		c := cell{serie: serie}
		for i, n := range counts {
			c.Count += n
			c.Distribution = append(c.Distribution, statistics.Segment{First: i, Last: i, Count: n})
		}
		return c
	}
	whole := func(serie nomenclature.Serie, n int64) cell { return cell{serie, statistics.Figures{Count: n}} }
	secret := func(serie nomenclature.Serie) cell { return cell{serie, statistics.Figures{Withheld: true}} }
	p := population{"ES": {20, 20}, "L": {3, 1}, "S": {30, 5}}
	for name, c := range map[string]struct {
		truth []population
		shown [][]cell
		found bool
	}{
		"all is shown":                {[]population{p}, [][]cell{{open("ES", 20, 20), open("L", 3, 1), open("S", 30, 5)}}, true},
		"a small category":            {[]population{p}, [][]cell{{whole("ES", 40), secret("L"), open("S", 30, 5)}}, true},
		"one secret and the total":    {[]population{p}, [][]cell{{whole("ES", 40), secret("L"), whole("S", 35), whole("", 79)}}, true},
		"one secret without total":    {[]population{p}, [][]cell{{whole("ES", 40), secret("L"), whole("S", 35)}}, false},
		"two secrets and the total":   {[]population{p}, [][]cell{{whole("ES", 40), secret("L"), secret("S"), whole("", 79)}}, false},
		"a category of the total":     {[]population{p}, [][]cell{{open("ES", 20, 20), whole("L", 4), whole("S", 35), open("", 53, 26)}}, true},
		"two more pupils":             {[]population{p, {"ES": {21, 21}, "L": {3, 1}, "S": {30, 5}}}, [][]cell{{whole("ES", 40), secret("L"), secret("S")}, {whole("ES", 42), secret("L"), secret("S")}}, true},
		"two more pupils in the rest": {[]population{p, {"ES": {40, 20}, "L": {5, 1}, "S": {30, 5}}}, [][]cell{{whole("ES", 40), secret("L"), secret("S"), whole("", 79)}, {whole("ES", 60), secret("L"), secret("S"), whole("", 101)}}, true},
	} {
		if found := a.attack(11, c.truth, c.shown); (len(found) > 0) != c.found {
			t.Errorf("%s: found %q", name, found)
		}
	}
}
