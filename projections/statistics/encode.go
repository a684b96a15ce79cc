package statistics

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"livret/domain/nomenclature"
)

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

func (k outcomeKey) compare(o outcomeKey) int {
	return cmp.Or(cmp.Compare(k.Session, o.Session), cmp.Compare(k.Of, o.Of), cmp.Compare(k.Band, o.Band), cmp.Compare(k.Serie, o.Serie))
}

func (k linkKey) compare(o linkKey) int {
	return cmp.Or(cmp.Compare(k.Session, o.Session), cmp.Compare(k.Serie, o.Serie), k.Course.compare(o.Course), cmp.Compare(k.Indicator.asked(), o.Indicator.asked()), cmp.Compare(k.Indicator, o.Indicator))
}

// sufficientJSON is how Sufficient is written: lists in order, so that equal statistics are equal bytes.
type sufficientJSON struct {
	Livrets    map[nomenclature.SchoolYear]int64  `json:"livrets"`
	Unresolved map[nomenclature.SchoolYear]int64  `json:"unresolved"`
	Marks      []entry[marksKey, Moments]         `json:"marks"`
	Pairs      []entry[pairKey, Products]         `json:"pairs"`
	Avis       []entry[avisKey, AvisCounts]       `json:"avis"`
	Outcomes   []entry[outcomeKey, OutcomeCounts] `json:"outcomes"`
	Links      []entry[linkKey, Products]         `json:"links"`
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
		sorted(s.outcomes, outcomeKey.compare), sorted(s.links, linkKey.compare),
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
	for _, e := range in.Outcomes {
		s.outcomes[e.Key] = s.outcomes[e.Key].merge(e.Value)
	}
	for _, e := range in.Links {
		s.links[e.Key] = s.links[e.Key].merge(e.Value)
	}
	return nil
}
