package record_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/mark"
	"livret/domain/nomenclature"
	"livret/domain/record"
)

// mathsFilled is all that the programme of Première S expects of maths.
func mathsFilled() []domain.Event {
	events := []domain.Event{
		average(1, 1200), average(2, 1100), average(3, 900),
		record.GroupFiguresRecorded{Enseignement: maths, Headcount: 30, Mean: points(1100), Shares: &mark.Shares{Below8: 1000, From8: 5000, From12: 4000}},
		record.AppreciationWritten{Enseignement: maths, Text: "Travail sérieux."},
		record.TeachersNamed{Enseignement: maths, Staff: []uuid.UUID{prof}},
	}
	for _, code := range []string{"0094", "0105", "0097", "0018", "0177", "0022"} {
		events = append(events, record.CompetenceAssessed{Enseignement: maths, Competence: nomenclature.Competence(code), Mastery: "3"})
	}
	return events
}

// gaps says in one line each what the page of the première lacks, of maths and of the page as a whole.
func gaps(t *testing.T, events ...domain.Event) []string {
	t.Helper()
	yardstick := record.Yardstick{Nomenclature: lists(t), Suspect: func(text string) bool { return strings.Contains(text, "malade") }}
	var said []string
	for _, g := range yardstick.Gaps(livret(events...).State(), 2014) {
		if g.Enseignement.Matiere != "" && g.Enseignement != maths {
			continue
		}
		line := fmt.Sprintf("%s %s", g.Item, g.Why)
		if g.Period != 0 {
			line = fmt.Sprintf("%s %d %s", g.Item, g.Period, g.Why)
		}
		if !g.Missing() {
			line = "(" + line + ")"
		}
		said = append(said, line)
	}
	return said
}

func TestWhatAPageLacksAndWhy(t *testing.T) {
	team := record.ObservationWritten{Kind: record.ObservationTeam, Year: 2014, Text: "Élève investie.", Author: prof}
	visa, closed := record.HeadVisaGiven{Year: 2014}, locked
	full := append(mathsFilled(), team)
	without := func(nth int) []domain.Event {
		return slices.Delete(append(slices.Clone(full), visa, closed), nth, nth+1)
	}
	for _, c := range []struct {
		given []domain.Event
		then  string
	}{
		{append(slices.Clone(full), visa, closed), ""},
		{full, "visa non-saisi; verrou ouvert"},
		{nil, "enseignement non-saisi; avis-equipe non-saisi; visa non-saisi; verrou ouvert"},
		{append(slices.Clone(full), visa, average(3, 950), closed), "visa modifie-depuis"},
		{without(1), "moyenne 2 non-saisi"},
		{without(3), "groupe non-saisi"},
		{without(4), "appreciation non-saisi"},
		{without(8), "competences non-saisi"},
		{without(5), "enseignants non-saisi"},
		{without(12), "avis-equipe non-saisi"},
		{append(slices.Clone(full), record.AverageRecorded{Enseignement: maths, Period: 2, Mark: mark.NotMarked()}, visa, closed), "(moyenne 2 eleve-non-note)"},
		{append(slices.Clone(full), record.AverageRecorded{Enseignement: maths, Period: 2, Mark: mark.Absent()}, visa, closed), "(moyenne 2 eleve-non-note)"},
		{append(slices.Clone(full), record.AppreciationWritten{Enseignement: maths, Text: "Souvent malade."}, visa, closed), "texte a-relire"},
		{append(slices.Clone(full), record.AppreciationWritten{Enseignement: maths, Text: "Souvent malade."}, visa, closed,
			record.FreeTextScreened{Text: 18, Decision: record.TextKept, Rule: "screening/1"}), ""},
		{append(slices.Clone(full), record.SchoolingRecorded{Year: 2014, UAI: "0000123J", MEF: "24799999999", Division: "1P"}, visa, closed), "scolarite sans-nomenclature"},
	} {
		got := strings.Join(gaps(t, c.given...), "; ")
		if got != c.then {
			t.Errorf("given %v\n got %q\nwant %q", c.given, got, c.then)
		}
	}
}

// What nobody is named to enter is said to be so, and not to be late.
func TestNobodyIsNamedToEnterIt(t *testing.T) {
	got := strings.Join(gaps(t, average(1, 1200)), "; ")
	if !strings.HasPrefix(got, "enseignants non-saisi; moyenne 2 sans-enseignant; moyenne 3 sans-enseignant; groupe non-saisi; competences sans-enseignant; appreciation sans-enseignant") {
		t.Error(got)
	}
}

// An enseignement without marks never lacks any, an option that nobody took lacks nothing, and what was followed
// in another série is kept as it is.
func TestWhatIsNotExpectedIsNotMissing(t *testing.T) {
	tpe := record.Enseignement{Year: 2014, Matiere: "002300", Modalite: "S", Rank: 1}
	elsewhere := record.Enseignement{Year: 2014, Matiere: "307600", Modalite: "S", Rank: 1} // of ST2S
	s := livret(record.AppreciationWritten{Enseignement: tpe, Text: "Bon travail."}, record.AverageRecorded{Enseignement: elsewhere, Period: 1, Mark: points(900)}).State()
	said := map[record.Enseignement][]string{}
	for _, g := range (record.Yardstick{Nomenclature: lists(t)}).Gaps(s, 2014) {
		said[g.Enseignement] = append(said[g.Enseignement], fmt.Sprint(g.Item, " ", g.Why, " ", g.Missing()))
	}
	if got := said[tpe]; !slices.Contains(got, "moyenne non-note false") || slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, "moyenne") && strings.HasSuffix(s, "true") }) {
		t.Error("TPE:", got)
	}
	if got := said[elsewhere]; !slices.Equal(got, []string{"enseignement autre-formation false"}) {
		t.Error("ST2S:", got)
	}
	for e := range said {
		if e.Modalite != "S" && e.Matiere != "" {
			t.Error("an option is asked for:", e)
		}
	}
	if _, asked := said[maths]; !asked {
		t.Error("maths is not asked for")
	}
}

// The last page of the cycle is asked for with the terminale, and only then.
func TestTheLastPageOfTheCycle(t *testing.T) {
	items := func(year int16, events ...domain.Event) string {
		var said []string
		for _, g := range (record.Yardstick{Nomenclature: lists(t)}).Gaps(livret(append([]domain.Event{inTS}, events...)...).State(), nomenclature.SchoolYear(year)) {
			if g.Enseignement.Matiere == "" {
				said = append(said, fmt.Sprint(g.Item, " ", g.Missing()))
			}
		}
		return strings.Join(said, ", ")
	}
	if got := items(2015); got != "avis-equipe true, avis-examen true, visa true, verrou true" {
		t.Error(got)
	}
	if got := items(2015, record.AvisIssued{Avis: "F"}, record.EngagementDeclared{Code: "C"}); got != "avis-equipe true, observation-cpe false, visa true, verrou true" {
		t.Error(got)
	}
	demand := record.RectificationRequested{Rectification: uuid.MustParse("2f0d2c1e-6d4e-4b57-9d3e-0b9c2b8a1f33")}
	if got := items(2015, record.AvisIssued{Avis: "F"}, demand, record.TransmissionOpposed{}); got != "avis-equipe true, visa true, verrou true, rectification true, transmission false" {
		t.Error(got)
	}
	written := record.AppreciationWritten{Enseignement: philo, Text: "Bien."}
	if got := items(2015, record.AvisIssued{Avis: "F"}, written, record.HeadVisaGiven{Year: 2015}); got != "avis-equipe true, verrou true, prise-de-connaissance false" {
		t.Error(got)
	}
	if got := items(2014); strings.Contains(got, "avis-examen") {
		t.Error(got)
	}
	if got := items(2013); got != "scolarite true, decoupage true, avis-equipe true, visa true, verrou true" {
		t.Error(got)
	}
}
