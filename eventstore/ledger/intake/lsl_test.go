package intake_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"slices"
	"strings"
	"testing"

	"livret/domain"
	"livret/domain/exchange/lsl"
	"livret/domain/exchange/sts"
	"livret/domain/mark"
	"livret/domain/nomenclature"
	"livret/domain/record"
	"livret/eventstore"
	"livret/eventstore/keyvault"
	"livret/eventstore/keyvault/vaulttest"
	"livret/eventstore/ledger/intake"
)

// ready is an office where the small school's base of two years was handed in.
func ready(t testing.TB) *office {
	t.Helper()
	o := open(t)
	o.take(t, small.files(t, 2015)...)
	o.take(t, small.files(t, 2016)...)
	return o
}

func TestMarksGoIn(t *testing.T) {
	o := ready(t)
	report := o.takeMarks(t, small.marksFile(t, small.marks(o.Nomenclature, 2015, 2016)))
	if report.Changed != 6 || report.Pupils != 6 || len(report.Refused) != 0 || report.Staff != 0 {
		t.Fatalf("report %+v", report)
	}
	_, state := o.livret(t, lycee, small.firstID(), 2017)
	if len(state.Lines) == 0 || state.Avis != record.Favorable || !state.HasEngagement("C") || state.Year(2016).Periods != 3 {
		t.Errorf("state %+v", state)
	}
	before := total(o.events(t))
	if again := o.takeMarks(t, small.marksFile(t, small.marks(o.Nomenclature, 2015, 2016))); again.EventsWritten != 0 || again.Unchanged != 6 || total(o.events(t)) != before {
		t.Errorf("the second import added: %+v", again)
	}
	o.sound(t)
}

func TestMarksDryRun(t *testing.T) {
	o := open(t)
	o.take(t, pupilsFile(t, small.base(2015))) // no staff yet: all teachers are new
	before, keysBefore := total(o.events(t)), o.keys(t)
	file := small.marksFile(t, small.marks(o.Nomenclature, 2015)).Bytes()
	dry, err := o.LSL(context.Background(), "lsl.xml", bytes.NewReader(file), intake.Options{DryRun: true})
	if err != nil {
		t.Fatal(err)
	}
	if total(o.events(t)) != before || o.keys(t) != keysBefore {
		t.Error("a dry run wrote")
	}
	p := small.teacher(0)
	if _, err := o.vault.Lookup(context.Background(), "staff", string(lycee), strings.ToUpper(p.Name), strings.ToUpper(p.First)); !errors.Is(err, keyvault.ErrUnknown) {
		t.Error("a dry run claimed a teacher")
	}
	if len(dry.Differences) != 6 || dry.Differences[0].Pupil != "élève 100000 (FAMILLEAA Camille)" || dry.Differences[0].Added["record.AverageRecorded"] == 0 {
		t.Errorf("differences %+v", dry.Differences)
	}
	real := o.takeMarks(t, bytes.NewReader(file))
	dry.DryRun, dry.Differences = false, nil
	if !reflect.DeepEqual(dry, real) {
		t.Errorf("dry run %+v\nreal run %+v", dry, real)
	}
}

func (o *office) keys(t testing.TB) int {
	t.Helper()
	all, err := o.vault.Keys(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}

// TestMarksBeforeTheBase refuses each pupil with the remedy, leaves no trace of them, and goes in later.
func TestMarksBeforeTheBase(t *testing.T) {
	o := open(t)
	file := small.marksFile(t, small.marks(o.Nomenclature, 2015)).Bytes()
	report := o.takeMarks(t, bytes.NewReader(file))
	if got := rules(t, report.Refused); got["eleve-inconnu"] != 6 || report.Refused[0].Pupil != "élève 100000" || report.Refused[0].Line == 0 {
		t.Errorf("refused %+v", report.Refused)
	}
	if counts := o.events(t); counts[record.Category] != 0 || counts["identity"] != 0 {
		t.Errorf("traces of pupils: %v", counts)
	}
	o.take(t, small.files(t, 2015)...)
	if report = o.takeMarks(t, bytes.NewReader(file)); report.Changed != 6 || len(report.Refused) != 0 {
		t.Errorf("later %+v", report)
	}
	// The marks of a year in which the base does not place him are not put in another year's livret.
	if report = o.takeMarks(t, small.marksFile(t, small.marks(o.Nomenclature, 2016))); rules(t, report.Refused)["eleve-inconnu"] != 6 {
		t.Errorf("the next year, before its base: %+v", report.Refused)
	}
}

// TestAClaimIsNotALivret runs an import of the base that dies between claims and livrets: marks are refused as
// if it had not run, and the base goes in as new.
func TestAClaimIsNotALivret(t *testing.T) {
	o := open(t)
	o.take(t, staffFile(t, small.staff(2015)))
	dying := *o.Desk
	o.store.FailBefore(1 << 30)
	if _, err := dying.Siecle(context.Background(), []intake.File{pupilsFile(t, small.base(2015))}, intake.Options{}); err == nil {
		t.Fatal("nothing died")
	}
	o.store.FailBefore(0)
	if livret, _ := o.livret(t, lycee, small.firstID(), 2017); livret == [16]byte{} {
		t.Fatal("the test wants claims without livrets")
	}
	if report := o.takeMarks(t, small.marksFile(t, small.marks(o.Nomenclature, 2015))); rules(t, report.Refused)["eleve-inconnu"] != 6 || report.EventsWritten != 0 {
		t.Errorf("marks: %+v", report)
	}
	if n, err := o.Ledger.Sweep(context.Background()); err != nil || n != 12 {
		t.Errorf("swept %d, %v", n, err)
	}
	if livret, _ := o.livret(t, lycee, small.firstID(), 2017); livret != [16]byte{} {
		t.Error("a claim outlived its keys")
	}
	if report := o.take(t, small.files(t, 2015)...); report.New != 6 {
		t.Errorf("base: %+v", report)
	}
	o.sound(t)
}

// TestARepeaterHasTwoLivrets repeats première, then terminale: what a file says goes in the livret of the exam
// that was prepared in its year.
func TestARepeaterHasTwoLivrets(t *testing.T) {
	one := school{uai: lycee, pupils: 1, teachers: 10}
	base := func(year nomenclature.SchoolYear, mef nomenclature.MEF, repeating bool) intake.File {
		f := one.base(year)
		f.Pupils[0].MEF, f.Pupils[0].Repeating = mef, repeating
		return pupilsFile(t, f)
	}
	o := open(t)
	o.take(t, base(2015, premiereS, false))
	o.take(t, base(2016, premiereS, true))
	o.take(t, base(2017, termS, false))
	o.take(t, base(2018, termS, true))
	marks := func(year nomenclature.SchoolYear, premiere bool) {
		t.Helper()
		as := nomenclature.SchoolYear(2016) // of the class of terminale
		if premiere {
			as = 2015
		}
		y := one.year(o.Nomenclature, 0, as)
		y.Year = year
		report := o.takeMarks(t, one.marksFile(t, slices.Values([]lsl.Pupil{{ID: one.firstID(), Years: []lsl.Year{y}}})))
		if report.Changed != 1 {
			t.Fatalf("marks of %d: %+v", year, report)
		}
	}
	for _, test := range []struct {
		year, session nomenclature.SchoolYear
		premiere      bool
	}{{2015, 2017, true}, {2016, 2018, true}, {2017, 2018, false}, {2018, 2019, false}} {
		marks(test.year, test.premiere)
		for session := nomenclature.SchoolYear(2016); session < 2021; session++ {
			_, state := o.livret(t, lycee, one.firstID(), session)
			lines := 0
			for range state.LinesOf(test.year) {
				lines++
			}
			if (lines > 0) != (session == test.session) {
				t.Errorf("marks of %d: %d lines in the livret of session %d", test.year, lines, session)
			}
		}
	}
	o.sound(t)
}

// TestABadLineHoldsBackNothing hands in marks with an unknown subject, a level out of the programme, a subject
// twice, a locked year, a pupil twice, and a pupil nobody knows.
func TestABadLineHoldsBackNothing(t *testing.T) {
	o := ready(t)
	locked, _ := o.livret(t, lycee, small.firstID()+3, 2017)
	o.lock(t, locked, 2015)
	pupils := slices.Collect(small.marks(o.Nomenclature, 2015))
	good := len(pupils[0].Years[0].Evaluations)
	pupils[0].Years[0].Evaluations[0].Matiere = "999900"
	pupils[1].Years[0].Evaluations[0].Competences = append(pupils[1].Years[0].Evaluations[0].Competences, lsl.Competence{Code: "9999", Mastery: "3"})
	pupils[2].Years[0].Observations[0].Author = lsl.Person{}
	pupils[4].ID = 424242
	pupils = append(pupils, pupils[5])
	report := o.takeMarks(t, small.marksFile(t, slices.Values(pupils)))
	got := rules(t, report.Refused)
	for rule, n := range map[string]int{"matiere-hors-programme": 1, "competence-hors-programme": 1, "auteur-manquant": 1, "eleve-inconnu": 1, "eleve-en-double": 1} {
		if got[rule] != n {
			t.Errorf("%s: %d, want %d", rule, got[rule], n)
		}
	}
	if got["periode-verrouillee"] == 0 {
		t.Error("the locked year was not refused")
	}
	for _, line := range report.Refused {
		if line.Pupil == "" || line.Line == 0 {
			t.Errorf("of whom? %+v", line)
		}
	}
	_, state := o.livret(t, lycee, small.firstID(), 2017)
	if len(state.Lines) != good-1 {
		t.Errorf("%d lines are in, want %d", len(state.Lines), good-1)
	}
	if report.Pupils != 7 || report.Changed != 5 {
		t.Errorf("report %+v", report)
	}
}

// TestADamagedFile cuts a file half-way: the pupils before the cut are in, and the report says so.
func TestADamagedFile(t *testing.T) {
	o := ready(t)
	whole := small.marksFile(t, small.marks(o.Nomenclature, 2015, 2016)).Bytes()
	report, err := o.LSL(context.Background(), "lsl.xml", bytes.NewReader(whole[:len(whole)/2]), intake.Options{})
	var refusal *domain.Refusal
	if !errors.As(err, &refusal) || refusal.Rule != "fichier-tronque" {
		t.Fatalf("got %v", err)
	}
	if len(report.Refused) != 1 || report.Refused[0].File != "lsl.xml" || report.Refused[0].Line == 0 || report.Changed == 0 || report.Changed == 6 {
		t.Errorf("report %+v", report)
	}
	if len(report.Notices) != 2 || !strings.Contains(report.Notices[1], fmt.Sprintf("les %d élèves lus", report.Changed)) {
		t.Errorf("notices %v", report.Notices)
	}
	if rest := o.takeMarks(t, bytes.NewReader(whole)); rest.Changed != 6-report.Changed || rest.Unchanged != report.Changed {
		t.Errorf("the rest: %+v", rest)
	}
}

// TestMarksKnowOnlyNames leaves what sts_emp says of a teacher as it is, whatever the spelling of the marks, and
// completes later one whom the marks named first.
func TestMarksKnowOnlyNames(t *testing.T) {
	o := open(t)
	o.take(t, pupilsFile(t, small.base(2015)))
	pupils := slices.Collect(small.marks(o.Nomenclature, 2015))
	for i := range pupils[0].Years[0].Evaluations {
		pupils[0].Years[0].Evaluations[i].Teachers = []lsl.Person{{Name: "Hervé-Proust", First: "Zoé"}, {Name: "HERVE PROUST", First: "ZOE"}}
	}
	report := o.takeMarks(t, small.marksFile(t, slices.Values(pupils)))
	if got := o.events(t)["staff"]; got != report.Staff || got != 10 {
		t.Fatalf("%d members of staff, report %+v", got, report)
	}
	staff := small.staff(2015)
	staff.Staff = append(staff.Staff, sts.Staff{ID: "1", Type: "epp", Civility: "Mme", Name: "HERVE-PROUST", First: "Zoé", Function: "ENS"})
	if report := o.take(t, staffFile(t, staff)); report.Staff != 11 {
		t.Errorf("sts_emp: %+v", report)
	}
	if again := o.takeMarks(t, small.marksFile(t, slices.Values(pupils))); again.EventsWritten != 0 {
		t.Errorf("marks again: %+v", again)
	}
	if got := o.content(t)["staff HERVE-PROUST Zoé"]; got != "1 Mme ENS 0000123J" {
		t.Errorf("she is %q", got)
	}
}

// TestForgottenAndDamagedLivrets are refused by pupil, and hold back nobody.
func TestForgottenAndDamagedLivrets(t *testing.T) {
	o := ready(t)
	ctx := context.Background()
	state := func(n uint64, class keyvault.Class, states ...keyvault.State) {
		t.Helper()
		livret, _ := o.livret(t, lycee, small.firstID()+n, 2017)
		info, err := o.vault.Find(ctx, livret, class)
		if err != nil {
			t.Fatal(err)
		}
		vaulttest.Move(t, o.vault, info.ID, states...)
	}
	state(0, keyvault.Record, keyvault.Active, keyvault.Fenced, keyvault.Shredded)
	state(1, keyvault.Record, keyvault.Active, keyvault.Archived)
	damaged, _ := o.livret(t, lycee, small.firstID()+2, 2017)
	o.Desk = o.desk(t, damaging{o.store, eventstore.Stream(record.Category, damaged)}, o.vault)
	report := o.takeMarks(t, small.marksFile(t, small.marks(o.Nomenclature, 2015, 2016)))
	if got := rules(t, report.Refused); got["livret-clos"] != 2 || got["livret-illisible"] != 1 || report.Changed != 3 {
		t.Errorf("report %+v", report)
	}
	base := o.take(t, pupilsFile(t, small.base(2016)))
	if got := rules(t, base.Refused); got["livret-clos"] != 2 || got["livret-illisible"] != 1 || base.Unchanged != 3 {
		t.Errorf("base %+v", base)
	}
}

// damaging flips a bit of every event of one stream.
type damaging struct {
	eventstore.Store
	stream eventstore.StreamID
}

func (d damaging) Stream(ctx context.Context, stream eventstore.StreamID, after eventstore.Version) iter.Seq2[eventstore.Envelope, error] {
	return func(yield func(eventstore.Envelope, error) bool) {
		for e, err := range d.Store.Stream(ctx, stream, after) {
			if err == nil && stream == d.stream {
				e.Sealed[20] ^= 1
			}
			if !yield(e, err) {
				return
			}
		}
	}
}

// TestTooMuchOfOnePupil is refused by pupil.
func TestTooMuchOfOnePupil(t *testing.T) {
	o := ready(t)
	pupils := slices.Collect(small.marks(o.Nomenclature, 2016))
	for year := nomenclature.SchoolYear(2012); year < 2015; year++ { // years of which the base says nothing
		y := lsl.Year{Year: year, Periods: 3}
		for n := range 400 {
			y.Evaluations = append(y.Evaluations, lsl.Evaluation{Matiere: nomenclature.Matiere(fmt.Sprintf("%06d", 100000+n)), Modalite: "S",
				Averages: []lsl.Average{{Period: 1, Mark: mark.Must(mark.Hundredths(1000))}}, Appreciation: "Bien."})
		}
		pupils[0].Years = append(pupils[0].Years, y)
	}
	for _, dry := range []bool{true, false} {
		report, err := o.LSL(context.Background(), "lsl.xml", small.marksFile(t, slices.Values(pupils)), intake.Options{DryRun: dry})
		if err != nil || rules(t, report.Refused)["livret-demesure"] != 1 || report.Changed != 5 {
			t.Errorf("%v, %+v", err, report)
		}
	}
}

// TestReportsStayBounded hands in a file of which every line is wrong: the first of each rule are listed and the
// others counted, the same ones each time.
func TestReportsStayBounded(t *testing.T) {
	s := school{uai: lycee, pupils: 700, teachers: 1}
	file := s.marksFile(t, func(yield func(lsl.Pupil) bool) {
		for i := range s.pupils {
			y := lsl.Year{Year: 2015, Periods: 3}
			for n := range 10 {
				y.Evaluations = append(y.Evaluations, lsl.Evaluation{Matiere: nomenclature.Matiere(fmt.Sprintf("%06d", 61300+n)), Modalite: "S", Group: lsl.Group{Headcount: 9}})
			}
			if !yield(lsl.Pupil{ID: s.firstID() + uint64(i), Years: []lsl.Year{y}}) {
				return
			}
		}
	}).Bytes()
	var first intake.Report
	for i := range 2 {
		o := open(t)
		o.take(t, pupilsFile(t, s.base(2015)))
		report := o.takeMarks(t, bytes.NewReader(file))
		listed := rules(t, slices.Concat(report.Refused, report.Warnings))
		if listed["appreciation-absente"] != 1000 || report.Unlisted["appreciation-absente"] != 6000 || listed["matiere-hors-programme"] != 5000 || report.Unlisted["matiere-hors-programme"] == 0 {
			t.Errorf("listed %v, not %v", listed, report.Unlisted)
		}
		if len(report.Notices) != 4 {
			t.Errorf("notices %v", report.Notices)
		}
		if i == 0 {
			first = report
		} else if !reflect.DeepEqual(first, report) {
			t.Error("two imports of one file have two reports")
		}
	}
	var whole intake.Report
	whole.Add(first)
	whole.Add(first)
	if whole.Unlisted["appreciation-absente"] != 12000 || len(whole.Notices) != 4 || whole.Pupils != 1400 {
		t.Errorf("two reports added: %v %v", whole.Unlisted, whole.Notices)
	}
}
