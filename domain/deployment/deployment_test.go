package deployment_test

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"livret/domain"
	"livret/domain/deployment"
	"livret/domain/nomenclature"
	"livret/domain/spec"
)

const grenoble = "08"

var (
	first  = strings.Repeat("a1", 32)
	second = strings.Repeat("b2", 32)
)

func planned(t interface{ Fatal(...any) }) nomenclature.Calendar {
	calendar, err := nomenclature.LoadCalendar()
	if err != nil {
		t.Fatal(err)
	}
	return calendar
}

func TestEventsAreKeptAsTheyAre(t *testing.T) {
	spec.Golden(t, deployment.Events(),
		deployment.NomenclatureLoaded{Digest: first, Millesimes: []nomenclature.SchoolYear{2016, 2017}},
		deployment.CalendarMoved{Serie: "S", First: 2016},
		deployment.ServiceDeclined{School: "0389999M"},
		deployment.ServiceOffered{School: "0389999M"},
		deployment.SchoolSanctionsEnabled{LegalAct: "arrêté du 12 mars 2027 (NOR MENE2701234A)"},
		deployment.SchoolSanctionsRevoked{On: domain.NewDate(2028, 1, 10)},
	)
}

// Ids are public names: were they computed otherwise, decisions already taken would be forgotten.
func TestStreamsKeepTheirNames(t *testing.T) {
	for got, want := range map[string]string{
		deployment.Stream(grenoble).String():         "9e88c092-5a05-5d65-aadc-739855bf6b43",
		deployment.SchoolStream("0389999M").String(): "74319350-bba9-599c-8886-1decd411f1e2",
	} {
		if got != want {
			t.Errorf("stream %s, want %s", got, want)
		}
	}
}

func TestLoadNomenclature(t *testing.T) {
	years := []nomenclature.SchoolYear{2016}
	loaded := deployment.NomenclatureLoaded{Digest: first, Millesimes: years}
	other := deployment.NomenclatureLoaded{Digest: second, Millesimes: years}
	load := deployment.LoadNomenclature(loaded)
	nothing := spec.Given(deployment.Decider)
	nothing.When(load).Then(t, loaded)
	nothing.And(loaded).When(load).Then(t)
	nothing.And(loaded).When(deployment.LoadNomenclature(other)).Then(t, other)
	nothing.And(loaded, other).When(load).Then(t) // it keeps its place
	for _, digest := range []string{"", "a1", strings.ToUpper(first), first + "a", "../" + first[3:]} {
		nothing.When(deployment.LoadNomenclature{Digest: digest, Millesimes: years}).ThenRefused(t, "nomenclature-sans-empreinte")
	}
	nothing.When(deployment.LoadNomenclature{Digest: first}).ThenRefused(t, "nomenclature-vide")
}

func TestMoveCalendar(t *testing.T) {
	move := func(serie nomenclature.Serie, session nomenclature.SchoolYear) deployment.MoveCalendar {
		return deployment.MoveCalendar{Serie: serie, First: session, Academie: grenoble, Planned: planned(t)}
	}
	moved := func(serie nomenclature.Serie, session nomenclature.SchoolYear) deployment.CalendarMoved {
		return deployment.CalendarMoved{Serie: serie, First: session}
	}
	asPlanned := spec.Given(deployment.Decider)
	asPlanned.When(move("S", 2016)).Then(t, moved("S", 2016))
	asPlanned.When(move("S", 2019)).Then(t, moved("S", 2019))
	asPlanned.When(move("S", 2018)).Then(t) // it is planned so
	asPlanned.When(move("PRO", 2021)).Then(t, moved("PRO", 2021))
	earlier := asPlanned.And(moved("S", 2016))
	earlier.When(move("S", 2016)).Then(t)
	earlier.When(move("S", 2018)).Then(t, moved("S", 2018)) // back to the plan
	earlier.When(move("ES", 2018)).Then(t)

	for _, serie := range []nomenclature.Serie{"STAV", "TMD"} {
		asPlanned.When(move(serie, 2018)).ThenRefused(t, "serie-hors-livret")
	}
	for _, serie := range []nomenclature.Serie{"", "XYZ", "s", "PRO-HORLOGERIE"} {
		refusal := asPlanned.When(move(serie, 2018)).ThenRefused(t, "serie-inconnue")
		if refusal != nil && !strings.Contains(refusal.Remedy, "ES, L, PRO, S, ST2S") {
			t.Error(refusal.Remedy)
		}
	}
	for _, session := range []nomenclature.SchoolYear{-1, 0, 2014, 2100} {
		asPlanned.When(move("STMG", session)).ThenRefused(t, "session-inconnue")
	}
	asPlanned.When(move("L", 2021)).ThenRefused(t, "serie-eteinte")
	elsewhere := move("S", 2016)
	elsewhere.Academie = "99"
	asPlanned.When(elsewhere).ThenRefused(t, "academie-inconnue")
}

// What was moved opens a school of the académie, and no other one.
func TestAMoveOpensTheSerie(t *testing.T) {
	state := spec.Given(deployment.Decider, deployment.CalendarMoved{Serie: "S", First: 2016}, deployment.CalendarMoved{Serie: "PRO", First: 2021}).State()
	calendar, err := state.Moved(planned(t), grenoble)
	if err != nil {
		t.Fatal(err)
	}
	s := nomenclature.Formation{Serie: "S", MEF: "20211010110"}
	pro := nomenclature.Formation{Serie: "PRO-HORLOGERIE", MEF: "24799901331"}
	const inGrenoble, inPoitiers = "0389999M", "0860038Z"
	for _, school := range []nomenclature.UAI{inGrenoble, inPoitiers} {
		if _, err := nomenclature.ParseUAI(string(school)); err != nil {
			t.Fatal(school, err)
		}
	}
	if err := errors.Join(calendar.Open(s, inGrenoble, 2016), calendar.Open(pro, inGrenoble, 2021)); err != nil {
		t.Error(err)
	}
	if calendar.Open(s, inGrenoble, 2015) == nil || calendar.Open(s, inPoitiers, 2016) == nil || calendar.Open(pro, inGrenoble, 2020) == nil {
		t.Error("open where or when it was not moved")
	}
}

func TestASchoolOffersTheService(t *testing.T) {
	const school nomenclature.UAI = "0389999M"
	declined, offered := deployment.ServiceDeclined{School: school}, deployment.ServiceOffered{School: school}
	silent := spec.Given(deployment.SchoolDecider)
	silent.When(deployment.DeclineService{School: school}).Then(t, declined)
	silent.When(deployment.OfferService{School: school}).Then(t)
	silent.And(declined).When(deployment.DeclineService{School: school}).Then(t)
	silent.And(declined).When(deployment.OfferService{School: school}).Then(t, offered)
	silent.And(declined, offered).When(deployment.DeclineService{School: school}).Then(t, declined)
	silent.When(deployment.DeclineService{School: "0389999Z"}).ThenRefused(t, "uai-lettre-fausse")
	silent.And(declined).When(deployment.OfferService{School: "38"}).ThenRefused(t, "uai-illisible")
}

// Whatever was decided before, what is decided next is so afterwards, and deciding it again is nothing.
func TestADecisionIsSo(t *testing.T) {
	calendar := planned(t)
	rapid.Check(t, func(t *rapid.T) {
		state := deployment.Decider.Initial()
		for range rapid.IntRange(1, 12).Draw(t, "decisions") {
			move := deployment.MoveCalendar{
				Serie:    rapid.SampledFrom(append(calendar.Series(), "STAV", "XYZ")).Draw(t, "serie"),
				First:    nomenclature.SchoolYear(rapid.IntRange(2014, 2023).Draw(t, "session")),
				Academie: grenoble, Planned: calendar,
			}
			events, err := move.Decide(state)
			if err != nil {
				continue
			}
			for _, e := range events {
				state = deployment.Decider.Evolve(state, domain.Fact{Event: e})
			}
			again, err := move.Decide(state)
			if err != nil || len(again) > 0 {
				t.Fatalf("decided again: %v, %v", again, err)
			}
			inForce, err := state.Moved(calendar, grenoble)
			if got, ok := inForce.First(move.Serie, nomenclature.SansVoie, grenoble); err != nil || !ok || got != move.First {
				t.Fatalf("%s begins in %d, want %d (%v)", move.Serie, got, move.First, err)
			}
		}
		series := make([]string, 0, len(state.Moves))
		for _, m := range state.Moves {
			series = append(series, string(m.Serie))
		}
		slices.Sort(series)
		if len(slices.Compact(slices.Clone(series))) != len(series) {
			t.Fatalf("a série was kept twice: %v", series)
		}
	})
}

func TestRefusalsAreWrittenInFrench(t *testing.T) {
	wrong := regexp.MustCompile(`'| [;:!?»]|« |[^\x{00a0}\x{202f} ][;!?]`)
	calendar := planned(t)
	for _, c := range []domain.Command[*deployment.State]{
		deployment.LoadNomenclature{}, deployment.LoadNomenclature{Digest: first},
		deployment.MoveCalendar{Planned: calendar}, deployment.MoveCalendar{Serie: "S", Planned: calendar},
		deployment.MoveCalendar{Serie: "S", First: 2030, Planned: calendar},
	} {
		_, err := c.Decide(deployment.Decider.Initial())
		refusal, refused := errors.AsType[*domain.Refusal](err)
		if !refused || refusal.Reason == "" || wrong.MatchString(refusal.Reason+refusal.Remedy) {
			t.Errorf("%+v", err)
		}
	}
}
