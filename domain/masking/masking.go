package masking

import (
	"slices"
	"strings"
)

// RuleVersion names the rule that found the spans of a mask. It is kept with every mask, because a mask is
// only worth what its rule knew; it changes whenever the same text and names could give other spans.
const RuleVersion = "masking/1"

// Replacement is what Apply writes in place of a passage. It is a word, so that a screen reader says it, and
// always the same one, because the length of a name is a clue.
const Replacement = "[masqué]"

// Span is a passage [From, To) of a text, counted in Unicode code points.
type Span struct{ From, To int }

// Person is anyone whose name may come up in a livret: pupil, classmate, guardian, member of staff. Empty
// fields are allowed.
type Person struct {
	Family string   // nom de famille, with its particles: "de La Fontaine"
	Usage  string   // nom d'usage
	First  []string // prénoms, one or several each: "Jean-Pierre", "Anne Marie"
}

// Names is what is known of the people and places around a pupil; a whole school's worth is the usual scope,
// as a teacher may mention any classmate or colleague.
type Names struct {
	People  []Person
	Schools []string // as in the base élèves, "Lycée Jean-Moulin", or as people say it
	Towns   []string
	Codes   []string // UAI and sigles of the school, "0000123J", "LJM"
}

// Mask gives the passages of text that name someone or somewhere, in order and disjoint. To mask more than
// one text with the same names, Compile them once.
func Mask(text string, known Names) []Span { return Compile(known).Mask(text) }

// Apply renders text with each span written as Replacement. Spans must be ordered and disjoint, as Mask
// gives them; what lies beyond the end of the text is ignored.
func Apply(text string, spans []Span) string {
	if len(spans) == 0 {
		return text
	}
	runes := []rune(text)
	var b strings.Builder
	at := 0
	for _, s := range spans {
		from, to := min(max(s.From, at), len(runes)), min(s.To, len(runes))
		if to <= from {
			continue
		}
		b.WriteString(string(runes[at:from]))
		b.WriteString(Replacement)
		at = to
	}
	b.WriteString(string(runes[at:]))
	return b.String()
}

// union sorts spans and joins those that overlap or touch.
func union(spans []Span) []Span {
	slices.SortFunc(spans, func(a, b Span) int { return a.From - b.From })
	var out []Span
	for _, s := range spans {
		if n := len(out); n > 0 && s.From <= out[n-1].To {
			out[n-1].To = max(out[n-1].To, s.To)
			continue
		}
		out = append(out, s)
	}
	return out
}
