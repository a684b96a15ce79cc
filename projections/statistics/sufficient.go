package statistics

import (
	"iter"
	"maps"
	"slices"

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
	outcomes   map[outcomeKey]OutcomeCounts
	links      map[linkKey]Products
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

// outcomeKey is who is counted by outcome: those of a série whose average of all enseignements is in a band.
type outcomeKey struct {
	Session nomenclature.SchoolYear `json:"session"`
	Of      outcomeOf               `json:"of"`
	Band    Band                    `json:"band"`
	Serie   nomenclature.Serie      `json:"serie"`
}

// outcomeOf is which list the counts follow.
type outcomeOf string

const (
	ofResult      outcomeOf = "result"
	ofOrientation outcomeOf = "orientation"
)

// linkKey is an average of the cycle terminal and a yes or no: in Products, A is the average and B is 1 or 0.
type linkKey struct {
	Session nomenclature.SchoolYear `json:"session"`
	Serie   nomenclature.Serie      `json:"serie"`
	Course
	Indicator Indicator `json:"indicator"`
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
	averages := averagesOf(cycle)
	s.addPairs(c.Session, serie, averages)
	s.addOutcome(c.Session, serie, averages, c.Outcome)
	if i := slices.Index(avisOrder[:], c.Avis); i >= 0 {
		key := avisKey{c.Session, serie}
		counts := s.avis[key]
		counts[i]++
		s.avis[key] = counts
	}
}

// cycleAverage is the mean of the annual averages that a pupil has of a course.
type cycleAverage struct {
	course     Course
	hundredths int64
}

func averagesOf(cycle map[Course]mark.Sum) []cycleAverage {
	var all []cycleAverage
	for _, course := range slices.SortedFunc(maps.Keys(cycle), Course.compare) {
		h, _ := cycle[course].Mean(mark.HalfUpHundredth).Hundredths()
		all = append(all, cycleAverage{course, int64(h)})
	}
	return all
}

// addPairs adds the products of a pupil's averages over the cycle terminal.
func (s *Sufficient) addPairs(session nomenclature.SchoolYear, serie nomenclature.Serie, averages []cycleAverage) {
	for i, a := range averages {
		for _, b := range averages[i+1:] {
			key := pairKey{session, serie, a.course, b.course}
			s.pairs[key] = s.pairs[key].merge(productsOf(a.hundredths, b.hundredths))
		}
	}
}

func productsOf(a, b int64) Products { return Products{1, a, b, a * a, b * b, a * b} }

// addOutcome adds what came of a pupil, by the band of his average and by each of his averages.
func (s *Sufficient) addOutcome(session nomenclature.SchoolYear, serie nomenclature.Serie, averages []cycleAverage, o Outcome) {
	var sum mark.Sum
	for _, a := range averages {
		sum = sum.Merge(mark.Sum{Hundredths: a.hundredths, Count: 1})
		for indicator, yes := range o.indicators {
			b := int64(0)
			if yes {
				b = 1
			}
			key := linkKey{session, serie, a.course, indicator}
			s.links[key] = s.links[key].merge(productsOf(a.hundredths, b))
		}
	}
	average, marked := sum.Mean(mark.HalfUpHundredth).Hundredths()
	if !marked {
		return
	}
	count := func(of outcomeOf, category int) {
		key := outcomeKey{session, of, bandOf(int64(average)), serie}
		counts := s.outcomes[key]
		counts[category]++
		s.outcomes[key] = counts
	}
	if category, known := o.result(); known {
		count(ofResult, category)
	}
	if category, known := o.orientation(); known {
		count(ofOrientation, category)
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
	for k, v := range other.outcomes {
		s.outcomes[k] = s.outcomes[k].merge(v)
	}
	for k, v := range other.links {
		s.links[k] = s.links[k].merge(v)
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
			map[outcomeKey]OutcomeCounts{}, map[linkKey]Products{},
		}
	}
}
