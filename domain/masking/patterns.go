package masking

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Patterns name somebody or somewhere by their shape alone, their first group. Most texts hold none, so each
// set is tried only on texts that hold what it needs: seven digits, an @, a dot between letters or ://.
var (
	numbers = []*regexp.Regexp{ // UAI, INE, telephone
		regexp.MustCompile(`(?:^|\D)(\d{3}[ .\x{A0}\x{202F}]?\d{4}[ .\x{A0}\x{202F}]?[A-Za-z])(?:\PL|$)`),
		regexp.MustCompile(`(?:^|\D)(\d{9}[0-9A-Za-z][A-Za-z])(?:\PL|$)`),
		regexp.MustCompile(`(?:^|\D)((?:\+33|0033|0)[ .\x{A0}\x{202F}]?(?:\(0\)[ ]?)?[1-9](?:[ .\-\x{A0}\x{202F}]?\d{2}){4})(?:\D|$)`),
	}
	accounts = []*regexp.Regexp{ // e-mail, pseudonym
		regexp.MustCompile(`([^\s@<>()\[\]«»,;:]*@[^\s@<>()\[\]«»,;:]*[\pL\d])`),
	}
	sites = []*regexp.Regexp{
		regexp.MustCompile(`(?i)((?:https?://|www\.)[^\s<>()\[\]«»]+)`),
		regexp.MustCompile(`(?i)([a-z0-9][a-z0-9.\-]*\.(?:fr|com|org|net|eu))(?:\PL|$)`),
	}
)

// findPatterns looks for what identifies by its shape.
func findPatterns(text string) []Span {
	var out []Span
	if digits(text) >= 7 {
		out = find(out, text, numbers)
	}
	if strings.Contains(text, "@") {
		out = find(out, text, accounts)
	}
	if strings.Contains(text, "://") || hasDomain(text) {
		out = find(out, text, sites)
	}
	return out
}

func digits(text string) (n int) {
	for i := range len(text) {
		if '0' <= text[i] && text[i] <= '9' {
			n++
		}
	}
	return n
}

func find(out []Span, text string, patterns []*regexp.Regexp) []Span {
	for _, p := range patterns {
		for pos := 0; pos < len(text); {
			at := p.FindStringSubmatchIndex(text[pos:])
			if at == nil {
				break
			}
			from := utf8.RuneCountInString(text[:pos+at[2]])
			out = append(out, Span{from, from + utf8.RuneCountInString(text[pos+at[2]:pos+at[3]])})
			pos += at[3] // what follows the group may be what must precede the next one
		}
	}
	return out
}

// hasDomain tells if a dot stands between two letters, as in the address of a site.
func hasDomain(text string) bool {
	for i := 1; i+1 < len(text); i++ {
		if text[i] == '.' && isAlphanumeric(text[i-1]) && isAlphanumeric(text[i+1]) {
			return true
		}
	}
	return false
}

func isAlphanumeric(b byte) bool {
	return '0' <= b && b <= '9' || 'a' <= b|0x20 && b|0x20 <= 'z'
}

// opaque gives the passages of a text to read as one masked word each: those named by their shape or by a known
// code, and those masked earlier.
func (m *Matcher) opaque(text string, runes []rune) (all, found []Span) {
	found = union(append(m.findCodes(runes), findPatterns(text)...))
	if !strings.Contains(text, Replacement) {
		return found, found
	}
	all = slices.Clone(found)
	for i := range runes {
		if hasPrefix(runes[i:], replacement) {
			all = append(all, Span{i, i + len(replacement)})
		}
	}
	return union(all), found
}

// findCodes looks for the known codes, in any case, standing alone.
func (m *Matcher) findCodes(runes []rune) []Span {
	var out []Span
	for _, code := range m.codes {
		for i := 0; i+len(code) <= len(runes); i++ {
			end := i + len(code)
			if r := runes[i]; r != code[0] && (r < utf8.RuneSelf && r|0x20 != code[0] || unicode.ToLower(r) != code[0]) {
				continue
			}
			if !equalFold(runes[i:end], code) || end < len(runes) && isAlnum(runes[end]) {
				continue
			}
			if i == 0 || !isAlnum(runes[i-1]) || isCapital(runes[i]) && !isCapital(runes[i-1]) {
				out = append(out, Span{i, end})
			}
		}
	}
	return out
}

func equalFold(runes, lower []rune) bool {
	for i, r := range lower {
		if runes[i] != r && unicode.ToLower(runes[i]) != r {
			return false
		}
	}
	return true
}

func isAlnum(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
