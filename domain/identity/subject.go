package identity

import (
	"slices"
	"strings"

	"livret/domain"
	"livret/domain/nomenclature"
)

// SubjectCategory is the stream category of those who were sanctioned: subject-<sanction>. It is apart from the
// sanction itself, so that who may know the one is not handed the other, and it dies with it.
const SubjectCategory = "subject"

// SubjectIdentified is whose a sanction is, as his livret knew him the day it was pronounced: the sanction outlives
// the livret as often as not, and must still say so.
type SubjectIdentified struct {
	Redacted
	FamilyName string                  `json:"familyName"`
	UsageName  string                  `json:"usageName,omitempty"`
	FirstNames []string                `json:"firstNames"`
	BirthDate  string                  `json:"birthDate"` // ISO 8601; empty if unknown
	INE        string                  `json:"ine,omitempty"`
	Session    nomenclature.SchoolYear `json:"session"` // calendar year of the exam that his livret prepared
}

// EventType is the name on disk.
func (SubjectIdentified) EventType() string { return "identity.SubjectIdentified" }

// ListName is the surname first, then the first name.
func (e SubjectIdentified) ListName() string { return e.civil().ListName() }

func (e SubjectIdentified) civil() CivilIdentityRecorded {
	return CivilIdentityRecorded{FamilyName: e.FamilyName, UsageName: e.UsageName, FirstNames: e.FirstNames, BirthDate: e.BirthDate}
}

// SamePerson tells whether a pupil is the subject: by the national number, or by family name, first name and
// birth date together. It can be wrong of twins and of clerks, so a person confirms what it allows.
func (e SubjectIdentified) SamePerson(p *Pupil) bool {
	if e.INE != "" && e.INE == p.INE {
		return true
	}
	civil := e.civil()
	return e.FamilyName != "" && e.BirthDate != "" && e.BirthDate == p.Civil.BirthDate &&
		strings.EqualFold(e.FamilyName, p.Civil.FamilyName) && strings.EqualFold(civil.firstName(), p.Civil.firstName())
}

// Subject is the fold of a subject stream; nil as long as nobody was identified.
type Subject = *SubjectIdentified

// SubjectDecider is that of subject streams.
var SubjectDecider = domain.Decider[Subject]{
	Category: SubjectCategory,
	Initial:  func() Subject { return nil },
	Evolve: func(s Subject, fact domain.Fact) Subject {
		if e, ok := fact.Event.(SubjectIdentified); ok {
			return &e
		}
		return s
	},
}

// IdentifySubject keeps who is sanctioned beside the sanction. It is said once: the sanction was pronounced against
// the person of that day.
type IdentifySubject SubjectIdentified

// SubjectOf is the pupil of a livret as the subject of a sanction.
func SubjectOf(p *Pupil, session nomenclature.SchoolYear) IdentifySubject {
	return IdentifySubject{
		FamilyName: p.Civil.FamilyName, UsageName: p.Civil.UsageName, FirstNames: slices.Clone(p.Civil.FirstNames),
		BirthDate: p.Civil.BirthDate, INE: p.INE, Session: session,
	}
}

// Decide refuses by "sujet-sans-nom".
func (c IdentifySubject) Decide(s Subject) ([]domain.Event, error) {
	switch {
	case s != nil:
		return nil, nil
	case c.FamilyName == "":
		return nil, domain.Refuse("sujet-sans-nom", "L’état civil de l’élève n’est pas enregistré : une sanction ne peut être rattachée à personne.", "Importez d’abord la base élèves de son établissement.")
	}
	return []domain.Event{SubjectIdentified(c)}, nil
}
