package chronicle

import (
	"fmt"
	"slices"
	"strings"

	"livret/domain"
	"livret/domain/identity"
	"livret/eventstore/ledger"
)

// pupil words the facts of an identity stream.
type pupil struct{ state *identity.Pupil }

func (p *pupil) evolve(f domain.Fact) { p.state = identity.PupilDecider.Evolve(p.state, f) }

func (p *pupil) tell(event domain.Event) (what, from, to, reason string) {
	switch e := event.(type) {
	case identity.CivilIdentityRecorded:
		return "État civil", civil(p.state.Civil), civil(e), ""
	case identity.INERecorded:
		return "Identifiant national (INE)", p.state.INE, e.INE, ""
	case identity.SiecleIDRecorded:
		return "Numéro dans la base élèves de " + string(e.UAI), "", fmt.Sprint(e.SiecleID), ""
	case identity.GuardianRecorded:
		return "Responsable", p.guardian(e.PersonID), guardian(e), ""
	case identity.GuardianRemoved:
		return "Responsable retiré", p.guardian(e.PersonID), "", ""
	case identity.SchoolAttended:
		return "Scolarité " + e.Year.Label(), p.school(e), school(e), ""
	}
	return unworded(event), "", "", ""
}

func civil(e identity.CivilIdentityRecorded) string {
	parts := []string{e.FamilyName}
	if e.UsageName != "" {
		parts = append(parts, "nom d’usage "+e.UsageName)
	}
	parts = append(parts, strings.Join(e.FirstNames, " "), e.BirthDate, e.BirthPlace)
	return joined(parts...)
}

func (p *pupil) guardian(person uint64) string {
	for _, g := range p.state.Guardians {
		if g.PersonID == person {
			return guardian(g)
		}
	}
	return ""
}

func guardian(g identity.GuardianRecorded) string {
	if g.HasAuthority() {
		return fmt.Sprintf("%s, responsable légal %d", g.DisplayName(), g.Legal)
	}
	return g.DisplayName() + ", personne à contacter, sans autorité parentale"
}

func (p *pupil) school(line identity.SchoolAttended) string {
	for _, s := range p.state.Schools {
		if s.Year == line.Year && s.UAI == line.UAI && (s.UAI != "" || s.Name == line.Name) {
			return school(s)
		}
	}
	return ""
}

func school(s identity.SchoolAttended) string {
	return joined(s.Level, s.Division, s.Name, s.Town)
}

func joined(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), ", ")
}

// unworded is what is said of an event that has no words of its own.
func unworded(event domain.Event) string {
	if _, heard := event.(ledger.CommandHeard); heard {
		return "Demande reçue, déjà satisfaite"
	}
	return event.EventType()
}
