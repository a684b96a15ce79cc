package lycee

import (
	"fmt"
	"slices"
	"strings"

	"livret/domain/exchange/lsl"
	"livret/domain/mark"
	"livret/domain/nomenclature"
)

// class is a division: pupils of one série, of one or several formations.
type class struct {
	code      string
	pupils    []*pupil
	principal *teacher
}

func (c *class) label() string {
	if c.code[0] == '1' {
		return "PREMIERE " + c.code
	}
	return "TERMINALE " + c.code
}

// course is an enseignement as one class or group follows it in one year.
type course struct {
	matiere  nomenclature.Matiere // the real language where the line is generic
	class    *class               // nil for a group
	group    string               // code; empty for a class
	teachers []*teacher
	pupils   []*pupil
	marks    map[*pupil][3]mark.Mark // of those whose programme has marks here
	figures  lsl.Group
}

// seat is a pupil's place in a course: the line of his own programme, since a group may mix formations.
type seat struct {
	*course
	line nomenclature.Line
}

// divisions lists the classes that a group draws from.
func (c *course) divisions(y int) (all []string) {
	for _, p := range c.pupils {
		if code := p.class[y].code; !slices.Contains(all, code) {
			all = append(all, code)
		}
	}
	return all
}

// mefOf are the formations, by série and year; those of STMG in Terminale are by speciality.
var mefOf = map[string][2]nomenclature.MEF{
	"ES": {"20112005110", "20212005110"}, "L": {"20113019110", "20213019110"},
	"S": {"20111010110", "20211010110"}, "SI": {"20111011110", "20211011110"},
	"STMG": {"21131016110", ""}, "ST2S": {"21133104110", "21233104110"},
}

var stmg = [...]nomenclature.MEF{"21231018110", "21231017110", "21231019110", "21231020110"}

func (p *pupil) mef(y int) nomenclature.MEF {
	if y == 1 && p.serie[1] == "STMG" {
		return stmg[p.speciality%len(stmg)]
	}
	return mefOf[p.serie[y]][y]
}

// open makes the classes of a year, what is taught in each and by whom.
func (s *school) open(y int) error {
	s.divide(y)
	if err := s.follow(y); err != nil {
		return err
	}
	s.hire(y)
	return nil
}

// divide makes classes of at most 34. In Terminale the classes of a série are mixed again.
func (s *school) divide(y int) {
	const most = 34
	for _, letters := range []string{"ES", "L", "S", "STMG", "ST2S"} {
		var all []*pupil
		for _, p := range s.pupils {
			if strings.TrimSuffix(p.serie[y], "I") == letters && !(y == 0 && p.comes) {
				all = append(all, p)
			}
		}
		if y == 1 {
			s.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		}
		count := (len(all) + most - 1) / most
		for k := range count {
			c := &class{code: fmt.Sprintf("%s%s%d", [2]string{"1", "T"}[y], letters, k+1), pupils: all[k*len(all)/count : (k+1)*len(all)/count]}
			for _, p := range c.pupils {
				p.class[y] = c
			}
			if s.gone != nil && s.gone.serie[y] == letters && k == 0 {
				s.gone.class[y] = c // where he is put down, and does not sit
			}
			s.classes[y] = append(s.classes[y], c)
		}
	}
}

// follow gives each pupil the lines of his programme that he follows, in its order. What a whole class
// follows is a course of the class; the rest is taught in groups across classes.
func (s *school) follow(y int) error {
	type slot struct {
		matiere  nomenclature.Matiere
		modalite nomenclature.Modalite
		rank     uint8
	}
	type taken struct {
		slot
		line nomenclature.Line
	}
	var order []slot
	wanted := map[slot]map[*pupil]bool{}
	of := map[*pupil][]taken{}
	for _, c := range s.classes[y] {
		for _, p := range c.pupils {
			programme, err := s.nomenclature.Programme(years[y], p.mef(y))
			if err != nil {
				return err
			}
			for _, line := range programme.Lines {
				matiere, follows := p.follows(y, line)
				if !follows {
					continue
				}
				k := slot{matiere, line.Modalite, line.Rank}
				if wanted[k] == nil {
					order = append(order, k)
					wanted[k] = map[*pupil]bool{}
				}
				wanted[k][p] = true
				of[p] = append(of[p], taken{k, line})
			}
		}
	}
	courses := map[slot]map[*pupil]*course{}
	for _, k := range order {
		courses[k] = map[*pupil]*course{}
		var scattered []*pupil
		for _, c := range s.classes[y] {
			var some []*pupil
			for _, p := range c.pupils {
				if wanted[k][p] {
					some = append(some, p)
				}
			}
			switch {
			case len(some) == 0:
			case len(some) == len(c.pupils) && k.modalite == nomenclature.TroncCommun:
				s.teach(y, &course{matiere: k.matiere, class: c, pupils: some}, courses[k])
			default:
				scattered = append(scattered, some...)
			}
		}
		const most = 28
		count := (len(scattered) + most - 1) / most
		for i := range count {
			code := fmt.Sprintf("%s%s%s%d%d", [2]string{"1", "T"}[y], abbreviation(k.matiere), k.modalite, k.rank, i+1)
			s.teach(y, &course{matiere: k.matiere, group: code, pupils: scattered[i*len(scattered)/count : (i+1)*len(scattered)/count]}, courses[k])
		}
	}
	for _, c := range s.classes[y] {
		for _, p := range c.pupils {
			for _, t := range of[p] {
				p.seats[y] = append(p.seats[y], seat{courses[t.slot][p], t.line})
			}
		}
	}
	return nil
}

func (s *school) teach(y int, c *course, of map[*pupil]*course) {
	for _, p := range c.pupils {
		of[p] = c
	}
	s.courses[y] = append(s.courses[y], c)
}

// follows tells whether a pupil follows a line, and as which real language.
func (p *pupil) follows(y int, line nomenclature.Line) (nomenclature.Matiere, bool) {
	serie := p.serie[y]
	m := line.Matiere
	switch {
	case m == "030001":
		return p.lv[0] + "01", true
	case m == "030002":
		return p.lv[1] + "02", true
	case m == "030008":
		return p.lv[0] + "08", true
	case line.Modalite == nomenclature.OptionFacultative:
		return p.optional(line)
	case line.Modalite == nomenclature.OptionObligatoire:
		return p.chosen(y, line)
	case y == 1 && strings.HasPrefix(serie, "S") && !strings.HasPrefix(serie, "ST") && strings.Contains(line.Regroupement, "SPECIALITE CHOISIE"):
		special := [...]nomenclature.Matiere{"061300", "062300", "062900", "373100"}[p.speciality%4]
		if serie == "SI" && p.speciality > 3 {
			return m, false // with sciences de l'ingénieur, one may have none
		}
		if serie == "SI" && special == "062900" {
			special = "061300"
		}
		return m, m == special
	}
	return m, true
}

// optional are the facultatifs that the school offers: one pupil in three has one.
func (p *pupil) optional(line nomenclature.Line) (nomenclature.Matiere, bool) {
	offered := map[int]nomenclature.Matiere{0: "020300", 1: "278500", 2: "090100", 3: "083200", 4: "100100", 5: "100100", 6: "030003", 7: "278500"}
	m, any := offered[p.choice]
	if !any || line.Matiere != m {
		return line.Matiere, false
	}
	if m == "030003" {
		return "030903", p.lv[1] != "0309"
	}
	return m, true
}

// chosen are the compulsory options of ES and L.
func (p *pupil) chosen(y int, line nomenclature.Line) (nomenclature.Matiere, bool) {
	var m nomenclature.Matiere
	switch p.serie[y] {
	case "ES":
		m = [...]nomenclature.Matiere{"061300", "061300", "052100", "052200"}[p.speciality%4]
	case "L":
		m = [...]nomenclature.Matiere{"278500", "061300", "090100", "030004", "061300", "020300", "278500", "083200"}[p.speciality]
		if y == 1 && p.speciality == 4 {
			m = "365700"
		}
	}
	if m == "030004" && line.Matiere == m {
		return p.lv[0] + "04", true
	}
	return line.Matiere, line.Matiere == m
}

// subject is what the school calls a matière: the pool of teachers, the field of talent, the section of the
// prose and the letters of a group's code.
type subject struct{ pool, field, prose, letters string }

var subjects = map[nomenclature.Matiere]subject{
	"020700": {"francais", "lettres", "francais", "FR"}, "023300": {"francais", "lettres", "francais", "LIT"},
	"010300": {"philo", "lettres", "philo", "PHI"}, "043700": {"histoire", "lettres", "histoire", "HG"}, "043800": {"histoire", "lettres", "civique", "EMC"},
	"050700": {"ses", "societe", "ses", "SES"}, "052100": {"ses", "societe", "ses", "SSP"}, "052200": {"ses", "societe", "ses", "ECA"},
	"365700": {"ses", "societe", "histoire", "DGE"},
	"061300": {"maths", "sciences", "maths", "MAT"}, "373100": {"maths", "sciences", "technique", "ISN"},
	"062300": {"physique", "sciences", "physique", "PC"}, "069400": {"physique", "sciences", "physique", "SPC"},
	"062900": {"svt", "sciences", "svt", "SVT"}, "060600": {"svt", "sciences", "svt", "SCI"}, "307700": {"svt", "sciences", "sanitaire", "BPH"},
	"067300": {"technique", "sciences", "technique", "SI"},
	"100100": {"eps", "eps", "eps", "EPS"}, "104100": {"eps", "eps", "eps", "EPC"},
	"002300": {"projet", "societe", "projet", "TPE"}, "007500": {"stms", "societe", "projet", "AI"}, "307600": {"stms", "societe", "sanitaire", "STS"},
	"435400": {"gestion", "societe", "gestion", "SDG"}, "383400": {"gestion", "societe", "gestion", "ED"}, "434300": {"gestion", "societe", "gestion", "MGT"},
	"435500": {"gestion", "societe", "gestion", "GF"}, "373200": {"gestion", "societe", "gestion", "SIG"}, "416600": {"gestion", "societe", "gestion", "RHC"},
	"347200": {"gestion", "societe", "gestion", "MER"},
	"020300": {"antiquite", "lettres", "antiquite", "LAT"}, "278500": {"theatre", "lettres", "arts", "THE"},
	"090100": {"plastiques", "lettres", "arts", "AP"}, "083200": {"musique", "lettres", "arts", "MUS"},
}

func subjectOf(m nomenclature.Matiere) subject {
	if known, ok := subjects[m]; ok {
		return known
	}
	language, _ := m.Language()
	return subject{language, "langues", "langues", strings.ToUpper(language)[:min(2, len(language))] + string(m[4:])}
}

func abbreviation(m nomenclature.Matiere) string { return subjectOf(m).letters }

// hire gives each course its teachers, the least busy of those who teach it; when all are busy, one more.
func (s *school) hire(y int) {
	if len(s.staff) == 0 {
		s.employ("", "DIR")
		s.employ("", "DIR")
		for range 1 + len(s.pupils)/120 {
			s.employ("", "EDU")
		}
	}
	for i, c := range s.courses[y] {
		switch pool := subjectOf(c.matiere).pool; pool {
		case "projet":
			c.teachers = []*teacher{s.assign(y, "histoire"), s.assign(y, [...]string{"maths", "francais", "svt"}[i%3])}
		default:
			c.teachers = []*teacher{s.assign(y, pool)}
			if c.matiere == "060600" {
				c.teachers = append(c.teachers, s.assign(y, "physique"))
			}
		}
	}
	principals := map[*teacher]bool{}
	for _, c := range s.courses[y] {
		if c.class != nil && c.class.principal == nil && !principals[c.teachers[0]] {
			c.class.principal = c.teachers[0]
			principals[c.teachers[0]] = true
		}
	}
	if y == 1 { // somebody stands in for a teacher of one class, whose pupils have both names on their page
		substitute := s.employ("maths", "ENS")
		substitute.substitute = true
		for _, c := range s.courses[1] {
			if c.matiere == "061300" && c.class != nil {
				c.teachers = append(c.teachers, substitute)
				break
			}
		}
	}
}

func (s *school) assign(y int, pool string) *teacher {
	const most = 3
	var best *teacher
	for _, t := range s.staff {
		if t.pool == pool && !t.substitute && (best == nil || t.load[y] < best.load[y]) {
			best = t
		}
	}
	if best == nil || best.load[y] >= most {
		best = s.employ(pool, "ENS")
	}
	best.load[y]++
	return best
}

func (s *school) employ(pool, function string) *teacher {
	t := &teacher{id: fmt.Sprint(7001 + len(s.staff)), pool: pool, function: function, civility: "M.", severity: s.bell(50)}
	female := s.chance(58)
	if female {
		t.civility = "Mme"
	}
	for {
		t.name, t.first = strings.ToUpper(pick(s, s.names["professeurs"])), pick(s, s.names[adult(female)])
		crowded := len(s.staff) >= len(s.names["professeurs"])
		if !slices.ContainsFunc(s.staff, func(other *teacher) bool { return other.name == t.name && (!crowded || other.first == t.first) }) {
			break
		}
	}
	s.staff = append(s.staff, t)
	return t
}
