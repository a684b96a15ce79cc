package masking

import (
	_ "embed"
	"strings"
	"sync"
)

//go:embed lexicon.txt
var lexiconText string

// class is what the lexicon says of a word; the zero class is that of words it does not know.
type class uint8

const (
	french   class = 1 << iota // a word of the language
	opener                     // can open a sentence without article, so that its capital there proves nothing
	proper                     // written with a capital in appréciations without naming anyone: "Anglais"
	third                      // can be a verb in the third person, as after its subject
	noun                       // can be a noun
	forename                   // far more often a first name than a word once it has a capital: "Pierre"
)

// lexicon is the French of appréciations, with its inflections, folded. It is read once and never changes.
var lexicon = sync.OnceValue(func() map[string]class {
	all := make(map[string]class, 1<<15)
	add := func(c class, forms ...string) {
		for _, form := range forms {
			all[form] |= c
		}
	}
	section := ""
	for line := range strings.Lines(lexiconText) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		if line[0] == '[' {
			section = strings.Trim(line, "[]")
			continue
		}
		for _, w := range fold(line) {
			switch section {
			case "fonction", "auxiliaire":
				add(french|opener, w)
			case "verbe":
				add(french|opener, verbForms(w)...)
				stem := strings.TrimSuffix(w, "er")
				add(third, stem+"e", stem+"era", stem+"erait")
			case "nom":
				add(french|noun, nounForms(w)...)
			case "adjectif":
				add(french|opener, adjectiveForms(w)...)
			case "ouverture":
				add(french|opener|noun, nounForms(w)...)
			case "prenom":
				add(french|forename, w)
			case "majuscule":
				add(french|proper, w)
			}
		}
	}
	return all
})

// verbForms conjugates a verb of the first group, generously.
func verbForms(infinitive string) []string {
	stem := strings.TrimSuffix(infinitive, "er")
	soft := stem // before a and o
	if strings.HasSuffix(stem, "g") {
		soft += "e"
	}
	var out []string
	for _, end := range strings.Fields("e es ent ez er ee ees era erai eras erons erez eront erait erais eraient eriez erent iez ions") {
		out = append(out, stem+end)
	}
	for _, end := range strings.Fields("ons ait ais aient ant ants ante antes a ai as amment") {
		out = append(out, soft+end)
	}
	switch {
	case strings.HasSuffix(stem, "y"):
		silent := strings.TrimSuffix(stem, "y") + "i"
		out = append(out, silent+"e", silent+"es", silent+"ent", silent+"era", silent+"erait")
	case strings.HasSuffix(stem, "el"), strings.HasSuffix(stem, "et"):
		double := stem + stem[len(stem)-1:]
		out = append(out, double+"e", double+"es", double+"ent", double+"era", double+"ement")
	}
	return out
}

// nounForms gives a noun and its plurals.
func nounForms(noun string) []string {
	out := []string{noun, noun + "s"}
	switch {
	case strings.HasSuffix(noun, "u"):
		out = append(out, noun+"x")
	case strings.HasSuffix(noun, "al"):
		out = append(out, strings.TrimSuffix(noun, "l")+"ux")
	}
	return out
}

// feminine maps the end of a masculine adjective to the ends its feminine can have.
var feminine = []struct{ end, with string }{
	{"eux", "euse"}, {"eur", "euse"}, {"eur", "eure"}, {"teur", "trice"}, {"f", "ve"}, {"el", "elle"}, {"il", "ille"},
	{"en", "enne"}, {"on", "onne"}, {"et", "ette"}, {"as", "asse"}, {"os", "osse"}, {"oux", "ousse"}, {"eau", "elle"},
	{"ou", "olle"}, {"c", "che"}, {"c", "que"}, {"g", "gue"}, {"ux", "usse"}, {"", "e"},
}

// adjectiveForms gives an adjective in both genders and numbers, with the adverb made from it.
func adjectiveForms(masculine string) []string {
	out := append(nounForms(masculine), masculine+"ment")
	for _, f := range feminine {
		if stem, ok := strings.CutSuffix(masculine, f.end); ok {
			out = append(out, stem+f.with, stem+f.with+"s", stem+f.with+"ment")
		}
	}
	if stem, ok := strings.CutSuffix(masculine, "nt"); ok {
		out = append(out, stem+"mment")
	}
	return out
}
