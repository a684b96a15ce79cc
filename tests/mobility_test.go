package tests

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"livret/cmd/livret/instance"
	"livret/cmd/livret/web"
	"livret/domain"
	"livret/domain/access"
	"livret/domain/deliberation"
	"livret/domain/exchange"
	"livret/domain/exchange/lsl"
	"livret/domain/exchange/siecle"
	"livret/domain/identity"
	"livret/domain/mark"
	"livret/domain/nomenclature"
	"livret/domain/record"
	"livret/eventstore/keyvault"
	"livret/eventstore/ledger"
	"livret/eventstore/ledger/intake"
)

const (
	here      nomenclature.UAI = "0000123J"
	there     nomenclature.UAI = "0000456W"
	premiereS nomenclature.MEF = "20111010110"
	termS     nomenclature.MEF = "20211010110"
	termES    nomenclature.MEF = "20212005110"
)

// years is a ledger through which years pass, and the files that schools hand in.
type years struct {
	*testing.T
	*instance.Instance
	now time.Time
}

func newYears(t *testing.T, day string) *years {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "data")
	if _, err := instance.Init(dir, "08"); err != nil {
		t.Fatal(err)
	}
	y := &years{T: t}
	y.at(day)
	i, err := instance.Open(t.Context(), dir, instance.Options{Now: func() time.Time { return y.now }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { i.Close() })
	y.Instance = i
	return y
}

// at moves the clock to noon of a day.
func (y *years) at(day string) {
	y.Helper()
	d, err := time.Parse(time.DateOnly, day)
	if err != nil {
		y.Fatal(err)
	}
	y.now = d.Add(11 * time.Hour)
}

func (y *years) clerk() access.Actor {
	return access.Actor{Actor: domain.Actor{Role: access.Exploitant}}
}

func headOf(school nomenclature.UAI) access.Actor {
	return access.Actor{Actor: domain.Actor{Role: access.ChefEtablissement, Person: uuid.New()}, UAI: school, Staff: uuid.New()}
}

// base hands in a base élèves, and the guardians of the pupil if there are some.
func (y *years) base(school nomenclature.UAI, year nomenclature.SchoolYear, p siecle.Pupil, guardians ...siecle.Guardian) intake.Report {
	y.Helper()
	h := siecle.Header{UAI: school, Year: year, Exported: domain.NewDate(int(year), time.September, 15), Version: "2.1"}
	var pupils, responsible bytes.Buffer
	err := siecle.WritePupils(&pupils, &siecle.Pupils{Header: h, Pupils: []siecle.Pupil{p}})
	files := []intake.File{{Name: "eleves.xml", Content: &pupils}}
	if len(guardians) > 0 && err == nil {
		err = siecle.WriteGuardians(&responsible, &siecle.Guardians{Header: h, ByPupil: map[uint64][]siecle.Guardian{p.ID: guardians}})
		files = append(files, intake.File{Name: "responsables.xml", Content: &responsible})
	}
	if err != nil {
		y.Fatal(err)
	}
	report, err := y.Desk(y.clerk()).Siecle(y.Context(), files, intake.Options{})
	if err != nil {
		y.Fatal(err)
	}
	if err := y.CatchUp(y.Context()); err != nil {
		y.Fatal(err)
	}
	return report
}

// marks hands in a file of marks of one year: maths, with an average, an appreciation and its teacher.
func (y *years) marks(school nomenclature.UAI, year nomenclature.SchoolYear, id uint64, hundredths int, teacher string) intake.Report {
	y.Helper()
	pupil := lsl.Pupil{ID: id, Engagements: []record.Engagement{"C"}, Years: []lsl.Year{{Year: year, Periods: 3, Evaluations: []lsl.Evaluation{{
		Matiere: "061300", Modalite: "S", Appreciation: "Une année sérieuse.", Teachers: []lsl.Person{{Name: teacher, First: "Odile"}},
		Averages: []lsl.Average{{Period: 1, Mark: mark.Must(mark.Hundredths(hundredths))}},
	}}}}}
	var file bytes.Buffer
	if err := lsl.Write(&file, exchange.UTF8, lsl.Header{Editeur: "essai", Application: "essai", UAI: school}, slices.Values([]lsl.Pupil{pupil})); err != nil {
		y.Fatal(err)
	}
	report, err := y.Desk(y.clerk()).LSL(y.Context(), "lsl.xml", &file, intake.Options{})
	if err != nil {
		y.Fatal(err)
	}
	if err := y.CatchUp(y.Context()); err != nil {
		y.Fatal(err)
	}
	return report
}

func (y *years) livret(school nomenclature.UAI, id uint64, year nomenclature.SchoolYear) (uuid.UUID, *record.State) {
	y.Helper()
	livret, err := y.FindPupil(y.Context(), school, id, year)
	if err != nil {
		y.Fatalf("no livret of %d in %s in %d: %v", id, school, year, err)
	}
	state, _, err := ledger.Load(y.Context(), y.Ledger, record.Decider, livret)
	if err != nil {
		y.Fatal(err)
	}
	return livret, state
}

func (y *years) reads(actor access.Actor, livret uuid.UUID) bool {
	y.Helper()
	_, err := y.ShowFamily(y.Context(), actor, livret)
	return err == nil
}

func mathsIn(s *record.State, year nomenclature.SchoolYear) *record.Line {
	return s.Line(record.Enseignement{Year: year, Matiere: "061300", Modalite: "S", Rank: 1})
}

func pupilNumbered(id uint64, mef nomenclature.MEF, division string) siecle.Pupil {
	return siecle.Pupil{ID: id, Number: "17", INE: "000070123HH", FamilyName: "BELLACHÈRE", FirstNames: []string{"Zéphyrine"},
		Birth: domain.NewDate(2000, time.October, 3), Sex: "2", MEF: mef, Division: division}
}

func rulesOf(r intake.Report) (rules []string) {
	for _, line := range r.Refused {
		rules = append(rules, line.Rule)
	}
	return rules
}

// TestALivretFollowsItsPupilToAnotherSchool: the other school finds her by her INE, takes nothing up without the order
// of the school she leaves, and then holds the very same livret, première included.
func TestALivretFollowsItsPupilToAnotherSchool(t *testing.T) {
	y := newYears(t, "2016-09-20")
	mother := siecle.Guardian{PersonID: 501, Civility: "MME", Name: "BELLACHÈRE", First: "Aude", Legal: 1, Parente: "2"}
	y.base(here, 2016, pupilNumbered(100001, premiereS, "1S2"), mother)
	y.marks(here, 2016, 100001, 1250, "SAVARY")
	livret, _ := y.livret(here, 100001, 2016)
	signed, _, err := y.Checkpoint(t.Context(), access.Actor{Actor: domain.Actor{Role: access.Exploitant}})
	if err != nil {
		t.Fatal(err)
	}

	y.at("2017-09-20")
	moved := pupilNumbered(900009, termS, "TS4")
	if rules := rulesOf(y.base(there, 2017, moved)); !slices.Equal(rules, []string{"livret-dans-un-autre-etablissement"}) {
		t.Fatalf("without an order: %v", rules)
	}
	if _, err := y.FindPupil(t.Context(), there, 900009, 2017); err == nil {
		t.Fatal("a second livret was opened")
	}
	if _, err := y.OrderTransfer(t.Context(), headOf(there), livret, there); err == nil {
		t.Fatal("a school orders a transfer to itself")
	}
	if changed, err := y.OrderTransfer(t.Context(), headOf(here), livret, there); err != nil || !changed {
		t.Fatalf("%v, %v", changed, err)
	}
	somebodyElse := moved
	somebodyElse.Birth = domain.NewDate(2000, time.October, 4)
	if rules := rulesOf(y.base(there, 2017, somebodyElse)); !slices.Equal(rules, []string{"ine-discordant"}) {
		t.Fatalf("an INE mistyped: %v", rules)
	}
	if report := y.base(there, 2017, moved); len(report.Refused) > 0 {
		t.Fatalf("with an order: %v", rulesOf(report))
	}

	same, state := y.livret(there, 900009, 2017)
	if same != livret || state.School() != there || mathsIn(state, 2016).Averages[0].Mark != mark.Must(mark.Hundredths(1250)) {
		t.Error("it is not the same livret, with its première")
	}
	if !y.reads(headOf(there), livret) || y.reads(headOf(here), livret) {
		t.Error("the livret is read where she was, or not where she is")
	}
	pupil, _, err := ledger.Load(t.Context(), y.Ledger, identity.PupilDecider, livret)
	if err != nil || len(pupil.Guardians) != 0 || len(pupil.Siecle) != 2 {
		t.Errorf("guardians numbered in another base: %+v, %v", pupil.Guardians, err)
	}

	auditor := access.Actor{Actor: domain.Actor{Role: access.Auditeur}, Academie: y.Settings.Academie}
	then, err := y.FamilyAsOf(t.Context(), auditor, livret, instance.When{Size: signed.Size})
	if err != nil || len(then.Shown.Guardians) != 1 || len(then.Shown.Years) != 2 || then.Shown.Years[0].Schooling[0].UAI != here || len(then.Shown.Years[1].Schooling) != 0 {
		t.Errorf("before she moved, her family was shown %+v, %v", then.Shown, err)
	}

	// The school that she left writes no more; the one where she is does, and imports again without a word.
	if rules := rulesOf(y.marks(here, 2016, 100001, 800, "SAVARY")); !slices.Contains(rules, "livret-dans-un-autre-etablissement") {
		t.Errorf("the school she left writes: %v", rules)
	}
	if rules := rulesOf(y.base(here, 2017, pupilNumbered(100001, termS, "TS2"))); !slices.Equal(rules, []string{"livret-dans-un-autre-etablissement"}) {
		t.Errorf("the school she left takes her back: %v", rules)
	}
	if report := y.base(there, 2017, moved); report.EventsWritten != 0 {
		t.Errorf("again: %+v", report)
	}
	if report := y.marks(there, 2017, 900009, 1400, "MALHERBE"); report.Changed != 1 {
		t.Errorf("marks where she is: %v", rulesOf(report))
	}
	if _, state = y.livret(there, 900009, 2017); mathsIn(state, 2016).Averages[0].Mark != mark.Must(mark.Hundredths(1250)) {
		t.Error("the première was changed from afar")
	}
}

// TestARepeaterOpensANewLivret: the terminale failed in 2018 is repeated in a livret of its own, into which the page of
// première follows; the first livret ends by itself, and takes nothing from the second.
func TestARepeaterOpensANewLivret(t *testing.T) {
	y := newYears(t, "2016-09-20")
	y.base(here, 2016, pupilNumbered(100001, premiereS, "1S2"))
	y.marks(here, 2016, 100001, 1250, "SAVARY")
	y.at("2017-09-20")
	y.base(here, 2017, pupilNumbered(100001, termS, "TS1"))
	y.marks(here, 2017, 100001, 700, "MALHERBE")
	first, _ := y.livret(here, 100001, 2017)
	y.at("2018-07-06")
	session := deliberation.ExamSession{Year: 2018, Round: deliberation.Juin}
	if _, err := y.Proclaim(t.Context(), y.clerk(), session, domain.NewDate(2018, time.July, 5)); err != nil {
		t.Fatal(err)
	}

	y.at("2018-09-03")
	again := pupilNumbered(100001, termS, "TS3")
	again.Repeating = true
	if report := y.base(here, 2018, again); len(report.Refused) > 0 || report.New != 1 {
		t.Fatalf("the repeater: %+v", report)
	}
	second, state := y.livret(here, 100001, 2018)
	if second == first || state.Session != 2019 {
		t.Fatalf("no new livret: session %d", state.Session)
	}
	line := mathsIn(state, 2016)
	if line == nil || line.Averages[0].Mark != mark.Must(mark.Hundredths(1250)) || line.Appreciation.Value != "Une année sérieuse." || len(line.Teachers) != 1 {
		t.Errorf("the première did not follow: %+v", line)
	}
	if mathsIn(state, 2017) != nil || state.Avis != "" || !state.HasEngagement("C") {
		t.Error("what the first terminale said follows, or the engagement does not")
	}
	pupil, _, err := ledger.Load(t.Context(), y.Ledger, identity.PupilDecider, second)
	var classes []nomenclature.SchoolYear
	for _, s := range pupil.Schools {
		classes = append(classes, s.Year)
	}
	if err != nil || !slices.Equal(classes, []nomenclature.SchoolYear{2016, 2017, 2018}) {
		t.Errorf("two lines for the class repeated: %v, %v", classes, err)
	}
	if report := y.base(here, 2018, again); report.EventsWritten != 0 {
		t.Errorf("again: %+v", report)
	}

	y.at("2019-03-06")
	if _, err := y.GiveVisa(t.Context(), y.clerk(), "2019/17", session); err != nil {
		t.Fatal(err)
	}
	if _, err := y.Erase(t.Context(), y.clerk(), y.Today()); err != nil {
		t.Fatal(err)
	}
	if _, _, err := ledger.Load(t.Context(), y.Ledger, record.Decider, first); err == nil {
		t.Error("the first livret lives on")
	} else if !errors.Is(err, keyvault.ErrShredded) {
		t.Error(err)
	}
	if _, state := y.livret(here, 100001, 2018); mathsIn(state, 2016) == nil || !y.reads(headOf(here), second) {
		t.Error("the end of the first livret took something from the second")
	}
}

// TestARepeatedPremiere opens a new livret too, and no page of marks follows: the model shows the class once.
func TestARepeatedPremiere(t *testing.T) {
	y := newYears(t, "2016-09-20")
	y.base(here, 2016, pupilNumbered(100001, premiereS, "1S2"))
	y.marks(here, 2016, 100001, 700, "SAVARY")
	y.at("2017-09-20")
	again := pupilNumbered(100001, premiereS, "1S1")
	again.Repeating = true
	y.base(here, 2017, again)
	first, _ := y.livret(here, 100001, 2016)
	second, state := y.livret(here, 100001, 2017)
	if second == first || state.Session != 2019 || mathsIn(state, 2016) != nil || !state.HasEngagement("C") {
		t.Errorf("session %d, engagements %v", state.Session, state.Engagements)
	}
	pupil, _, err := ledger.Load(t.Context(), y.Ledger, identity.PupilDecider, second)
	if err != nil || len(pupil.Schools) != 2 || pupil.Schools[0].Year != 2016 || pupil.Schools[1].Year != 2017 {
		t.Errorf("%+v, %v", pupil.Schools, err)
	}
	if schooling, _ := state.Year(2017).Schooling(); !schooling.Repeating {
		t.Error("the class is not said to be repeated")
	}
}

// TestAChangeOfDivisionAndOfSerie: rights follow the last schooling and the teachers last named, and what was written
// stays. The teacher of the old division keeps the pupil until a file names another in her place.
func TestAChangeOfDivisionAndOfSerie(t *testing.T) {
	y := newYears(t, "2017-09-20")
	y.base(here, 2017, pupilNumbered(100001, termS, "TS1"))
	y.marks(here, 2017, 100001, 900, "MALHERBE")
	livret, state := y.livret(here, 100001, 2017)
	old := mathsIn(state, 2017).Teachers[0]
	principal := func(division string) access.Actor {
		return access.Actor{Actor: domain.Actor{Role: access.ProfesseurPrincipal}, UAI: here, Divisions: []access.Division{{Year: 2017, Name: division}}}
	}
	writes := func(teacher uuid.UUID) bool {
		_, state := y.livret(here, 100001, 2017)
		actor := access.Actor{Actor: domain.Actor{Role: access.Enseignant}, UAI: here, Staff: teacher}
		on := access.Target{Livret: livret, UAI: state.School(), Teachers: mathsIn(state, 2017).Teachers}
		return access.May(actor, access.WriteAppreciation, on, y.Today()) == nil
	}
	if !y.reads(principal("TS1"), livret) || !writes(old) {
		t.Fatal("not open before the change")
	}

	y.base(here, 2017, pupilNumbered(100001, termES, "TES1"))
	if y.reads(principal("TS1"), livret) || !y.reads(principal("TES1"), livret) || !writes(old) {
		t.Error("rights do not follow the division, or the teacher still named lost his")
	}
	if listed, err := y.Pupils(t.Context(), headOf(here), 2017, "TS1"); err != nil || len(listed) != 0 {
		t.Errorf("still listed in the old division: %v, %v", listed, err)
	}
	y.marks(here, 2017, 100001, 950, "VIALATTE")
	_, state = y.livret(here, 100001, 2017)
	if now := mathsIn(state, 2017).Teachers[0]; now == old || writes(old) || !writes(now) {
		t.Error("rights do not follow the teacher named")
	}
	if len(state.Year(2017).Schoolings) != 2 {
		t.Error("one of the two schoolings of the year is lost")
	}
}

// TestAGuardiansAccessEndsOnTheBirthday looks at the page of a livret the day before her eighteenth birthday, that
// day, and of one born on 29 February; and as somebody without parental authority.
func TestAGuardiansAccessEndsOnTheBirthday(t *testing.T) {
	for _, c := range []struct{ birth, lastDay, firstDay string }{
		{"2000-10-03", "2018-10-02", "2018-10-03"},
		{"2000-02-29", "2018-02-28", "2018-03-01"}, // accomplished once 28 February is over
		{"2000-01-01", "2017-12-31", "2018-01-01"},
	} {
		y := newYears(t, "2016-09-20")
		born, err := domain.ParseDate(c.birth)
		if err != nil {
			t.Fatal(err)
		}
		p := pupilNumbered(100001, premiereS, "1S2")
		p.Birth = born
		y.base(here, 2016, p, siecle.Guardian{PersonID: 501, Civility: "MME", Name: "BELLACHÈRE", First: "Aude", Legal: 1, Parente: "2"},
			siecle.Guardian{PersonID: 502, Civility: "M.", Name: "ROCHAIN", First: "Paul", Legal: 0, Parente: "90"})
		livret, _ := y.livret(here, 100001, 2016)
		guardian := func(person uint64) access.Actor {
			return access.Actor{Actor: domain.Actor{Role: access.ResponsableLegal, Person: uuid.New()}, UAI: here, PersonID: person, Livrets: []uuid.UUID{livret}}
		}
		site := y.site(people{"mother": guardian(501), "contact": guardian(502),
			"pupil": {Actor: domain.Actor{Role: access.Eleve, Person: uuid.New()}, UAI: here, Livrets: []uuid.UUID{livret}}})
		for _, on := range []struct {
			day, person string
			want        int
		}{
			{c.lastDay, "mother", http.StatusOK}, {c.lastDay, "contact", http.StatusForbidden}, {c.lastDay, "pupil", http.StatusOK},
			{c.firstDay, "mother", http.StatusForbidden}, {c.firstDay, "contact", http.StatusForbidden}, {c.firstDay, "pupil", http.StatusOK},
		} {
			y.at(on.day)
			if got := site(on.person, "/livrets/"+livret.String()); got != on.want {
				t.Errorf("born %s: on %s the %s gets %d, want %d", c.birth, on.day, on.person, got, on.want)
			}
		}
	}
}

// site serves the pages to these people, and answers the status that one of them gets.
func (y *years) site(who people) func(person, path string) int {
	y.Helper()
	site, err := web.New(y.Instance, who, nil, slog.New(slog.DiscardHandler))
	if err != nil {
		y.Fatal(err)
	}
	handler, err := site.Handler()
	if err != nil {
		y.Fatal(err)
	}
	return func(person, path string) int {
		r := httptest.NewRequestWithContext(y.Context(), http.MethodGet, path, nil)
		r.Header.Set("X-Person", person)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		return w.Code
	}
}
