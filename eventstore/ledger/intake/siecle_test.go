package intake_test

import (
	"context"
	"errors"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/exchange/siecle"
	"livret/domain/exchange/sts"
	"livret/domain/identity"
	"livret/domain/nomenclature"
	"livret/domain/record"
	"livret/eventstore"
	"livret/eventstore/ledger"
	"livret/eventstore/ledger/intake"
)

var small = school{uai: lycee, pupils: 6, teachers: 10}

// TestSiecleOpensLivrets hands in a school's base: each pupil of première or terminale has a livret, with his
// identity, guardians, schools and schooling, and the staff is known.
func TestSiecleOpensLivrets(t *testing.T) {
	o := open(t)
	report := o.take(t, small.files(t, 2015)...)
	if report.New != 6 || report.Pupils != 6 || report.Staff != 10 || len(report.Refused) != 0 || len(report.Warnings) != 0 {
		t.Fatalf("report %+v", report)
	}
	if n := total(o.events(t)) - o.events(t)["retention"]; report.EventsWritten != n {
		t.Errorf("report of %d events, of which %d stand", report.EventsWritten, n)
	}
	livret, state := o.livret(t, lycee, small.firstID(), 2017)
	schooling, _ := state.Year(2015).Schooling()
	if state.Session != 2017 || schooling.MEF != premiereS || schooling.UAI != lycee || schooling.Division != "D1-0" {
		t.Errorf("session %d, schooling %+v", state.Session, schooling)
	}
	pupil := o.identity(t, livret)
	if pupil.Civil.FamilyName != "FAMILLEAA" || len(pupil.Guardians) != 1 || pupil.Schools[0].Level != "1re" || pupil.Schools[0].Town != "VILLEFICTIVE" {
		t.Errorf("identity %q %v %v", pupil.Civil.FamilyName, len(pupil.Guardians), pupil.Schools[0].Level)
	}
	o.sound(t)
}

// TestAgainAddsNothing imports the same files twice, and the next year's once: the same livrets go on.
func TestAgainAddsNothing(t *testing.T) {
	o := open(t)
	o.take(t, small.files(t, 2015)...)
	before := total(o.events(t))
	again := o.take(t, small.files(t, 2015)...)
	if again.EventsWritten != 0 || again.Unchanged != 6 || total(o.events(t)) != before {
		t.Fatalf("the second import added: %+v", again)
	}
	next := o.take(t, small.files(t, 2016)...)
	if next.New != 0 || next.Changed != 6 || next.Staff != 0 {
		t.Errorf("the next year: %+v", next)
	}
	_, state := o.livret(t, lycee, small.firstID(), 2017)
	if schooling, ok := state.Year(2016).Schooling(); !ok || schooling.MEF != termS {
		t.Errorf("terminale is not known: %+v", state.Years)
	}
	o.sound(t)
}

// TestDryRunTellsTheSameAndWritesNothing compares the two runs of one set of files, good and bad.
func TestDryRunTellsTheSameAndWritesNothing(t *testing.T) {
	files := func() []intake.File {
		base := small.base(2015)
		base.Pupils[1].Division = strings.Repeat("X", 31)
		base.Pupils[2].FamilyName = ""
		base.Pupils[3].INE = "n'importe quoi"
		return []intake.File{pupilsFile(t, base), guardiansFile(t, small.guardians(2015)), staffFile(t, small.staff(2015))}
	}
	o := open(t)
	dry, err := o.Siecle(context.Background(), files(), intake.Options{DryRun: true})
	if err != nil {
		t.Fatal(err)
	}
	o.untouched(t)
	var statuses []string
	for _, d := range dry.Differences {
		statuses = append(statuses, d.Status)
	}
	if slices.Sort(statuses); !slices.Equal(statuses, []string{"new", "new", "new", "new", "refused", "refused"}) {
		t.Errorf("differences %v", statuses)
	}
	real := o.take(t, files()...)
	dry.DryRun, dry.Differences = false, nil
	if !reflect.DeepEqual(dry, real) {
		t.Errorf("dry run %+v\nreal run %+v", dry, real)
	}
	if got := rules(t, real.Refused); got["division-invalide"] != 1 || got["nom-absent"] != 1 || len(real.Refused) != 2 {
		t.Errorf("refused %+v", real.Refused)
	}
	if got := rules(t, real.Warnings); got["ine-inconnu"] != 1 {
		t.Errorf("warnings %+v", real.Warnings)
	}
}

// untouched fails if there is any event, key or claim of the small school.
func (o *office) untouched(t testing.TB) {
	t.Helper()
	if n := total(o.events(t)); n != 0 {
		t.Errorf("%d events were written", n)
	}
	if all, _ := o.vault.Keys(context.Background()); len(all) != 0 {
		t.Errorf("%d keys were made", len(all))
	}
	for i := range small.pupils {
		for session := nomenclature.SchoolYear(2016); session < 2019; session++ {
			if livret, _ := o.livret(t, lycee, small.firstID()+uint64(i), session); livret != [16]byte{} {
				t.Errorf("pupil %d was claimed for %d", i, session)
			}
		}
	}
	for i := range small.teachers {
		p := small.teacher(i)
		if _, err := o.vault.Lookup(context.Background(), "staff", string(lycee), strings.ToUpper(p.Name), strings.ToUpper(p.First)); err == nil {
			t.Errorf("teacher %d was claimed", i)
		}
	}
}

// TestWhoIsRefusedClaimsNothing refuses a pupil's schooling: neither livret, nor key, nor claim is left of him,
// and he comes in with the next export.
func TestWhoIsRefusedClaimsNothing(t *testing.T) {
	o := open(t)
	base := school{uai: lycee, pupils: 1}.base(2015)
	base.Pupils[0].Division = strings.Repeat("X", 31)
	report := o.take(t, pupilsFile(t, base))
	if len(report.Refused) != 1 || report.Refused[0].Pupil != "élève 100000 (FAMILLEAA Camille)" || report.Refused[0].Line == 0 {
		t.Fatalf("refused %+v", report.Refused)
	}
	o.untouched(t)
	if report = o.take(t, small.files(t, 2015)...); report.New != 6 {
		t.Errorf("later: %+v", report)
	}
}

// TestSeriesAreRefusedByName hands in pupils of formations without livret or nomenclature: each refusal names it.
func TestSeriesAreRefusedByName(t *testing.T) {
	o := open(t)
	base := school{uai: lycee, pupils: 7}.base(2015)
	formations := &siecle.Nomenclature{Header: base.Header}
	for i, f := range []struct {
		mef   nomenclature.MEF
		label string
	}{{"21133403110", "1-STHR"}, {"21133601110", "1STAV"}, {"21113302110", "1TMD"}, {"24725501122", "1COM"}, {"10010012110", "2NDE"}} {
		base.Pupils[i].MEF = f.mef
		formations.Formations = append(formations.Formations, siecle.Formation{MEF: f.mef, Formation: f.label, Label: f.label, Base: f.mef})
	}
	base.Pupils[5].MEF = "24725501122" // and none of the files names it
	formations.Formations[3].MEF = "24725501121"
	base.Pupils[3].MEF = "24725501121"
	formations.Formations[3].Base = "24725501122"
	report := o.take(t, pupilsFile(t, base), formationsFile(t, formations))
	var said []string
	for _, line := range report.Refused {
		said = append(said, line.Rule+" "+line.Reason)
	}
	all := strings.Join(said, "\n")
	for _, want := range []string{"serie-sans-nomenclature La formation « STHR (Sciences et technologies de l’hôtellerie", "serie-hors-livret La série STAV", "serie-hors-livret La série TMD", "« 1COM »", "MEF 24725501122"} {
		if !strings.Contains(all, want) {
			t.Errorf("no refusal says %q:\n%s", want, all)
		}
	}
	if report.New != 1 || len(report.Refused) != 5 || len(report.Notices) != 2 || !strings.HasPrefix(report.Notices[1], "1 élèves ne sont ni") {
		t.Errorf("report %+v", report)
	}
}

// TestSchoolsAreAdmitted checks académie and calendar of real schools.
func TestSchoolsAreAdmitted(t *testing.T) {
	grenoble, rennes := uai(t, "038005"), uai(t, "035002")
	o := open(t)
	_, err := o.Siecle(context.Background(), []intake.File{pupilsFile(t, school{uai: rennes, pupils: 1}.base(2015))}, intake.Options{})
	var refusal *domain.Refusal
	if !errors.As(err, &refusal) || refusal.Rule != "etablissement-autre-academie" {
		t.Fatalf("a school of Rennes in the ledger of Grenoble: %v", err)
	}
	base := school{uai: grenoble, pupils: 3}.base(2015)
	for i, mef := range []nomenclature.MEF{termS, termS, termSTMG} { // of session 2016: there, S begins in 2017
		base.Pupils[i].MEF = mef
	}
	report := o.take(t, pupilsFile(t, base))
	if got := rules(t, report.Refused); got["serie-non-deployee"] != 2 || report.New != 1 {
		t.Errorf("calendar: %+v", report)
	}
	head := access.Actor{Actor: domain.Actor{Role: access.ChefEtablissement}, UAI: "0000124K"}
	o.Actor = head
	if _, err := o.Siecle(context.Background(), small.files(t, 2015), intake.Options{}); !errors.As(err, &refusal) || !strings.HasPrefix(refusal.Rule, "acces-") {
		t.Errorf("the head of another school: %v", err)
	}
}

func uai(t testing.TB, six string) nomenclature.UAI {
	t.Helper()
	for letter := 'A'; letter <= 'Z'; letter++ {
		if u, err := nomenclature.ParseUAI(six + "1" + string(letter)); err == nil {
			return u
		}
	}
	t.Fatal("no letter fits")
	return ""
}

// TestFilesThatDoNotGoTogether are refused before anything is written, and the report says which.
func TestFilesThatDoNotGoTogether(t *testing.T) {
	other := school{uai: uai(t, "000077"), pupils: 1}
	tests := []struct {
		name  string
		files []intake.File
		rule  string
	}{
		{"two schools", []intake.File{pupilsFile(t, small.base(2015)), guardiansFile(t, other.guardians(2015))}, "fichiers-depareilles"},
		{"two years", []intake.File{pupilsFile(t, small.base(2015)), guardiansFile(t, small.guardians(2016))}, "fichiers-depareilles"},
		{"twice", []intake.File{pupilsFile(t, small.base(2015)), pupilsFile(t, small.base(2015))}, "fichier-en-double"},
		{"marks", []intake.File{{Name: "lsl.xml", Content: small.marksFile(t, small.marks(open(t).Nomenclature, 2015))}}, "fichier-d-un-autre-genre"},
		{"not XML", []intake.File{{Name: "notes.txt", Content: strings.NewReader("bonjour")}}, ""},
		{"cut", []intake.File{{Name: "cut.xml", Content: strings.NewReader(half(t, pupilsFile(t, small.base(2015))))}}, "fichier-tronque"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			o := open(t)
			report, err := o.Siecle(context.Background(), test.files, intake.Options{})
			var refusal *domain.Refusal
			if !errors.As(err, &refusal) || test.rule != "" && refusal.Rule != test.rule {
				t.Errorf("got %v, want %s", err, test.rule)
			}
			if len(report.Refused) != 1 || report.Refused[0].File != test.files[len(test.files)-1].Name {
				t.Errorf("refused %+v", report.Refused)
			}
			rules(t, report.Refused)
			o.untouched(t)
		})
	}
}

func half(t testing.TB, f intake.File) string {
	t.Helper()
	all, err := io.ReadAll(f.Content)
	if err != nil {
		t.Fatal(err)
	}
	return string(all[:len(all)/2])
}

// TestWhatChangesIsRecorded follows a pupil who changes division, name, INE and guardian.
func TestWhatChangesIsRecorded(t *testing.T) {
	o := open(t)
	o.take(t, small.files(t, 2015)...)
	base, guardians := small.base(2015), small.guardians(2015)
	base.Pupils[0].Division, base.Pupils[0].UsageName, base.Pupils[0].INE = "D1-9", "AUTRENOM", "987654321AA"
	guardians.ByPupil[small.firstID()] = []siecle.Guardian{{PersonID: 777, Name: "TUTEUR", Legal: 1}}
	report := o.take(t, pupilsFile(t, base), guardiansFile(t, guardians))
	if report.Changed != 1 || report.Unchanged != 5 || rules(t, report.Warnings)["ine-modifie"] != 1 {
		t.Errorf("report %+v", report)
	}
	livret, state := o.livret(t, lycee, small.firstID(), 2017)
	pupil := o.identity(t, livret)
	if schooling, _ := state.Year(2015).Schooling(); schooling.Division != "D1-9" {
		t.Errorf("division %s", schooling.Division)
	}
	if pupil.INE != "987654321AA" || pupil.Civil.UsageName != "AUTRENOM" || len(pupil.Guardians) != 1 || pupil.Guardians[0].PersonID != 777 {
		t.Error("identity was not brought up to date")
	}
	if again := o.take(t, pupilsFile(t, base), guardiansFile(t, guardians)); again.EventsWritten != 0 || len(again.Warnings) != 0 {
		t.Errorf("again: %+v", again)
	}
}

// TestAnEarlierExportCorrectsNothing hands in last year's export after this year's.
func TestAnEarlierExportCorrectsNothing(t *testing.T) {
	o := open(t)
	now := small.base(2016)
	now.Pupils[0].UsageName = "AUTRENOM"
	o.take(t, pupilsFile(t, now), guardiansFile(t, small.guardians(2016)))
	before := small.base(2015)
	before.Pupils[0].INE = "111111111AA"
	old := small.guardians(2015)
	old.ByPupil[small.firstID()] = []siecle.Guardian{{PersonID: 1, Name: "AVANT", Legal: 1}}
	report := o.take(t, pupilsFile(t, before), guardiansFile(t, old))
	if report.Changed != 6 || len(report.Warnings) != 0 {
		t.Errorf("report %+v", report)
	}
	livret, state := o.livret(t, lycee, small.firstID(), 2017)
	pupil := o.identity(t, livret)
	if pupil.Civil.UsageName != "AUTRENOM" || pupil.INE == "111111111AA" || pupil.Guardians[0].PersonID == 1 {
		t.Error("an earlier export corrected a later one")
	}
	if len(pupil.Schools) != 2 || len(state.Years) != 2 {
		t.Errorf("what was missing was not added: %d schools, %d years", len(pupil.Schools), len(state.Years))
	}
}

// TestALockedYearKeepsItsSchooling is refused line by line, and said.
func TestALockedYearKeepsItsSchooling(t *testing.T) {
	o := open(t)
	o.take(t, small.files(t, 2015)...)
	livret, _ := o.livret(t, lycee, small.firstID(), 2017)
	o.lock(t, livret, 2015)
	base := small.base(2015)
	base.Pupils[0].Division, base.Pupils[0].UsageName = "D1-9", "AUTRENOM"
	report := o.take(t, pupilsFile(t, base))
	if got := rules(t, report.Refused); got["periode-verrouillee"] != 1 || report.Changed != 1 {
		t.Errorf("report %+v", report)
	}
}

func (o *office) lock(t testing.TB, livret [16]byte, year nomenclature.SchoolYear) {
	t.Helper()
	head := access.Actor{Actor: domain.Actor{Role: access.ChefEtablissement}, UAI: lycee}
	grant, err := access.Allow(head, access.LockPeriod, access.Target{Livret: livret, UAI: lycee}, o.Ledger.Today())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ledger.Execute(context.Background(), o.Ledger, ledger.Order{ID: livret, Grant: grant}, record.Decider, livret, record.LockPeriod{Year: year}); err != nil {
		t.Fatal(err)
	}
}

// TestGuardiansApart takes the file of responsables alone, for those whose livret is known.
func TestGuardiansApart(t *testing.T) {
	o := open(t)
	first := o.take(t, guardiansFile(t, small.guardians(2015)))
	if total(o.events(t)) != 0 || len(first.Notices) != 2 {
		t.Fatalf("guardians of nobody: %+v", first)
	}
	o.take(t, pupilsFile(t, small.base(2015)))
	report := o.take(t, guardiansFile(t, small.guardians(2015)))
	if report.Changed != 6 || report.EventsWritten != 6 {
		t.Errorf("report %+v", report)
	}
	if again := o.take(t, guardiansFile(t, small.guardians(2015))); again.EventsWritten != 0 || again.Unchanged != 6 {
		t.Errorf("again %+v", again)
	}
	if nothing := o.take(t, formationsFile(t, &siecle.Nomenclature{Header: small.header(2015)})); len(nothing.Notices) != 2 {
		t.Errorf("formations alone: %+v", nothing)
	}
}

// TestHomonymsAreSaid hands in two members of staff whom files of marks cannot tell apart.
func TestHomonymsAreSaid(t *testing.T) {
	o := open(t)
	staff := small.staff(2015)
	staff.Staff = append(staff.Staff, sts.Staff{ID: "9999", Type: "epp", Name: "Profa", First: "CLAUDEA", Function: "ENS"})
	report := o.take(t, staffFile(t, staff))
	if rules(t, report.Warnings)["personnels-homonymes"] != 1 || report.Staff != 10 {
		t.Errorf("report %+v", report)
	}
	if again := o.take(t, staffFile(t, staff)); again.EventsWritten != 0 {
		t.Errorf("again %+v", again)
	}
}

// TestWritesInRandomOrder imports a class list: neither positions nor keys tell the order of the alphabet.
func TestWritesInRandomOrder(t *testing.T) {
	o := open(t)
	s := school{uai: lycee, pupils: 60, teachers: 10}
	o.take(t, pupilsFile(t, s.base(2015)))
	o.takeMarks(t, s.marksFile(t, s.marks(o.Nomenclature, 2015)))
	orders := make(map[string][]uint64)
	for e, err := range o.store.Read(context.Background(), eventstore.Position{}) {
		if err != nil {
			t.Fatal(err)
		}
		id, _ := e.Stream.UUID()
		switch {
		case e.Stream.Category() == identity.Category && e.Sequence == 1, e.Type == "record.LivretOpened":
			orders[e.Type] = append(orders[e.Type], o.identity(t, id).Siecle[0].SiecleID)
		case e.Type == "record.EngagementDeclared":
			orders[e.Type] = append(orders[e.Type], o.identity(t, id).Siecle[0].SiecleID)
		}
	}
	for what, order := range orders {
		if len(order) != 60 {
			t.Errorf("%s: %d of 60", what, len(order))
		}
		inOrder := 0
		for i := range order[1:] {
			if order[i] < order[i+1] {
				inOrder++
			}
		}
		if inOrder > 50 { // 30 are expected; 51 and more come once in ten millions
			t.Errorf("%s: %d of 59 follow the alphabet", what, inOrder)
		}
	}
}
