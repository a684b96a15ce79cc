package sanction_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"livret/domain"
	"livret/domain/sanction"
	"livret/domain/spec"
)

var (
	livret = uuid.MustParse("6f1c0000-0000-4000-8000-000000000001")
	again  = uuid.MustParse("6f1c0000-0000-4000-8000-000000000002")
	today  = day("2018-03-01")
)

func day(s string) domain.Date {
	d, err := domain.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

// The blâme of a real case (CAA Douai, 20 July 2021, no 19DA02699).
func blame() sanction.Pronounce {
	return sanction.Pronounce{Kind: sanction.Blame, Authority: sanction.Commission, Pronounced: day("2017-09-04"), Entry: true, Livret: livret, Today: today}
}

func ban(ends string, sursis bool) sanction.Pronounce {
	c := blame()
	c.Kind, c.Ends, c.Suspended = sanction.BanFromExam, day(ends), sursis
	return c
}

var (
	given    = spec.Given(sanction.Decider)
	blamed   = sanction.SanctionPronounced{Measure: sanction.Measure{Kind: sanction.Blame}, Text: "D334-32-2012", Authority: sanction.Commission, Pronounced: day("2017-09-04"), Entry: true}
	linked   = sanction.LivretLinked{Livret: livret}
	banned   = sanction.SanctionPronounced{Measure: sanction.Measure{Kind: sanction.BanFromExam, Ends: day("2019-09-04"), Suspended: true}, Text: "D334-32-2012", Authority: sanction.Commission, Pronounced: day("2017-09-04"), Entry: true}
	annulled = sanction.SanctionAnnulled{On: day("2018-02-01")}
)

func TestEventsAreKeptAsTheyAre(t *testing.T) {
	spec.Golden(t, sanction.Events(),
		sanction.ProceedingsOpened{On: day("2017-07-10")}, sanction.ProceedingsDropped{On: day("2017-09-04")},
		banned, linked, sanction.PaperVoided{Scope: sanction.GroupPapers},
		sanction.SanctionAmended{Measure: sanction.Measure{Kind: sanction.Blame}, On: day("2018-02-01")},
		sanction.SursisRevoked{On: day("2018-02-01"), Ends: day("2020-02-01")}, annulled,
		excluded, sanction.SchoolSanctionLifted{On: day("2018-02-01")},
	)
}

// There is nowhere to write a motive: no event has a text that is not of a closed list, a date or an id.
func TestThereIsNoFieldForAMotive(t *testing.T) {
	closed := map[reflect.Type]bool{
		reflect.TypeFor[sanction.Kind](): true, reflect.TypeFor[sanction.Authority](): true, reflect.TypeFor[sanction.Scope](): true,
		reflect.TypeFor[uint8](): true, reflect.TypeFor[domain.Date](): true, reflect.TypeFor[uuid.UUID](): true, reflect.TypeFor[bool](): true,
	}
	var look func(in string, of reflect.Type)
	look = func(in string, of reflect.Type) {
		for i := range of.NumField() {
			f := of.Field(i)
			switch {
			case closed[f.Type], f.Name == "Text" && strings.HasSuffix(in, "SanctionPronounced"): // version of the catalogue
			case f.Type.Kind() == reflect.Struct:
				look(in, f.Type)
			default:
				t.Errorf("%s has a field %s of type %s", in, f.Name, f.Type)
			}
		}
	}
	for _, kind := range sanction.Events() {
		look(kind.Type, reflect.TypeOf(kind.Sample))
	}
}

func TestASanctionIsPronouncedOnce(t *testing.T) {
	given.When(blame()).Then(t, blamed, linked)
	given.And(blamed, linked).When(ban("2019-09-04", true)).ThenRefused(t, "sanction-deja-prononcee")
	given.When(ban("2019-09-04", true)).Then(t, banned, linked)

	for rule, spoil := range map[string]func(*sanction.Pronounce){
		"sanction-inconnue":    func(c *sanction.Pronounce) { c.Kind = "avertissement" },
		"sanction-sans-livret": func(c *sanction.Pronounce) { c.Livret = uuid.Nil },
		"sanction-sans-date":   func(c *sanction.Pronounce) { c.Pronounced = day("2018-03-02") },
		"autorite-inconnue":    func(c *sanction.Pronounce) { c.Authority = "proviseur" },
		"fin-d-interdiction":   func(c *sanction.Pronounce) { c.Ends = day("2019-01-01") },
		"sursis-exclu":         func(c *sanction.Pronounce) { c.Suspended = true },
	} {
		c := blame()
		spoil(&c)
		if refusal := given.When(c).ThenRefused(t, rule); refusal != nil && strings.Contains(refusal.Reason, "  ") {
			t.Errorf("%s: %q", rule, refusal.Reason)
		}
	}
	early := blame()
	early.Pronounced = day("2012-05-31")
	given.When(early).ThenRefused(t, "sanction-sans-date")
}

func TestTheRecteurAlonePronouncesLittle(t *testing.T) {
	c := blame()
	c.Authority = sanction.Recteur
	alone := blamed
	alone.Authority = sanction.Recteur
	given.When(c).Then(t, alone, linked)
	b := ban("2018-09-04", false)
	b.Authority = sanction.Recteur
	given.When(b).ThenRefused(t, "autorite-incompetente")
}

func TestHowLongABanLasts(t *testing.T) {
	given.When(ban("2022-09-04", false)).Then(t, sanction.SanctionPronounced{
		Measure: sanction.Measure{Kind: sanction.BanFromExam, Ends: day("2022-09-04")}, Text: "D334-32-2012", Authority: sanction.Commission, Pronounced: day("2017-09-04"), Entry: true}, linked)
	given.When(ban("2022-09-05", false)).ThenRefused(t, "fin-d-interdiction")
	given.When(ban("2017-09-04", false)).ThenRefused(t, "fin-d-interdiction")
	given.When(ban("2019-09-05", true)).ThenRefused(t, "sursis-exclu")
	endless := ban("2019-09-04", false)
	endless.Ends = domain.Date{}
	given.When(endless).ThenRefused(t, "fin-d-interdiction")
	enrol := ban("2019-09-04", true)
	enrol.Kind = sanction.BanFromEnrol
	given.When(enrol).ThenRefused(t, "sursis-exclu")
}

func TestARecoursChangesOrAnnuls(t *testing.T) {
	stands := given.And(banned, linked)
	less := sanction.Amend{Measure: sanction.Measure{Kind: sanction.Blame}, On: day("2018-02-01"), Today: today}
	amended := sanction.SanctionAmended{Measure: less.Measure, On: less.On}
	stands.When(less).Then(t, amended)
	given.When(less).ThenRefused(t, "sanction-sans-prononce")
	unheard := less
	unheard.Kind = "avertissement"
	stands.When(unheard).ThenRefused(t, "sanction-inconnue")
	longer := less
	longer.Measure = sanction.Measure{Kind: sanction.BanFromExam, Ends: day("2022-09-05")}
	stands.When(longer).ThenRefused(t, "fin-d-interdiction")
	for _, on := range []string{"2017-09-03", "2018-03-02"} {
		dated := less
		dated.On = day(on)
		stands.When(dated).ThenRefused(t, "date-du-recours")
		stands.When(sanction.Annul{On: day(on), Today: today}).ThenRefused(t, "date-du-recours")
	}

	revoke := sanction.RevokeSursis{On: day("2018-02-01"), Ends: day("2020-02-01"), Today: today}
	revoked := sanction.SursisRevoked{On: revoke.On, Ends: revoke.Ends}
	stands.When(revoke).Then(t, revoked)
	stands.And(revoked).When(sanction.RevokeSursis{On: day("2018-02-02"), Ends: day("2020-02-01"), Today: today}).ThenRefused(t, "sans-sursis")
	given.And(blamed, linked).When(revoke).ThenRefused(t, "sans-sursis")
	stands.When(sanction.RevokeSursis{On: day("2018-02-01"), Ends: day("2018-02-01"), Today: today}).ThenRefused(t, "fin-d-interdiction")

	annul := sanction.Annul{On: annulled.On, Today: today}
	stands.When(annul).Then(t, annulled)
	given.When(annul).ThenRefused(t, "sanction-sans-prononce")
	for _, command := range []domain.Command[*sanction.Sanction]{less, revoke, sanction.VoidPaper{Scope: sanction.Paper}, sanction.LinkLivret{Livret: again, SamePerson: true}} {
		stands.And(annulled).When(command).ThenRefused(t, "sanction-annulee")
	}
}

func TestWhatASanctionVoids(t *testing.T) {
	stands := given.And(blamed, linked)
	stands.When(sanction.VoidPaper{Scope: sanction.Paper}).Then(t, sanction.PaperVoided{Scope: sanction.Paper})
	stands.And(sanction.PaperVoided{Scope: sanction.Paper}).When(sanction.VoidPaper{Scope: sanction.WholeSession}).Then(t, sanction.PaperVoided{Scope: sanction.WholeSession})
	stands.When(sanction.VoidPaper{Scope: "copie"}).ThenRefused(t, "portee-inconnue")
	given.When(sanction.VoidPaper{Scope: sanction.Paper}).ThenRefused(t, "sanction-sans-prononce")
}

func TestASanctionFollowsWhoSitsAgain(t *testing.T) {
	stands := given.And(blamed, linked)
	stands.When(sanction.LinkLivret{Livret: again, SamePerson: true}).Then(t, sanction.LivretLinked{Livret: again})
	stands.When(sanction.LinkLivret{Livret: again}).ThenRefused(t, "autre-personne")
	stands.When(sanction.LinkLivret{Livret: livret}).Then(t)
	stands.When(sanction.LinkLivret{SamePerson: true}).ThenRefused(t, "sanction-sans-livret")
}

func TestProceedingsEndInASanctionOrNot(t *testing.T) {
	open := sanction.OpenProceedings{Livret: livret, On: day("2017-07-10"), Today: today}
	opened := sanction.ProceedingsOpened{On: open.On}
	given.When(open).Then(t, opened, linked)
	under := given.And(opened, linked)
	if !under.State().UnderWay() || given.And(opened, linked, blamed).State().UnderWay() {
		t.Error("proceedings are under way until a sanction is pronounced")
	}
	named := blame()
	under.When(named).Then(t, blamed)
	named.Livret = uuid.Nil
	under.When(named).Then(t, blamed)
	named.Livret = again
	under.When(named).ThenRefused(t, "autre-personne")

	drop := sanction.DropProceedings{On: day("2017-09-04"), Today: today}
	dropped := sanction.ProceedingsDropped{On: drop.On}
	under.When(drop).Then(t, dropped)
	given.When(drop).ThenRefused(t, "procedure-close")
	under.When(sanction.DropProceedings{On: day("2017-07-09"), Today: today}).ThenRefused(t, "procedure-sans-date")
	under.And(dropped).When(blame()).ThenRefused(t, "procedure-close")
	open.On = day("2017-07-11")
	under.When(open).ThenRefused(t, "procedure-close")
	open.On = day("2018-03-02")
	given.When(open).ThenRefused(t, "procedure-sans-date")
}

// What the term counts from.
func TestTheClockOfASanction(t *testing.T) {
	for what, c := range map[string]struct {
		history          spec.History[*sanction.Sanction]
		pronounced, ends string
	}{
		"nothing":           {given, "", ""},
		"proceedings":       {given.And(sanction.ProceedingsOpened{On: day("2017-07-10")}, linked), "", ""},
		"dropped":           {given.And(sanction.ProceedingsOpened{On: day("2017-07-10")}, linked, sanction.ProceedingsDropped{On: day("2017-09-04")}), "2017-09-04", "2017-09-04"},
		"a blâme":           {given.And(blamed, linked), "2017-09-04", ""},
		"a ban":             {given.And(banned, linked), "2017-09-04", "2019-09-04"},
		"a sursis revoked":  {given.And(banned, linked, sanction.SursisRevoked{On: day("2018-02-01"), Ends: day("2020-02-01")}), "2017-09-04", "2020-02-01"},
		"a ban made blâme":  {given.And(banned, linked, sanction.SanctionAmended{Measure: sanction.Measure{Kind: sanction.Blame}, On: day("2018-02-01")}), "2017-09-04", ""},
		"what was annulled": {given.And(banned, linked, annulled), "2017-09-04", "2018-02-01"},
	} {
		pronounced, ends, ok := c.history.State().Clock()
		if pronounced.String() != c.pronounced || ends.String() != c.ends || ok != (c.pronounced != "") {
			t.Errorf("%s: pronounced %q, ends %q, %v", what, pronounced, ends, ok)
		}
	}
	if given.And(blamed, linked, annulled).State().Entered() || !given.And(blamed, linked).State().Entered() {
		t.Error("a sanction is entered in the livret unless it was annulled")
	}
}

// Whatever is decided in whatever order, no ban lasts longer than the text says, and none is suspended for longer.
func TestNoBanIsLongerThanTheText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		history := given
		date := rapid.Custom(func(t *rapid.T) domain.Date {
			return day("2017-09-04").PlusMonths(rapid.IntRange(0, 80).Draw(t, "months"))
		})
		for range rapid.IntRange(1, 12).Draw(t, "acts") {
			kind := rapid.SampledFrom([]sanction.Kind{sanction.Blame, sanction.LossOfMention, sanction.BanFromExam, sanction.BanFromPost, sanction.BanFromEnrol}).Draw(t, "kind")
			measure := sanction.Measure{Kind: kind, Ends: date.Draw(t, "ends"), Suspended: rapid.Bool().Draw(t, "sursis")}
			on, now := date.Draw(t, "on"), day("2026-01-01")
			command := rapid.SampledFrom([]domain.Command[*sanction.Sanction]{
				sanction.Pronounce{Kind: kind, Authority: sanction.Commission, Pronounced: day("2017-09-04"), Ends: measure.Ends, Suspended: measure.Suspended, Livret: livret, Today: now},
				sanction.Amend{Measure: measure, On: on, Today: now}, sanction.RevokeSursis{On: on, Ends: measure.Ends, Today: now}, sanction.Annul{On: on, Today: now},
			}).Draw(t, "command")
			before := history.State()
			events, _ := command.Decide(before)
			history = history.And(events...)
			s := history.State()
			from := day("2017-09-04")
			if !s.Revoked.IsZero() {
				from = s.Revoked
			}
			if !s.Ends.IsZero() && from.PlusMonths(60).Before(s.Ends) || s.Suspended && from.PlusMonths(24).Before(s.Ends) {
				t.Fatalf("%+v", s.Measure)
			}
			if len(events) > 0 && !before.Annulled.IsZero() {
				t.Fatalf("%T after the annulment", command)
			}
		}
	})
}

func TestTheCatalogueSaysWhatItDoesNotKnow(t *testing.T) {
	text, known := sanction.TextOn(day("2024-06-20"))
	if !known || !text.Doubtful(day("2024-06-20")) || text.Doubtful(day("2017-09-04")) || text.Source == "" || text.Caveat == "" {
		t.Errorf("%+v", text)
	}
	for _, a := range sanction.Kinds() {
		if a.Kind.Label() != a.Label || a.Bans() != strings.HasPrefix(a.Label, "interdiction") {
			t.Errorf("%+v", a)
		}
	}
	if sanction.Kind("x").Label() != "x" || sanction.Authority("x").Label() != "x" || sanction.Scope("x").Label() != "x" {
		t.Error("what is unknown is called as it is written")
	}
	for _, a := range sanction.Authorities() {
		if a.Label() == string(a) {
			t.Errorf("%s has no label", a)
		}
	}
	for _, s := range sanction.Scopes() {
		if s.Label() == string(s) {
			t.Errorf("%s has no label", s)
		}
	}
}
