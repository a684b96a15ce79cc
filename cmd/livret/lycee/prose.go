package lycee

import (
	_ "embed"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"livret/domain/record"
)

//go:embed prose.txt
var proseText string

// fragments reads what teachers write, by section.
func fragments() map[string][]string {
	all := map[string][]string{}
	section := ""
	for line := range strings.Lines(proseText) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '[':
			section = strings.Trim(line, "[]")
		default:
			all[section] = append(all[section], line)
		}
	}
	return all
}

func digit(n int) string { return strconv.Itoa(n) }

// sign is the tone that goes with a tier.
func sign(tier int) string {
	switch {
	case tier > 3:
		return "+"
	case tier == 3:
		return "="
	}
	return "-"
}

// write is an appréciation that says nothing another one of the pupil says word for word. The aside, if there
// is one, takes the place of all but its opening.
func (s *school) write(p *pupil, c seat, aside string) (text string) {
	if aside != "" {
		return s.say("ouverture "+digit(tier(standing(p, c))), p, c.course) + ". " + typographic(agree(aside, p.female))
	}
	for range 20 {
		if text = s.appreciation(p, c); !p.said[text] {
			break
		}
	}
	p.said[text] = true
	return text
}

// appreciation is what a teacher writes of a pupil's year: an opening, something about the discipline, then
// as much as fits of the attitude, the trend, a name and an advice.
func (s *school) appreciation(p *pupil, c seat) string {
	grade := tier(standing(p, c))
	tone := sign(grade)
	marks := c.marks[p]
	if c.line.Marked && marks[0] == marks[1] && marks[1] == marks[2] && !marks[0].IsMarked() {
		return s.say("sans note", p, c.course)
	}
	about := s.say(subjectOf(c.matiere).prose+" "+tone, p, c.course)
	var text string
	switch s.IntN(5) {
	case 0:
		text = capital(about) + "."
	case 1:
		text = s.say("ouverture "+digit(grade), p, c.course) + ". " + capital(about) + "."
	default:
		text = s.say("ouverture "+digit(grade), p, c.course) + " : " + about + "."
	}
	add := func(percent int, section string) {
		if !s.chance(percent) {
			return
		}
		if more := s.say(section, p, c.course); utf8.RuneCountInString(text)+1+utf8.RuneCountInString(more) <= record.MaxText {
			text += " " + more
		}
	}
	add(50, "attitude "+tone)
	first, marked := marks[0].Hundredths()
	last, still := marks[2].Hundredths()
	switch change := last - first; {
	case !marked || !still:
	case change > 100:
		add(75, "hausse")
	case change < -100:
		add(75, "baisse")
	case tone != "-":
		add(25, "stable")
	}
	add(13, "nommer")
	add(60, "conseil "+tone)
	return typographic(text)
}

// say draws a fragment of a section, one not yet said of the pupil while there are any, and fits it to him.
// With no course there are no classmates but those of his class, and no colleague.
func (s *school) say(section string, p *pupil, c *course) string {
	var all, fresh []string
	for _, f := range s.prose[section] {
		if strings.Contains(f, "{L}") && !p.comes {
			continue
		}
		all = append(all, f)
		if !p.said[f] {
			fresh = append(fresh, f)
		}
	}
	if len(fresh) == 0 {
		fresh = all
		for _, f := range all {
			delete(p.said, f)
		}
	}
	chosen := pick(s, fresh)
	p.said[chosen] = true
	text := agree(chosen, p.female)
	for strings.Contains(text, "{C}") {
		mates := p.class[1].pupils
		if c != nil {
			mates = c.pupils
		}
		text = name(text, "{C}", pick(s, mates).first[0])
	}
	if strings.Contains(text, "{T}") {
		t := pick(s, s.staff)
		text = name(text, "{T}", t.civility+" "+proper(t.name))
	}
	text = name(text, "{P}", p.first[0])
	text = name(text, "{N}", proper(p.family))
	text = name(text, "{V}", town)
	return typographic(name(text, "{L}", neighbour))
}

// agree chooses between the two genders of {a|b}.
func agree(text string, female bool) string {
	for {
		before, rest, found := strings.Cut(text, "{")
		choice, after, closed := strings.Cut(rest, "}")
		masculine, feminine, both := strings.Cut(choice, "|")
		if !found || !closed {
			return text
		}
		if !both {
			return before + "{" + choice + "}" + agree(after, female)
		}
		if female {
			masculine = feminine
		}
		text = before + masculine + after
	}
}

// name puts a name in its place, and elides before a vowel.
func name(text, place, who string) string {
	r, _ := utf8.DecodeRuneInString(who)
	if strings.ContainsRune("AEIOUYÉÈÊËÂÎÏÔÛŒHaeiouéh", r) {
		text = strings.ReplaceAll(text, " de "+place, " d’"+place)
		text = strings.ReplaceAll(text, "Que "+place, "Qu’"+place)
	}
	return strings.ReplaceAll(text, place, who)
}

// proper writes in small letters a name that the school's base has in capitals.
func proper(upper string) string {
	var b strings.Builder
	start := true
	for _, r := range upper {
		if !start {
			r = unicode.ToLower(r)
		}
		b.WriteRune(r)
		start = !unicode.IsLetter(r)
	}
	return b.String()
}

func capital(text string) string {
	r, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(r)) + text[size:]
}

// noBreak is the spaces that French does not break.
var noBreak = strings.NewReplacer(" :", "\u00a0:", " ;", "\u202f;", " !", "\u202f!", " ?", "\u202f?")

func typographic(text string) string { return noBreak.Replace(text) }
