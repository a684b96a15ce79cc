package record_test

import (
	"slices"
	"testing"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/mark"
	"livret/domain/nomenclature"
	"livret/domain/record"
	"livret/domain/spec"
)

func lists(t testing.TB) *nomenclature.Nomenclature {
	t.Helper()
	n, err := nomenclature.Load()
	if err != nil {
		t.Fatal(err)
	}
	return &n
}

// inTS is the same pupil, in Terminale S with spécialité.
var inTS = record.SchoolingRecorded{Year: 2015, UAI: "0000123J", MEF: "20211010110", Division: "TS1"}

// file is what a full file says of one pupil.
func file(n *nomenclature.Nomenclature) record.ImportLivret {
	return record.ImportLivret{
		Session: 2016, Engagements: []record.Engagement{"S", "C"}, Other: "Tutorat", Avis: record.Favorable, Nomenclature: n,
		Years: []record.ImportedYear{{
			Year: 2014, Periods: 3,
			Observations: []record.ImportedObservation{{Kind: record.ObservationCPE, Text: "Délégué actif.", Author: cpe}, {Kind: record.ObservationTeam, Text: "\u00a0"}},
			Evaluations: []record.Evaluation{{
				Matiere: "061300", Modalite: "S",
				Averages:  []record.PeriodAverage{{Period: 1, Mark: points(1250)}, {Period: 2}},
				Headcount: 32, Mean: points(1279), Shares: &mark.Shares{Below8: 1000, From8: 4500, From12: 4500},
				Competences:  []record.Competence{{Code: "0094", Mastery: "3"}},
				Appreciation: "Sérieuse.", Teachers: []uuid.UUID{prof},
			}},
		}},
	}
}

// fileEvents is what it adds to a livret of which nothing is known.
var fileEvents = []domain.Event{
	opened, trimesters, imported(1, 1250), record.AverageRecorded{Enseignement: maths, Period: 2, Imported: true},
	record.GroupFiguresRecorded{Enseignement: maths, Headcount: 32, Mean: points(1279), Shares: &mark.Shares{Below8: 1000, From8: 4500, From12: 4500}},
	record.CompetenceAssessed{Enseignement: maths, Competence: "0094", Mastery: "3"},
	record.AppreciationWritten{Enseignement: maths, Text: "Sérieuse."},
	record.TeachersNamed{Enseignement: maths, Staff: []uuid.UUID{prof}},
	record.ObservationWritten{Kind: record.ObservationCPE, Year: 2014, Text: "Délégué actif.", Author: cpe},
	record.EngagementDeclared{Code: "S"}, record.EngagementDeclared{Code: "C"}, record.OtherEngagementDeclared{Text: "Tutorat"},
	record.AvisIssued{Avis: record.Favorable},
}

func TestImportAddsWhatTheFileSays(t *testing.T) {
	n := lists(t)
	spec.Given(record.Decider).When(file(n)).Then(t, fileEvents...)
	for _, line := range file(n).Refusals(record.NewState()) {
		t.Errorf("%+v is refused: %s", line.Place, line.Reason)
	}
}

func TestImportAddsDifferencesOnly(t *testing.T) {
	n := lists(t)
	known := spec.Given(record.Decider, fileEvents...)
	known.When(file(n)).Then(t)
	changed := file(n)
	changed.Years[0].Evaluations[0].Averages = append(changed.Years[0].Evaluations[0].Averages, record.PeriodAverage{Period: 3, Mark: points(900)})
	changed.Years[0].Evaluations[0].Averages[0].Mark = points(1300)
	known.When(changed).Then(t, imported(1, 1300), imported(3, 900))
}

// What a file does not say is not removed.
func TestImportRemovesNothing(t *testing.T) {
	known := spec.Given(record.Decider, fileEvents...)
	known.When(record.ImportLivret{}).Then(t)
	lean := record.ImportLivret{Years: []record.ImportedYear{{Year: 2014, Evaluations: []record.Evaluation{{Matiere: "061300", Modalite: "S", Headcount: 31}}}}}
	known.When(lean).Then(t, record.GroupFiguresRecorded{Enseignement: maths, Headcount: 31, Mean: points(1279), Shares: &mark.Shares{Below8: 1000, From8: 4500, From12: 4500}})
}

func refusals(lines []record.LineRefusal) []string {
	var all []string
	for _, l := range lines {
		if l.Reason == "" {
			all = append(all, l.Rule+" without reason")
		}
		all = append(all, l.Rule)
	}
	return all
}

// thenRefuses checks which lines are refused, and that the others go in.
func thenRefuses(t *testing.T, given spec.History[*record.State], c record.ImportLivret, rules []string, events ...domain.Event) {
	t.Helper()
	given.When(c).Then(t, events...)
	if got := refusals(c.Refusals(given.State())); !slices.Equal(got, rules) {
		t.Errorf("lines refused by %q, want %q", got, rules)
	}
}

func evaluations(year nomenclature.SchoolYear, n *nomenclature.Nomenclature, all ...record.Evaluation) record.ImportLivret {
	return record.ImportLivret{Nomenclature: n, Years: []record.ImportedYear{{Year: year, Evaluations: all}}}
}

func TestImportRefusesLinesAndKeepsTheRest(t *testing.T) {
	n := lists(t)
	inMaths := func(e record.Evaluation) record.ImportLivret {
		e.Matiere, e.Modalite = "061300", "S"
		return evaluations(2014, n, e)
	}
	two := record.Evaluation{Averages: []record.PeriodAverage{{1, points(1000)}, {2, points(1100)}}}

	thenRefuses(t, livret(record.PeriodLocked{Year: 2014, Period: 1}), inMaths(two), []string{"periode-verrouillee"}, imported(2, 1100))
	thenRefuses(t, livret(imported(1, 1000), locked), inMaths(two), []string{"periode-verrouillee"}) // the unchanged line is not refused
	thenRefuses(t, livret(imported(1, 900), record.AverageCorrected{Enseignement: maths, Period: 1, Mark: points(950), Reason: "Erreur."}), inMaths(two),
		[]string{"moyenne-corrigee"}, imported(2, 1100))
	thenRefuses(t, livret(), inMaths(record.Evaluation{Averages: []record.PeriodAverage{{9, points(1000)}, {1, points(1000)}}}), []string{"periode-inconnue"}, imported(1, 1000))
	thenRefuses(t, livret(), inMaths(record.Evaluation{Averages: []record.PeriodAverage{{1, points(1000)}, {1, points(1000)}, {1, points(1100)}}}),
		[]string{"valeurs-contradictoires"}, imported(1, 1000))
	thenRefuses(t, livret(), inMaths(record.Evaluation{Competences: []record.Competence{{"9999", "3"}, {"0094", "3"}, {"0105", "7"}}}),
		[]string{"competence-hors-programme", "niveau-inconnu"}, record.CompetenceAssessed{Enseignement: maths, Competence: "0094", Mastery: "3"})
	thenRefuses(t, livret(), inMaths(record.Evaluation{Headcount: 30, Shares: &mark.Shares{Below8: 10000, From8: 10000}}),
		[]string{"repartition-incoherente"}, record.GroupFiguresRecorded{Enseignement: maths, Headcount: 30})
	thenRefuses(t, livret(), evaluations(2014, n, record.Evaluation{Matiere: "002300", Modalite: "S", Averages: []record.PeriodAverage{{1, points(1000)}}, Appreciation: "Bien."}),
		[]string{"enseignement-non-note"}, record.AppreciationWritten{Enseignement: record.Enseignement{Year: 2014, Matiere: "002300", Modalite: "S", Rank: 1}, Text: "Bien."})
	thenRefuses(t, livret(), evaluations(2014, n,
		record.Evaluation{Matiere: "123456", Modalite: "S", Appreciation: "Bien.", Teachers: []uuid.UUID{prof}, Headcount: 12},
		record.Evaluation{Matiere: "061300", Modalite: "F", Appreciation: "Bien."},
		record.Evaluation{Matiere: "061300", Modalite: "S", Appreciation: "Bien."},
		record.Evaluation{Matiere: "061300", Modalite: "S", Appreciation: "Très bien."}),
		[]string{"matiere-hors-programme", "modalite-hors-programme", "matiere-en-double"}, record.AppreciationWritten{Enseignement: maths, Text: "Bien."})
	thenRefuses(t, livret(), evaluations(2003, n, record.Evaluation{Matiere: "061300", Modalite: "S"}, record.Evaluation{}), []string{"annee-hors-cycle"})
	thenRefuses(t, livret(), record.ImportLivret{Years: []record.ImportedYear{{Year: 2013, Periods: 3}, {Year: 2013, Periods: 2}}},
		[]string{"annee-en-double"}, record.PeriodsSet{Year: 2013, Count: 3})
	thenRefuses(t, livret(), record.ImportLivret{Engagements: []record.Engagement{"Z", "C", "C"}, Avis: "X"},
		[]string{"engagement-inconnu", "avis-inconnu"}, record.EngagementDeclared{Code: "C"})
	pro := premiere
	pro.MEF = "24723403321"
	thenRefuses(t, livret(pro), inMaths(two), []string{"serie-sans-nomenclature"})
}

func TestImportIsRefusedWholeOnlyForWantOfALivret(t *testing.T) {
	spec.Given(record.Decider).When(record.ImportLivret{Avis: "F"}).ThenRefused(t, "session-invalide")
	spec.Given(record.Decider, opened).When(record.ImportLivret{Session: 2017, Avis: "F"}).ThenRefused(t, "livret-deja-ouvert")
}

// In Terminale S a spécialité shares matière and modalité with the common enseignement: the compétences tell.
func TestImportTellsSpecialitesApart(t *testing.T) {
	common := record.Evaluation{Matiere: "062300", Modalite: "S", Appreciation: "Commun.", Competences: []record.Competence{{"0151", "3"}}}
	special := record.Evaluation{Matiere: "062300", Modalite: "S", Appreciation: "Spécialité.", Competences: []record.Competence{{"0101", "4"}}}
	physique := record.Enseignement{Year: 2015, Matiere: "062300", Modalite: "S", Rank: 1}
	second := physique
	second.Rank = 2
	livret(inTS).When(evaluations(2015, lists(t), special, common)).Then(t,
		record.CompetenceAssessed{Enseignement: second, Competence: "0101", Mastery: "4"},
		record.AppreciationWritten{Enseignement: second, Text: "Spécialité."},
		record.CompetenceAssessed{Enseignement: physique, Competence: "0151", Mastery: "3"},
		record.AppreciationWritten{Enseignement: physique, Text: "Commun."})
}

func TestProgrammeHoldsCommandsToo(t *testing.T) {
	n := lists(t)
	tpe := record.Enseignement{Year: 2014, Matiere: "002300", Modalite: "S", Rank: 1}
	livret().When(record.RecordAverage{Enseignement: tpe, Period: 1, Mark: points(1000), Nomenclature: n}).ThenRefused(t, "enseignement-non-note")
	livret().When(record.RecordAnnualAverage{Enseignement: tpe, Mark: points(1000), Nomenclature: n}).ThenRefused(t, "enseignement-non-note")
	livret().When(record.AssessCompetence{Enseignement: maths, Competence: "0090", Mastery: "3", Nomenclature: n}).ThenRefused(t, "competence-hors-programme")
	livret().When(record.AssessCompetence{Enseignement: maths, Competence: "0094", Mastery: "3", Nomenclature: n}).
		Then(t, record.CompetenceAssessed{Enseignement: maths, Competence: "0094", Mastery: "3"})
	third := maths
	third.Rank = 3
	livret().When(record.WriteAppreciation{Enseignement: third, Text: "Bien.", Nomenclature: n}).ThenRefused(t, "rang-hors-programme")
	pro := school(premiere)
	pro.MEF, pro.Nomenclature = "24723403321", n
	livret().When(pro).ThenRefused(t, "serie-sans-nomenclature")
	livret().When(record.RecordAverage{Enseignement: record.Enseignement{Year: 2014, Matiere: "030201", Modalite: "O", Rank: 1}, Period: 1, Mark: points(1000), Nomenclature: n}).
		Then(t, record.AverageRecorded{Enseignement: anglais, Period: 1, Mark: points(1000)}) // English under the programme's generic LV1
}

// A big file: two years of ten evaluations.
func bigFile(n *nomenclature.Nomenclature) record.ImportLivret {
	c := file(n)
	c.Years = nil
	for _, year := range []nomenclature.SchoolYear{2014, 2015} {
		y := record.ImportedYear{Year: year, Periods: 3}
		mef := map[nomenclature.SchoolYear]nomenclature.MEF{2014: premiere.MEF, 2015: inTS.MEF}[year]
		y.Schooling = &record.RecordSchooling{UAI: "0000123J", MEF: mef, Division: "S1"}
		programme, err := n.Programme(year, mef)
		if err != nil {
			panic(err)
		}
		for _, line := range programme.Lines {
			if len(y.Evaluations) < 10 && line.Marked && line.Rank == 1 {
				v := record.Evaluation{Matiere: line.Matiere, Modalite: line.Modalite, Headcount: 32, Mean: points(1279), Shares: &mark.Shares{From8: 5000, From12: 5000},
					Averages:     []record.PeriodAverage{{1, points(1250)}, {2, points(1150)}, {3, points(1350)}},
					Appreciation: "Un travail sérieux et régulier, des progrès à l’oral ; poursuivez.", Teachers: []uuid.UUID{prof}}
				for _, code := range line.Competences {
					v.Competences = append(v.Competences, record.Competence{Code: code, Mastery: "3"})
				}
				y.Evaluations = append(y.Evaluations, v)
			}
		}
		c.Years = append(c.Years, y)
	}
	return c
}

func BenchmarkImport(b *testing.B) {
	c := bigFile(lists(b))
	events, refused := c.Plan(record.NewState())
	if len(refused) > 0 {
		b.Fatalf("refused: %v", refusals(refused))
	}
	known := record.NewState()
	for i, event := range events {
		record.Evolve(known, domain.Fact{Sequence: uint64(i) + 1, Event: event})
	}
	b.Run("new", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if events, _ := c.Plan(record.NewState()); len(events) == 0 {
				b.Fatal("nothing")
			}
		}
		b.ReportMetric(float64(len(events)), "events/livret")
	})
	b.Run("unchanged", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if events, _ := c.Plan(known); len(events) > 0 {
				b.Fatal("something")
			}
		}
	})
	b.Run("fold", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			s := record.NewState()
			for i, event := range events {
				record.Evolve(s, domain.Fact{Sequence: uint64(i) + 1, Event: event})
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(events)), "ns/event")
	})
}
