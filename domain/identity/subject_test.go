package identity_test

import (
	"testing"

	"livret/domain"
	"livret/domain/identity"
	"livret/domain/spec"
)

func TestASubjectIsIdentifiedOnce(t *testing.T) {
	pupil := spec.Given(identity.PupilDecider,
		identity.CivilIdentityRecorded{FamilyName: "DUVAL", FirstNames: []string{"Rose", "Anne"}, BirthDate: "1999-06-10"},
		identity.INERecorded{INE: "0123456789A"}).State()
	identified := identity.SubjectIdentified{FamilyName: "DUVAL", FirstNames: []string{"Rose", "Anne"}, BirthDate: "1999-06-10", INE: "0123456789A", Session: 2017}
	given := spec.Given(identity.SubjectDecider)
	given.When(identity.SubjectOf(pupil, 2017)).Then(t, identified)
	given.When(identity.IdentifySubject{}).ThenRefused(t, "sujet-sans-nom")
	given.And(identified).When(identity.IdentifySubject{FamilyName: "AUTRE"}).Then(t)
	if identified.ListName() != "DUVAL Rose" {
		t.Errorf("the subject is listed as %s", identified.ListName())
	}
}

func TestWhoIsTheSamePerson(t *testing.T) {
	subject := identity.SubjectIdentified{FamilyName: "DUVAL", FirstNames: []string{"Rose", "Anne"}, BirthDate: "1999-06-10", INE: "0123456789A"}
	civil := func(family, first, birth string) domain.Event {
		return identity.CivilIdentityRecorded{FamilyName: family, FirstNames: []string{first}, BirthDate: birth}
	}
	for what, c := range map[string]struct {
		events []domain.Event
		same   bool
	}{
		"the number, whatever the name": {[]domain.Event{civil("MOREL", "Rose", "1999-06-10"), identity.INERecorded{INE: "0123456789A"}}, true},
		"another number, by name":       {[]domain.Event{civil("Duval", "ROSE", "1999-06-10"), identity.INERecorded{INE: "0123456789B"}}, true},
		"a twin":                        {[]domain.Event{civil("DUVAL", "Lise", "1999-06-10")}, false},
		"another birth date":            {[]domain.Event{civil("DUVAL", "Rose", "1999-06-11")}, false},
		"no birth date":                 {[]domain.Event{civil("DUVAL", "Rose", "")}, false},
		"nobody":                        {nil, false},
	} {
		if got := subject.SamePerson(spec.Given(identity.PupilDecider, c.events...).State()); got != c.same {
			t.Errorf("%s: %v", what, got)
		}
	}
	if (identity.SubjectIdentified{}).SamePerson(new(identity.Pupil)) {
		t.Error("nobody is the same as nobody")
	}
}
