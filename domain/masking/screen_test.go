package masking_test

import (
	"strings"
	"testing"

	"livret/domain/masking"
)

func TestScreeningCorpus(t *testing.T) {
	harmless := 0
	for _, f := range readTSV(t, "testdata/screen.tsv", 1) {
		text, gold := unmark(f[0])
		got := masking.Screen(text)
		if len(gold) == 0 {
			harmless++
		}
		var spans []masking.Span
		for _, w := range got {
			spans = append(spans, w.Span)
			if !founded(w.Span, gold) {
				t.Errorf("needless warning in %q at %v", text, w.Span)
			}
		}
		for _, g := range gold {
			if !covered([]rune(text), g, spans) {
				t.Errorf("no warning for %q in %q", string([]rune(text)[g.From:g.To]), text)
			}
		}
	}
	if harmless < 20 {
		t.Errorf("only %d harmless texts", harmless)
	}
}

// The gold corpus of masking is made of ordinary appréciations: screening must not cry wolf over them.
func TestScreeningLeavesOrdinaryTextsAlone(t *testing.T) {
	warned, all := 0, readGold(t)
	for _, s := range all {
		if len(masking.Screen(s.text)) > 0 {
			warned++
			t.Logf("%s: %q", s.id, s.text)
		}
	}
	if warned > len(all)/100 {
		t.Errorf("%d ordinary texts of %d give a warning", warned, len(all))
	}
}

func TestScreeningSaysTheSameOfEverything(t *testing.T) {
	for _, word := range []string{"santé", "religion", "origine", "syndic", "politi", "mœurs", "insult"} {
		if strings.Contains(masking.ScreeningMessage, word) {
			t.Errorf("the message names %q", word)
		}
	}
}
