package siecle

import (
	"io"

	"livret/domain/exchange"
	"livret/domain/identity"
)

// Guardians is the file ResponsablesAvecAdresses.
type Guardians struct {
	Header
	ByPupil  map[uint64][]Guardian // by ELEVE_ID, in the order of the file
	Findings []exchange.Finding
}

// Guardian is a person's link with a pupil. Legal is 1 or 2 for parental authority and 0 for a mere contact,
// who must not see the livret.
type Guardian struct {
	identity.Redacted
	Line     int
	PersonID uint64
	Civility string // "M.", "MME"
	Name     string // of usage, else of family
	First    string
	Legal    uint8
	Parente  string // CODE_PARENTE
}

// ReadGuardians reads who is responsible for whom. Neither addresses, nor telephones, nor professions are
// read.
func ReadGuardians(r io.Reader) (*Guardians, error) {
	f, err := open(r, exchange.Responsables)
	if err != nil {
		return nil, err
	}
	g := guardians{export: f, persons: map[uint64]Guardian{}}
	err = f.sections(map[string]func(exchange.Element){"PERSONNES": g.person, "RESPONSABLES": g.link})
	if err != nil {
		return nil, err
	}
	return &Guardians{Header: f.Header, ByPupil: g.join(), Findings: f.findings}, nil
}

type guardians struct {
	*export
	persons map[uint64]Guardian
	links   []link
}

type link struct {
	pupil uint64
	Guardian
}

func (g *guardians) person(e exchange.Element) {
	id, ok := exchange.Positive(attr(e, "PERSONNE_ID"))
	if e.Name != "PERSONNE" {
		return
	}
	var p Guardian
	var nom, family, usage string
	g.fields(fields{"NOM": &nom, "NOM_DE_FAMILLE": &family, "NOM_USAGE": &usage, "PRENOM": &p.First, "LC_CIVILITE": &p.Civility})
	p.PersonID, p.Name = id, firstOf(usage, family, nom)
	known, twice := g.persons[id]
	switch {
	case !ok:
		g.warn(e.Line, "", "responsable-sans-identifiant", "Un responsable n’a pas d’identifiant SIECLE\u00a0: il est laissé de côté.", "Refaites l’export des responsables depuis SIECLE.")
	case twice && known != p:
		g.warn(e.Line, "", "responsable-en-double", "Deux personnes ont le même identifiant SIECLE\u00a0: la première est retenue.", "Refaites l’export des responsables depuis SIECLE.")
	case !twice:
		g.persons[id] = p
	}
}

func (g *guardians) link(e exchange.Element) {
	if e.Name != "RESPONSABLE_ELEVE" && e.Name != "RESPONSABLE" {
		return
	}
	var pupil, person, legal string
	l := link{Guardian: Guardian{Line: e.Line}}
	g.fields(fields{"ELEVE_ID": &pupil, "PERSONNE_ID": &person, "RESP_LEGAL": &legal, "CODE_PARENTE": &l.Parente})
	l.pupil, _ = exchange.Positive(firstOf(pupil, attr(e, "ELEVE_ID")))
	l.PersonID, _ = exchange.Positive(firstOf(person, attr(e, "PERSONNE_ID")))
	switch legal {
	case "1", "2":
		l.Legal = legal[0] - '0'
	case "0", "":
	default:
		g.warn(e.Line, "", "responsabilite-inconnue", "La responsabilité légale d’une personne n’est ni 0, ni 1, ni 2\u00a0: elle est prise comme simple contact, sans accès au livret.", "Corrigez-la dans SIECLE, puis refaites l’export des responsables.")
	}
	g.links = append(g.links, l)
}

// join gives the links their persons. Of two links of a person with a pupil, the one with less authority
// stands: a doubt must not open a livret.
func (g *guardians) join() map[uint64][]Guardian {
	all := map[uint64][]Guardian{}
	for _, l := range g.links {
		person, known := g.persons[l.PersonID]
		if !known || l.pupil == 0 {
			g.warn(l.Line, "", "responsable-inconnu", "Un lien de responsabilité ne désigne ni une personne ni un élève connus\u00a0: il est laissé de côté.", "Refaites l’export des responsables depuis SIECLE.")
			continue
		}
		person.Line, person.Legal, person.Parente = l.Line, l.Legal, l.Parente
		all[l.pupil] = g.add(all[l.pupil], person)
	}
	return all
}

func (g *guardians) add(to []Guardian, person Guardian) []Guardian {
	for i, other := range to {
		if other.PersonID != person.PersonID {
			continue
		}
		if other.Legal != person.Legal || other.Parente != person.Parente {
			g.warn(person.Line, "", "responsable-en-double", "Une même personne est déclarée deux fois responsable d’un élève, en des termes différents\u00a0: le lien qui donne le moins de droits est retenu.", "Gardez un seul des deux liens dans SIECLE, puis refaites l’export des responsables.")
			if less(person.Legal, other.Legal) {
				to[i] = person
			}
		}
		return to
	}
	return append(to, person)
}

// less orders links by authority: none, then the second, then the first responsable.
func less(a, b uint8) bool {
	rank := [...]uint8{0, 2, 1}
	return rank[a] < rank[b]
}
