package statistics

import (
	"cmp"
	"slices"

	"livret/domain/deliberation"
	"livret/domain/nomenclature"
)

// Band is a range of the average of all enseignements over the cycle terminal. Averages count alike: the
// coefficients of the exam are not those of the livret.
type Band int

// bounds are the lowest hundredths of each band but the first: the middle of the scale and the mentions.
var bounds = [...]int64{800, 1000, 1200, 1400, 1600}

var bandLabels = [len(bounds) + 1]string{
	"moins de 8", "de 8 à moins de 10", "de 10 à moins de 12", "de 12 à moins de 14", "de 14 à moins de 16", "16 et plus",
}

func bandOf(hundredths int64) Band {
	band := 0
	for band < len(bounds) && hundredths >= bounds[band] {
		band++
	}
	return Band(band)
}

// Label is the wording of the band: « de 10 à moins de 12 ».
func (b Band) Label() string {
	if b < 0 || int(b) >= len(bandLabels) {
		return ""
	}
	return bandLabels[b]
}

// OutcomeCounts is how many pupils have each outcome, in the order of a list of this package.
type OutcomeCounts [7]int64

func (c OutcomeCounts) merge(o OutcomeCounts) OutcomeCounts {
	for i := range c {
		c[i] += o[i]
	}
	return c
}

func (c OutcomeCounts) member(serie nomenclature.Serie) *member {
	m := &member{serie: serie}
	for i, n := range c {
		m.n += n
		if i < len(c)-1 {
			m.below = append(m.below, m.n)
		}
	}
	return m
}

// results are the categories of the fourth table: neighbours are put together where they are too few.
var results = [len(OutcomeCounts{})]string{
	"mention très bien", "mention bien", "mention assez bien", "admis sans mention", "second groupe", "ajourné", "absent",
}

// result is the category of an outcome, and false if no jury decided.
func (o Outcome) result() (int, bool) {
	switch o.Result {
	case deliberation.Admis:
		return 3 - (slices.Index(deliberation.Mentions(), o.Mention) + 1), true
	case deliberation.SecondGroupe:
		return 4, true
	case deliberation.Ajourne:
		return 5, true
	case deliberation.Absent:
		return 6, true
	}
	return 0, false
}

// orientations are the categories of the fifth table, likewise.
var orientations = [len(OutcomeCounts{})]deliberation.Orientation{
	deliberation.CPGE, deliberation.Ecole, deliberation.Licence, deliberation.DUT, deliberation.BTS, deliberation.AutreOrientation, deliberation.AucuneOrientation,
}

// orientation is the category of an outcome, and false if none was recorded.
func (o Outcome) orientation() (int, bool) {
	i := slices.Index(orientations[:], o.Orientation)
	return i, i >= 0
}

// Indicator is a yes or no that an average is correlated with in the sixth table: "admis", "mention", or a kind
// of orientation.
type Indicator string

// The indicators that are not kinds of orientation.
const (
	Admitted Indicator = "admis"
	Honours  Indicator = "mention" // among those who are admitted
)

// ofKind is the question to which the kinds of orientation are the answers.
const ofKind Indicator = "orientation"

// asked is the question that the indicator answers: itself, unless it is a kind of orientation.
func (i Indicator) asked() Indicator {
	if i == Admitted || i == Honours {
		return i
	}
	return ofKind
}

// Compare orders indicators for a table: admission, mention, then the kinds of orientation.
func (i Indicator) Compare(o Indicator) int {
	place := func(i Indicator) int { return slices.Index(orientations[:], deliberation.Orientation(i)) }
	return cmp.Or(cmp.Compare(i.asked(), o.asked()), place(i)-place(o))
}

// Label is the wording of the indicator.
func (i Indicator) Label() string {
	switch i {
	case Admitted:
		return "admission"
	case Honours:
		return "mention, parmi les admis"
	}
	return "proposition : " + deliberation.Orientation(i).Label()
}

// indicators yields what a pupil is asked, and his answer. Who was absent, or is between two groups of tests, is
// neither admitted nor not.
func (o Outcome) indicators(yield func(Indicator, bool) bool) {
	admitted := o.Result == deliberation.Admis
	if (admitted || o.Result == deliberation.Ajourne) && !yield(Admitted, admitted) {
		return
	}
	if admitted && !yield(Honours, o.Mention != "") {
		return
	}
	if _, known := o.orientation(); !known {
		return
	}
	for _, kind := range orientations {
		if !yield(Indicator(kind), kind == o.Orientation) {
			return
		}
	}
}
