package jury_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/deliberation"
	"livret/domain/identity"
	"livret/domain/mark"
	"livret/domain/masking"
	"livret/domain/nomenclature"
	"livret/domain/record"
	"livret/eventstore"
	"livret/eventstore/keyvault"
	vaultmemory "livret/eventstore/keyvault/memory"
	"livret/eventstore/memory"
	"livret/projections"
	"livret/projections/jury"
	viewmemory "livret/projections/memory"
	"livret/projections/viewtest"
)

var (
	june    = deliberation.ExamSession{Year: 2016, Round: deliberation.Juin}
	maths   = record.Enseignement{Year: 2015, Matiere: "061300", Modalite: "S", Rank: 1}
	russian = record.Enseignement{Year: 2015, Matiere: "031402", Modalite: "O", Rank: 1}
	english = record.Enseignement{Year: 2015, Matiere: "030201", Modalite: "O", Rank: 1}
	section = record.Enseignement{Year: 2015, Matiere: "030209", Modalite: "F", Rank: 1}
	local   = record.Enseignement{Year: 2015, Matiere: "998877", Modalite: "F", Rank: 1}
)

func points(hundredths int) mark.Mark { return mark.Must(mark.Hundredths(hundredths)) }

type table struct {
	*viewtest.Log
	t      *testing.T
	views  *viewmemory.Store
	reader *jury.Reader
}

func newTable(t *testing.T) *table {
	log, err := viewtest.NewLog(memory.New(), vaultmemory.New())
	if err != nil {
		t.Fatal(err)
	}
	lists, err := nomenclature.Load()
	if err != nil {
		t.Fatal(err)
	}
	views := viewmemory.New()
	return &table{Log: log, t: t, views: views, reader: jury.NewReader(views, log.Vault, lists)}
}

func (s *table) run() {
	s.t.Helper()
	if _, err := projections.Run(s.t.Context(), s.Source(), s.views, jury.Projection()); err != nil {
		s.t.Fatal(err)
	}
}

// candidate writes a livret, transmitted, with its candidate, and answers its id.
func (s *table) candidate(number string, events ...domain.Event) uuid.UUID {
	id, candidate := s.registered(number, events...)
	s.Write(s.t, id, candidate, deliberation.LivretTransmitted{RecordVersion: 2})
	return id
}

// registered writes a livret with its candidate, and answers both ids.
func (s *table) registered(number string, events ...domain.Event) (livret, candidate uuid.UUID) {
	s.t.Helper()
	id, candidate := uuid.New(), uuid.New()
	s.Write(s.t, id, candidate, deliberation.CandidateRegistered{Livret: id, Session: june.Year, Round: june.Round, Number: number})
	s.Write(s.t, id, id, record.LivretOpened{Session: 2016},
		record.SchoolingRecorded{Year: 2015, UAI: "0750655E", MEF: "20211010112", Division: "TS1"})
	if len(events) > 0 {
		s.Write(s.t, id, id, events...)
	}
	return id, candidate
}

func (s *table) show(number string) jury.Dossier {
	s.t.Helper()
	s.run()
	d, err := s.reader.Show(s.t.Context(), june, number)
	if err != nil {
		s.t.Fatal(err)
	}
	return d
}

func find(t *testing.T, d jury.Dossier, label string) jury.Line {
	t.Helper()
	for _, y := range d.Years {
		for _, g := range y.Groups {
			for _, l := range g.Lines {
				if strings.Contains(l.Label, label) {
					return l
				}
			}
		}
	}
	t.Fatalf("no line %q", label)
	return jury.Line{}
}

func TestTheDossier(t *testing.T) {
	s := newTable(t)
	s.candidate("48151623",
		record.PeriodsSet{Year: 2015, Count: 3},
		record.AverageRecorded{Enseignement: maths, Period: 1, Mark: points(0)},
		record.AverageRecorded{Enseignement: maths, Period: 2, Mark: mark.Absent()},
		record.AverageCorrected{Enseignement: maths, Period: 3, Mark: points(1300), Reason: "Erreur"},
		record.GroupFiguresRecorded{Enseignement: maths, Headcount: 23, Mean: points(1130), Shares: &mark.Shares{Below8: 870, From8: 3043, From12: 6087}},
		record.CompetenceAssessed{Enseignement: maths, Competence: "0094", Mastery: "3"},
		record.EngagementDeclared{Code: "V"},
		record.AvisIssued{Avis: record.TresFavorable},
		record.AvisSharesFrozen{Serie: "S", Headcount: 87, T: 1034, F: 5977, A: 1954, D: 1035},
		record.B2iAttested{},
		record.HeadVisaGiven{Year: 2015},
	)
	d := s.show("48151623")
	if d.Number != "48151623" || d.Session != 2016 || d.Round != "juin" || d.Serie != "S" || !d.B2i || d.Pending != 0 || d.Incomplete {
		t.Errorf("%+v", d)
	}
	y := d.Years[0]
	if y.Level != "Terminale" || y.PeriodLabel != "trimestre" || !y.HeadVisa {
		t.Errorf("%+v", y)
	}
	m := find(t, d, "MATHÉMATIQUES")
	if *m.Periods[0] != points(0) || *m.Periods[1] != mark.Absent() || *m.Periods[2] != points(1300) || *m.Annual != points(650) || !m.Computed {
		t.Errorf("marks: %v %v %v, annual %v", m.Periods[0], m.Periods[1], m.Periods[2], m.Annual)
	}
	if g := m.Group; g.Headcount != "20 à 29" || g.Withheld || *g.Mean != points(1130) || *g.Shares != (jury.Shares{Below8: 9, From8: 30, From12: 61}) {
		t.Errorf("group: %+v %v", g, g.Shares)
	}
	if c := m.Competences; len(c) != 1 || c[0].MasteryLabel != "maîtrisée" || c[0].Label == "0094" {
		t.Errorf("compétences: %+v", c)
	}
	if a := d.Avis; a.Label != "Très favorable" || *a.Shares != (jury.AvisShares{Headcount: "50 à 99", T: 10, F: 60, A: 20, D: 10}) {
		t.Errorf("avis: %+v", a.Shares)
	}
	if len(d.Engagements) != 1 || d.Engagements[0].Code != "V" {
		t.Errorf("engagements: %+v", d.Engagements)
	}
	if _, err := s.reader.Show(t.Context(), june, "00000000"); !errors.Is(err, projections.ErrNotFound) {
		t.Errorf("nobody's number: %v", err)
	}
	s.candidate("11112222")
	s.candidate("11112222")
	s.run()
	if _, err := s.reader.Show(t.Context(), june, "11112222"); !errors.Is(err, jury.ErrAmbiguous) {
		t.Errorf("the number of two candidates: %v", err)
	}
	september := deliberation.ExamSession{Year: 2016, Round: deliberation.Septembre}
	if _, err := s.reader.Show(t.Context(), september, "48151623"); !errors.Is(err, projections.ErrNotFound) {
		t.Errorf("the number in another session: %v", err)
	}
}

func TestTextsAreShownUnderACurrentMaskOnly(t *testing.T) {
	s := newTable(t)
	id := s.candidate("48151623")
	mask := func(text uint64, spans ...[2]uint16) record.PassagesMasked {
		return record.PassagesMasked{Text: text, Spans: spans, Rule: "r1"}
	}
	shown := func() *jury.Text { return find(t, s.show("48151623"), "MATHÉMATIQUES").Appreciation }

	first := s.Write(t, id, id, record.AppreciationWritten{Enseignement: maths, Text: "Élève : Rose travaille."})
	if got := shown(); !got.Pending || got.Text != "" {
		t.Errorf("without mask: %+v", got)
	}
	s.Write(t, id, id, mask(first, [2]uint16{8, 12}))
	if got := shown(); got.Pending || got.Text != "Élève : "+masking.Replacement+" travaille." {
		t.Errorf("under its mask: %+v", got)
	}
	second := s.Write(t, id, id, record.AppreciationWritten{Enseignement: maths, Text: "Mademoiselle Rose travaille mieux."})
	if got := shown(); !got.Pending || got.Text != "" {
		t.Errorf("rewritten: %+v", got)
	}
	s.Write(t, id, id, mask(first)) // a mask that comes late for a text that is gone
	if got := shown(); !got.Pending {
		t.Errorf("under another's mask: %+v", got)
	}
	s.Write(t, id, id, mask(second))
	if got := shown(); got.Text != "Mademoiselle Rose travaille mieux." {
		t.Errorf("nothing to mask: %+v", got)
	}
	s.Write(t, id, id, mask(second, [2]uint16{13, 17})) // a name learnt since
	if got := shown(); got.Text != "Mademoiselle "+masking.Replacement+" travaille mieux." {
		t.Errorf("masked again: %+v", got)
	}
	s.Write(t, id, id, record.ObservationWritten{Kind: record.ObservationCPE, Year: 2015, Text: "Rose", Author: uuid.New()},
		record.OtherEngagementDeclared{Text: "Rose"})
	d := s.show("48151623")
	if d.Pending != 2 || !d.OtherEngagement.Pending || !d.Years[0].Observations[0].Pending {
		t.Errorf("%d pending: %+v, %+v", d.Pending, d.OtherEngagement, d.Years[0].Observations)
	}
}

func TestWhatIsRareIsMadeCommon(t *testing.T) {
	s := newTable(t)
	s.candidate("48151623",
		record.GroupFiguresRecorded{Enseignement: maths, Headcount: 9, Mean: points(1130), Shares: &mark.Shares{From12: 10000}},
		record.GroupFiguresRecorded{Enseignement: russian, Headcount: 3, Mean: points(1530), Shares: &mark.Shares{From12: 10000}},
		record.GroupFiguresRecorded{Enseignement: english, Mean: points(1530)}, // of unknown size
		record.AppreciationWritten{Enseignement: section, Text: "x"},
		record.AppreciationWritten{Enseignement: local, Text: "x"},
		record.AvisSharesFrozen{Serie: "S", Headcount: 4, T: 10000},
	)
	d := s.show("48151623")
	bytes, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	for _, rare := range []string{"RUSSE", "russe", "0314", "030209", "998877", "1130", "1530", "20211010112"} {
		if strings.Contains(string(bytes), rare) {
			t.Errorf("the dossier holds %s", rare)
		}
	}
	for _, label := range []string{"MATHÉMATIQUES", "ANGLAIS"} {
		if g := find(t, d, label).Group; !g.Withheld || g.Mean != nil || g.Shares != nil || strings.ContainsAny(g.Headcount, "93") {
			t.Errorf("%s: %+v", label, g)
		}
	}
	if d.Avis.Shares.Headcount != "moins de 10" || d.Avis.Shares.T != 100 {
		t.Errorf("avis: %+v", d.Avis.Shares)
	}
}

// TestNothingOfIdentityGetsIn writes the same names in every field and every text that can hold one, masks the
// texts as the ledger does, and searches all that the jury's view gives for them.
func TestNothingOfIdentityGetsIn(t *testing.T) {
	s := newTable(t)
	secrets := []string{
		"Rose", "Constant", "Leroy", "Lemoine", "Valmont", "Nantes", "Jean-Moulin", "0750655E", "0123456789A", "7734521", "1998-05-12",
		"TS1", "Faure", "20211010112",
	}
	texts := []string{
		"Rose est une élève constante.", "Le lycée Jean-Moulin de Valmont salue Rose CONSTANT.", "M. Leroy et Mme Lemoine sont satisfaits.",
		"Rose a grandi à Nantes ; elle est déléguée de la TS1.",
	}
	known := masking.Names{
		People: []masking.Person{
			{Family: "Constant", First: []string{"Rose"}}, {Family: "Leroy", First: []string{"Paul"}},
			{Family: "Lemoine", First: []string{"Anne"}}, {Family: "Faure", First: []string{"Louis"}},
		},
		Schools: []string{"Lycée Jean-Moulin"}, Towns: []string{"Valmont", "Nantes"}, Codes: []string{"0750655E", "TS1"},
	}
	teacher := uuid.New()
	s.Write(t, teacher, teacher, identity.StaffIdentified{Name: "Leroy", First: "Paul", UAI: "0750655E"})
	var ids []uuid.UUID
	for n := range 3 {
		id := s.candidate(fmt.Sprint("4815162", n))
		ids = append(ids, id)
		s.Write(t, id, id, identity.CivilIdentityRecorded{FamilyName: "Constant", FirstNames: []string{"Rose"}, BirthDate: "1998-05-12", BirthPlace: "Nantes"},
			identity.INERecorded{INE: "0123456789A"}, identity.SiecleIDRecorded{UAI: "0750655E", SiecleID: 7734521},
			identity.GuardianRecorded{PersonID: 7734521, Name: "Constant", First: "Claire", Legal: 1},
			identity.SchoolAttended{Year: 2014, UAI: "0750655E", Name: "Lycée Jean-Moulin", Town: "Valmont", Division: "TS1"})
		write := func(text string, event domain.Event) {
			at := s.Write(t, id, id, event)
			masked := record.PassagesMasked{Text: at, Rule: masking.RuleVersion}
			for _, span := range masking.Mask(text, known) {
				masked.Spans = append(masked.Spans, [2]uint16{uint16(span.From), uint16(span.To)})
			}
			s.Write(t, id, id, masked)
		}
		for i, text := range texts {
			write(text, record.AppreciationWritten{Enseignement: record.Enseignement{Year: 2015, Matiere: "061300", Modalite: "S", Rank: uint8(i + 1)}, Text: text})
		}
		for i, kind := range []record.Observation{record.ObservationCPE, record.ObservationTeam, record.ObservationHead} {
			write(texts[i], record.ObservationWritten{Kind: kind, Year: 2015, Text: texts[i], Author: teacher})
		}
		write(texts[1], record.OtherEngagementDeclared{Text: texts[1]})
		s.Write(t, id, id, record.TeachersNamed{Enseignement: maths, Staff: []uuid.UUID{teacher}},
			record.PeriodLocked{Year: 2015}, record.PeriodUnlocked{Year: 2015, Reason: "Rose Constant"},
			record.AverageCorrected{Enseignement: maths, Period: 1, Mark: points(1000), Reason: "Rose Constant"},
			record.FreeTextScreened{Text: 4, Decision: record.TextKept, Rule: "r"},
			record.AppreciationWritten{Enseignement: english, Text: "Rose Constant, sans masque."})
	}
	s.run()
	var shown bytes.Buffer
	list, err := s.reader.List(t.Context(), june)
	if err != nil || len(list) != 3 {
		t.Fatalf("%v, %v", list, err)
	}
	encoder := json.NewEncoder(&shown)
	if err := encoder.Encode(list); err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		d, err := s.reader.Show(t.Context(), june, e.Number)
		if err != nil || d.Pending != 1 {
			t.Fatalf("%d pending, %v", d.Pending, err)
		}
		if err := encoder.Encode(d); err != nil {
			t.Fatal(err)
		}
	}
	if !strings.Contains(shown.String(), masking.Replacement) || !strings.Contains(shown.String(), "salue") {
		t.Error("no masked text is shown at all")
	}
	for _, id := range append(ids, teacher) {
		secrets = append(secrets, id.String())
	}
	dossiers := strings.ReplaceAll(strings.ToLower(shown.String()), "constante", "") // the adjective stays
	for _, secret := range secrets {
		if strings.Contains(dossiers, strings.ToLower(secret)) {
			t.Errorf("the jury is shown %q", secret)
		}
	}
	// Nor at rest: not a byte of the rows is in clear, and no row of another category exists.
	for _, category := range []string{"identity", "staff"} {
		for r := range s.views.Scan(t.Context(), jury.Projection().Name, category) {
			t.Errorf("the jury's view has a row %s", r.Stream)
		}
	}
	for _, category := range jury.Projection().Categories {
		for r := range s.views.Scan(t.Context(), jury.Projection().Name, category) {
			for _, secret := range secrets {
				if bytes.Contains(append(bytes.Join(r.Labels, nil), r.Sealed...), []byte(secret)) {
					t.Errorf("row %s holds %q in clear", r.Stream, secret)
				}
			}
		}
	}
	// A livret's opener of the jury can not open an identity.
	opener := keyvault.Restrict(s.Vault, jury.Projection().Classes...)
	info, err := s.Vault.Find(t.Context(), ids[0], keyvault.Identity)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := opener.Open(t.Context(), info.ID); !errors.Is(err, keyvault.ErrForbidden) {
		t.Errorf("the jury opens an identity key: %v", err)
	}
}

// TestNoFieldForANameOrAnId walks the dossier's type: whatever is added to it later is judged here.
func TestNoFieldForANameOrAnId(t *testing.T) {
	refused := []string{"name", "nom", "ine", "siecle", "birth", "school", "uai", "town", "division", "teacher", "author", "mef", "academie", "livret", "staff", "head", "person", "id", "at", "by"}
	allowed := []string{"HeadVisa", "Headcount"}
	var walk func(t reflect.Type, path string)
	seen := make(map[reflect.Type]bool)
	walk = func(typ reflect.Type, path string) {
		for typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice {
			typ = typ.Elem()
		}
		if typ == reflect.TypeFor[uuid.UUID]() || typ == reflect.TypeFor[eventstore.StreamID]() || typ.PkgPath() == "time" {
			t.Errorf("%s is an id or a moment", path)
		}
		if typ.Kind() != reflect.Struct || typ == reflect.TypeFor[mark.Mark]() || seen[typ] {
			return
		}
		seen[typ] = true
		for field := range typ.Fields() {
			lower := strings.ToLower(field.Name)
			for _, word := range refused {
				if (lower == word || strings.HasPrefix(lower, word) && len(word) > 2) && !slices.Contains(allowed, field.Name) {
					t.Errorf("%s.%s", path, field.Name)
				}
			}
			walk(field.Type, path+"."+field.Name)
		}
	}
	walk(reflect.TypeFor[jury.Dossier](), "Dossier")
	walk(reflect.TypeFor[jury.Entry](), "Entry")
}

func TestTheListIsInTheOrderOfNumbers(t *testing.T) {
	s := newTable(t)
	for _, number := range []string{"70000000", "10000000", "40000000"} {
		s.candidate(number)
	}
	s.run()
	list, err := s.reader.List(t.Context(), june)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.IsSortedFunc(list, func(a, b jury.Entry) int { return strings.Compare(a.Number, b.Number) }) || len(list) != 3 {
		t.Errorf("%+v", list)
	}
	if other, err := s.reader.List(t.Context(), deliberation.ExamSession{Year: 2017, Round: "juin"}); err != nil || len(other) != 0 {
		t.Errorf("another session: %v, %v", other, err)
	}
}

func TestANumberIsFoundForTheDEC(t *testing.T) {
	s := newTable(t)
	id := s.candidate("48151623")
	s.run()
	if number, err := s.reader.Number(t.Context(), june, id); err != nil || number != "48151623" {
		t.Errorf("%s, %v", number, err)
	}
	if _, err := s.reader.Number(t.Context(), june, uuid.New()); !errors.Is(err, projections.ErrNotFound) {
		t.Error(err)
	}
}

func TestEveryEventOfTheVocabularyIsApplied(t *testing.T) {
	s := newTable(t)
	id := s.candidate("48151623")
	for _, kind := range record.Events() {
		s.Write(t, id, id, kind.Sample)
		s.run()
		if _, err := s.reader.List(t.Context(), june); err != nil {
			t.Fatal(err)
		}
	}
	report, err := projections.Check(t.Context(), s.Source(), s.views, viewmemory.New(), jury.Projection())
	if err != nil || !report.Exact() || len(report.Parked) != 0 {
		t.Errorf("%+v, %v", report, err)
	}
}
