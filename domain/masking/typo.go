package masking

import (
	"strings"
	"unicode/utf8"
)

// lessOne gives each form of a word less one letter. The bytes are only valid during the call.
func lessOne(w string, each func(form []byte)) {
	buf := make([]byte, 0, 64)
	for i, r := range w {
		buf = append(append(buf[:0], w[:i]...), w[i+utf8.RuneLen(r):]...)
		each(buf)
	}
}

// misspelt gives the traits of the known names that w is one slip of the keyboard away from: a letter more,
// less, changed, or two neighbours exchanged (Damerau's distance 1). Names have five letters or more.
func (m *Matcher) misspelt(w string) trait {
	if utf8.RuneCountInString(w) < 4 {
		return 0
	}
	var found trait
	try := func(form []byte) {
		for _, name := range m.near[string(form)] {
			if name != w && oneSlip(w, name) {
				found |= m.single[name]
			}
		}
	}
	try([]byte(w))
	lessOne(w, try)
	return found
}

// oneSlip tells if a and b, which differ, are at Damerau's distance 1.
func oneSlip(a, b string) bool {
	x, y := []rune(a), []rune(b)
	for len(x) > 0 && len(y) > 0 && x[0] == y[0] {
		x, y = x[1:], y[1:]
	}
	for len(x) > 0 && len(y) > 0 && x[len(x)-1] == y[len(y)-1] {
		x, y = x[:len(x)-1], y[:len(y)-1]
	}
	switch {
	case len(x) <= 1 && len(y) <= 1:
		return true
	case len(x) == 2 && len(y) == 2:
		return x[0] == y[1] && x[1] == y[0]
	}
	return false
}

// sounds spells a word as it is heard, roughly, so that Matthieu and Mathieu, Ophélie and Ofélie meet.
func sounds(w string) string {
	w = spelling.Replace(w)
	var b strings.Builder
	last := rune(0)
	for _, r := range w {
		if r != last && r != 'h' {
			b.WriteRune(r)
		}
		last = r
	}
	return strings.TrimRight(b.String(), "e")
}

var spelling = strings.NewReplacer("ph", "f", "y", "i", "ck", "c", "k", "c", "qu", "c", "z", "s", "eau", "o", "au", "o", "ai", "e", "ei", "e")
