package sanction

import (
	"slices"
	"time"

	"livret/domain"
	"livret/domain/nomenclature"
)

// SchoolCategory is the stream category of the sanctions of a school, schoolsanction-<random>: another catalogue,
// under keys of its own, that no jury is ever handed.
//
// Neither the arrêté of 13 October 2014 nor that of 8 February 2016, as far as it could be read, lists them among
// what a livret holds; the press announced them. So they are refused unless the controller of the ledger has turned
// them on by a decision that names the legal act: see package deployment.
const SchoolCategory = "schoolsanction"

// The sanctions of a school (Code de l'éducation, art. R. 511-13).
const (
	SchoolWarning    Kind = "avertissement"
	SchoolBlame      Kind = "blame-etablissement"
	Responsibility   Kind = "mesure-de-responsabilisation"
	ClassExclusion   Kind = "exclusion-de-la-classe"
	SchoolExclusion  Kind = "exclusion-temporaire"
	FinalExclusion   Kind = "exclusion-definitive"
	maxExclusionDays      = 8
)

// Confidence is how a version of the catalogue is known.
type Confidence string

// The confidences.
const (
	Secondary Confidence = "source secondaire" // quoted by others, not read in the code itself
	Unread    Confidence = "non lu"            // from general knowledge: to be checked before anything rests on it
)

// Erasure is when a school's sanction leaves the pupil's file, whatever happens at the end of his schooling in the
// second degree. Two counts of zero: not before that end.
type Erasure struct {
	Months int // from the day it was pronounced
	Years  int // at the end of the school year: 1, that of the day it was pronounced; 2, the next one
}

// SchoolArticle is one sanction as a version of the text has it.
type SchoolArticle struct {
	Kind   Kind
	Label  string // in French
	Lasts  bool   // up to eight days
	Sursis bool   // it may be suspended
	Erased Erasure
}

// SchoolText is a version of the catalogue of schools.
type SchoolText struct {
	ID         string
	From       domain.Date
	Source     string
	Confidence Confidence
	List       []SchoolArticle
}

// schoolTexts is the versions of the text, oldest first.
var schoolTexts = []SchoolText{
	{
		ID: "R511-13-2011", From: domain.NewDate(2011, time.September, 1), Confidence: Secondary,
		Source: "Code de l’éducation, art. R. 511-13 et R. 511-13-1, version antérieure au 1er septembre 2019, d’après les fiches éduSCOL et des règlements intérieurs",
		List:   schoolList(Erasure{Years: 1}, Erasure{Years: 1}, Erasure{Months: 12}),
	},
	{
		ID: "R511-13-1-2019", From: domain.NewDate(2019, time.September, 1), Confidence: Unread,
		Source: "Code de l’éducation, art. R. 511-13-1, dans sa rédaction du décret n° 2019-906 du 30 août 2019, qui n’a pas été lue : durées à vérifier",
		List:   schoolList(Erasure{Years: 1}, Erasure{Years: 2}, Erasure{Years: 3}),
	},
}

func schoolList(warning, blame, exclusion Erasure) []SchoolArticle {
	return []SchoolArticle{
		{SchoolWarning, "avertissement", false, false, warning},
		{SchoolBlame, "blâme", false, false, blame},
		{Responsibility, "mesure de responsabilisation", false, true, blame},
		{ClassExclusion, "exclusion temporaire de la classe", true, true, exclusion},
		{SchoolExclusion, "exclusion temporaire de l’établissement ou de l’un de ses services annexes", true, true, exclusion},
		{FinalExclusion, "exclusion définitive de l’établissement ou de l’un de ses services annexes", false, true, Erasure{}},
	}
}

// SchoolTextOn is the version in force on a day; false before the first.
func SchoolTextOn(day domain.Date) (SchoolText, bool) {
	for _, text := range slices.Backward(schoolTexts) {
		if !day.Before(text.From) {
			return text, true
		}
	}
	return SchoolText{}, false
}

// SchoolKinds lists the sanctions of the last version, in its order.
func SchoolKinds() []SchoolArticle { return slices.Clone(schoolTexts[len(schoolTexts)-1].List) }

// Article finds a sanction in the version.
func (t SchoolText) Article(kind Kind) (SchoolArticle, bool) {
	i := slices.IndexFunc(t.List, func(a SchoolArticle) bool { return a.Kind == kind })
	if i < 0 {
		return SchoolArticle{}, false
	}
	return t.List[i], true
}

// EndOfSchooling is the last day of the school year of an exam, on which every school's sanction is erased. The text
// speaks of the end of schooling in the second degree and gives no day: this one is this project's decision.
func EndOfSchooling(session nomenclature.SchoolYear) domain.Date { return lastDay(session - 1) }

// lastDay is that of a school year, which begins on 1 September.
func lastDay(year nomenclature.SchoolYear) domain.Date {
	return domain.NewDate(int(year)+1, time.August, 31)
}

// on is the day on which a sanction is erased that was pronounced in a school year.
func (e Erasure) on(pronounced domain.Date, schooling domain.Date) domain.Date {
	day := schooling
	switch {
	case e.Months > 0:
		day = pronounced.PlusMonths(e.Months)
	case e.Years > 0:
		day = lastDay(schoolYear(pronounced) + nomenclature.SchoolYear(e.Years) - 1)
	}
	if schooling.Before(day) {
		return schooling
	}
	return day
}

// schoolYear is that of a day, by the year of its September.
func schoolYear(day domain.Date) nomenclature.SchoolYear {
	year := nomenclature.SchoolYear(day.Year())
	if day.Before(domain.NewDate(day.Year(), time.September, 1)) {
		year--
	}
	return year
}
