package chronicle

import (
	"fmt"
	"strings"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/mark"
	"livret/domain/nomenclature"
	"livret/domain/record"
	words "livret/projections/wording"
)

// livretState words the facts of a record stream.
type livretState struct {
	lists nomenclature.Nomenclature
	state *record.State
	name  func(staff []uuid.UUID) string
}

func (l *livretState) evolve(f domain.Fact) { l.state = record.Evolve(l.state, f) }

func (l *livretState) tell(event domain.Event) (what, from, to, reason string) {
	switch e := event.(type) {
	case record.LivretOpened:
		return "Ouverture du livret", "", fmt.Sprintf("session %d", e.Session), ""
	case record.SchoolingRecorded:
		was := ""
		if s, ok := l.state.Year(e.Year).Schooling(); ok {
			was = l.schooling(s)
		}
		return "Scolarité " + e.Year.Label(), was, l.schooling(e), ""
	case record.TransferOrdered:
		return "Transfert du livret", "", "ordonné vers l’établissement " + string(e.To), ""
	case record.PeriodsSet:
		was := ""
		if y := l.state.Year(e.Year); y != nil && y.Periods != 0 {
			was = periods(y.Periods)
		}
		return "Découpage de l’année " + e.Year.Label(), was, periods(e.Count), ""
	case record.AverageRecorded:
		to := e.Mark.String()
		if e.Imported {
			to += " (importée)"
		}
		return l.average(e.Enseignement, e.Period), l.was(e.Enseignement, e.Period), to, ""
	case record.AverageCorrected:
		return "Correction\u00a0: " + l.average(e.Enseignement, e.Period), l.was(e.Enseignement, e.Period), e.Mark.String(), e.Reason
	case record.AnnualAverageRecorded:
		was := ""
		if line := l.state.Line(e.Enseignement); line != nil && line.AnnualGiven.Recorded() {
			was = line.AnnualGiven.Mark.String()
		}
		return "Moyenne annuelle, " + l.enseignement(e.Enseignement), was, e.Mark.String(), ""
	case record.GroupFiguresRecorded:
		return l.groupFigures(e)
	case record.CompetenceAssessed:
		return l.competence(e)
	case record.AppreciationWritten:
		was := ""
		if line := l.state.Line(e.Enseignement); line != nil {
			was = line.Appreciation.Value
		}
		return "Appréciation, " + l.enseignement(e.Enseignement), was, e.Text, ""
	case record.TeachersNamed:
		return "Enseignants désignés, " + l.enseignement(e.Enseignement), l.teachers(e.Enseignement), l.name(e.Staff), ""
	case record.EngagementDeclared:
		return "Engagement", "", words.Engagement(e.Code), ""
	case record.OtherEngagementDeclared:
		return "Autre engagement", l.state.Other.Value, e.Text, ""
	case record.ObservationWritten:
		return words.Observation(e.Kind) + ", " + e.Year.Label(), l.state.Year(e.Year).Observation(e.Kind).Value, e.Text, ""
	case record.AvisIssued:
		return "Avis en vue de l’examen", avis(l.state.Avis), avis(e.Avis), ""
	case record.AvisSharesFrozen:
		was := ""
		if l.state.Shares != nil {
			was = avisShares(l.state.Shares.AvisSharesFrozen)
		}
		return "Répartition des avis figée, série " + string(e.Serie), was, avisShares(e), ""
	case record.B2iAttested:
		return "B2i lycée", "", "attestation délivrée", ""
	case record.PeriodLocked:
		return "Verrouillage, " + l.period(e.Year, e.Period), "ouvert", "verrouillé", ""
	case record.PeriodUnlocked:
		return "Déverrouillage, " + l.period(e.Year, e.Period), "verrouillé", "ouvert", e.Reason
	case record.HeadVisaGiven:
		return "Visa du chef d’établissement, " + e.Year.Label(), "", "donné", ""
	case record.FreeTextScreened:
		return "Relecture\u00a0: " + l.text(e.Text), "", decision(e.Decision), ""
	case record.PassagesMasked:
		return "Masquage pour le jury\u00a0: " + l.text(e.Text), "", count(len(e.Spans), "passage masqué", "passages masqués"), ""
	}
	return l.rights(event)
}

// teachers are those that a line had, empty if none was named.
func (l *livretState) teachers(e record.Enseignement) string {
	if line := l.state.Line(e); line != nil {
		return l.name(line.Teachers)
	}
	return ""
}

// was is the average that a period had, empty if none was recorded.
func (l *livretState) was(e record.Enseignement, period uint8) string {
	if a := l.state.Line(e).Average(period); a.Recorded() {
		return a.Mark.String()
	}
	return ""
}

func (l *livretState) average(e record.Enseignement, period uint8) string {
	return "Moyenne, " + l.enseignement(e) + ", " + l.period(e.Year, period)
}

func (l *livretState) period(year nomenclature.SchoolYear, period uint8) string {
	cut := uint8(0)
	if y := l.state.Year(year); y != nil {
		cut = y.Periods
	}
	return strings.ToLower(words.PeriodName(period, cut)) + " " + year.Label()
}

// enseignement is its label in the pupil's formation, or else in the State's lists, or its code.
func (l *livretState) enseignement(e record.Enseignement) string {
	label := string(e.Matiere)
	if known, ok := l.lists.MatiereLabel(e.Matiere); ok {
		label = known
	}
	if s, ok := l.state.Year(e.Year).Schooling(); ok {
		if programme, err := l.lists.Programme(e.Year, s.MEF); err == nil {
			if line, ok := programme.Line(e.Matiere, e.Modalite, e.Rank); ok {
				label = line.Title(e.Matiere)
			}
		}
	}
	if e.Rank > 1 {
		return label + " (spécialité)"
	}
	return label + " (" + e.Modalite.Label() + ")"
}

func (l *livretState) schooling(s record.SchoolingRecorded) string {
	formation := "MEF " + string(s.MEF)
	if p, err := l.lists.Programme(s.Year, s.MEF); err == nil {
		formation = string(p.Niveau) + " " + string(p.Serie)
	}
	repeating := ""
	if s.Repeating {
		repeating = "redoublement"
	}
	return joined(s.Division, formation, string(s.UAI), repeating)
}

func (l *livretState) groupFigures(e record.GroupFiguresRecorded) (what, from, to, reason string) {
	was := ""
	if line := l.state.Line(e.Enseignement); line != nil && line.Group.Sequence != 0 {
		was = group(line.Group.Headcount, line.Group.Mean, line.Group.Shares)
	}
	return "Groupe, " + l.enseignement(e.Enseignement), was, group(e.Headcount, e.Mean, e.Shares), ""
}

func group(headcount uint16, mean mark.Mark, shares *mark.Shares) string {
	var parts []string
	if headcount != 0 {
		parts = append(parts, count(int(headcount), "élève noté", "élèves notés"))
	}
	if mean.IsMarked() {
		parts = append(parts, "moyenne "+mean.String())
	}
	if shares != nil {
		parts = append(parts, fmt.Sprintf("moins de 8\u00a0: %s, de 8 à 12\u00a0: %s, 12 et plus\u00a0: %s", percent(shares.Below8), percent(shares.From8), percent(shares.From12)))
	}
	return joined(parts...)
}

func (l *livretState) competence(e record.CompetenceAssessed) (what, from, to, reason string) {
	label, ok := l.lists.CompetenceLabel(e.Enseignement.Year, e.Competence)
	if !ok {
		label = string(e.Competence)
	}
	return "Compétence, " + l.enseignement(e.Enseignement) + "\u00a0: " + label, mastery(l.state.Line(e.Enseignement).Mastery(e.Competence)), mastery(e.Mastery), ""
}

func mastery(m nomenclature.Mastery) string {
	if label := m.Label(); label != "" {
		return label
	}
	return string(m)
}

// text says which free text an event speaks of.
func (l *livretState) text(sequence uint64) string {
	for _, line := range l.state.Lines {
		if line.Appreciation.Sequence == sequence {
			return "appréciation, " + l.enseignement(line.Enseignement)
		}
	}
	if t := l.state.Text(sequence); t != nil && t.Kind == record.TextEngagement {
		return "autre engagement"
	} else if t != nil {
		return strings.ToLower(words.Observation(record.Observation(t.Kind)))
	}
	return fmt.Sprintf("texte du fait n°\u00a0%d", sequence)
}

func decision(d record.ScreeningDecision) string {
	switch d {
	case record.TextKept:
		return "texte maintenu"
	case record.TextRewritten:
		return "texte réécrit"
	}
	return string(d)
}

func avisShares(e record.AvisSharesFrozen) string {
	return fmt.Sprintf("T %s, F %s, A %s, D %s, sur %s", percent(e.T), percent(e.F), percent(e.A), percent(e.D), count(int(e.Headcount), "élève", "élèves"))
}

func avis(a record.Avis) string {
	if a == "" {
		return ""
	}
	return words.Avis(a)
}

func periods(count uint8) string { return fmt.Sprintf("%d\u00a0%ss", count, words.Period(count)) }

func percent(hundredths uint16) string {
	return strings.TrimSuffix(fmt.Sprintf("%d,%02d", hundredths/100, hundredths%100), ",00") + "\u202f%"
}

func count(n int, one, many string) string {
	if n < 2 {
		return fmt.Sprintf("%d\u00a0%s", n, one)
	}
	return fmt.Sprintf("%d\u00a0%s", n, many)
}
