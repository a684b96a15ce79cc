package identity

import (
	"slices"

	"livret/domain"
)

// Majority is the age at which a pupil alone answers for his livret (Code civil, art. 414).
const Majority = 18

// Pupil is a pupil and his guardians as they stand: the fold of an identity stream.
type Pupil struct {
	Redacted
	Civil     CivilIdentityRecorded // without family name as long as nothing was recorded
	INE       string
	Siecle    []SiecleIDRecorded // one a school, the last recorded at the end
	Guardians []GuardianRecorded // one a person, in order of PersonID
	Schools   []SchoolAttended   // one a year and school, in the order recorded
	names     KnownNames
}

// PupilDecider is that of identity streams.
var PupilDecider = domain.Decider[*Pupil]{
	Category: Category,
	Initial:  func() *Pupil { return new(Pupil) },
	Evolve:   func(p *Pupil, fact domain.Fact) *Pupil { p.evolve(fact.Event); return p },
}

func (p *Pupil) evolve(event domain.Event) {
	switch e := event.(type) {
	case CivilIdentityRecorded:
		p.Civil = e
		p.names.addPerson(e.FamilyName, e.UsageName, e.FirstNames...)
		p.names.addSchool("", "", e.BirthPlace)
	case INERecorded:
		p.INE = e.INE
	case SiecleIDRecorded:
		p.Siecle = slices.DeleteFunc(p.Siecle, func(known SiecleIDRecorded) bool { return known.UAI == e.UAI })
		p.Siecle = append(p.Siecle, e)
		p.names.addSchool(string(e.UAI), "", "")
	case GuardianRecorded:
		at, known := p.guardian(e.PersonID)
		if known {
			p.Guardians[at] = e
		} else {
			p.Guardians = slices.Insert(p.Guardians, at, e)
		}
		p.names.addPerson(e.Name, "", e.First)
	case GuardianRemoved:
		if at, known := p.guardian(e.PersonID); known {
			p.Guardians = slices.Delete(p.Guardians, at, at+1)
		}
	case SchoolAttended:
		if at := p.school(e); at >= 0 {
			p.Schools[at] = e
		} else {
			p.Schools = append(p.Schools, e)
		}
		p.names.addSchool(string(e.UAI), e.Name, e.Town)
	}
}

func (p *Pupil) guardian(person uint64) (at int, known bool) {
	return slices.BinarySearchFunc(p.Guardians, person, func(g GuardianRecorded, person uint64) int {
		switch {
		case g.PersonID < person:
			return -1
		case g.PersonID > person:
			return 1
		}
		return 0
	})
}

// school finds the line of the same year and school; -1 if there is none.
func (p *Pupil) school(line SchoolAttended) int {
	return slices.IndexFunc(p.Schools, line.sameSchool)
}

// sameSchool compares years and schools, by UAI, or by name for those that have none. A repeated year is
// another year, and a change of class within a year replaces its line.
func (e SchoolAttended) sameSchool(other SchoolAttended) bool {
	if e.Year != other.Year || e.UAI != other.UAI {
		return false
	}
	return e.UAI != "" || e.Name == other.Name
}

// Recorded tells whether civil law knows the pupil yet.
func (p *Pupil) Recorded() bool { return p.Civil.FamilyName != "" }

// Birth is the day of birth; zero if it is unknown.
func (p *Pupil) Birth() domain.Date {
	day, _ := domain.ParseDate(p.Civil.BirthDate) // empty, or checked before it was recorded
	return day
}

// AdultOn tells whether the pupil is of age on a day of Europe/Paris. He is from the day of his eighteenth
// birthday on; born on 29 February, from 1 March of a common year, since eighteen years are accomplished
// only once 28 February is over. A pupil whose birth date is unknown counts as of age: nobody's authority
// over him is established.
func (p *Pupil) AdultOn(day domain.Date) bool {
	birth := p.Birth()
	return birth.IsZero() || !day.Before(birth.Anniversary(Majority))
}

// GuardiansOn lists who holds parental authority on a day: nobody from the day the pupil is of age.
func (p *Pupil) GuardiansOn(day domain.Date) []GuardianRecorded {
	if p.AdultOn(day) {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(p.Guardians), func(g GuardianRecorded) bool { return !g.HasAuthority() })
}

// KnownNames is the names of the pupil, of his guardians, and of the schools and towns he went through.
func (p *Pupil) KnownNames() KnownNames { return p.names.clone() }
