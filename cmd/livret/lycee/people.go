package lycee

import (
	_ "embed"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"livret/domain"
	"livret/domain/exchange/siecle"
	"livret/domain/nomenclature"
)

//go:embed people.txt
var namesText string

// names reads the lists of names, by section.
func names() map[string][]string {
	all := map[string][]string{}
	section := ""
	for line := range strings.Lines(namesText) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '[':
			section = strings.Trim(line, "[]")
		default:
			for name := range strings.FieldsSeq(line) {
				all[section] = append(all[section], strings.ReplaceAll(name, "_", " "))
			}
		}
	}
	return all
}

// school is the lycée being invented. Everything random comes from its one source, in a fixed order.
type school struct {
	*rand.Rand
	nomenclature nomenclature.Nomenclature
	names, prose map[string][]string // by section
	cases        Cases
	pupils       []*pupil
	gone         *pupil // who left in Première; nil in a small school
	staff        []*teacher
	classes      [2][]*class
	courses      [2][]*course
}

// pupil is one who prepares the session of 2018.
type pupil struct {
	id            uint64
	number        string
	ine           [2]string
	family, usage string
	first         []string
	female        bool
	birth         domain.Date
	abroad        string // town of birth, if it is not in France
	guardians     []siecle.Guardian

	serie      [2]string               // by year: "ES", "L", "S", "SI", "STMG", "ST2S"
	speciality int                     // of Terminale
	lv         [2]nomenclature.Matiere // without the two digits of rank: "0302" is English
	choice     int                     // of option

	repeats, comes, away bool
	said                 map[string]bool // fragments and whole texts, by which nobody repeats himself
	aside                string          // a fragment that should not be in a livret; most often none

	level int            // hundredths of a mark
	flair map[string]int // by field
	drift int            // from a trimester to the next
	class [2]*class
	seats [2][]seat
}

// teacher is a member of staff.
type teacher struct {
	id, civility, name, first, function string
	pool                                string // what he teaches
	load                                [2]int // courses, by year
	severity                            int    // hundredths of a mark
	substitute                          bool
}

// share is how the pupils of a lycée fall into the séries, in per cent.
var share = []struct {
	serie   string
	percent int
}{{"ES", 26}, {"L", 13}, {"S", 27}, {"SI", 7}, {"STMG", 17}, {"ST2S", 10}}

// wordNames are first names that are also words: the first pupils bear them, so that there always are some.
var wordNames = []string{"Rose", "Constant", "Marine", "Pierre", "Prudence", "Juste", "Grâce", "Clément"}

func pick[T any](s *school, all []T) T { return all[s.IntN(len(all))] }

// chance tells whether something that happens n times in 100 does.
func (s *school) chance(n int) bool { return s.IntN(100) < n }

// bell draws a number around 0, rarely beyond the spread.
func (s *school) bell(spread int) int {
	sum := 0
	for range 4 {
		sum += s.IntN(2*spread+1) - spread
	}
	return sum / 2
}

// enrol invents the pupils and their guardians.
func (s *school) enrol(count int) {
	taken := map[string]bool{}
	for i := range count {
		s.pupils = append(s.pupils, s.newPupil(i, serieAt(i, count), taken))
	}
}

// newPupil draws somebody whose full name is not taken.
func (s *school) newPupil(i int, serie string, taken map[string]bool) *pupil {
	p := &pupil{
		id: 100001 + uint64(i), number: fmt.Sprint(5001 + i), female: s.chance(53), serie: [2]string{serie, serie},
		flair: map[string]int{}, said: map[string]bool{},
	}
	for {
		p.family = pick(s, s.names["noms"])
		first := pick(s, s.names[gendered(p.female)])
		if i < len(wordNames) {
			first, p.female = wordNames[i], i%2 == 0
		}
		p.first = []string{first}
		if who := p.family + " " + first; !taken[who] {
			taken[who] = true
			break
		}
	}
	for range s.IntN(3) {
		p.first = append(p.first, pick(s, s.names[gendered(p.female)]))
	}
	p.family = strings.ToUpper(p.family)
	if s.chance(3) {
		p.usage = p.family + "-" + strings.ToUpper(pick(s, s.names["noms"]))
	}
	p.birth = domain.NewDate(2000, 1, 1)
	if birth := domain.NewDate(2000, time.Month(1+s.IntN(12)), 1+s.IntN(28)); s.chance(88) {
		p.birth = birth
	} else {
		p.birth = birth.Anniversary(pick(s, []int{-1, -1, 1}))
	}
	if s.chance(8) {
		p.abroad = pick(s, []string{"DAKAR", "LISBONNE", "CASABLANCA", "TUNIS", "BRUXELLES", "HANOI", "MONTREAL", "ABIDJAN"})
	}
	p.ine[0] = s.number(i)
	p.ine[1] = p.ine[0]
	s.endow(p)
	s.guard(p)
	return p
}

// serieAt shares pupils out among the séries in blocks: the marks software lists them by class.
func serieAt(i, count int) string {
	bound := 0
	for _, part := range share {
		if bound += part.percent; i*100 < bound*count {
			return part.serie
		}
	}
	return share[len(share)-1].serie
}

func gendered(female bool) string {
	if female {
		return "filles"
	}
	return "garçons"
}

func adult(female bool) string {
	if female {
		return "femmes"
	}
	return "hommes"
}

// number makes an INE of the old form: ten digits and the letter of their remainder by 23.
func (s *school) number(i int) string {
	n := uint64(1_000_000 + i*37 + s.IntN(37))
	return fmt.Sprintf("%010d%c", n, "ABCDEFGHJKLMNPRSTUVWXYZ"[n%23])
}

// endow draws what a pupil is good at, and what he chooses.
func (s *school) endow(p *pupil) {
	p.level = 1190 + s.bell(430)
	p.drift = s.bell(55)
	for _, field := range []string{"sciences", "lettres", "langues", "societe", "eps"} {
		p.flair[field] = s.bell(200)
	}
	switch p.serie[0] {
	case "S", "SI":
		p.level += 40
		p.flair["sciences"] += 90
	case "L":
		p.flair["lettres"] += 130
		p.flair["sciences"] -= 120
	case "STMG", "ST2S":
		p.level -= 60
	}
	p.lv[0] = "0302"
	if s.chance(11) {
		p.lv = [2]nomenclature.Matiere{"0301", "0302"}
	} else {
		p.lv[1] = pick(s, []nomenclature.Matiere{"0306", "0306", "0306", "0306", "0301", "0309"})
	}
	p.speciality = s.IntN(8)
	p.choice = s.IntN(24)
}

// guard gives a pupil his responsables: most often two, sometimes one, sometimes one who has lost parental
// authority, and now and then somebody to call who has none.
func (s *school) guard(p *pupil) {
	p.guardians = s.parents(p)
	switch d := s.IntN(100); {
	case d < 12:
		p.guardians = p.guardians[:1]
	case d < 20:
		p.guardians[1].Legal = 0
	case d < 22:
		tutor := s.person(p, 3, s.chance(50), 1, "3")
		tutor.Name = strings.ToUpper(pick(s, s.names["noms"]))
		p.guardians = []siecle.Guardian{tutor}
	}
	if s.chance(5) {
		p.guardians = append(p.guardians, s.person(p, 4, true, 0, "4"))
	}
}

// parents are a mother and a father who both hold authority. One mother in three has another name.
func (s *school) parents(p *pupil) []siecle.Guardian {
	both := []siecle.Guardian{s.person(p, 1, true, 1, "2"), s.person(p, 2, false, 2, "1")}
	if s.chance(30) {
		both[0].Name = strings.ToUpper(pick(s, s.names["noms"]))
	}
	return both
}

// person is the nth of a pupil's people, of his name; legal and parente are codes of SIECLE.
func (s *school) person(p *pupil, n uint64, female bool, legal uint8, parente string) siecle.Guardian {
	g := siecle.Guardian{PersonID: p.id*10 + n, Civility: "M.", Name: p.family, First: pick(s, s.names[adult(female)]), Legal: legal, Parente: parente}
	if female {
		g.Civility = "MME"
	}
	return g
}
