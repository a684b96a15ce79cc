package siecle

import (
	"livret/domain/identity"
	"livret/domain/nomenclature"
	"livret/domain/record"
)

// Identity is the command by which what the base says of a pupil would enter his identity. Without the file
// of responsables, g is nil and nothing is said of them.
func (p Pupil) Identity(h Header, g *Guardians) identity.RecordPupil {
	c := identity.RecordPupil{
		Civil: &identity.CivilIdentityRecorded{
			FamilyName: p.FamilyName, UsageName: p.UsageName, FirstNames: p.FirstNames,
			BirthDate: p.Birth.String(), BirthPlace: p.BirthTown, Sex: p.Sex,
		},
		INE:     p.INE,
		Siecle:  &identity.SiecleIDRecorded{UAI: h.UAI, SiecleID: p.ID},
		Schools: []identity.SchoolAttended{{Year: h.Year, UAI: h.UAI, Division: p.Division}},
	}
	if p.Before != (School{}) {
		c.Schools = append(c.Schools, identity.SchoolAttended{
			Year: h.Year - 1, UAI: p.Before.UAI, Name: p.Before.Name, Town: p.Before.Town, Division: p.Before.Division,
		})
	}
	if g != nil {
		c.GuardiansComplete = true
		for _, person := range g.ByPupil[p.ID] {
			c.Guardians = append(c.Guardians, identity.GuardianRecorded{
				PersonID: person.PersonID, Civility: person.Civility, Name: person.Name, First: person.First, Legal: person.Legal, Parente: person.Parente,
			})
		}
	}
	return c
}

// Schooling is the command by which the base says where and in what formation the pupil spends the year, the
// formation being that of the nation if n, which may be nil, says which.
func (p Pupil) Schooling(h Header, n *Nomenclature) record.RecordSchooling {
	return record.RecordSchooling{Year: h.Year, UAI: h.UAI, MEF: n.BaseOf(p.MEF), Division: p.Division, Repeating: p.Repeating}
}

// Matieres are the matières of the nation that a pupil chose. Options that have no place in a livret, such as
// those of the school itself, are left out.
func (p Pupil) Matieres(n *Nomenclature) (all []nomenclature.Asked) {
	for _, o := range p.Options {
		matiere, ok := n.National(o.Matiere)
		modalite, err := nomenclature.ParseModalite(o.Modalite)
		if ok && err == nil {
			all = append(all, nomenclature.Asked{Matiere: matiere, Modalite: modalite})
		}
	}
	return all
}
