package identity

import "slices"

// KnownNames is what a free text could betray a pupil or a school by: all names ever known, corrected ones
// and guardians who left included, because texts written before are not rewritten. Each stands once, in the
// order in which it was learned.
type KnownNames struct {
	Redacted
	People  []KnownPerson
	Schools []string
	Towns   []string // of schools and of birth
	UAIs    []string
}

// KnownPerson is the names of one person.
type KnownPerson struct {
	Redacted
	Family string
	Usage  string
	First  []string
}

func (n *KnownNames) addPerson(family, usage string, first ...string) {
	person := KnownPerson{Family: cleanText(family), Usage: cleanText(usage), First: clean(first)}
	if person.Family == "" && person.Usage == "" && len(person.First) == 0 {
		return
	}
	known := slices.ContainsFunc(n.People, func(p KnownPerson) bool {
		return p.Family == person.Family && p.Usage == person.Usage && slices.Equal(p.First, person.First)
	})
	if !known {
		n.People = append(n.People, person)
	}
}

func (n *KnownNames) addSchool(uai, name, town string) {
	n.UAIs = added(n.UAIs, uai)
	n.Schools = added(n.Schools, name)
	n.Towns = added(n.Towns, town)
}

func added(list []string, text string) []string {
	if text = cleanText(text); text == "" || slices.Contains(list, text) {
		return list
	}
	return append(list, text)
}

// clone keeps the caller from changing the state.
func (n *KnownNames) clone() KnownNames {
	return KnownNames{
		People: slices.Clone(n.People), Schools: slices.Clone(n.Schools),
		Towns: slices.Clone(n.Towns), UAIs: slices.Clone(n.UAIs),
	}
}
