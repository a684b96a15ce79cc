package masking_test

import (
	"os"
	"strings"
	"testing"
	"unicode"

	"livret/domain/masking"
)

// sentence is one line of the gold corpus.
type sentence struct {
	id, context, text string
	gold              []masking.Span
}

// readContexts reads the known names of each context of the corpus.
func readContexts(t testing.TB) map[string]masking.Names {
	contexts := make(map[string]masking.Names)
	for _, f := range readTSV(t, "testdata/contexts.tsv", 3) {
		names := contexts[f[0]]
		switch f[1] {
		case "person":
			names.People = append(names.People, masking.Person{Family: f[2], Usage: f[3], First: strings.Split(f[4], ",")})
		case "school":
			names.Schools = append(names.Schools, f[2])
		case "town":
			names.Towns = append(names.Towns, f[2])
		case "code":
			names.Codes = append(names.Codes, f[2])
		default:
			t.Fatalf("unknown kind %q", f[1])
		}
		contexts[f[0]] = names
	}
	return contexts
}

// readGold reads the corpus.
func readGold(t testing.TB) []sentence {
	var out []sentence
	for _, f := range readTSV(t, "testdata/gold.tsv", 3) {
		s := sentence{id: f[0], context: f[1]}
		s.text, s.gold = unmark(f[2])
		out = append(out, s)
	}
	return out
}

// unmark takes the braces out of a text and gives the spans they stood around.
func unmark(marked string) (string, []masking.Span) {
	var text []rune
	var spans []masking.Span
	for _, r := range marked {
		switch r {
		case '{':
			spans = append(spans, masking.Span{From: len(text)})
		case '}':
			spans[len(spans)-1].To = len(text)
		default:
			text = append(text, r)
		}
	}
	return string(text), spans
}

func readTSV(t testing.TB, path string, fields int) [][]string {
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out [][]string
	for line := range strings.Lines(string(data)) {
		line = strings.TrimRight(line, "\n")
		if line == "" || line[0] == '#' {
			continue
		}
		f := strings.Split(line, "\t")
		if len(f) < fields {
			t.Fatalf("%s: %q has %d fields", path, line, len(f))
		}
		out = append(out, append(f, "", ""))
	}
	return out
}

// covered tells if each letter and digit of gold lies in a span.
func covered(text []rune, gold masking.Span, spans []masking.Span) bool {
	for i := gold.From; i < gold.To; i++ {
		if !unicode.IsLetter(text[i]) && !unicode.IsDigit(text[i]) {
			continue
		}
		in := false
		for _, s := range spans {
			in = in || s.From <= i && i < s.To
		}
		if !in {
			return false
		}
	}
	return true
}

// founded tells if a span overlaps gold.
func founded(s masking.Span, gold []masking.Span) bool {
	for _, g := range gold {
		if s.From < g.To && g.From < s.To {
			return true
		}
	}
	return false
}

func TestGoldCorpus(t *testing.T) {
	const recallFloor, precisionFloor = 0.99, 0.98
	matchers := make(map[string]*masking.Matcher)
	for id, names := range readContexts(t) {
		matchers[id] = masking.Compile(names)
	}
	gold := readGold(t)
	var named, found, spans, right, without, clean int
	for _, s := range gold {
		runes := []rune(s.text)
		got := matchers[s.context].Mask(s.text)
		if len(s.gold) == 0 {
			without++
			if len(got) == 0 {
				clean++
			}
		}
		for _, g := range s.gold {
			named++
			if covered(runes, g, got) {
				found++
			} else {
				t.Logf("missed %s: %q in %q", s.id, string(runes[g.From:g.To]), masking.Apply(s.text, got))
			}
		}
		for _, p := range got {
			spans++
			if founded(p, s.gold) {
				right++
			} else {
				t.Logf("needless %s: %q in %q", s.id, string(runes[p.From:p.To]), s.text)
			}
		}
	}
	recall, precision := float64(found)/float64(named), float64(right)/float64(spans)
	t.Logf("%d sentences, %d without a name of which %d untouched", len(gold), without, clean)
	t.Logf("recall %d/%d = %.4f, precision %d/%d = %.4f", found, named, recall, right, spans, precision)
	if len(gold) < 300 || without < 80 {
		t.Errorf("the corpus has shrunk")
	}
	if recall < recallFloor {
		t.Errorf("recall %.4f < %.2f", recall, recallFloor)
	}
	if precision < precisionFloor {
		t.Errorf("precision %.4f < %.2f", precision, precisionFloor)
	}
}
