package statistics

import (
	"cmp"
	"encoding/json"
	"iter"
	"maps"
	"slices"
	"strings"

	"livret/domain/mark"
	"livret/domain/nomenclature"
	"livret/domain/record"
)

// Sufficient is all that the tables need to know of any number of livrets: counts, sums, sums of squares and
// of products of marks in hundredths, exact, so that those of two ledgers merge by addition in any order. It
// points at pupils when they are few: it is not to be shown, and not to be kept but sealed. The zero value is
// that of no livret.
//
// A livret counts for the two school years before its exam, and only those. The marks that follow a repeater
// into his new livret are those of a year that his first one has counted.
type Sufficient struct {
	livrets    map[nomenclature.SchoolYear]int64 // by session
	unresolved map[nomenclature.SchoolYear]int64 // of them, those without a known formation in either year
	marks      map[marksKey]Moments
	pairs      map[pairKey]Products
	avis       map[avisKey]AvisCounts
}

type marksKey struct {
	Session nomenclature.SchoolYear `json:"session"`
	Year    nomenclature.SchoolYear `json:"year"`
	Niveau  nomenclature.Niveau     `json:"niveau"`
	Course
	Serie nomenclature.Serie `json:"serie"`
}

type pairKey struct {
	Session nomenclature.SchoolYear `json:"session"`
	Serie   nomenclature.Serie      `json:"serie"`
	A       Course                  `json:"a"`
	B       Course                  `json:"b"`
}

type avisKey struct {
	Session nomenclature.SchoolYear `json:"session"`
	Serie   nomenclature.Serie      `json:"serie"`
}

// Moments are those of the annual averages of a group.
type Moments struct {
	Count   int64             `json:"count"`
	Sum     int64             `json:"sum"`     // hundredths
	Squares int64             `json:"squares"` // hundredths squared
	Bins    mark.Distribution `json:"bins"`
}

// Products are those of two averages of the same pupils.
type Products struct {
	Count    int64 `json:"count"`
	SumA     int64 `json:"sumA"`
	SumB     int64 `json:"sumB"`
	SquaresA int64 `json:"squaresA"`
	SquaresB int64 `json:"squaresB"`
	Products int64 `json:"products"`
}

// AvisCounts is how many pupils have each avis, in the order T, F, A, D.
type AvisCounts [4]int64

var avisOrder = [4]record.Avis{record.TresFavorable, record.Favorable, record.AssezFavorable, record.FaireSesPreuves}

// Compute adds up contributions. The nomenclature tells the série of a formation.
func Compute(contributions iter.Seq2[Contribution, error], n nomenclature.Nomenclature) (Sufficient, error) {
	s := Sufficient{}
	for c, err := range contributions {
		if err != nil {
			return Sufficient{}, err
		}
		s.Add(c, n)
	}
	return s, nil
}

// Add adds one contribution.
func (s *Sufficient) Add(c Contribution, n nomenclature.Nomenclature) {
	if c.Session == 0 {
		return
	}
	s.make()
	s.livrets[c.Session]++
	cycle := map[Course]mark.Sum{}
	serie := nomenclature.Serie("") // of Terminale, or of Première as long as that is all
	for _, y := range c.Years {
		if y.Year != c.Session-1 && y.Year != c.Session-2 {
			continue
		}
		p, err := n.Programme(y.Year, y.MEF)
		if err != nil {
			continue
		}
		serie = p.Serie
		for _, a := range y.Averages {
			key := marksKey{c.Session, y.Year, p.Niveau, a.Course, p.Serie}
			s.marks[key] = s.marks[key].add(a.Mark)
			cycle[a.Course] = cycle[a.Course].Add(a.Mark)
		}
	}
	if serie == "" {
		s.unresolved[c.Session]++
		return
	}
	s.addPairs(c.Session, serie, cycle)
	if i := slices.Index(avisOrder[:], c.Avis); i >= 0 {
		key := avisKey{c.Session, serie}
		counts := s.avis[key]
		counts[i]++
		s.avis[key] = counts
	}
}

// addPairs adds the products of a pupil's averages over the cycle terminal: for each course, the mean of the
// annual averages it has.
func (s *Sufficient) addPairs(session nomenclature.SchoolYear, serie nomenclature.Serie, cycle map[Course]mark.Sum) {
	courses := slices.SortedFunc(maps.Keys(cycle), Course.compare)
	averages := make([]int64, len(courses))
	for i, course := range courses {
		h, _ := cycle[course].Mean(mark.HalfUpHundredth).Hundredths()
		averages[i] = int64(h)
	}
	for i, a := range averages {
		for j := i + 1; j < len(averages); j++ {
			b, key := averages[j], pairKey{session, serie, courses[i], courses[j]}
			s.pairs[key] = s.pairs[key].merge(Products{1, a, b, a * a, b * b, a * b})
		}
	}
}

func (m Moments) add(value mark.Mark) Moments {
	h, _ := value.Hundredths()
	x := int64(h)
	return m.merge(Moments{Count: 1, Sum: x, Squares: x * x, Bins: mark.Distribution{}.Add(value)})
}

func (m Moments) merge(o Moments) Moments {
	return Moments{m.Count + o.Count, m.Sum + o.Sum, m.Squares + o.Squares, m.Bins.Merge(o.Bins)}
}

func (p Products) merge(o Products) Products {
	return Products{p.Count + o.Count, p.SumA + o.SumA, p.SumB + o.SumB, p.SquaresA + o.SquaresA, p.SquaresB + o.SquaresB, p.Products + o.Products}
}

func (a AvisCounts) merge(o AvisCounts) AvisCounts {
	for i := range a {
		a[i] += o[i]
	}
	return a
}

// Merge adds the statistics of another ledger.
func (s *Sufficient) Merge(other Sufficient) {
	s.make()
	for k, v := range other.livrets {
		s.livrets[k] += v
	}
	for k, v := range other.unresolved {
		s.unresolved[k] += v
	}
	for k, v := range other.marks {
		s.marks[k] = s.marks[k].merge(v)
	}
	for k, v := range other.pairs {
		s.pairs[k] = s.pairs[k].merge(v)
	}
	for k, v := range other.avis {
		s.avis[k] = s.avis[k].merge(v)
	}
}

// Sessions lists the exam sessions that have livrets, oldest first.
func (s *Sufficient) Sessions() []nomenclature.SchoolYear { return slices.Sorted(maps.Keys(s.livrets)) }

// Livrets counts the livrets of a session, and those of them whose formation no nomenclature holds: they are
// in no table.
func (s *Sufficient) Livrets(session nomenclature.SchoolYear) (all, unresolved int64) {
	return s.livrets[session], s.unresolved[session]
}

func (s *Sufficient) make() {
	if s.livrets == nil {
		*s = Sufficient{
			map[nomenclature.SchoolYear]int64{}, map[nomenclature.SchoolYear]int64{},
			map[marksKey]Moments{}, map[pairKey]Products{}, map[avisKey]AvisCounts{},
		}
	}
}

func (c Course) compare(o Course) int {
	return cmp.Or(strings.Compare(string(c.Matiere), string(o.Matiere)), strings.Compare(string(c.Modalite), string(o.Modalite)), cmp.Compare(c.Rank, o.Rank))
}

func (k marksKey) compare(o marksKey) int {
	return cmp.Or(cmp.Compare(k.Session, o.Session), cmp.Compare(k.Year, o.Year), cmp.Compare(k.Niveau, o.Niveau), k.Course.compare(o.Course), cmp.Compare(k.Serie, o.Serie))
}

func (k pairKey) compare(o pairKey) int {
	return cmp.Or(cmp.Compare(k.Session, o.Session), cmp.Compare(k.Serie, o.Serie), k.A.compare(o.A), k.B.compare(o.B))
}

func (k avisKey) compare(o avisKey) int {
	return cmp.Or(cmp.Compare(k.Session, o.Session), cmp.Compare(k.Serie, o.Serie))
}

// sufficientJSON is how Sufficient is written: lists in order, so that equal statistics are equal bytes.
type sufficientJSON struct {
	Livrets    map[nomenclature.SchoolYear]int64 `json:"livrets"`
	Unresolved map[nomenclature.SchoolYear]int64 `json:"unresolved"`
	Marks      []entry[marksKey, Moments]        `json:"marks"`
	Pairs      []entry[pairKey, Products]        `json:"pairs"`
	Avis       []entry[avisKey, AvisCounts]      `json:"avis"`
}

type entry[K, V any] struct {
	Key   K `json:"key"`
	Value V `json:"value"`
}

func sorted[K comparable, V any](m map[K]V, compare func(a, b K) int) []entry[K, V] {
	all := make([]entry[K, V], 0, len(m))
	for _, k := range slices.SortedFunc(maps.Keys(m), compare) {
		all = append(all, entry[K, V]{k, m[k]})
	}
	return all
}

// MarshalJSON writes the statistics in one way only.
func (s Sufficient) MarshalJSON() ([]byte, error) {
	s.make()
	return json.Marshal(sufficientJSON{
		s.livrets, s.unresolved, sorted(s.marks, marksKey.compare), sorted(s.pairs, pairKey.compare), sorted(s.avis, avisKey.compare),
	})
}

// UnmarshalJSON reads what MarshalJSON writes; a key that stands twice adds up.
func (s *Sufficient) UnmarshalJSON(data []byte) error {
	var in sufficientJSON
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	*s = Sufficient{}
	s.make()
	maps.Copy(s.livrets, in.Livrets)
	maps.Copy(s.unresolved, in.Unresolved)
	for _, e := range in.Marks {
		s.marks[e.Key] = s.marks[e.Key].merge(e.Value)
	}
	for _, e := range in.Pairs {
		s.pairs[e.Key] = s.pairs[e.Key].merge(e.Value)
	}
	for _, e := range in.Avis {
		s.avis[e.Key] = s.avis[e.Key].merge(e.Value)
	}
	return nil
}
