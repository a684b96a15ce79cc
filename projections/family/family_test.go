package family_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/identity"
	"livret/domain/mark"
	"livret/domain/nomenclature"
	"livret/domain/record"
	"livret/eventstore/keyvault"
	vaultmemory "livret/eventstore/keyvault/memory"
	"livret/eventstore/keyvault/vaulttest"
	"livret/eventstore/memory"
	"livret/projections"
	"livret/projections/family"
	viewmemory "livret/projections/memory"
	"livret/projections/viewtest"
)

const school = "0000123J"

var (
	maths     = record.Enseignement{Year: 2015, Matiere: "061300", Modalite: "S", Rank: 1}
	mathsSpe  = record.Enseignement{Year: 2015, Matiere: "061300", Modalite: "S", Rank: 2}
	russian   = record.Enseignement{Year: 2015, Matiere: "031402", Modalite: "O", Rank: 1}
	elsewhere = record.Enseignement{Year: 2015, Matiere: "999999", Modalite: "F", Rank: 1}
)

func points(hundredths int) mark.Mark { return mark.Must(mark.Hundredths(hundredths)) }

// shelf is a ledger with one view over it.
type shelf struct {
	*viewtest.Log
	t      *testing.T
	views  *viewmemory.Store
	reader *family.Reader
}

func newShelf(t *testing.T) *shelf {
	log, err := viewtest.NewLog(memory.New(), vaultmemory.New())
	if err != nil {
		t.Fatal(err)
	}
	lists, err := nomenclature.Load()
	if err != nil {
		t.Fatal(err)
	}
	views := viewmemory.New()
	return &shelf{Log: log, t: t, views: views, reader: family.NewReader(views, log.Vault, lists)}
}

func (s *shelf) run() {
	s.t.Helper()
	if _, err := projections.Run(s.t.Context(), s.Source(), s.views, family.Projection()); err != nil {
		s.t.Fatal(err)
	}
}

func (s *shelf) show(id uuid.UUID) family.Livret {
	s.t.Helper()
	s.run()
	l, err := s.reader.Show(s.t.Context(), id)
	if err != nil {
		s.t.Fatal(err)
	}
	return l
}

func (s *shelf) write(id uuid.UUID, events ...domain.Event) uint64 {
	s.t.Helper()
	return s.Write(s.t, id, id, events...)
}

func TestTheWholeLivret(t *testing.T) {
	s := newShelf(t)
	id, teacher, head := uuid.New(), uuid.New(), uuid.New()
	s.write(id,
		identity.CivilIdentityRecorded{FamilyName: "DURAND", FirstNames: []string{"Rose", "Anne"}, BirthDate: "1998-05-12", BirthPlace: "Nantes"},
		identity.INERecorded{INE: "0123456789A"},
		identity.GuardianRecorded{PersonID: 9, Civility: "M.", Name: "PETIT", First: "Luc", Legal: 0},
		identity.GuardianRecorded{PersonID: 8, Civility: "MME", Name: "DURAND", First: "Claire", Legal: 1},
		identity.SchoolAttended{Year: 2014, UAI: school, Name: "Lycée Jean-Moulin", Town: "Valmont", Division: "1S2", Level: "1re"},
		identity.SchoolAttended{Year: 2009, Name: "Collège des Pins", Town: "Valmont", Division: "6A", Level: "6e"},
	)
	s.Write(t, teacher, teacher, identity.StaffIdentified{Civility: "MME", Name: "LEROY", First: "Anne"})
	s.Write(t, head, head, identity.StaffIdentified{Civility: "M.", Name: "FAURE", First: "Louis"})
	s.write(id,
		record.LivretOpened{Session: 2016},
		record.SchoolingRecorded{Year: 2015, UAI: school, MEF: "20211010110", Division: "TS1"},
		record.PeriodsSet{Year: 2015, Count: 3},
		record.AverageRecorded{Enseignement: elsewhere, Period: 1, Mark: points(1000)},
		record.AverageRecorded{Enseignement: mathsSpe, Period: 1, Mark: points(1500)},
		record.AverageRecorded{Enseignement: maths, Period: 1, Mark: points(1250)},
		record.AverageRecorded{Enseignement: maths, Period: 2, Mark: mark.Absent()},
		record.AverageRecorded{Enseignement: maths, Period: 3, Mark: points(1300), Imported: true},
		record.GroupFiguresRecorded{Enseignement: maths, Headcount: 23, Mean: points(1130), Shares: &mark.Shares{Below8: 870, From8: 3043, From12: 6087}},
		record.CompetenceAssessed{Enseignement: maths, Competence: "0094", Mastery: "3"},
		record.CompetenceAssessed{Enseignement: maths, Competence: "0105", Mastery: "NE"},
		record.AppreciationWritten{Enseignement: maths, Text: "Rose progresse."},
		record.TeachersNamed{Enseignement: maths, Staff: []uuid.UUID{teacher}},
		record.CompetenceAssessed{Enseignement: russian, Competence: "0032", Mastery: "B1"},
		record.EngagementDeclared{Code: "V"}, record.EngagementDeclared{Code: "C"},
		record.OtherEngagementDeclared{Text: "Théâtre"},
		record.ObservationWritten{Kind: record.ObservationHead, Year: 2015, Text: "Bon dossier.", Author: head, Dated: domain.NewDate(2016, time.May, 30)},
		record.AvisIssued{Avis: record.Favorable},
		record.B2iAttested{},
		record.AvisSharesFrozen{Serie: "S", Headcount: 87, T: 1000, F: 6000, A: 2000, D: 1000},
		record.HeadVisaGiven{Year: 2015},
		record.PeriodLocked{Year: 2015, Period: 1},
	)
	l := s.show(id)

	if l.ID != id || l.Session != 2016 || l.Serie != "S" || l.Pupil.DisplayName != "Rose DURAND" || l.Pupil.INE != "0123456789A" || l.Incomplete != nil {
		t.Errorf("cover: %+v", l.Pupil)
	}
	if len(l.Guardians) != 2 || l.Guardians[0].DisplayName != "Mme Claire DURAND" || l.Guardians[0].Legal != 1 {
		t.Errorf("guardians: %+v", l.Guardians)
	}
	if len(l.Schools) != 2 || l.Schools[0].Level != "6e" {
		t.Errorf("schools: %+v", l.Schools)
	}
	if len(l.Years) != 1 {
		t.Fatalf("%d years", len(l.Years))
	}
	y := l.Years[0]
	if y.Label != "2015-2016" || y.Periods != 3 || y.PeriodLabel != "trimestre" || y.Schooling[0].Level != "Terminale" || y.Schooling[0].Division != "TS1" {
		t.Errorf("year: %+v", y)
	}
	var order []string
	for _, g := range y.Groups {
		for _, line := range g.Lines {
			order = append(order, line.Label)
		}
	}
	if len(order) != 4 || !strings.Contains(order[0], "RUSSE") || order[1] != "MATHÉMATIQUES" || order[2] != "MATHÉMATIQUES" || order[3] != "999999" {
		t.Errorf("lines are not in the order of the programme: %q", order)
	}
	m := find(t, l, maths)
	if m.Periods[0].Shown != "12,50" || m.Periods[1].Shown != "Absent" || m.Periods[2].Value != points(1300) {
		t.Errorf("averages: %+v", m.Periods)
	}
	if m.Annual == nil || !m.Annual.Computed || m.Annual.Shown != "12,75" {
		t.Errorf("annual: %+v", m.Annual)
	}
	if m.Group == nil || m.Group.Headcount != 23 || m.Group.MeanShown != "11,30" || *m.Group.Shares != (mark.Shares{Below8: 870, From8: 3043, From12: 6087}) {
		t.Errorf("group: %+v", m.Group)
	}
	if len(m.Competences) != 2 || m.Competences[0].Label == "0094" || m.Competences[0].MasteryLabel == "3" || m.Competences[1].MasteryLabel != "non évaluée" {
		t.Errorf("compétences: %+v", m.Competences)
	}
	if len(m.Teachers) != 1 || m.Teachers[0].Name != "Mme Anne LEROY" || m.Appreciation.Text != "Rose progresse." || m.Appreciation.By.RoleLabel != "enseignant" {
		t.Errorf("teachers %+v, appreciation %+v", m.Teachers, m.Appreciation)
	}
	if spe := find(t, l, mathsSpe); spe.Periods[0].Shown != "15,00" || spe.Periods[1] != nil {
		t.Errorf("spécialité: %+v", spe)
	}
	if r := find(t, l, russian); r.Periods != nil || r.Annual != nil || r.Competences[0].MasteryLabel != "niveau B1" {
		t.Errorf("an enseignement without marks: %+v", r)
	}
	if len(l.Engagements) != 2 || l.Engagements[0].Label != "Délégué de classe" || l.OtherEngagement.Text != "Théâtre" || l.B2i == nil {
		t.Errorf("engagements: %+v %+v %+v", l.Engagements, l.OtherEngagement, l.B2i)
	}
	if o := y.Observations; len(o) != 1 || o[0].Author.Name != "M. Louis FAURE" || o[0].Dated != "2016-05-30" || o[0].Text.Text != "Bon dossier." {
		t.Errorf("observations: %+v", o)
	}
	if l.Avis.Label != "Favorable" || l.Avis.Shares.Headcount != 87 || l.Avis.Shares.F != 6000 {
		t.Errorf("avis: %+v", l.Avis)
	}
	if y.HeadVisa == nil || y.VisaVoid || len(y.Locks) != 1 || !y.Locks[0].Locked {
		t.Errorf("visa %+v, locks %+v", y.HeadVisa, y.Locks)
	}
	if _, err := json.Marshal(l); err != nil {
		t.Error(err)
	}
}

func find(t *testing.T, l family.Livret, e record.Enseignement) family.Line {
	t.Helper()
	for _, y := range l.Years {
		for _, g := range y.Groups {
			for _, line := range g.Lines {
				if y.Year == e.Year && line.Matiere == e.Matiere && line.Modalite == e.Modalite && line.Rank == e.Rank {
					return line
				}
			}
		}
	}
	t.Fatalf("no line for %v", e)
	return family.Line{}
}

func TestHistoryOfCorrections(t *testing.T) {
	s := newShelf(t)
	id := uuid.New()
	s.write(id, identity.CivilIdentityRecorded{FamilyName: "DURAND", FirstNames: []string{"Rose"}})
	s.write(id,
		record.LivretOpened{Session: 2016},
		record.AverageRecorded{Enseignement: maths, Period: 1, Mark: points(1250)},
		record.AppreciationWritten{Enseignement: maths, Text: "Bien."},
		record.CompetenceAssessed{Enseignement: maths, Competence: "0094", Mastery: "2"},
		record.AvisIssued{Avis: record.Favorable},
		record.HeadVisaGiven{Year: 2015},
		record.PeriodLocked{Year: 2015, Period: 1},
	)
	s.show(id) // what follows is folded into a row that stands
	s.Role, s.Now = "chef-etablissement", s.Now.Add(48*time.Hour)
	s.write(id, identity.CivilIdentityRecorded{FamilyName: "DURAND", UsageName: "MARTIN", FirstNames: []string{"Rose"}})
	s.write(id,
		record.AverageCorrected{Enseignement: maths, Period: 1, Mark: points(1350), Reason: "Erreur de saisie"},
		record.AverageCorrected{Enseignement: maths, Period: 1, Mark: mark.Dispensed(), Reason: "Dispense"},
		record.AppreciationWritten{Enseignement: maths, Text: "Très bien."},
		record.CompetenceAssessed{Enseignement: maths, Competence: "0094", Mastery: "3"},
		record.AvisIssued{Avis: record.TresFavorable},
		record.PeriodUnlocked{Year: 2015, Period: 1, Reason: "Réclamation"},
	)
	l := s.show(id)
	m := find(t, l, maths)
	p := m.Periods[0]
	if p.Shown != "Dispensé" || len(p.History) != 2 {
		t.Fatalf("average: %+v", p)
	}
	want := family.Change{From: "12,50", To: "13,50", Reason: "Erreur de saisie", By: family.Stamp{
		Role: "chef-etablissement", RoleLabel: "chef d’établissement", At: s.Now, Sequence: 8,
	}}
	if p.History[0] != want {
		t.Errorf("%+v, want %+v", p.History[0], want)
	}
	if p.History[1].From != "13,50" || p.History[1].To != "Dispensé" || p.History[1].Reason != "Dispense" {
		t.Errorf("second correction: %+v", p.History[1])
	}
	if h := m.Appreciation.History; len(h) != 1 || h[0].From != "Bien." || h[0].To != "Très bien." {
		t.Errorf("appreciation: %+v", h)
	}
	if h := m.Competences[0].History; len(h) != 1 || h[0].From == "2" {
		t.Errorf("compétence: %+v", h)
	}
	if h := l.Avis.History; len(h) != 1 || h[0].From != "Favorable" || h[0].To != "Très favorable" {
		t.Errorf("avis: %+v", h)
	}
	if h := l.Pupil.History; len(h) != 1 || h[0].What != "Nom d’usage" || h[0].To != "MARTIN" {
		t.Errorf("names: %+v", h)
	}
	y := l.Years[0]
	if len(y.Locks) != 1 || y.Locks[0].Locked || y.Locks[0].Reason != "Réclamation" || !y.VisaVoid {
		t.Errorf("locks %+v, visa void %v", y.Locks, y.VisaVoid)
	}
}

func TestListsOfPupils(t *testing.T) {
	s := newShelf(t)
	names := []string{"ÉTIENNE", "Zola", "Durand", "Etcheverry", "de Vigny"}
	ids := make(map[string]uuid.UUID)
	for i, name := range names {
		id := uuid.New()
		ids[name] = id
		s.write(id, identity.CivilIdentityRecorded{FamilyName: name, FirstNames: []string{"Rose"}})
		division := "TS1"
		if i == 1 {
			division = "TS2"
		}
		s.write(id, record.LivretOpened{Session: 2016}, record.SchoolingRecorded{Year: 2015, UAI: school, MEF: "20211010110", Division: division})
	}
	unnamed := uuid.New() // his marks came before his name
	s.write(unnamed, record.SchoolingRecorded{Year: 2015, UAI: school, MEF: "20211010110", Division: "TS1"})
	s.run()
	listed := func(division string) (got []string) {
		entries, err := s.reader.Pupils(t.Context(), school, 2015, division)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			got = append(got, e.ListName)
		}
		return got
	}
	if got := listed("TS1"); !slices.Equal(got, []string{"", "de Vigny Rose", "Durand Rose", "Etcheverry Rose", "ÉTIENNE Rose"}) {
		t.Errorf("TS1: %q", got)
	}
	if got := listed(""); len(got) != 6 || got[5] != "Zola Rose" {
		t.Errorf("the school: %q", got)
	}
	divisions, err := s.reader.Divisions(t.Context(), school, 2015)
	if err != nil || !slices.Equal(divisions, []string{"TS1", "TS2"}) {
		t.Errorf("divisions: %v, %v", divisions, err)
	}
	s.write(ids["Durand"], record.SchoolingRecorded{Year: 2015, UAI: school, MEF: "20211010110", Division: "TS2"})
	s.run()
	if got := listed("TS2"); !slices.Equal(got, []string{"Durand Rose", "Zola Rose"}) {
		t.Errorf("after a change of division: %q", got)
	}
	if got := listed("TS1"); len(got) != 4 {
		t.Errorf("who left is still listed: %q", got)
	}
	for _, none := range []string{"TS3", "TS"} {
		if got := listed(none); len(got) != 0 {
			t.Errorf("%s: %q", none, got)
		}
	}
}

func TestNobodyIsShownWhoIsNotThere(t *testing.T) {
	s := newShelf(t)
	s.run()
	if _, err := s.reader.Show(t.Context(), uuid.New()); !errors.Is(err, projections.ErrNotFound) {
		t.Errorf("a livret that never was: %v", err)
	}
}

// TestEveryEventOfTheVocabularyIsApplied: a livret with every event that may stand in its streams is folded,
// kept, read and folded again without loss.
func TestEveryEventOfTheVocabularyIsApplied(t *testing.T) {
	s := newShelf(t)
	id := uuid.New()
	for _, kind := range slices.Concat(identity.Events(), record.Events()) {
		if kind.Type != (identity.StaffIdentified{}).EventType() {
			s.write(id, kind.Sample)
			s.show(id)
		}
	}
	report, err := projections.Check(t.Context(), s.Source(), s.views, viewmemory.New(), family.Projection())
	if err != nil || !report.Exact() || len(report.Parked) != 0 {
		t.Errorf("%+v, %v", report, err)
	}
}

func TestForgottenIsNeitherEmptyNorNotFound(t *testing.T) {
	s := newShelf(t)
	id, teacher := uuid.New(), uuid.New()
	s.write(id, identity.CivilIdentityRecorded{FamilyName: "DURAND", FirstNames: []string{"Rose"}})
	s.Write(t, teacher, teacher, identity.StaffIdentified{Name: "LEROY"})
	s.write(id, record.SchoolingRecorded{Year: 2015, UAI: school, MEF: "20211010110", Division: "TS1"},
		record.TeachersNamed{Enseignement: maths, Staff: []uuid.UUID{teacher, uuid.New()}})
	s.run()
	move := func(owner uuid.UUID, class keyvault.Class, from, to keyvault.State) {
		t.Helper()
		info, err := s.Vault.Find(t.Context(), owner, class)
		if err == nil {
			err = vaulttest.Step(t, s.Vault.(*vaultmemory.Vault), info.ID, from, to)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	move(teacher, keyvault.Staff, keyvault.Active, keyvault.Fenced)
	teachers := find(t, s.show(id), maths).Teachers
	if len(teachers) != 2 || !teachers[0].Forgotten || teachers[0].Name != "" || teachers[1].Forgotten {
		t.Errorf("teachers: %+v", teachers)
	}
	from := keyvault.Active
	for _, state := range []keyvault.State{keyvault.Archived, keyvault.Fenced} {
		move(id, keyvault.Record, from, state)
		move(id, keyvault.Identity, from, state)
		from = state
		want := state.Err()
		if l, err := s.reader.Show(t.Context(), id); !errors.Is(err, want) || l.Pupil.FamilyName != "" || l.Years != nil {
			t.Errorf("%s: %+v, %v", state, l, err)
		}
		if pupils, err := s.reader.Pupils(t.Context(), school, 2015, "TS1"); err != nil || len(pupils) != 0 {
			t.Errorf("%s: listed as %v, %v", state, pupils, err)
		}
		if pupils, err := s.reader.Pupils(t.Context(), school, 2015, ""); err != nil || len(pupils) != 0 {
			t.Errorf("%s: listed as %v, %v", state, pupils, err)
		}
	}
}
