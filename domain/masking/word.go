package masking

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// word is a run of letters of a text, with what its surroundings say about it.
type word struct {
	from, to int    // code points
	fold     string // lower case, without diacritics nor ligatures
	gap      gap    // what separates it from the word before
	capital  bool   // the first letter is a capital
	upper    bool   // all letters are capitals
	starts   bool   // it opens a sentence, so that its capital says nothing
	stopped  bool   // a sentence ends before it, though a masked passage may open its own
	shouts   bool   // all its sentence is in capitals, likewise
}

// gap is what stands between two words.
type gap uint8

const (
	gapNone   gap = iota // nothing: "LéaMartin", or the first word
	gapSpace             // white space only
	gapJoin              // a hyphen or an apostrophe, with or without spaces
	gapDot               // the dot of an initial or of an abbreviation, "M. ", "St. "
	gapOther             // any other mark inside the sentence
	gapMasked            // a passage masked earlier stands there
	gapStop              // the end of a sentence
)

// close tells gaps that the parts of one name can have between them.
func (g gap) close() bool { return g <= gapDot }

// words cuts a text into words. A word also ends where a capital follows a small letter, because names get
// glued to what follows them. The opaque passages, ordered and disjoint, are skipped: each stands for a word
// already masked.
func words(runes []rune, opaque []Span) []word {
	var out []word
	var fold strings.Builder
	end, done, next := 0, 0, 0 // end of the last word; opaque passages before it; and the next one
	for i := 0; i < len(runes); {
		if next < len(opaque) && i >= opaque[next].From {
			i = max(i, opaque[next].To)
			next++
			continue
		}
		if !unicode.IsLetter(runes[i]) {
			i++
			continue
		}
		from := i
		fold.Reset()
		w := word{from: from, capital: isCapital(runes[i]), upper: true}
		small := false
		for ; i < len(runes) && (next == len(opaque) || i < opaque[next].From); i++ {
			r := runes[i]
			if !unicode.IsLetter(r) {
				if unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Cf, r) {
					continue // combining accents, soft hyphens
				}
				break
			}
			if isCapital(r) {
				if small {
					break
				}
			} else {
				small, w.upper = true, false
			}
			foldRune(&fold, r)
		}
		w.to, w.fold = i, fold.String()
		w.gap, w.starts, w.stopped = separate(runes, end, from, opaque[done:next], out)
		end, done = i, next
		out = append(out, w)
	}
	shout(out)
	return out
}

func isCapital(r rune) bool { return unicode.IsUpper(r) || unicode.IsTitle(r) }

// replacement is Replacement in code points.
var replacement = []rune(Replacement)

func hasPrefix(runes, prefix []rune) bool {
	return len(runes) >= len(prefix) && slices.Equal(runes[:len(prefix)], prefix)
}

// separate reads what separates a word, at to, from those before, which end at from: the gap, whether the word
// opens a sentence, and whether one ends somewhere in between. An opaque passage counts as a word.
func separate(runes []rune, from, to int, opaque []Span, before []word) (g gap, starts, stopped bool) {
	first := len(before) == 0
	for _, o := range opaque {
		_, stop := between(runes[min(from, o.From):o.From], before)
		stopped = stopped || stop
		from, before, first = o.To, nil, false
	}
	g, stop := between(runes[from:to], before)
	if len(opaque) > 0 && !stop {
		g = gapMasked
	}
	return g, first || stop, stopped || stop
}

// between reads what separates a word from those before, and whether a sentence ends there.
func between(mid []rune, before []word) (g gap, stopped bool) {
	for i, r := range mid {
		switch {
		case unicode.IsSpace(r) && r != '\n' && r != '\r', unicode.Is(unicode.Cf, r):
			g = max(g, gapSpace)
		case unicode.Is(unicode.Pd, r):
			if i > 0 && unicode.IsSpace(mid[i-1]) && i+1 < len(mid) && unicode.IsSpace(mid[i+1]) {
				return gapStop, true
			}
			g = max(g, gapJoin)
		case strings.ContainsRune("'’‘ʼ`´", r):
			g = max(g, gapJoin)
		case r == '.' && i == 0 && len(before) > 0 && abbreviates(before[len(before)-1]):
			g = max(g, gapDot)
		case strings.ContainsRune("\n\r.!?…:•/*([)", r):
			return gapStop, true
		default:
			g = max(g, gapOther)
		}
	}
	return g, false
}

// abbreviates tells that a dot after a word is not the end of a sentence.
func abbreviates(w word) bool {
	return len(w.fold) == 1 || titles[w.fold] || slices.Contains([]string{"st", "ste", "cf", "ex"}, w.fold)
}

// shout marks the words of sentences written in capitals from end to end.
func shout(ws []word) {
	for i := 0; i < len(ws); {
		j, long := i, 0
		loud := true
		for ; j < len(ws) && (j == i || !ws[j].stopped); j++ {
			loud = loud && ws[j].upper
			if len(ws[j].fold) > 1 {
				long++
			}
			if ws[j].gap == gapMasked {
				long++ // or hiding a word could make the others speak lower
			}
		}
		if loud && long > 1 {
			for k := i; k < j; k++ {
				ws[k].shouts = true
			}
		}
		i = j
	}
}

// foldRune writes a letter as the search sees it: small, bare, ligatures opened.
func foldRune(b *strings.Builder, r rune) {
	switch {
	case 'a' <= r && r <= 'z':
		b.WriteByte(byte(r))
		return
	case 'A' <= r && r <= 'Z':
		b.WriteByte(byte(r) + 'a' - 'A')
		return
	}
	switch unicode.ToLower(r) {
	case 'œ':
		b.WriteString("oe")
	case 'æ':
		b.WriteString("ae")
	case 'ß':
		b.WriteString("ss")
	case 'ø':
		b.WriteByte('o')
	case 'ł':
		b.WriteByte('l')
	case 'đ', 'ð':
		b.WriteByte('d')
	case 'ı':
		b.WriteByte('i')
	default:
		decomposed := norm.NFKD.PropertiesString(string(r)).Decomposition()
		if decomposed == nil {
			b.WriteRune(unicode.ToLower(r))
			return
		}
		written := b.Len()
		for _, d := range string(decomposed) {
			if unicode.IsLetter(d) {
				b.WriteRune(unicode.ToLower(d))
			}
		}
		if b.Len() == written { // a letter that is only a mark over a space
			b.WriteRune(r)
		}
	}
}

// fold cuts a name or a list of words the way texts are cut.
func fold(text string) []string {
	var out []string
	for _, w := range words([]rune(text), nil) {
		out = append(out, w.fold)
	}
	return out
}
