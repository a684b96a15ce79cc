package masking

import (
	"strings"
	"unicode/utf8"
)

// reading is one text being searched: its words, and what each has been found to name.
type reading struct {
	*Matcher
	runes []rune
	words []word
	hit   []trait // what the word names; 0 if it is not masked
	lex   map[string]class
}

// Mask gives the passages of text that name someone or somewhere, in order and disjoint.
func (m *Matcher) Mask(text string) []Span {
	t := &reading{Matcher: m, runes: []rune(text), lex: lexicon()}
	opaque, found := m.opaque(text, t.runes)
	t.words = words(t.runes, opaque)
	t.hit = make([]trait, len(t.words))
	t.findWords()
	t.findPhrases()
	t.findSplit()
	t.findTitled()
	t.findSchools()
	t.findInitials()
	t.findNeighbours()
	return union(append(t.spans(), found...))
}

// spans joins masked words that belong together, so that a mask does not tell how many words a name has.
func (t *reading) spans() []Span {
	var out []Span
	for i, w := range t.words {
		if t.hit[i] == 0 {
			continue
		}
		to := w.to
		if abbreviates(w) && t.dotted(i) {
			to++ // or the dot, left alone, would end a sentence
		}
		if i > 0 && t.hit[i-1] != 0 && w.gap.close() {
			out[len(out)-1].To = to
		} else {
			out = append(out, Span{w.from, to})
		}
	}
	return out
}

// findWords looks at each word by itself: known, or likely to be a name written otherwise.
func (t *reading) findWords() {
	for i, w := range t.words {
		traits := t.single[w.fold]
		if traits == 0 && w.capital && strings.HasSuffix(w.fold, "s") && len(w.fold) > 4 {
			traits = t.single[strings.TrimSuffix(w.fold, "s")] // les Dupont(s)
		}
		if traits&loose != 0 || traits&sigle != 0 && w.upper || traits&strict != 0 && t.capitalTells(i) {
			t.hit[i] = traits
		}
		if t.hit[i]&person == 0 && !t.isFrench(w) {
			t.hit[i] |= t.guess(i)
		}
	}
}

// guess gives what word i may name though it is not written as known: misspelt, spelt as it is heard, or
// somebody unknown.
func (t *reading) guess(i int) trait {
	w := t.words[i]
	traits := t.misspelt(w.fold)
	if traits&loose == 0 && !w.capital {
		traits = 0 // a misspelt word of French
	}
	if w.capital && t.lex[w.fold] == 0 && len(w.fold) > 3 {
		traits |= t.heard[sounds(w.fold)]
	}
	if t.unknownSubject(i) {
		traits |= person
	}
	return traits
}

// isFrench tells if a word is one of French, so that it is not taken for a misspelt name.
func (t *reading) isFrench(w word) bool {
	c := t.lex[w.fold]
	if c == 0 {
		return !w.capital && len(w.fold) > 7 && hasFrenchEnd(w.fold)
	}
	return !w.capital || w.starts || w.shouts || c&proper != 0
}

func hasFrenchEnd(w string) bool {
	for _, end := range []string{"tion", "tions", "ement", "ements", "ites", "aient", "erait", "issant", "eraient"} {
		if strings.HasSuffix(w, end) {
			return true
		}
	}
	return false
}

// findPhrases looks for names of several words.
func (t *reading) findPhrases() {
	for i, w := range t.words {
		for _, p := range t.phrases[w.fold] {
			if n := len(p.rest) + 1; t.matches(i+1, p.rest) && t.phraseTells(i, n, p) {
				t.mark(i, n, p.trait)
			}
		}
	}
}

// matches tells if the words from i on are these, close together.
func (t *reading) matches(i int, rest []string) bool {
	if i+len(rest) > len(t.words) {
		return false
	}
	for k, part := range rest {
		if w := t.words[i+k]; w.fold != part || !w.gap.close() {
			return false
		}
	}
	return true
}

// phraseTells tells if the n words of a phrase from i on name somebody, rather than being plain French.
func (t *reading) phraseTells(i, n int, p phrase) bool {
	if p.trait&loose != 0 {
		return true
	}
	capitals, own := 0, 0
	for _, w := range t.words[i : i+n] {
		if !particles[w.fold] {
			own++
			if w.capital {
				capitals++
			}
		}
	}
	switch {
	case t.words[i].shouts:
		return p.full
	case p.full:
		return capitals > 0
	case own == 0:
		return t.words[i+n-1].capital && t.words[i].capital
	}
	return capitals == own
}

// findSplit looks for a name cut in two by a space or a hyphen: "Le Grand" for Legrand.
func (t *reading) findSplit() {
	for i := 1; i < len(t.words); i++ {
		a, b := t.words[i-1], t.words[i]
		if b.gap != gapSpace && b.gap != gapJoin && b.gap != gapNone {
			continue
		}
		traits := t.single[a.fold+b.fold]
		if traits&(loose|strict) == 0 {
			continue
		}
		if a.capital && (b.capital && !b.shouts || t.lex[a.fold] == 0) || t.lex[a.fold] == 0 && t.lex[b.fold] == 0 && traits&loose != 0 {
			t.mark(i-1, 2, traits)
		}
	}
}

func (t *reading) mark(i, n int, traits trait) {
	for k := i; k < i+n; k++ {
		t.hit[k] |= traits
	}
}

// findNeighbours extends a person's name to what stands beside it: an initial, an unknown word with a
// capital, a known name whose capital alone did not tell.
func (t *reading) findNeighbours() {
	for i := 1; i < len(t.words); i++ {
		if t.hit[i-1]&person == 0 || t.hit[i]&person != 0 || !t.words[i].gap.close() {
			continue
		}
		for j := i; j < len(t.words) && j <= i+2 && t.words[j].gap.close(); j++ {
			if t.besideName(j) {
				t.mark(i, j-i+1, person)
				break
			}
			if !particles[t.words[j].fold] {
				break
			}
		}
	}
	for i := len(t.words) - 2; i >= 0; i-- {
		if t.hit[i+1]&person != 0 && t.hit[i]&person == 0 && t.words[i+1].gap.close() && t.besideName(i) && !titles[t.words[i].fold] {
			if w := t.words[i]; !w.starts || t.single[w.fold] != 0 || len(w.fold) == 1 {
				t.hit[i] |= person
			}
		}
	}
}

// besideName tells if word i, close to a person's name, is another part of it.
func (t *reading) besideName(i int) bool {
	w := t.words[i]
	switch {
	case !w.capital:
		return false
	case utf8.RuneCountInString(w.fold) == 1:
		return t.dotted(i) || !w.shouts && w.fold != "a" && w.fold != "y"
	case t.single[w.fold]&(strict|sigle) != 0:
		return !w.shouts || t.lex[w.fold]&opener == 0
	}
	return !w.shouts && t.lex[w.fold] == 0
}

// dotted tells if a dot follows word i at once.
func (t *reading) dotted(i int) bool {
	end := t.words[i].to
	return end < len(t.runes) && t.runes[end] == '.'
}
