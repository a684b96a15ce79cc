package intake_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/exchange"
	"livret/domain/exchange/lsl"
	"livret/domain/exchange/siecle"
	"livret/domain/exchange/sts"
	"livret/domain/identity"
	"livret/domain/mark"
	"livret/domain/nomenclature"
	"livret/domain/record"
	"livret/eventstore"
	"livret/eventstore/keyvault"
	keys "livret/eventstore/keyvault/memory"
	"livret/eventstore/ledger"
	"livret/eventstore/ledger/intake"
	"livret/eventstore/memory"
)

const (
	lycee     nomenclature.UAI = "0000123J"
	premiereS nomenclature.MEF = "20111010110"
	termS     nomenclature.MEF = "20211010110"
	premSTMG  nomenclature.MEF = "21131016110"
	termSTMG  nomenclature.MEF = "21231017110"
)

// office is a ledger and the desk where files are handed in.
type office struct {
	*intake.Desk
	store *memory.Store
	vault *keys.Vault
}

func open(t testing.TB) *office {
	t.Helper()
	o := &office{store: memory.New(), vault: keys.New()}
	o.Desk = o.desk(t, o.store, o.vault)
	return o
}

func (o *office) desk(t testing.TB, store eventstore.Store, vault keyvault.Vault) *intake.Desk {
	t.Helper()
	codec, err := ledger.Vocabulary()
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2017, 6, 20, 8, 0, 0, 0, time.UTC)
	l, err := ledger.New(ledger.Config{ID: uuid.MustParse("5e8f2d80-0000-4000-8000-000000000001"), Store: store, Vault: vault, Codec: codec, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	lists, err := nomenclature.Load()
	if err != nil {
		t.Fatal(err)
	}
	calendar, err := nomenclature.LoadCalendar()
	if err != nil {
		t.Fatal(err)
	}
	return &intake.Desk{Ledger: l, Nomenclature: lists, Calendar: calendar, Academie: "08", Actor: access.Actor{Actor: domain.Actor{Role: access.Exploitant}}}
}

// events counts the events of each category; none is there without.
func (o *office) events(t testing.TB) map[string]int {
	t.Helper()
	counts := make(map[string]int)
	for e, err := range o.store.Read(context.Background(), eventstore.Position{}) {
		if err != nil {
			t.Fatal(err)
		}
		counts[e.Stream.Category()]++
	}
	return counts
}

func total(counts map[string]int) (n int) {
	for _, c := range counts {
		n += c
	}
	return n
}

// sound fails unless the ledger stands a full check.
func (o *office) sound(t testing.TB) {
	t.Helper()
	checked, err := o.Ledger.Check(context.Background())
	if err != nil || len(checked.Faults) > 0 {
		t.Fatalf("check: %v, %+v", err, checked.Faults)
	}
}

// livret finds that of a pupil for a session.
func (o *office) livret(t testing.TB, school nomenclature.UAI, id uint64, session nomenclature.SchoolYear) (uuid.UUID, *record.State) {
	t.Helper()
	livret, err := o.vault.Lookup(context.Background(), intake.ClaimLivret, intake.LivretClaim(school, id, session)...)
	if errors.Is(err, keyvault.ErrUnknown) {
		return uuid.Nil, record.NewState()
	}
	if err != nil {
		t.Fatal(err)
	}
	state, _, err := ledger.Load(context.Background(), o.Ledger, record.Decider, livret)
	if err != nil {
		t.Fatal(err)
	}
	return livret, state
}

func (o *office) identity(t testing.TB, livret uuid.UUID) *identity.Pupil {
	t.Helper()
	pupil, _, err := ledger.Load(context.Background(), o.Ledger, identity.PupilDecider, livret)
	if err != nil {
		t.Fatal(err)
	}
	return pupil
}

// what the ledger says, without what is drawn at random: the pupils by number and session, and the staff by name.
func (o *office) content(t testing.TB) map[string]string {
	t.Helper()
	ctx := context.Background()
	content := make(map[string]string)
	staff := make(map[uuid.UUID]string)
	for e, err := range o.store.Read(ctx, eventstore.Position{}) {
		if err != nil {
			t.Fatal(err)
		}
		if id, _ := e.Stream.UUID(); e.Stream.Category() == identity.StaffCategory {
			s, _, err := ledger.Load(ctx, o.Ledger, identity.StaffDecider, id)
			if err != nil {
				t.Fatal(err)
			}
			staff[id] = s.Identity.Name + " " + s.Identity.First
			content["staff "+staff[id]] = fmt.Sprintf("%s %s %s %s", s.Identity.StsID, s.Identity.Civility, s.Identity.Function, s.Identity.UAI)
		}
	}
	names := make(map[string]uuid.UUID)
	for e, err := range o.store.Read(ctx, eventstore.Position{}) {
		if err != nil {
			t.Fatal(err)
		}
		livret, ok := e.Stream.UUID()
		if !ok || e.Stream.Category() != identity.Category || e.Sequence != 1 {
			continue
		}
		pupil := o.identity(t, livret)
		state, _, err := ledger.Load(ctx, o.Ledger, record.Decider, livret)
		if err != nil {
			t.Fatal(err)
		}
		name := fmt.Sprintf("%s %d", pupil.Siecle[0].UAI, pupil.Siecle[0].SiecleID)
		if state.Opened() {
			name += fmt.Sprintf(" %d", state.Session)
		}
		if other, twin := names[name]; twin && other != livret {
			t.Errorf("a twin livret of pupil %s", name)
		}
		names[name] = livret
		var b strings.Builder
		fmt.Fprintf(&b, "%s %s %v %s\n", pupil.Civil.FamilyName, pupil.Civil.UsageName, pupil.Civil.FirstNames, pupil.INE)
		for _, g := range pupil.Guardians {
			fmt.Fprintf(&b, "guardian %d %s %d\n", g.PersonID, g.Name, g.Legal)
		}
		for _, s := range pupil.Schools {
			fmt.Fprintf(&b, "school %d %s %s %s %s\n", s.Year, s.UAI, s.Division, s.Level, s.Town)
		}
		for _, y := range state.Years {
			schooling, _ := y.Schooling()
			fmt.Fprintf(&b, "year %d %d %+v\n", y.Year, y.Periods, schooling)
			for _, o := range y.Observations {
				fmt.Fprintf(&b, "  %s %s %s\n", o.Kind, o.Value, staff[o.Author])
			}
		}
		for _, line := range state.Lines {
			fmt.Fprintf(&b, "%v", line.Enseignement)
			for _, a := range line.Averages {
				fmt.Fprintf(&b, " %v", a.Mark)
			}
			fmt.Fprintf(&b, " %v %v %s", line.Group.Headcount, line.Competences, line.Appreciation.Value)
			for _, id := range line.Teachers {
				fmt.Fprintf(&b, " %s", staff[id])
			}
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "%v %s %s", state.Engagements, state.Other.Value, state.Avis)
		content["pupil "+name] = b.String()
	}
	return content
}

func same(t testing.TB, got, want map[string]string) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if got[name] != want[name] {
			t.Errorf("%s:\n%s\nwant\n%s", name, got[name], want[name])
			return
		}
	}
	for name := range got {
		if _, wanted := want[name]; !wanted {
			t.Errorf("%s is too much", name)
		}
	}
}

// School is a made-up school: pupils of première in one year, the same in terminale in the next.
type school struct {
	uai      nomenclature.UAI
	pupils   int
	teachers int
}

func (s school) firstID() uint64 { return 100_000 }

func (s school) mef(i int, year nomenclature.SchoolYear) nomenclature.MEF {
	switch {
	case i%3 == 2 && year == 2015:
		return premSTMG
	case i%3 == 2:
		return termSTMG
	case year == 2015:
		return premiereS
	}
	return termS
}

func (s school) pupil(i int, year nomenclature.SchoolYear) siecle.Pupil {
	return siecle.Pupil{
		ID: s.firstID() + uint64(i), Number: fmt.Sprint(i), INE: fmt.Sprintf("%09dAA", i), FamilyName: fmt.Sprintf("FAMILLE%c%c", 'A'+i%26, 'A'+i/26%26),
		FirstNames: []string{"Camille", "Rose"}, Birth: domain.NewDate(2000, 3, 1+i%28), BirthTown: "VILLEFICTIVE", Sex: "2",
		MEF: s.mef(i, year), Division: fmt.Sprintf("D%d-%d", year-2014, i%3),
	}
}

func (s school) base(year nomenclature.SchoolYear) *siecle.Pupils {
	f := &siecle.Pupils{Header: s.header(year)}
	for i := range s.pupils {
		f.Pupils = append(f.Pupils, s.pupil(i, year))
	}
	return f
}

func (s school) header(year nomenclature.SchoolYear) siecle.Header {
	return siecle.Header{UAI: s.uai, Year: year, Exported: domain.NewDate(int(year), 10, 1), Version: "2.0"}
}

func (s school) guardians(year nomenclature.SchoolYear) *siecle.Guardians {
	f := &siecle.Guardians{Header: s.header(year), ByPupil: make(map[uint64][]siecle.Guardian)}
	for i := range s.pupils {
		f.ByPupil[s.firstID()+uint64(i)] = []siecle.Guardian{{PersonID: uint64(500_000 + i), Civility: "MME", Name: "PARENT", First: "Dominique", Legal: 1, Parente: "1"}}
	}
	return f
}

func (s school) teacher(i int) lsl.Person {
	return lsl.Person{Name: fmt.Sprintf("PROF%c", 'A'+i%26), First: fmt.Sprintf("Claude%c", 'a'+i/26%26)}
}

func (s school) staff(year nomenclature.SchoolYear) *sts.File {
	f := &sts.File{UAI: s.uai, Academie: "00", SchoolName: "LYCEE FICTIF", Town: "VILLEFICTIVE", Year: year}
	for i := range s.teachers {
		p := s.teacher(i)
		f.Staff = append(f.Staff, sts.Staff{ID: fmt.Sprint(9000 + i), Type: "epp", Civility: "Mme", Name: p.Name, First: p.First, Function: "ENS"})
	}
	return f
}

func (s school) files(t testing.TB, year nomenclature.SchoolYear) []intake.File {
	return []intake.File{
		pupilsFile(t, s.base(year)), guardiansFile(t, s.guardians(year)), staffFile(t, s.staff(year)),
	}
}

func pupilsFile(t testing.TB, f *siecle.Pupils) intake.File {
	return written(t, "ElevesSansAdresses.xml", func(w io.Writer) error { return siecle.WritePupils(w, f) })
}

func guardiansFile(t testing.TB, f *siecle.Guardians) intake.File {
	return written(t, "ResponsablesAvecAdresses.xml", func(w io.Writer) error { return siecle.WriteGuardians(w, f) })
}

func formationsFile(t testing.TB, f *siecle.Nomenclature) intake.File {
	return written(t, "Nomenclature.xml", func(w io.Writer) error { return siecle.WriteNomenclature(w, f) })
}

func staffFile(t testing.TB, f *sts.File) intake.File {
	return written(t, "sts_emp.xml", func(w io.Writer) error { return sts.Write(w, f) })
}

func written(t testing.TB, name string, write func(io.Writer) error) intake.File {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return intake.File{Name: name, Content: &b}
}

// marks is what the marks software says at the end of the given years.
func (s school) marks(lists nomenclature.Nomenclature, years ...nomenclature.SchoolYear) iter.Seq[lsl.Pupil] {
	return func(yield func(lsl.Pupil) bool) {
		for i := range s.pupils {
			p := lsl.Pupil{ID: s.firstID() + uint64(i), Engagements: []record.Engagement{"C"}, OtherEngagement: "Élue au conseil de la vie lycéenne."}
			for _, year := range years {
				p.Years = append(p.Years, s.year(lists, i, year))
				if year == 2016 {
					p.Avis = record.Favorable
				}
			}
			if !yield(p) {
				return
			}
		}
	}
}

func (s school) year(lists nomenclature.Nomenclature, i int, year nomenclature.SchoolYear) lsl.Year {
	y := lsl.Year{Year: year, Periods: 3, Observations: []lsl.Observation{
		{Kind: record.ObservationHead, Text: "Une année de travail.", Author: s.teacher(0)},
	}}
	programme, err := lists.Programme(year, s.mef(i, year))
	if err != nil {
		panic(err)
	}
	for n, line := range programme.Lines {
		if line.Modalite != "S" || line.Rank > 1 || len(y.Evaluations) == 10 {
			continue
		}
		e := lsl.Evaluation{
			Matiere: line.Matiere, Modalite: line.Modalite, Group: lsl.Group{Headcount: 30},
			Appreciation: "Des progrès réguliers, un travail sérieux toute l’année.", Teachers: []lsl.Person{s.teacher(n % s.teachers)},
		}
		if line.Marked {
			for period := range uint8(3) {
				e.Averages = append(e.Averages, lsl.Average{Period: period + 1, Mark: mark.Must(mark.Hundredths(800 + (i*37+n*11+int(period)*50)%1200))})
			}
		}
		for _, c := range line.Competences {
			e.Competences = append(e.Competences, lsl.Competence{Code: c, Mastery: "3"})
		}
		y.Evaluations = append(y.Evaluations, e)
	}
	return y
}

func (s school) marksFile(t testing.TB, pupils iter.Seq[lsl.Pupil]) *bytes.Buffer {
	t.Helper()
	var b bytes.Buffer
	if err := lsl.Write(&b, exchange.UTF8, lsl.Header{Editeur: "Éditeur", Application: "Notes", UAI: s.uai}, pupils); err != nil {
		t.Fatal(err)
	}
	return &b
}

// take hands files in and fails if the import as a whole does.
func (o *office) take(t testing.TB, files ...intake.File) intake.Report {
	t.Helper()
	report, err := o.Siecle(context.Background(), files, intake.Options{})
	if err != nil {
		t.Fatalf("siecle: %v, %+v", err, report.Refused)
	}
	return report
}

func (o *office) takeMarks(t testing.TB, file io.Reader) intake.Report {
	t.Helper()
	report, err := o.LSL(context.Background(), "lsl.xml", file, intake.Options{})
	if err != nil {
		t.Fatalf("lsl: %v, %+v", err, report.Refused)
	}
	return report
}

// rules counts the lines of a report by rule, and fails unless each says what to do, and of whom.
func rules(t testing.TB, lines []intake.Refused) map[string]int {
	t.Helper()
	counts := make(map[string]int)
	for _, line := range lines {
		counts[line.Rule]++
		if line.Rule == "" || line.Reason == "" || line.Remedy == "" {
			t.Errorf("a line does not say everything: %+v", line)
		}
	}
	return counts
}
