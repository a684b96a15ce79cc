package masking

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Matcher is a set of names ready to be looked for. It does not change once compiled and may be shared.
type Matcher struct {
	single  map[string]trait
	phrases map[string][]phrase // by first word
	near    map[string][]string // names of five letters or more, by each of their forms less one letter
	heard   map[string]trait    // of names of four letters or more, by their sound
	initial map[[2]byte]bool    // of a first name and a family name
	codes   [][]rune            // lower case
}

// trait says when a known word is masked, and what it names.
type trait uint8

const (
	loose  trait = 1 << iota // no word of French: masked however it is written
	strict                   // also a word of French, or too short: only with a capital that means something
	sigle                    // in capitals only
	person                   // part of somebody's name, so that what is beside it may be another part
	place                    // part of the name of a school or town
)

// phrase is the rest of a name of several words, after the first.
type phrase struct {
	rest  []string
	trait trait
	full  bool // a first name and a family name
}

// particles belong to names without naming anyone.
var particles = setOf("de du des d la le les l van von der den di da do dos del della el al ben bin ibn ould abd abou abu bou y e o mac mc zu saint sainte st ste sur sous en aux et lez")

func setOf(words string) map[string]bool {
	set := make(map[string]bool)
	for w := range strings.FieldsSeq(words) {
		set[w] = true
	}
	return set
}

// Compile prepares the names of a school or of a division, to mask many texts with them.
func Compile(known Names) *Matcher {
	m := &Matcher{
		single:  make(map[string]trait),
		phrases: make(map[string][]phrase),
		near:    make(map[string][]string),
		heard:   make(map[string]trait),
		initial: make(map[[2]byte]bool),
	}
	for _, p := range known.People {
		m.addPerson(p)
	}
	for _, s := range known.Schools {
		m.addSchool(s)
	}
	for _, t := range known.Towns {
		m.addTown(t)
	}
	for _, c := range known.Codes {
		if code := []rune(strings.ToLower(strings.TrimSpace(c))); len(code) > 1 {
			m.codes = append(m.codes, code)
		}
	}
	for name, traits := range m.single {
		if len(name) > 3 && traits&loose != 0 {
			m.heard[sounds(name)] |= traits
		}
		if utf8.RuneCountInString(name) < 5 {
			continue
		}
		m.near[name] = append(m.near[name], name)
		lessOne(name, func(form []byte) {
			if names := m.near[string(form)]; !slices.Contains(names, name) {
				m.near[string(form)] = append(names, name)
			}
		})
	}
	return m
}

func (m *Matcher) addPerson(p Person) {
	var families, firsts [][]string
	for _, name := range []string{p.Family, p.Usage} {
		if parts := fold(name); len(parts) > 0 {
			families = append(families, parts)
			m.addName(parts, person)
		}
	}
	for _, name := range p.First {
		parts := fold(name)
		if len(parts) == 0 {
			continue
		}
		firsts = append(firsts, parts)
		m.addName(parts, person)
		for _, part := range append(parts, strings.Join(parts, "")) {
			for _, short := range diminutives()[part] {
				if len(short) > 3 {
					m.addWord(short, person)
				} else {
					m.single[short] |= strict | person
				}
			}
		}
		if len(parts) > 1 {
			m.single[initials(parts)] |= sigle | person
		}
	}
	for _, first := range firsts {
		for _, family := range families {
			m.addPhrase(slices.Concat(first, family), person, true)
			m.addPhrase(slices.Concat(family, first), person, true)
			for _, part := range family {
				m.initial[[2]byte{first[0][0], part[0]}] = true
			}
		}
	}
}

func (m *Matcher) addSchool(name string) {
	parts := slices.DeleteFunc(fold(name), func(p string) bool { return schoolHeads[p] || schoolKinds[p] })
	for len(parts) > 0 && particles[parts[0]] && !isSaint(parts[0]) {
		m.addPhrase(parts, place, false)
		parts = parts[1:]
	}
	if len(parts) == 0 {
		return
	}
	for _, spelling := range saints(parts) {
		m.addPhrase(spelling, place, false)
	}
	m.addWord(strings.Join(parts, ""), place)
	if last := parts[len(parts)-1]; len(last) > 3 && !isSaint(parts[0]) {
		m.addWord(last, place)
	}
	if len(parts) > 1 {
		m.single["l"+initials(parts)] |= sigle | place
	}
}

func (m *Matcher) addTown(name string) {
	parts := slices.DeleteFunc(fold(name), func(p string) bool { return p == "cedex" })
	if len(parts) == 0 {
		return
	}
	main := parts
	for i, p := range parts {
		if i > 0 && particles[p] && !isSaint(p) && !particles[parts[i-1]] {
			main = parts[:i]
			break
		}
	}
	for _, spelling := range saints(parts) {
		m.addPhrase(spelling, place, false)
		m.addPhrase(spelling[:len(main)], place, false)
	}
	m.addWord(strings.Join(parts, ""), place)
	if own := slices.DeleteFunc(slices.Clone(main), func(p string) bool { return particles[p] }); len(own) == 1 && !isSaint(main[0]) {
		m.addWord(own[0], place)
	}
}

// addName adds a family name or a first name: whole, glued, and each of its parts.
func (m *Matcher) addName(parts []string, what trait) {
	own := 0
	for _, part := range parts {
		if !particles[part] {
			m.addWord(part, what)
			own++
		}
	}
	for _, spelling := range saints(parts) {
		m.addPhrase(spelling, what, false)
	}
	if len(parts) > 1 || own == 0 {
		m.addWord(strings.Join(parts, ""), what)
	}
}

// addWord adds one word; whether it is also French decides how far its capital matters.
func (m *Matcher) addWord(w string, what trait) {
	if utf8.RuneCountInString(w) < 3 || lexicon()[w] != 0 || particles[w] {
		m.single[w] |= strict | what
		return
	}
	m.single[w] |= loose | what
}

func (m *Matcher) addPhrase(parts []string, what trait, full bool) {
	if len(parts) < 2 {
		return
	}
	t, plain := strict, true
	for _, part := range parts {
		switch {
		case particles[part]:
		case lexicon()[part] == 0 && utf8.RuneCountInString(part) > 2:
			t = loose
		default:
			plain = false
		}
	}
	if full && plain {
		return // its parts are found by themselves
	}
	m.phrases[parts[0]] = append(m.phrases[parts[0]], phrase{rest: parts[1:], trait: t | what, full: full})
}

// saints gives the spellings of a name with Saint in full and abridged.
func saints(parts []string) [][]string {
	out := [][]string{parts}
	for i, p := range parts {
		if short := map[string]string{"saint": "st", "sainte": "ste", "st": "saint", "ste": "sainte"}[p]; short != "" {
			other := slices.Clone(parts)
			other[i] = short
			out = append(out, other)
		}
	}
	return out
}

func isSaint(part string) bool {
	return part == "saint" || part == "sainte" || part == "st" || part == "ste"
}

// initials gives the first letters of the parts that are not particles.
func initials(parts []string) string {
	var b strings.Builder
	for _, p := range parts {
		if !particles[p] || isSaint(p) {
			r, _ := utf8.DecodeRuneInString(p)
			b.WriteRune(r)
		}
	}
	return b.String()
}
