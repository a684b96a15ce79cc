package record_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/mark"
	"livret/domain/nomenclature"
	"livret/domain/record"
	"livret/domain/spec"
)

var (
	maths   = record.Enseignement{Year: 2014, Matiere: "061300", Modalite: "S", Rank: 1}
	anglais = record.Enseignement{Year: 2014, Matiere: "030201", Modalite: "O", Rank: 1}
	philo   = record.Enseignement{Year: 2015, Matiere: "010300", Modalite: "S", Rank: 1}

	prof = uuid.MustParse("6f0d2c1e-6d4e-4b57-9d3e-0b9c2b8a1f11")
	cpe  = uuid.MustParse("1a7b44f2-03a8-4b0b-8d5a-5f1f6c0f2c22")

	opened     = record.LivretOpened{Session: 2016}
	premiere   = record.SchoolingRecorded{Year: 2014, UAI: "0000123J", MEF: "20111010110", Division: "1S2"}
	trimesters = record.PeriodsSet{Year: 2014, Count: 3}
	semesters  = record.PeriodsSet{Year: 2015, Count: 2}
	locked     = record.PeriodLocked{Year: 2014}
	lockedTle  = record.PeriodLocked{Year: 2015}
)

func points(hundredths int) mark.Mark { return mark.Must(mark.Hundredths(hundredths)) }

// livret is a livret in use, with these events besides.
func livret(events ...domain.Event) spec.History[*record.State] {
	return spec.Given(record.Decider, opened, premiere, trimesters, semesters).And(events...)
}

func average(period uint8, hundredths int) record.AverageRecorded {
	return record.AverageRecorded{Enseignement: maths, Period: period, Mark: points(hundredths)}
}

func imported(period uint8, hundredths int) record.AverageRecorded {
	a := average(period, hundredths)
	a.Imported = true
	return a
}

func TestOpening(t *testing.T) {
	spec.Given(record.Decider).When(record.OpenLivret{Session: 2016}).Then(t, opened)
	spec.Given(record.Decider, opened).When(record.OpenLivret{Session: 2017}).ThenRefused(t, "livret-deja-ouvert")
	spec.Given(record.Decider).When(record.OpenLivret{}).ThenRefused(t, "session-invalide")
	for _, c := range []domain.Command[*record.State]{
		school(premiere), record.SetPeriods(trimesters),
		record.RecordAverage{Enseignement: maths, Period: 1}, record.CorrectAverage{Enseignement: maths, Period: 1},
		record.RecordAnnualAverage{Enseignement: maths}, record.RecordGroupFigures{Enseignement: maths},
		record.AssessCompetence{Enseignement: maths}, record.WriteAppreciation{Enseignement: maths},
		record.NameTeachers{Enseignement: maths}, record.DeclareEngagement{Code: "C"}, record.DeclareOtherEngagement{Text: "x"},
		record.WriteObservation{Year: 2014}, record.IssueAvis{Avis: "F"}, record.FreezeAvisShares{}, record.AttestB2i{},
		record.LockPeriod{Year: 2014}, record.UnlockPeriod{Year: 2014}, record.GiveHeadVisa{Year: 2014},
	} {
		spec.Given(record.Decider).When(c).ThenRefused(t, "livret-non-ouvert")
	}
}

func school(e record.SchoolingRecorded) record.RecordSchooling {
	return record.RecordSchooling{Year: e.Year, UAI: e.UAI, MEF: e.MEF, Division: e.Division, Repeating: e.Repeating}
}

func TestSchooling(t *testing.T) {
	livret().When(school(premiere)).Then(t)
	moved := premiere
	moved.UAI, moved.Division = "0000124K", "1S1"
	livret().When(school(moved)).Then(t, moved)
	livret(moved).When(school(premiere)).Then(t, premiere) // and back again
	livret(locked).When(school(premiere)).Then(t)          // nothing to change, nothing to refuse
	livret(locked).When(school(moved)).ThenRefused(t, "periode-verrouillee")
	moved.MEF = "2011101011"
	livret().When(school(moved)).ThenRefused(t, "mef-illisible")
	moved.UAI = "123J"
	livret().When(school(moved)).ThenRefused(t, "uai-illisible")
	moved.Year = 2016
	livret().When(school(moved)).ThenRefused(t, "annee-hors-cycle")
	moved.Year = 2010
	livret().When(school(moved)).ThenRefused(t, "annee-hors-cycle")
}

func TestPeriods(t *testing.T) {
	livret().When(record.SetPeriods(trimesters)).Then(t)
	livret().When(record.SetPeriods{Year: 2014, Count: 2}).Then(t, record.PeriodsSet{Year: 2014, Count: 2})
	livret().When(record.SetPeriods{Year: 2014, Count: 4}).ThenRefused(t, "decoupage-invalide")
	livret(average(3, 1200)).When(record.SetPeriods{Year: 2014, Count: 2}).ThenRefused(t, "decoupage-contredit")
	livret(average(2, 1200)).When(record.SetPeriods{Year: 2014, Count: 2}).Then(t, record.PeriodsSet{Year: 2014, Count: 2})
	livret(record.PeriodLocked{Year: 2014, Period: 1}).When(record.SetPeriods{Year: 2014, Count: 2}).ThenRefused(t, "periode-verrouillee")
}

func TestAverages(t *testing.T) {
	first := record.RecordAverage{Enseignement: maths, Period: 1, Mark: points(1250)}
	livret().When(first).Then(t, average(1, 1250))
	livret(average(1, 800)).When(first).Then(t, average(1, 1250))
	livret(average(1, 1250), locked).When(first).Then(t)
	livret(locked).When(first).ThenRefused(t, "periode-verrouillee")
	livret(record.PeriodLocked{Year: 2014, Period: 1}).When(first).ThenRefused(t, "periode-verrouillee")
	livret(record.PeriodLocked{Year: 2014, Period: 2}).When(first).Then(t, average(1, 1250))
	livret(imported(1, 800)).When(first).ThenRefused(t, "moyenne-importee")

	notMarked := record.RecordAverage{Enseignement: maths, Period: 1}
	livret().When(notMarked).Then(t, record.AverageRecorded{Enseignement: maths, Period: 1}) // not marked is said, not left unsaid

	for _, period := range []uint8{0, 4, 255} {
		livret().When(record.RecordAverage{Enseignement: maths, Period: period}).ThenRefused(t, "periode-inconnue")
	}
	livret().When(record.RecordAverage{Enseignement: philo, Period: 3}).ThenRefused(t, "periode-inconnue")
	spec.Given(record.Decider, opened).When(first).ThenRefused(t, "decoupage-inconnu")
	bad := first
	bad.Enseignement.Matiere = "030C09"
	livret().When(bad).ThenRefused(t, "matiere-mal-formee")
	bad.Enseignement = maths
	bad.Enseignement.Modalite = "N"
	livret().When(bad).ThenRefused(t, "modalite-hors-livret")
	bad.Enseignement = maths
	bad.Enseignement.Rank = 0
	livret().When(bad).ThenRefused(t, "rang-manquant")
}

func TestHeadCorrectsAverages(t *testing.T) {
	correct := record.CorrectAverage{Enseignement: maths, Period: 1, Mark: points(1300), Reason: " Erreur de saisie. "}
	corrected := record.AverageCorrected{Enseignement: maths, Period: 1, Mark: points(1300), Reason: "Erreur de saisie."}
	livret(imported(1, 800)).When(correct).Then(t, corrected)
	livret(imported(1, 1300)).When(correct).Then(t)
	livret().When(correct).ThenRefused(t, "moyenne-absente")
	livret(imported(1, 800), locked).When(correct).ThenRefused(t, "periode-verrouillee")
	livret(imported(1, 800), corrected).When(record.RecordAverage{Enseignement: maths, Period: 1, Mark: points(800)}).ThenRefused(t, "moyenne-corrigee")
	correct.Reason = " \u00a0"
	livret(imported(1, 800)).When(correct).ThenRefused(t, "motif-manquant")
}

func TestAnnualAverage(t *testing.T) {
	given := record.AnnualAverageRecorded{Enseignement: maths, Mark: points(1100)}
	livret().When(record.RecordAnnualAverage{Enseignement: maths, Mark: points(1100)}).Then(t, given)
	livret(locked).When(record.RecordAnnualAverage{Enseignement: maths, Mark: points(1100)}).ThenRefused(t, "periode-verrouillee")

	line := livret(average(1, 1000), average(2, 1001)).State().Line(maths)
	if got, computed := line.Annual(); got != points(1001) || !computed {
		t.Errorf("annual of 10.00, 10.01 and a period without average is %v (computed %v), want 10.01 by rounding half up", got, computed)
	}
	line = livret(average(1, 1000), record.AverageRecorded{Enseignement: maths, Period: 2}, given).State().Line(maths)
	if got, computed := line.Annual(); got != points(1100) || computed {
		t.Errorf("annual is %v (computed %v), want the one recorded", got, computed)
	}
	line = livret(record.AverageRecorded{Enseignement: maths, Period: 2}).State().Line(maths)
	if got, _ := line.Annual(); got != mark.NotMarked() {
		t.Errorf("annual of a pupil never marked is %v, want not marked", got)
	}
}

func TestGroupFigures(t *testing.T) {
	shares := &mark.Shares{Below8: 1000, From8: 4500, From12: 4500}
	figures := record.RecordGroupFigures{Enseignement: maths, Headcount: 32, Mean: points(1279), Shares: shares}
	recorded := record.GroupFiguresRecorded{Enseignement: maths, Headcount: 32, Mean: points(1279), Shares: shares}
	livret().When(figures).Then(t, recorded)
	livret(recorded).When(record.RecordGroupFigures{Enseignement: maths, Headcount: 31}).Then(t, record.GroupFiguresRecorded{Enseignement: maths, Headcount: 31})
	livret(locked).When(figures).ThenRefused(t, "periode-verrouillee")
	livret().When(record.RecordGroupFigures{Enseignement: maths}).ThenRefused(t, "groupe-vide")
	livret().When(record.RecordGroupFigures{Enseignement: maths, Mean: mark.Absent()}).ThenRefused(t, "moyenne-de-groupe-invalide")
	figures.Shares = &mark.Shares{Below8: 10000, From8: 10000, From12: 10000}
	livret().When(figures).ThenRefused(t, "repartition-incoherente")
}

func TestCompetences(t *testing.T) {
	assess := record.AssessCompetence{Enseignement: maths, Competence: "0090", Mastery: "3"}
	assessed := record.CompetenceAssessed{Enseignement: maths, Competence: "0090", Mastery: "3"}
	livret().When(assess).Then(t, assessed)
	livret(assessed, locked).When(assess).Then(t)
	livret(locked).When(assess).ThenRefused(t, "periode-verrouillee")
	for _, level := range record.Masteries() {
		if level != "3" {
			livret(assessed).When(record.AssessCompetence{Enseignement: maths, Competence: "0090", Mastery: level}).
				Then(t, record.CompetenceAssessed{Enseignement: maths, Competence: "0090", Mastery: level})
		}
	}
	for _, level := range []nomenclature.Mastery{"", "5", "A3", " 1 "} {
		livret().When(record.AssessCompetence{Enseignement: maths, Competence: "0090", Mastery: level}).ThenRefused(t, "niveau-inconnu")
	}
	livret().When(record.AssessCompetence{Enseignement: maths, Competence: "90", Mastery: "3"}).ThenRefused(t, "competence-mal-formee")
}

func TestAppreciation(t *testing.T) {
	write := func(text string) record.WriteAppreciation {
		return record.WriteAppreciation{Enseignement: maths, Text: text}
	}
	written := func(text string) record.AppreciationWritten {
		return record.AppreciationWritten{Enseignement: maths, Text: text}
	}
	livret().When(write("\u00a0 Élève sérieuse.\r\nEn progrès.\u2003")).Then(t, written("Élève sérieuse.\nEn progrès."))
	livret(written("Sérieux."), locked).When(write("Sérieux.\u00a0")).Then(t)
	livret(written("Sérieux."), locked).When(write("Très sérieux.")).ThenRefused(t, "periode-verrouillee")
	livret().When(write(strings.Repeat("é", 300))).Then(t, written(strings.Repeat("é", 300)))
	livret().When(write(strings.Repeat("é", 301))).ThenRefused(t, "texte-trop-long")
	for _, blank := range []string{"", "\u00a0", " \n\t\u2009\u202f", "\ufeff\u200b"} {
		livret().When(write(blank)).ThenRefused(t, "texte-vide")
	}
	for _, garbage := range []string{"a\x00b", "a\x1b[31m", "a\u0085b", "a\xffb"} {
		livret().When(write(garbage)).ThenRefused(t, "texte-illisible")
	}
}

func TestTeachers(t *testing.T) {
	livret().When(record.NameTeachers{Enseignement: maths, Staff: []uuid.UUID{prof, cpe, prof}}).
		Then(t, record.TeachersNamed{Enseignement: maths, Staff: []uuid.UUID{cpe, prof}})
	livret(record.TeachersNamed{Enseignement: maths, Staff: []uuid.UUID{cpe, prof}}).
		When(record.NameTeachers{Enseignement: maths, Staff: []uuid.UUID{prof, cpe}}).Then(t)
	livret().When(record.NameTeachers{Enseignement: maths}).ThenRefused(t, "enseignant-manquant")
	livret().When(record.NameTeachers{Enseignement: maths, Staff: []uuid.UUID{prof, uuid.Nil}}).ThenRefused(t, "enseignant-manquant")
}

func TestEngagements(t *testing.T) {
	declared := record.EngagementDeclared{Code: "C"}
	livret().When(record.DeclareEngagement{Code: "C"}).Then(t, declared)
	livret(declared).When(record.DeclareEngagement{Code: "C"}).Then(t) // once per cycle, whatever the year
	livret(lockedTle).When(record.DeclareEngagement{Code: "C"}).ThenRefused(t, "periode-verrouillee")
	livret(locked).When(record.DeclareEngagement{Code: "C"}).Then(t, declared) // première is closed, the cycle is not
	livret().When(record.DeclareEngagement{Code: "Z"}).ThenRefused(t, "engagement-inconnu")

	livret().When(record.DeclareOtherEngagement{Text: "Tutorat des secondes "}).Then(t, record.OtherEngagementDeclared{Text: "Tutorat des secondes"})
	livret(lockedTle).When(record.DeclareOtherEngagement{Text: "Tutorat"}).ThenRefused(t, "periode-verrouillee")
	livret().When(record.DeclareOtherEngagement{Text: "\u00a0"}).ThenRefused(t, "texte-vide")
}

func TestObservations(t *testing.T) {
	write := record.WriteObservation{Kind: record.ObservationCPE, Year: 2014, Text: "Délégué actif.", Author: cpe, Dated: domain.NewDate(2015, 5, 30)}
	written := record.ObservationWritten(write)
	livret().When(write).Then(t, written)
	livret(written).When(write).Then(t)
	livret(locked).When(write).ThenRefused(t, "periode-verrouillee")
	other := write
	other.Author = prof
	livret(written).When(other).Then(t, record.ObservationWritten(other))
	other.Author = uuid.Nil
	livret().When(other).ThenRefused(t, "auteur-manquant")
	other = write
	other.Kind = "parent"
	livret().When(other).ThenRefused(t, "observation-inconnue")
}

func TestAvis(t *testing.T) {
	livret().When(record.IssueAvis{Avis: record.Favorable}).Then(t, record.AvisIssued{Avis: record.Favorable})
	livret(record.AvisIssued{Avis: record.Favorable}).When(record.IssueAvis{Avis: record.TresFavorable}).Then(t, record.AvisIssued{Avis: record.TresFavorable})
	livret(lockedTle).When(record.IssueAvis{Avis: record.Favorable}).ThenRefused(t, "periode-verrouillee")
	livret().When(record.IssueAvis{Avis: "X"}).ThenRefused(t, "avis-inconnu")
	livret().When(record.IssueAvis{}).ThenRefused(t, "avis-inconnu")
}

func TestAvisSharesAreFrozenOncePerLock(t *testing.T) {
	freeze := record.FreezeAvisShares{Serie: "S", Headcount: 60, T: 2000, F: 5000, A: 2000, D: 1000}
	frozen := record.AvisSharesFrozen(freeze)
	livret().When(freeze).ThenRefused(t, "livret-non-verrouille")
	livret(lockedTle).When(freeze).Then(t, frozen)
	other := freeze
	other.T, other.F = 3000, 4000
	livret(lockedTle, frozen).When(other).ThenRefused(t, "repartition-figee")
	livret(lockedTle, frozen, record.PeriodUnlocked{Year: 2015, Reason: "recours"}, lockedTle).When(other).Then(t, record.AvisSharesFrozen(other))
	other.D = 0
	livret(lockedTle).When(other).ThenRefused(t, "repartition-incoherente")
}

func TestB2i(t *testing.T) {
	livret().When(record.AttestB2i{}).Then(t, record.B2iAttested{})
	livret(lockedTle).When(record.AttestB2i{}).ThenRefused(t, "periode-verrouillee")
	livret(record.B2iAttested{}, lockedTle).When(record.AttestB2i{}).Then(t)
}

func TestLocks(t *testing.T) {
	livret().When(record.LockPeriod{Year: 2014}).Then(t, locked)
	livret(locked).When(record.LockPeriod{Year: 2014}).Then(t)
	livret(locked).When(record.LockPeriod{Year: 2014, Period: 2}).Then(t, record.PeriodLocked{Year: 2014, Period: 2})
	livret().When(record.LockPeriod{Year: 2015, Period: 3}).ThenRefused(t, "periode-inconnue")
	livret().When(record.LockPeriod{Year: 2015, Period: 200}).ThenRefused(t, "periode-inconnue")
	livret().When(record.LockPeriod{Year: 2013}).ThenRefused(t, "annee-vide")

	unlock := record.UnlockPeriod{Year: 2014, Reason: "Note oubliée."}
	livret(locked).When(unlock).Then(t, record.PeriodUnlocked{Year: 2014, Reason: "Note oubliée."})
	livret().When(unlock).Then(t)
	unlock.Transmitted = true
	livret(locked).When(unlock).ThenRefused(t, "livret-transmis")
	livret().When(unlock).Then(t)
	unlock.Reason, unlock.Transmitted = "", false
	livret(locked).When(unlock).ThenRefused(t, "motif-manquant")
	livret(locked).When(record.UnlockPeriod{Year: 2014, Period: 1, Reason: "x"}).ThenRefused(t, "annee-verrouillee")
	livret(record.PeriodLocked{Year: 2014, Period: 1}).When(record.UnlockPeriod{Year: 2014, Period: 1, Reason: "x"}).
		Then(t, record.PeriodUnlocked{Year: 2014, Period: 1, Reason: "x"})
	livret(locked, record.PeriodUnlocked{Year: 2014, Reason: "x"}).When(record.RecordAverage{Enseignement: maths, Period: 1, Mark: points(900)}).Then(t, average(1, 900))
}

func TestHeadVisa(t *testing.T) {
	given := record.HeadVisaGiven{Year: 2014}
	livret().When(record.GiveHeadVisa{Year: 2014}).ThenRefused(t, "annee-vide")
	livret(average(1, 1200)).When(record.GiveHeadVisa{Year: 2014}).Then(t, given)
	livret(average(1, 1200)).When(record.GiveHeadVisa{Year: 2014, Seen: 5}).Then(t, given)
	livret(average(1, 1200)).When(record.GiveHeadVisa{Year: 2014, Seen: 4}).ThenRefused(t, "page-modifiee")
	livret(average(1, 1200), given).When(record.GiveHeadVisa{Year: 2014}).Then(t)
	livret(average(1, 1200), given, locked).When(record.GiveHeadVisa{Year: 2014}).Then(t)
	livret(average(1, 1200), given, average(2, 1200)).When(record.GiveHeadVisa{Year: 2014}).Then(t, given) // the change voided it
	onPhilo := record.AppreciationWritten{Enseignement: philo, Text: "Bien."}
	livret(onPhilo).When(record.GiveHeadVisa{Year: 2015}).ThenRefused(t, "avis-manquant")
	livret(onPhilo, record.AvisIssued{Avis: "F"}).When(record.GiveHeadVisa{Year: 2015}).Then(t, record.HeadVisaGiven{Year: 2015})
	livret(onPhilo, record.AvisIssued{Avis: "F"}, record.HeadVisaGiven{Year: 2015}, record.EngagementDeclared{Code: "S"}).
		When(record.GiveHeadVisa{Year: 2015}).Then(t, record.HeadVisaGiven{Year: 2015})
}

// The text of a livret with one appreciation stands at sequence 5.
var written = record.AppreciationWritten{Enseignement: maths, Text: "Élève de M. Durand."}

func TestScreening(t *testing.T) {
	kept := record.DecideScreening{Text: 5, Decision: record.TextKept, Rule: "1"}
	livret(written).When(kept).Then(t, record.FreeTextScreened(kept))
	livret(written, record.FreeTextScreened(kept)).When(kept).Then(t)
	livret(written, locked).When(kept).Then(t, record.FreeTextScreened(kept))
	livret().When(kept).ThenRefused(t, "texte-remplace")
	livret(written, record.AppreciationWritten{Enseignement: maths, Text: "Bien."}).When(kept).ThenRefused(t, "texte-remplace")
	livret(written).When(record.DecideScreening{Text: 5, Decision: "sante", Rule: "1"}).ThenRefused(t, "decision-inconnue")
	livret(written).When(record.DecideScreening{Text: 5, Decision: record.TextKept}).ThenRefused(t, "regle-manquante")
}

func TestMasks(t *testing.T) {
	mask := func(rule string, spans ...[2]uint16) record.PassagesMasked {
		return record.PassagesMasked{Text: 5, Spans: spans, Rule: rule}
	}
	durand := mask("1", [2]uint16{12, 18})
	when := func(masks ...record.PassagesMasked) record.MaskPassages { return record.MaskPassages{Masks: masks} }
	livret(written, locked).When(when(durand)).Then(t, durand)
	livret(written, durand).When(when(durand)).Then(t)
	livret(written, durand).When(when(mask("2", [2]uint16{12, 18}))).Then(t, mask("2", [2]uint16{12, 18}))
	livret(written, durand).When(when(mask("1"))).Then(t, mask("1")) // a name changed: nothing is named any more
	livret(written, record.AppreciationWritten{Enseignement: maths, Text: "Bien."}).When(when(durand)).Then(t)
	livret(written).When(when(durand, mask("2"))).ThenRefused(t, "masque-en-double")
	livret(written).When(when(mask("", [2]uint16{0, 1}))).ThenRefused(t, "regle-manquante")
	for _, spans := range [][][2]uint16{{{3, 3}}, {{4, 2}}, {{0, 20}}, {{0, 5}, {4, 6}}, {{6, 8}, {0, 2}}} {
		livret(written).When(when(mask("1", spans...))).ThenRefused(t, "masque-invalide")
	}

	state := livret(written, durand, record.AppreciationWritten{Enseignement: maths, Text: "Élève de M. Durand !"}).State()
	for text := range state.Texts() {
		if text.Mask != nil {
			t.Errorf("the new text %d is under the mask of the old one", text.Sequence)
		}
	}
}
