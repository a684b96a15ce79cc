package identity

import (
	"maps"
	"slices"
)

// names gathers all names ever known.
type names struct {
	persons, places map[string]struct{}
}

func (n *names) addPersons(texts ...string) { n.persons = added(n.persons, texts) }
func (n *names) addPlaces(texts ...string)  { n.places = added(n.places, texts) }

func (n *names) list() (persons, places []string) {
	return slices.Sorted(maps.Keys(n.persons)), slices.Sorted(maps.Keys(n.places))
}

func added(set map[string]struct{}, texts []string) map[string]struct{} {
	for _, text := range clean(texts) {
		if set == nil {
			set = make(map[string]struct{})
		}
		set[text] = struct{}{}
	}
	return set
}
