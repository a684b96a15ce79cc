// Package wording gives the French of what a livret keeps as codes and no nomenclature words: avis,
// engagements, observations, restrictions, periods, days. Views and documents say the same thing because they ask here.
package wording

import (
	"fmt"
	"slices"
	"strings"

	"livret/domain"
	"livret/domain/record"
)

// Date is a day in figures, as French documents write it: « 05/07/2018 ».
func Date(on domain.Date) string {
	parts := strings.Split(on.String(), "-")
	slices.Reverse(parts)
	return strings.Join(parts, "/")
}

// Avis is the opinion in view of the exam, in the words of the paper model; the code itself if unknown.
func Avis(code record.Avis) string {
	switch code {
	case record.TresFavorable:
		return "Très favorable"
	case record.Favorable:
		return "Favorable"
	case record.AssezFavorable:
		return "Assez favorable"
	case record.FaireSesPreuves:
		return "Doit faire ses preuves"
	}
	return string(code)
}

// Engagement is a responsibility held during the cycle terminal; the code itself if unknown.
func Engagement(code record.Engagement) string {
	switch code {
	case "C":
		return "Délégué de classe"
	case "V":
		return "Délégué au conseil de la vie lycéenne"
	case "A":
		return "Membre du conseil d’administration"
	case "E":
		return "Membre du comité d’éducation à la santé et à la citoyenneté"
	case "S":
		return "Membre de l’association sportive"
	}
	return string(code)
}

// Observation is what a signed text of a year is about.
func Observation(kind record.Observation) string {
	switch kind {
	case record.ObservationCPE:
		return "Observations sur les engagements de l’élève"
	case record.ObservationTeam:
		return "Avis de l’équipe sur l’investissement de l’élève et sa participation à la vie du lycée"
	case record.ObservationHead:
		return "Observations du chef d’établissement"
	}
	return string(kind)
}

// Ground is why the processing of a livret is restricted (RGPD, art. 18, 1); the code itself if unknown.
func Ground(ground record.RestrictionGround) string {
	switch ground {
	case record.AccuracyContested:
		return "exactitude contestée, le temps de la vérifier"
	case record.UnlawfulProcessing:
		return "traitement illicite, dont l’effacement n’est pas souhaité"
	case record.LegalClaims:
		return "données nécessaires à l’élève pour faire valoir ses droits"
	case record.ObjectionExamined:
		return "opposition en cours d’examen"
	}
	return string(ground)
}

// Period is how a year is cut, in one word: "trimestre" for three periods, "semestre" for two.
func Period(count uint8) string {
	switch count {
	case 3:
		return "trimestre"
	case 2:
		return "semestre"
	}
	return ""
}

// PeriodName is one period in full, « 1er trimestre », or « Année » for 0.
func PeriodName(number, count uint8) string {
	kind := Period(count)
	switch {
	case number == 0:
		return "Année"
	case kind == "":
		kind = "période"
	}
	switch {
	case number == 1 && kind == "période":
		return "1re " + kind
	case number == 1:
		return "1er " + kind
	}
	return fmt.Sprintf("%de %s", number, kind)
}

// Elsewhere is the heading of the lines that no programme of the pupil holds.
const Elsewhere = "AUTRES ENSEIGNEMENTS"

// Periods numbers the periods of a year, from 1: the columns of its table.
func Periods(count uint8) []int {
	all := make([]int, count)
	for i := range all {
		all[i] = i + 1
	}
	return all
}

// At is what a line has for a period, from 1; nil if there is nothing.
func At[T any](periods []*T, period int) *T {
	if period < 1 || period > len(periods) {
		return nil
	}
	return periods[period-1]
}
