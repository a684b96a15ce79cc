package tests

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"livret/cmd/livret/instance"
	"livret/domain"
	"livret/domain/access"
	"livret/domain/deliberation"
	"livret/domain/exchange"
	"livret/domain/exchange/lsl"
	"livret/domain/exchange/siecle"
	"livret/domain/exchange/sts"
	"livret/domain/mark"
	"livret/domain/nomenclature"
	"livret/domain/record"
	"livret/domain/sanction"
	"livret/eventstore/ledger/intake"
	"livret/projections/statistics"
)

// canarySchool is a school whose every name, place and free text is a canary: a value that must be nowhere but
// in sealed bytes, in the files that it is imported from, and on the family's page.
type canarySchool struct {
	pupils   []siecle.Pupil
	guardian siecle.Guardian
	teacher  sts.Staff
	texts    []string
}

const (
	canaryUAI  = nomenclature.UAI("0000123J")
	canaryName = "LYCEE HORTENSE QUERVILLY"
	canaryTown = "SAINT-ZÉPHIRIN-SUR-BRÔME"
)

func newCanarySchool() canarySchool {
	s := canarySchool{
		guardian: siecle.Guardian{PersonID: 77001, Civility: "MME", Name: "KERGADALLAN", First: "Solenn", Legal: 1, Parente: "2"},
		teacher:  sts.Staff{ID: "4711", Type: "epp", Civility: "M.", Name: "VANDENBROUCKE", First: "Théodule", Function: "ENS"},
	}
	names := [][2]string{{"BELLACHÈRE", "Zéphyrine"}, {"PETITJEAN", "Marine"}, {"LEGRANDROUX", "Constant"}, {"D'ASCOIGNE", "Rose-Aimée"},
		{"N’DIAYE-KOUROUMA", "Aminata"}, {"MARTINVAL", "Clément"}, {"OUZEROUALTE", "Prudence"}, {"DELAHAYEVILLE", "Jean-Baptiste"},
		{"FERRONNAYE", "Maximilien"}, {"QUIBERONNET", "Anne-Sophie"}, {"TRÉGOURÈS", "Gwenolé"}, {"HAUTECLOQUIER", "Philomène"}}
	for n, name := range names {
		s.pupils = append(s.pupils, siecle.Pupil{
			ID: uint64(600100 + n), Number: fmt.Sprint(9000 + n), INE: fmt.Sprintf("0000%05dHH", 70100+n), FamilyName: name[0], FirstNames: []string{name[1]},
			Birth: domain.NewDate(2000, time.March, 3+n), BirthTown: "OUAGADOULOISE", Sex: "2",
			MEF: "20211010110", Division: "TSVT1", Before: siecle.School{UAI: canaryUAI, Name: canaryName, Town: canaryTown, Division: "1SVT1"},
		})
	}
	return s
}

// text is a sentence about pupil n that betrays him, a classmate, his teacher and his town.
func (s *canarySchool) text(n int, what string) string {
	p, mate := s.pupils[n], s.pupils[(n+1)%len(s.pupils)]
	text := fmt.Sprintf("%s : %s progresse, avec %s %s ; M. Vandenbroucke le note à Saint-Zéphirin-sur-Brôme.",
		what, p.FirstNames[0], mate.FirstNames[0], titled(mate.FamilyName))
	s.texts = append(s.texts, text)
	return text
}

func titled(name string) string {
	first := string([]rune(name)[:1])
	return first + strings.ToLower(strings.TrimPrefix(name, first))
}

func (s *canarySchool) write(t *testing.T, dir string) {
	t.Helper()
	h := siecle.Header{UAI: canaryUAI, Year: 2017, Exported: domain.NewDate(2017, time.September, 15), Version: "2.1"}
	guardians := &siecle.Guardians{Header: h, ByPupil: map[uint64][]siecle.Guardian{}}
	for _, p := range s.pupils {
		guardians.ByPupil[p.ID] = []siecle.Guardian{s.guardian}
	}
	create(t, dir, "eleves.xml", func(f *os.File) error {
		return siecle.WritePupils(f, &siecle.Pupils{Header: h, Pupils: s.pupils})
	})
	create(t, dir, "responsables.xml", func(f *os.File) error { return siecle.WriteGuardians(f, guardians) })
	create(t, dir, "sts.xml", func(f *os.File) error {
		return sts.Write(f, &sts.File{UAI: canaryUAI, Academie: "08", SchoolName: canaryName, Town: canaryTown, Year: 2017, Staff: []sts.Staff{s.teacher}})
	})
	create(t, dir, "lsl.xml", func(f *os.File) error {
		return lsl.Write(f, exchange.Latin9, lsl.Header{Editeur: "essai", Application: "essai", UAI: canaryUAI}, slices.Values(s.livrets()))
	})
}

// livrets plant a text in every place that takes one.
func (s *canarySchool) livrets() []lsl.Pupil {
	signed := lsl.Person{Name: s.teacher.Name, First: s.teacher.First}
	var all []lsl.Pupil
	for n, p := range s.pupils {
		year := lsl.Year{Year: 2017, Periods: 3}
		for _, kind := range []record.Observation{record.ObservationCPE, record.ObservationTeam, record.ObservationHead} {
			year.Observations = append(year.Observations, lsl.Observation{Kind: kind, Text: s.text(n, "Avis "+string(kind)), Author: signed, Date: domain.NewDate(2018, time.May, 30)})
		}
		for _, matiere := range []nomenclature.Matiere{"010300", "043700", "061300"} {
			year.Evaluations = append(year.Evaluations, lsl.Evaluation{
				Matiere: matiere, Modalite: "S", Group: lsl.Group{Headcount: 12, Mean: mark.Must(mark.Hundredths(1210))}, Appreciation: s.text(n, "Bilan "+string(matiere)),
				Averages: []lsl.Average{{Period: 1, Mark: mark.Must(mark.Hundredths(1000 + 50*n))}, {Period: 2, Mark: mark.NotMarked()}, {Period: 3, Mark: mark.Must(mark.Hundredths(1100 + 60*n))}},
				Teachers: []lsl.Person{signed},
			})
		}
		all = append(all, lsl.Pupil{ID: p.ID, Engagements: []record.Engagement{"C"}, OtherEngagement: s.text(n, "Club"), Avis: record.Favorable, Years: []lsl.Year{year}})
	}
	return all
}

func create(t *testing.T, dir, name string, write func(*os.File) error) {
	t.Helper()
	f, err := os.Create(filepath.Join(dir, name))
	if err == nil {
		err = write(f)
	}
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
}

// canaries are the values to look for, in the forms in which they could be written: as they are, in capitals,
// in small letters, and in Latin-9.
func (s *canarySchool) canaries() []string {
	values := []string{canaryName, "QUERVILLY", canaryTown, "Saint-Zéphirin", "OUAGADOULOISE", s.guardian.Name, s.guardian.First, s.teacher.Name, s.teacher.First, "Vandenbroucke"}
	for _, p := range s.pupils {
		values = append(values, p.FamilyName, p.INE, titled(p.FamilyName), fmt.Sprint(p.ID))
		if first := p.FirstNames[0]; !slices.Contains([]string{"Marine", "Constant", "Prudence"}, first) {
			values = append(values, first) // these are words as well: the jury's page is searched for them apart
		}
	}
	return values
}

func forms(value string) [][]byte {
	all := [][]byte{[]byte(value), []byte(strings.ToUpper(value)), []byte(strings.ToLower(value))}
	if latin := latin9(value); latin != nil {
		all = append(all, latin)
	}
	return all
}

func latin9(s string) []byte {
	var b []byte
	for _, r := range s {
		if r > 0xff {
			return nil
		}
		b = append(b, byte(r))
	}
	return b
}

// openCanarySchool imports the school and brings everything up to date.
func openCanarySchool(t *testing.T) (string, canarySchool, *instance.Instance) {
	t.Helper()
	s := newCanarySchool()
	files, dir := t.TempDir(), filepath.Join(t.TempDir(), "data")
	s.write(t, files)
	if _, err := instance.Init(dir, "08"); err != nil {
		t.Fatal(err)
	}
	now := time.Date(2018, time.June, 11, 8, 0, 0, 0, time.UTC)
	i, err := instance.Open(t.Context(), dir, instance.Options{Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { i.Close() })
	desk := i.Desk(access.Actor{Actor: domain.Actor{Role: access.Exploitant}})
	var handed []intake.File
	for _, name := range []string{"eleves.xml", "responsables.xml", "sts.xml"} {
		f, err := os.Open(filepath.Join(files, name))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		handed = append(handed, intake.File{Name: name, Content: f})
	}
	report, err := desk.Siecle(t.Context(), handed, intake.Options{})
	if err != nil || report.New != len(s.pupils) || len(report.Refused) > 0 {
		t.Fatalf("siecle: %+v, %v", report, err)
	}
	f, err := os.Open(filepath.Join(files, "lsl.xml"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if report, err = desk.LSL(t.Context(), "lsl.xml", f, intake.Options{}); err != nil || len(report.Refused) > 0 {
		t.Fatalf("lsl: %+v, %v", report, err)
	}
	if err := i.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	return dir, s, i
}

// TestCanariesAreInNoFile searches every byte of the data folder, write-ahead logs included, while it is open
// and once it is closed.
func TestCanariesAreInNoFile(t *testing.T) {
	dir, s, i := openCanarySchool(t)
	policy, err := statistics.NewPolicy(5)
	if err != nil {
		t.Fatal(err)
	}
	statistician := access.Actor{Actor: domain.Actor{Role: access.Statisticien}, Academie: "08"}
	if _, err := i.Publish(t.Context(), statistician, 2018, policy); err != nil {
		t.Fatal(err)
	}
	sanctionCanary(t, s, i)
	rightsCanary(t, &s, i)
	searchFolder(t, dir, s)
	if err := i.Close(); err != nil {
		t.Fatal(err)
	}
	searchFolder(t, dir, s)
}

// sanctionCanary has the first pupil sanctioned: his name stands a second time, beside the sanction.
func sanctionCanary(t *testing.T, s canarySchool, i *instance.Instance) {
	t.Helper()
	livret, err := i.FindPupil(t.Context(), canaryUAI, s.pupils[0].ID, 2017)
	if err != nil {
		t.Fatal(err)
	}
	exams := access.Actor{Actor: domain.Actor{Role: access.DEC}, Academie: "08"}
	blame := sanction.Pronounce{Kind: sanction.Blame, Authority: sanction.Commission, Pronounced: domain.NewDate(2018, time.June, 8), Entry: true, Livret: livret}
	if _, err := i.Pronounce(t.Context(), exams, uuid.New(), blame); err != nil {
		t.Fatal(err)
	}
	entries, err := i.Sanctions(t.Context(), exams)
	if err != nil || len(entries) != 1 || entries[0].Subject == nil || entries[0].Subject.FamilyName != s.pupils[0].FamilyName || entries[0].Subject.INE != s.pupils[0].INE {
		t.Fatalf("the exams division sees %+v, %v", entries, err)
	}
}

// rightsCanary has the first pupil ask for a rectification in words that name him, read his livret, be refused and
// granted, and print: what he asks and what he is answered are texts like any other.
func rightsCanary(t *testing.T, s *canarySchool, i *instance.Instance) {
	t.Helper()
	livret, err := i.FindPupil(t.Context(), canaryUAI, s.pupils[0].ID, 2017)
	if err != nil {
		t.Fatal(err)
	}
	head := access.Actor{Actor: domain.Actor{Role: access.ChefEtablissement, Person: uuid.New()}, UAI: canaryUAI}
	demand, granted := uuid.New(), uuid.New()
	for _, step := range []error{
		i.Ledger.Consulted(t.Context(), livret, head.Actor),
		i.RequestRectification(t.Context(), head, livret, demand, record.Subject{Kind: record.SubjectOther}, s.text(0, "Demande")),
		i.RefuseRectification(t.Context(), head, livret, uuid.New(), demand, s.text(0, "Refus")),
		i.RequestRectification(t.Context(), head, livret, granted, record.Subject{Kind: record.SubjectIdentity}, s.text(0, "Autre demande")),
		i.GrantRectification(t.Context(), head, livret, uuid.New(), granted, s.text(0, "Accord"), instance.Redress{}),
	} {
		if step != nil {
			t.Fatal(step)
		}
	}
	if _, err := i.Print(t.Context(), head, livret); err != nil {
		t.Fatal(err)
	}
	d, err := i.Disclose(t.Context(), head, livret)
	if err != nil || len(d.Rights.Rectifications) != 2 || len(d.Consultations) != 1 {
		t.Fatalf("%d demands and %d readings are disclosed, %v", len(d.Rights.Rectifications), len(d.Consultations), err)
	}
}

func searchFolder(t *testing.T, dir string, s canarySchool) {
	t.Helper()
	searched := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		searched += len(content)
		for _, canary := range append(s.canaries(), s.texts...) {
			for _, form := range forms(canary) {
				if bytes.Contains(content, form) {
					t.Errorf("%s holds a canary in clear: %s", filepath.Base(path), form)
				}
			}
		}
		return nil
	})
	if err != nil || searched < 100_000 {
		t.Fatalf("searched %d bytes: %v", searched, err)
	}
}

// TestTheFamilySeesThem makes sure that the search above could fail: the canaries are in the ledger.
func TestTheFamilySeesThem(t *testing.T) {
	_, s, i := openCanarySchool(t)
	livret, err := i.FindPupil(t.Context(), canaryUAI, s.pupils[0].ID, 2017)
	if err != nil {
		t.Fatal(err)
	}
	head := access.Actor{Actor: domain.Actor{Role: access.ChefEtablissement}, UAI: canaryUAI}
	shown, err := i.ShowFamily(t.Context(), head, livret)
	if err != nil {
		t.Fatal(err)
	}
	page, err := json.Marshal(shown)
	if err != nil {
		t.Fatal(err)
	}
	for _, canary := range []string{s.pupils[0].FamilyName, s.pupils[0].FirstNames[0], s.pupils[0].INE, canaryName, canaryTown, s.guardian.Name, "Vandenbroucke"} {
		if !bytes.Contains(bytes.ToLower(page), []byte(strings.ToLower(canary))) {
			t.Errorf("the family does not see %q", canary)
		}
	}
}

// TestTheJuryCannotLearnWho searches what a jury is shown, of every candidate, and what a statistician is.
func TestTheJuryCannotLearnWho(t *testing.T) {
	_, s, i := openCanarySchool(t)
	president := juror(access.PresidentJury, june)
	jury := instance.JuryName{Session: june, Number: "0108"}
	seat(t, i, jury, map[deliberation.Office]access.Actor{deliberation.President: president})
	var livrets []uuid.UUID
	for _, p := range s.pupils {
		livret, err := i.FindPupil(t.Context(), canaryUAI, p.ID, 2017)
		if err != nil {
			t.Fatal(err)
		}
		livrets = append(livrets, livret)
	}
	transmit(t, i, jury, livrets...)
	list, err := i.ListJury(t.Context(), president, june)
	if err != nil || len(list) != len(s.pupils) {
		t.Fatalf("%d candidates, %v", len(list), err)
	}
	texts := 0
	for _, entry := range list {
		dossier, err := i.ShowJury(t.Context(), president, june, entry.Number)
		if err != nil {
			t.Fatal(err)
		}
		if dossier.Pending != 0 {
			t.Errorf("candidate %s waits for %d masks", entry.Number, dossier.Pending)
		}
		page, err := json.Marshal(dossier)
		if err != nil {
			t.Fatal(err)
		}
		texts += bytes.Count(page, []byte("progresse"))
		for _, canary := range append(s.canaries(), "Marine", "Constant", "Prudence", "0000123J", "TSVT1") {
			for _, form := range forms(canary) {
				if bytes.Contains(page, form) {
					t.Errorf("the jury reads %q", form)
				}
			}
		}
	}
	if want := 7 * len(s.pupils); texts != want {
		t.Errorf("the jury is shown %d texts, want %d", texts, want)
	}
	booklet, err := i.Booklet(t.Context(), president, jury)
	if err != nil {
		t.Fatal(err)
	}
	var page bytes.Buffer
	if err := booklet.Write(&page); err != nil {
		t.Fatal(err)
	}
	if printed := bytes.Count(page.Bytes(), []byte("progresse")); printed != texts {
		t.Errorf("%d texts are printed, want %d", printed, texts)
	}
	for _, canary := range append(s.canaries(), "Constant", "Prudence", "0000123J", "TSVT1") {
		for _, form := range forms(canary) {
			if bytes.Contains(page.Bytes(), form) {
				t.Errorf("the printed dossier names %q", form)
			}
		}
	}
}

// TestRefusalsAndErrorsQuoteNobody gives the importer files about nobody known, and looks at what would be
// logged.
func TestRefusalsAndErrorsQuoteNobody(t *testing.T) {
	_, s, i := openCanarySchool(t)
	stranger := access.Actor{Actor: domain.Actor{Role: access.Eleve}}
	livret, err := i.FindPupil(context.Background(), canaryUAI, s.pupils[0].ID, 2017)
	if err != nil {
		t.Fatal(err)
	}
	_, refused := i.ShowFamily(t.Context(), stranger, livret)
	if refused == nil {
		t.Fatal("a stranger sees a livret")
	}
	for _, canary := range append(s.canaries(), s.texts...) {
		if strings.Contains(refused.Error(), canary) {
			t.Errorf("an error quotes %q", canary)
		}
	}
}
