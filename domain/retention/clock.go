package retention

import (
	"time"

	"livret/domain"
	"livret/domain/nomenclature"
)

// Rule is what a clock counts: each has its own, because their terms may part again.
type Rule string

// The rules. The first two are those of the arrêté of 8 February 2016, art. 9, 1°, 2° and 5°, and count from the
// proclamation of results, never from the school year nor from an entry; Sanction is that of its 4°.
const (
	Livret         Rule = "livret"                 // the livret itself: its identity, its record, its candidates
	Consultations  Rule = "consultations"          // who read it, and when
	Sanction       Rule = "sanction"               // an entry of the exam's discipline commission
	SchoolSanction Rule = "sanction-etablissement" // an entry of a school (Code de l'éducation, art. R. 511-13-1)
	HoldFile       Rule = "gel"                    // who asked for a hold, and why
	RequestFile    Rule = "demande"                // who asked for a probatory archive, and why
)

// Rules lists all rules.
func Rules() []Rule {
	return []Rule{Livret, Consultations, Sanction, SchoolSanction, HoldFile, RequestFile}
}

// proclaimed are the rules that a proclamation starts.
var proclaimed = []Rule{Livret, Consultations}

// ActiveUntil is the day on which a livret leaves active service: two months after the proclamation, which is
// a maximum. From that day on, nothing more is imported into it.
func ActiveUntil(proclaimed domain.Date) domain.Date { return proclaimed.PlusMonths(2) }

// LivretTerm is the day on which a livret must be destroyed, or archived for good.
//
// The arrêté says two months, then six. Counted one after the other from 31 July, that is 30 September and
// then 30 March; counted from the proclamation, 31 March. By decision of this project both are counted from the
// proclamation: a term does not lose a day to the shortness of a month in between, and the livret and the log
// of who read it, for which the arrêté says eight months, end on the same day.
func LivretTerm(proclaimed domain.Date) domain.Date { return proclaimed.PlusMonths(8) }

// ConsultationTerm is the day on which the log of consultations must be destroyed.
func ConsultationTerm(proclaimed domain.Date) domain.Date { return proclaimed.PlusMonths(8) }

// SanctionTerm is the day on which an entry of the exam's discipline commission must be destroyed: the day on
// which a ban ends, or, for a blâme or a loss of mention, one year after it was pronounced. It has nothing to do
// with a proclamation, and outlives the livret as often as not.
func SanctionTerm(pronounced, banEnds domain.Date) domain.Date {
	if !banEnds.IsZero() {
		return banEnds
	}
	return pronounced.PlusMonths(12)
}

// HoldTerm is the day on which the file of a hold must be destroyed: who asked, why, and the number of the case.
// No text fixes one. By decision of this project it is six months after the release: two months to contest it, two
// of silence, and two more (Code de justice administrative, art. R. 421-1 and R. 421-2).
func HoldTerm(released domain.Date) domain.Date { return released.PlusMonths(6) }

// RequestTerm is the day on which a request of a probatory archive must be destroyed: who asked, why, and the digest of
// what was handed out. No text fixes one. By decision of this project it is a year after the request, what the CNIL
// recommends at most for a log of accesses (délibération n° 2021-122 of 14 October 2021). The archive itself is in the
// hands of who asked for it, and proves what it proves without this.
func RequestTerm(requested domain.Date) domain.Date { return requested.PlusMonths(12) }

// PresumedFrom is the day that a livret counts from when no proclamation ever concerned it: its pupil moved,
// dropped out, never sat, or his results never were recorded. No text fixes one. By decision of this project it is
// 31 December of the calendar year of the exam: after any proclamation of June or September, so that nobody's
// livret ends before that of his class, and soon enough for none to be kept for ever. A livret that was opened after
// its exam's year counts from the end of the year in which it was: nothing comes due the day it comes in.
func PresumedFrom(session nomenclature.SchoolYear) domain.Date {
	return domain.NewDate(int(session), time.December, 31)
}

// PresumesOn tells whether a day is that of the livrets of its year.
func PresumesOn(day domain.Date) bool {
	return !day.IsZero() && day == PresumedFrom(nomenclature.SchoolYear(day.Year()))
}

// Term is the day on which what a rule covers must be destroyed, counted from the proclamation; zero for a
// rule that no proclamation starts.
func (r Rule) Term(proclaimed domain.Date) domain.Date {
	switch r {
	case Livret:
		return LivretTerm(proclaimed)
	case Consultations:
		return ConsultationTerm(proclaimed)
	}
	return domain.Date{}
}

// rulesOf are the rules under one of which the keys of a class die; none for a class that no clock ends: a member
// of staff is kept as long as a livret cites him.
func rulesOf(class string) []Rule {
	switch class {
	case "identity", "record", "candidate":
		return []Rule{Livret}
	case "consultation":
		return []Rule{Consultations}
	case "sanction":
		return []Rule{Sanction}
	case "schoolsanction":
		return []Rule{SchoolSanction}
	case "subject":
		return []Rule{Sanction, SchoolSanction}
	case "hold":
		return []Rule{HoldFile}
	case "request":
		return []Rule{RequestFile}
	}
	return nil
}

// Clock is a clock that runs, and the days it leads to.
type Clock struct {
	Rule     Rule
	Session  string      // of the exam: "2018-juin"; empty where none starts it
	From     domain.Date // that it counts from; zero where only its term is told
	Active   domain.Date // on which active service ends; zero: it lasts until the term
	Term     domain.Date // on which the keys must die
	Presumed bool        // no proclamation is known: see PresumedFrom
}

// counted is the clock of a rule that counts from a day.
func counted(rule Rule, session string, from domain.Date, presumed bool) Clock {
	return Clock{Rule: rule, Session: session, From: from, Active: ActiveUntil(from), Term: rule.Term(from), Presumed: presumed}
}
