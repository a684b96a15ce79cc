package lycee

import (
	"math/rand/v2"
	"time"

	"livret/domain"
	"livret/domain/exchange/siecle"
)

// Cases are the pupils to look at, by their identifier in SIECLE (ELEVE_ID). No two are the same pupil. A
// school of less than a dozen has none of them: all are 0.
//
// Ages are those of 11 June 2018, when the livrets are complete and the juries not yet met.
type Cases struct {
	Minor       uint64 // 17 years old, with two parents who hold authority
	Adult       uint64 // 18 years old, with two parents who held it
	ContactOnly uint64 // 17 years old, and nobody in the base holds authority: one contact
	Repeater    uint64 // of Première: 2016-2017 is his second one
	Newcomer    uint64 // in Terminale, from another lycée: one year in the livret, no first trimester
	Switched    uint64 // from Première S to Terminale ES
	NewINE      uint64 // whose number is another one in the base of 2017
	NoINE       uint64 // who has none in either base: a warning
	Away        uint64 // no mark in the second trimester of Terminale
	Left        uint64 // during Première: refused in the base of 2017, in no other file, no livret, no candidate

	// Screened have an appréciation of Terminale that is to be read again: of health, of home, of the person.
	Screened [3]uint64
}

// CasesOf tells who is who in the files that Generate writes for the same number of pupils and seed.
func CasesOf(pupils int, seed uint64) Cases { return enrolled(pupils, seed).cases }

// enrolled is a school that has its pupils and nothing else yet.
func enrolled(pupils int, seed uint64) *school {
	s := &school{Rand: rand.New(rand.NewPCG(seed, uint64(pupils))), names: names(), prose: fragments()}
	s.enrol(pupils)
	if pupils >= 12 {
		s.bend(pupils)
	}
	return s
}

// The pupil who left came after the base of 2016 was exported. When he left he had been put down for a
// Terminale: the base of 2017 still has him.
var (
	joined = domain.NewDate(2017, time.January, 9)
	left   = domain.NewDate(2017, time.June, 16)
)

// bend makes the cases out of pupils like the others, each so many per cent down the list, and adds the one
// who left.
func (s *school) bend(count int) {
	at := func(percent int, id *uint64) *pupil {
		p := s.pupils[count*percent/100]
		*id = p.id
		return p
	}
	p := at(5, &s.cases.ContactOnly)
	p.birth, p.guardians = domain.NewDate(2000, time.September, 2), []siecle.Guardian{s.person(p, 4, true, 0, "4")}
	p = at(12, &s.cases.Repeater)
	p.repeats, p.birth = true, p.birth.Anniversary(-1)
	p = at(20, &s.cases.NewINE)
	p.ine[1] = s.number(count)
	p = at(38, &s.cases.NoINE)
	p.ine = [2]string{}
	p = at(45, &s.cases.Newcomer)
	p.comes = true
	p = at(50, &s.cases.Switched)
	p.serie[1] = "ES"
	p = at(60, &s.cases.Minor)
	p.birth, p.guardians = domain.NewDate(2000, time.October, 17), s.parents(p)
	p = at(70, &s.cases.Adult)
	p.birth, p.guardians = domain.NewDate(1999, time.November, 3), s.parents(p)
	p = at(90, &s.cases.Away)
	p.away = true
	for i, percent := range [3]int{30, 80, 95} {
		p = at(percent, &s.cases.Screened[i])
		p.aside = s.prose["relire"][i]
	}
	s.gone = s.newPupil(count+1, "S", map[string]bool{})
	s.cases.Left = s.gone.id
}
