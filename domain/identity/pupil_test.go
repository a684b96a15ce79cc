package identity_test

import (
	"reflect"
	"testing"
	"time"

	"livret/domain"
	"livret/domain/identity"
	"livret/domain/spec"
)

var (
	camille = identity.CivilIdentityRecorded{
		FamilyName: "MARTIN", FirstNames: []string{"Camille", "Rose"}, BirthDate: "1999-06-10", BirthPlace: "Valmont", Sex: "2",
	}
	mother  = identity.GuardianRecorded{PersonID: 41, Civility: "MME", Name: "MARTIN", First: "Claire", Legal: 1, Parente: "10"}
	father  = identity.GuardianRecorded{PersonID: 42, Civility: "M.", Name: "DUVAL", First: "Marc", Legal: 2, Parente: "20"}
	contact = identity.GuardianRecorded{PersonID: 43, Name: "GRANGE", First: "Odile", Parente: "38"}
	lycee   = identity.SchoolAttended{Year: 2014, UAI: "0000001A", Name: "Lycée Jean-Moulin", Town: "Valmont", Division: "1S2", Level: "1re"}
)

func pupil(events ...domain.Event) spec.History[*identity.Pupil] {
	return spec.Given(identity.PupilDecider, events...)
}

func TestAPupilIsRecorded(t *testing.T) {
	pupil().When(identity.RecordPupil{
		Civil: &camille, INE: "0123456789M", Siecle: &identity.SiecleIDRecorded{UAI: "0000001A", SiecleID: 700123},
		Guardians: []identity.GuardianRecorded{father, mother, contact}, Schools: []identity.SchoolAttended{lycee},
	}).Then(t,
		camille, identity.INERecorded{INE: "0123456789M"}, identity.SiecleIDRecorded{UAI: "0000001A", SiecleID: 700123},
		mother, father, contact, lycee)
}

func TestPaddingIsTrimmed(t *testing.T) {
	pupil().When(identity.RecordPupil{
		Civil:     &identity.CivilIdentityRecorded{FamilyName: "MARTIN   ", FirstNames: []string{" Camille", "Rose ", "  "}, BirthDate: "1999-06-10", BirthPlace: "Valmont\u00a0", Sex: "2"},
		INE:       "0123456789M ",
		Guardians: []identity.GuardianRecorded{{PersonID: 43, Name: "GRANGE  ", First: "Odile ", Parente: "38"}},
	}).Then(t, camille, identity.INERecorded{INE: "0123456789M"}, contact)
}

func TestWhatASourceLeavesBlankStays(t *testing.T) {
	pupil(camille, mother, lycee).When(identity.RecordPupil{
		Civil:   &identity.CivilIdentityRecorded{FamilyName: "MARTIN"},
		Schools: []identity.SchoolAttended{{Year: 2014, UAI: "0000001A"}},
	}).Then(t)
	pupil(camille).When(identity.RecordPupil{}).Then(t)
}

func TestAChangeOfNameIsANewFact(t *testing.T) {
	married := camille
	married.UsageName = "MARTIN-DUVAL"
	pupil(camille).When(identity.RecordPupil{Civil: &married}).Then(t, married)
	pupil(camille, married).When(identity.RecordPupil{Civil: &camille}).Then(t, camille) // no usage name any more
}

func TestANewINEIsANewFact(t *testing.T) {
	known := identity.INERecorded{INE: "0123456789M"}
	pupil(known).When(identity.RecordPupil{INE: "012345678AB"}).Then(t, identity.INERecorded{INE: "012345678AB"})
	pupil(known).When(identity.RecordPupil{INE: "not an INE"}).Then(t, identity.INERecorded{INE: "not an INE"})
}

func TestAPupilHasOneSiecleIDASchool(t *testing.T) {
	first := identity.SiecleIDRecorded{UAI: "0000001A", SiecleID: 1}
	moved := identity.SiecleIDRecorded{UAI: "0000002B", SiecleID: 9}
	history := pupil(first)
	history.When(identity.RecordPupil{Siecle: &moved}).Then(t, moved)
	history.And(moved).When(identity.RecordPupil{Siecle: &first}).Then(t)
	if got := history.And(moved).State().Siecle; !reflect.DeepEqual(got, []identity.SiecleIDRecorded{first, moved}) {
		t.Errorf("got %d numbers", len(got))
	}
}

func TestOnlyACompleteListRemovesGuardians(t *testing.T) {
	only := identity.RecordPupil{Guardians: []identity.GuardianRecorded{mother}}
	history := pupil(mother, father, contact)
	history.When(only).Then(t)
	only.GuardiansComplete = true
	history.When(only).Then(t, identity.GuardianRemoved{PersonID: 42}, identity.GuardianRemoved{PersonID: 43})
	history.When(identity.RecordPupil{GuardiansComplete: true}).Then(t,
		identity.GuardianRemoved{PersonID: 41}, identity.GuardianRemoved{PersonID: 42}, identity.GuardianRemoved{PersonID: 43})
}

func TestAGuardianWhoseAuthorityChanges(t *testing.T) {
	withdrawn := father
	withdrawn.Legal = 0
	pupil(father).When(identity.RecordPupil{Guardians: []identity.GuardianRecorded{withdrawn}}).Then(t, withdrawn)
	day := domain.NewDate(2016, time.June, 10)
	if got := pupil(camille, mother, father, contact, withdrawn).State().GuardiansOn(day); len(got) != 1 || got[0] != mother {
		t.Errorf("%d guardians with authority, want the mother alone", len(got))
	}
}

func TestARepeatedYearIsALineOfItsOwn(t *testing.T) {
	again := lycee
	again.Year, again.Division = 2015, "1S3"
	moved := lycee
	moved.Division = "1S4" // within the year: the line is replaced
	history := pupil(lycee)
	history.When(identity.RecordPupil{Schools: []identity.SchoolAttended{again}}).Then(t, again)
	history.When(identity.RecordPupil{Schools: []identity.SchoolAttended{moved}}).Then(t, moved)
	if got := history.And(again, moved).State().Schools; !reflect.DeepEqual(got, []identity.SchoolAttended{moved, again}) {
		t.Errorf("%d lines", len(got))
	}
}

func TestTwoLinesOfOneYearAndSchoolAreOne(t *testing.T) {
	pupil().When(identity.RecordPupil{Schools: []identity.SchoolAttended{
		{Year: 2014, UAI: "0000001A", Division: "1S1", Level: "1re"},
		{Year: 2014, UAI: "0000001A", Name: "Lycée Jean-Moulin", Town: "Valmont", Division: "1S2"},
	}}).Then(t, lycee)
}

func TestWhatIsNoPupil(t *testing.T) {
	for name, c := range map[string]struct {
		command identity.RecordPupil
		rule    string
	}{
		"no name":         {identity.RecordPupil{Civil: &identity.CivilIdentityRecorded{FirstNames: []string{"Camille"}}}, "nom-absent"},
		"blank name":      {identity.RecordPupil{Civil: &identity.CivilIdentityRecorded{FamilyName: " \u00a0"}}, "nom-absent"},
		"French date":     {identity.RecordPupil{Civil: &identity.CivilIdentityRecorded{FamilyName: "M", BirthDate: "10/06/1999"}}, "date-naissance-illisible"},
		"no such day":     {identity.RecordPupil{Civil: &identity.CivilIdentityRecorded{FamilyName: "M", BirthDate: "1999-02-29"}}, "date-naissance-illisible"},
		"number of none":  {identity.RecordPupil{Siecle: &identity.SiecleIDRecorded{SiecleID: 1}}, "siecle-incomplet"},
		"number 0":        {identity.RecordPupil{Siecle: &identity.SiecleIDRecorded{UAI: "0000001A"}}, "siecle-incomplet"},
		"person 0":        {identity.RecordPupil{Guardians: []identity.GuardianRecorded{{Name: "X"}}}, "responsable-sans-identifiant"},
		"authority 3":     {identity.RecordPupil{Guardians: []identity.GuardianRecorded{{PersonID: 1, Legal: 3}}}, "responsabilite-inconnue"},
		"two authorities": {identity.RecordPupil{Guardians: []identity.GuardianRecorded{{PersonID: 1, Legal: 1}, {PersonID: 1}}}, "responsable-en-double"},
		"no year":         {identity.RecordPupil{Schools: []identity.SchoolAttended{{UAI: "0000001A"}}}, "scolarite-sans-annee"},
	} {
		t.Run(name, func(t *testing.T) { pupil(camille, mother).When(c.command).ThenRefused(t, c.rule) })
	}
	pupil().When(identity.RecordPupil{Guardians: []identity.GuardianRecorded{mother, mother}}).Then(t, mother)
}

func TestMajorityComesByTheClock(t *testing.T) {
	for _, c := range []struct {
		birth, day string
		adult      bool
	}{
		{"1999-06-10", "2017-06-09", false},
		{"1999-06-10", "2017-06-10", true},
		{"1999-06-10", "2030-01-01", true},
		{"2000-02-29", "2018-02-28", false},
		{"2000-02-29", "2018-03-01", true},
		{"", "2017-06-10", true},
	} {
		civil := camille
		civil.BirthDate = c.birth
		day, err := domain.ParseDate(c.day)
		if err != nil {
			t.Fatal(err)
		}
		p := pupil(civil, mother, father, contact).State()
		if got := p.AdultOn(day); got != c.adult {
			t.Errorf("born %q, of age on %s: %t", c.birth, c.day, got)
		}
		want := 2
		if c.adult {
			want = 0
		}
		if got := len(p.GuardiansOn(day)); got != want {
			t.Errorf("born %q, on %s: %d guardians", c.birth, c.day, got)
		}
	}
	if !new(identity.Pupil).AdultOn(domain.Date{}) {
		t.Error("a pupil without birth date has guardians with access")
	}
}

func TestKnownNamesForgetNothing(t *testing.T) {
	married := camille
	married.UsageName = "MARTIN-DUVAL"
	got := pupil(camille, married, camille, father, identity.GuardianRemoved{PersonID: 42}, identity.GuardianRecorded{PersonID: 7},
		lycee, identity.SchoolAttended{Year: 2015, UAI: "0000002B"}, identity.SiecleIDRecorded{UAI: "0000001A", SiecleID: 5}).State().KnownNames()
	want := identity.KnownNames{
		People: []identity.KnownPerson{
			{Family: "MARTIN", First: []string{"Camille", "Rose"}},
			{Family: "MARTIN", Usage: "MARTIN-DUVAL", First: []string{"Camille", "Rose"}},
			{Family: "DUVAL", First: []string{"Marc"}},
		},
		Schools: []string{"Lycée Jean-Moulin"},
		Towns:   []string{"Valmont"},
		UAIs:    []string{"0000001A", "0000002B"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %d people, %q, %q, %q", len(got.People), got.Schools, got.Towns, got.UAIs)
	}
}

func TestHowPeopleAreCalled(t *testing.T) {
	married := camille
	married.UsageName = "MARTIN-DUVAL"
	for got, want := range map[string]string{
		camille.DisplayName(): "Camille MARTIN",
		married.DisplayName(): "Camille MARTIN-DUVAL",
		married.ListName():    "MARTIN-DUVAL Camille",
		identity.CivilIdentityRecorded{FamilyName: "MARTIN"}.DisplayName(): "MARTIN",
		mother.DisplayName():  "Mme Claire MARTIN",
		contact.DisplayName(): "Odile GRANGE",
		identity.StaffIdentified{Civility: "M.", Name: "PETIT"}.DisplayName(): "M. PETIT",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
