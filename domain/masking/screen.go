package masking

import (
	_ "embed"
	"strings"
	"sync"
)

// ScreeningVersion names the rule behind Screen. It is kept with the human's decision on a warning.
const ScreeningVersion = "screening/1"

// ScreeningMessage is what the screen says of each passage. It is the same for all, so that neither the page
// nor what is kept of it tells what a passage was suspected of.
const ScreeningMessage = "Ce passage peut révéler une information qui n’a pas sa place dans un livret, ou porter un jugement sur la personne. Veuillez le relire\u00a0: vous pouvez le réécrire ou le garder."

// Warning draws attention to a passage of a text. A human decides; nothing is refused.
type Warning struct{ Span Span }

//go:embed screen.txt
var screenText string

// terms are the words and phrases to warn of, by first word, and those that excuse them.
type terms struct {
	suspect map[string][][]string
	stems   []string
	excused map[string][][]string
}

// screening is read once and never changes.
var screening = sync.OnceValue(func() terms {
	all := terms{suspect: make(map[string][][]string), excused: make(map[string][][]string)}
	for line := range strings.Lines(screenText) {
		line, _, _ = strings.Cut(line, "#")
		for term := range strings.SplitSeq(line, ",") {
			term = strings.TrimSpace(term)
			except, excused := strings.CutPrefix(term, "!")
			parts := fold(except)
			switch {
			case len(parts) == 0:
			case excused:
				all.excused[parts[0]] = append(all.excused[parts[0]], parts[1:])
			case strings.HasSuffix(term, "*"):
				all.stems = append(all.stems, parts[0])
			default:
				all.suspect[parts[0]] = append(all.suspect[parts[0]], parts[1:])
			}
		}
	}
	return all
})

// Screen warns of passages that may reveal the health, origin, opinions, religion, union membership or mœurs
// of the pupil or of a guardian, or that judge the person instead of the work: what the free-text rule of the
// arrêté of 13 October 2014 (article 2) keeps out of a livret. It is a help to rereading, not a proof, and
// it never says which of these it suspects.
func Screen(text string) []Warning {
	rules := screening()
	t := &reading{runes: []rune(text)}
	t.words = words(t.runes, nil)
	t.hit = make([]trait, len(t.words))
	excused := make([]bool, len(t.words))
	for i, w := range t.words {
		for _, rest := range rules.excused[w.fold] {
			if t.matches(i+1, rest) {
				for k := i; k <= i+len(rest); k++ {
					excused[k] = true
				}
			}
		}
	}
	for i, w := range t.words {
		if excused[i] {
			continue
		}
		for _, rest := range rules.suspect[w.fold] {
			if t.matches(i+1, rest) {
				t.mark(i, len(rest)+1, strict)
			}
		}
		for _, stem := range rules.stems {
			if strings.HasPrefix(w.fold, stem) {
				t.hit[i] |= strict
			}
		}
	}
	var out []Warning
	for _, s := range t.spans() {
		out = append(out, Warning{s})
	}
	return out
}
