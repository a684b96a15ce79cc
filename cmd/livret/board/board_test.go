package board_test

import (
	"testing"

	"github.com/google/uuid"

	"livret/cmd/livret/board"
	"livret/domain"
	"livret/domain/mark"
	"livret/domain/nomenclature"
	"livret/domain/record"
	"livret/domain/spec"
)

var (
	teacher = uuid.MustParse("6f0d2c1e-6d4e-4b57-9d3e-0b9c2b8a1f11")
	maths   = record.Enseignement{Year: 2015, Matiere: "061300", Modalite: "S", Rank: 1}
	civics  = record.Enseignement{Year: 2015, Matiere: "043800", Modalite: "S", Rank: 1} // without marks
)

func livret(events ...domain.Event) *record.State {
	return spec.Given(record.Decider, record.LivretOpened{Session: 2016},
		record.SchoolingRecorded{Year: 2015, UAI: "0000123J", MEF: "20211010110", Division: "TS1"}, record.PeriodsSet{Year: 2015, Count: 2}).And(events...).State()
}

func maker(t *testing.T) board.Maker {
	t.Helper()
	lists, err := nomenclature.Load()
	if err != nil {
		t.Fatal(err)
	}
	names := map[uuid.UUID]string{teacher: "Mme Odile SAVARY"}
	return board.Maker{Yardstick: record.Yardstick{Nomenclature: &lists}, Staff: func(id uuid.UUID) string { return names[id] }}
}

// What two pupils lack adds up the same by pupil, by enseignement and by item.
func TestABoardAddsUp(t *testing.T) {
	named := record.TeachersNamed{Enseignement: maths, Staff: []uuid.UUID{teacher}}
	b := maker(t).Make(2015, "TS1", []board.Pupil{
		{Livret: uuid.New(), Name: "ALDOUIN Rose", State: livret(named, record.AverageRecorded{Enseignement: maths, Period: 1, Mark: mark.Must(mark.Hundredths(1200))},
			record.AppreciationWritten{Enseignement: civics, Text: "Bien."})},
		{Livret: uuid.New(), Name: "BRÉMOND Luc", State: livret(named, record.AverageRecorded{Enseignement: maths, Period: 2, Mark: mark.NotMarked()})},
	})
	rows, teachings, counts := 0, 0, 0
	for _, row := range b.Pupils {
		rows += row.Missing
		for _, part := range row.Parts {
			for _, g := range part.Gaps {
				if !g.Missing() || g.What == "" || g.Reason == "" {
					t.Errorf("%+v", g)
				}
			}
		}
	}
	for _, c := range b.Counts {
		counts += c.Number
	}
	for _, teaching := range b.Teachings {
		for _, c := range teaching.Missing {
			teachings += c.Number
		}
		if teaching.Pupils != 2 {
			t.Errorf("%s has %d pupils", teaching.Label, teaching.Pupils)
		}
	}
	wholePages := 2 * 4 // avis on investment, avis for the exam, visa, lock
	if rows != b.Missing || counts != b.Missing || teachings+wholePages != b.Missing || b.Complete != 0 {
		t.Errorf("%d missing: %d by pupil, %d by enseignement, %d by item; %d complete", b.Missing, rows, teachings, counts, b.Complete)
	}
	if first := b.Teachings[0]; first.Label != "ÉDUCATION PHYSIQUE ET SPORTIVE" {
		t.Errorf("not in the order of the programme: %s", first.Label)
	}
}

func find(t *testing.T, parts []board.Part, label, what string) string {
	t.Helper()
	for _, part := range parts {
		for _, g := range part.Gaps {
			if part.Label == label && g.What == what {
				return g.Reason
			}
		}
	}
	t.Errorf("nothing of %s, %s", label, what)
	return ""
}

func TestEachGapSaysWhoseTurnItIs(t *testing.T) {
	b := maker(t).Make(2015, "TS1", []board.Pupil{{Name: "ALDOUIN Rose", State: livret(
		record.TeachersNamed{Enseignement: maths, Staff: []uuid.UUID{teacher}},
		record.AverageRecorded{Enseignement: maths, Period: 2, Mark: mark.Absent()},
		record.AppreciationWritten{Enseignement: civics, Text: "Bien."},
	)}})
	row := b.Pupils[0]
	for _, c := range [][3]string{
		{"MATHÉMATIQUES", "moyenne du 1er semestre", "pas encore saisi, attendu de Mme Odile SAVARY"},
		{"MATHÉMATIQUES", "compétences", "6 sans niveau, pas encore saisi, attendu de Mme Odile SAVARY"},
		{"ENSEIGNEMENT MORAL ET CIVIQUE", "enseignant", "personne n’est nommé : à importer du logiciel de notes"},
		{"Page de l’année", "avis en vue de l’examen", "à porter par le professeur principal ou le chef d’établissement"},
		{"Page de l’année", "verrouillage de l’année", "l’année est encore ouverte à la saisie : à verrouiller par le chef d’établissement"},
	} {
		if got := find(t, row.Parts, c[0], c[1]); got != c[2] {
			t.Errorf("%s, %s: %q", c[0], c[1], got)
		}
	}
	if got := find(t, row.Explained, "MATHÉMATIQUES", "moyenne du 2e semestre"); got != "l’élève est dit « Absent »" {
		t.Error(got)
	}
	for _, teaching := range b.Teachings {
		if teaching.NoMarks != (teaching.Enseignement == civics) {
			t.Errorf("%s without marks: %v", teaching.Label, teaching.NoMarks)
		}
	}
}

// To a teacher, nothing is said but of his own enseignement.
func TestWhatIsNotSeenIsNotSaid(t *testing.T) {
	b := maker(t).Make(2015, "TS1", []board.Pupil{{Name: "ALDOUIN Rose", State: livret(record.TeachersNamed{Enseignement: maths, Staff: []uuid.UUID{teacher}},
		record.AppreciationWritten{Enseignement: civics, Text: "Bien."}),
		Sees: func(e record.Enseignement) bool { return e == maths }}})
	if len(b.Teachings) != 1 || len(b.Pupils[0].Parts) != 1 || b.Pupils[0].Parts[0].Label != "MATHÉMATIQUES" {
		t.Errorf("%+v", b.Pupils[0].Parts)
	}
}
