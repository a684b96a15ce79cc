package sanction_test

import (
	"testing"

	"github.com/google/uuid"

	"livret/domain/nomenclature"
	"livret/domain/sanction"
	"livret/domain/spec"
)

const legalAct = "arrêté du 12 mars 2027 (NOR MENE2701234A)"

var (
	school   = spec.Given(sanction.SchoolDecider)
	excluded = sanction.SchoolSanctionPronounced{Text: "R511-13-2011", Kind: sanction.SchoolExclusion, Pronounced: day("2017-11-20"), Days: 3, Livret: livret, Erased: day("2018-08-31")}
)

func exclusion() sanction.PronounceSchool {
	return sanction.PronounceSchool{LegalAct: legalAct, Kind: sanction.SchoolExclusion, Pronounced: day("2017-11-20"), Days: 3, Livret: livret, Session: 2018, Today: today}
}

func TestASchoolRecordsNothingUnlessALegalActSaysSo(t *testing.T) {
	school.When(exclusion()).Then(t, excluded)
	off := exclusion()
	off.LegalAct = ""
	school.When(off).ThenRefused(t, "sanctions-d-etablissement-non-autorisees")
	school.And(excluded).When(sanction.LiftSchool{On: today, Today: today}).ThenRefused(t, "sanctions-d-etablissement-non-autorisees")

	for rule, spoil := range map[string]func(*sanction.PronounceSchool){
		"sanction-inconnue":     func(c *sanction.PronounceSchool) { c.Kind = sanction.LossOfMention },
		"sanction-sans-date":    func(c *sanction.PronounceSchool) { c.Pronounced = day("2018-03-02") },
		"sanction-sans-livret":  func(c *sanction.PronounceSchool) { c.Livret = uuid.Nil },
		"exclusion-trop-longue": func(c *sanction.PronounceSchool) { c.Days = 9 },
		"sursis-exclu":          func(c *sanction.PronounceSchool) { c.Kind, c.Days, c.Suspended = sanction.SchoolBlame, 0, true },
	} {
		c := exclusion()
		spoil(&c)
		school.When(c).ThenRefused(t, rule)
	}
	longer := exclusion()
	longer.Days = 4
	school.And(excluded).When(longer).ThenRefused(t, "sanction-deja-prononcee")
	late := exclusion()
	late.Session = 2017
	school.When(late).ThenRefused(t, "sanction-sans-date")
}

func TestASchoolSanctionIsLifted(t *testing.T) {
	lift := sanction.LiftSchool{LegalAct: legalAct, On: day("2018-01-10"), Today: today}
	lifted := sanction.SchoolSanctionLifted{On: lift.On}
	school.And(excluded).When(lift).Then(t, lifted)
	school.When(lift).ThenRefused(t, "sanction-sans-prononce")
	lift.On = day("2017-11-19")
	school.And(excluded).When(lift).ThenRefused(t, "date-du-recours")
	if got := school.And(excluded, lifted).State().Term(); got != day("2018-01-10") {
		t.Errorf("lifted on %s", got)
	}
}

// The clocks of Code de l'éducation, art. R. 511-13-1, as far as they are known, worked out by hand: a pupil of
// première in 2017-2018 and in 2019-2020, whose exam is the year after.
func TestWhenASchoolSanctionIsErased(t *testing.T) {
	for _, c := range []struct {
		kind       sanction.Kind
		days       uint8
		pronounced string
		session    nomenclature.SchoolYear
		erased     string
	}{
		{sanction.SchoolWarning, 0, "2017-11-20", 2019, "2018-08-31"},
		{sanction.SchoolWarning, 0, "2018-08-31", 2019, "2018-08-31"},
		{sanction.SchoolBlame, 0, "2017-11-20", 2019, "2018-08-31"},
		{sanction.SchoolExclusion, 3, "2017-11-20", 2019, "2018-11-20"}, // from date to date
		{sanction.ClassExclusion, 8, "2018-11-20", 2019, "2019-08-31"},  // schooling ends first
		{sanction.FinalExclusion, 0, "2017-11-20", 2019, "2019-08-31"},
		{sanction.SchoolWarning, 0, "2019-11-20", 2021, "2020-08-31"}, // as of 2019
		{sanction.SchoolBlame, 0, "2019-11-20", 2021, "2021-08-31"},
		{sanction.Responsibility, 0, "2019-11-20", 2021, "2021-08-31"},
		{sanction.SchoolExclusion, 3, "2019-11-20", 2021, "2021-08-31"}, // the second year after would be 2022
		{sanction.SchoolExclusion, 3, "2019-11-20", 2023, "2022-08-31"},
	} {
		command := exclusion()
		command.Kind, command.Days, command.Pronounced, command.Today = c.kind, c.days, day(c.pronounced), day("2023-01-01")
		command.Session = c.session
		events, err := command.Decide(school.State())
		if err != nil || len(events) != 1 {
			t.Errorf("%s of %s: %v", c.kind, c.pronounced, err)
			continue
		}
		if got := events[0].(sanction.SchoolSanctionPronounced).Erased; got != day(c.erased) {
			t.Errorf("%s of %s is erased on %s, want %s", c.kind, c.pronounced, got, c.erased)
		}
	}
	text, _ := sanction.SchoolTextOn(day("2019-09-01"))
	if text.Confidence != sanction.Unread || text.Source == "" {
		t.Error("the catalogue does not say how it is known")
	}
	if _, known := sanction.SchoolTextOn(day("2011-08-31")); known {
		t.Error("a text is known before the first")
	}
	for _, a := range sanction.SchoolKinds() {
		if a.Kind.Label() != a.Label {
			t.Errorf("%+v", a)
		}
	}
}
