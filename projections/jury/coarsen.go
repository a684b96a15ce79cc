package jury

import (
	"fmt"
	"slices"
	"strings"

	"livret/domain/nomenclature"
)

// What is rare points at somebody: the only Russian group of an académie, a group of three, the headcount
// that only one school has. These rules make it common again (CNIL: no individualisation, no inference).

// tiny is the size under which a group's figures are those of its few pupils.
const tiny = 10

// groupSize is the size of a group of pupils, in steps of ten.
func groupSize(headcount uint16) (label string, withheld bool) {
	switch {
	case headcount == 0:
		return "non communiqué", true
	case headcount < tiny:
		return "moins de 10", true
	case headcount >= 40:
		return "40 et plus", false
	}
	from := headcount / 10 * 10
	return fmt.Sprintf("%d à %d", from, from+9), false
}

// serieSize is the number of pupils of a série in a school.
func serieSize(headcount uint16) string {
	switch {
	case headcount < tiny:
		label, _ := groupSize(headcount)
		return label
	case headcount < 50:
		return "10 à 49"
	case headcount < 100:
		return "50 à 99"
	}
	return "100 et plus"
}

// percents rounds shares in hundredths of a per cent to whole per cents that keep their sum: what is missing
// goes to those that lost most.
func percents(shares ...uint16) []int {
	out, sum, rest := make([]int, len(shares)), 0, 0
	for i, s := range shares {
		out[i] = int(s) / 100
		sum += int(s)
		rest -= out[i]
	}
	rest += (sum + 50) / 100
	order := make([]int, len(shares))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return int(shares[j]%100) - int(shares[i]%100) })
	for _, i := range order[:min(max(rest, 0), len(order))] {
		out[i]++
	}
	return out
}

// common are the languages that so many learn that they point at nobody: German, English, Spanish, Italian.
var common = []string{"01", "02", "06", "09"}

// generalised gives the matière as a jury may read it: a rare language becomes the generic code of its rank,
// and an European section's discipline is let go with its section. It answers false for the latter.
func generalised(m nomenclature.Matiere) (nomenclature.Matiere, bool) {
	generic, ok := m.Generic()
	if !ok {
		return "", false
	}
	if language := string(m); generic != m && len(language) == 6 && strings.HasPrefix(language, "03") && slices.Contains(common, language[2:4]) {
		return m, true
	}
	return generic, true
}
