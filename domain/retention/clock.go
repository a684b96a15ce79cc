package retention

import "livret/domain"

// Rule is what a clock counts: each has its own, because their terms may part again.
type Rule string

// The rules of the arrêté of 8 February 2016, art. 9. Both count from the proclamation of results, never from
// the school year nor from an entry.
const (
	Livret        Rule = "livret"        // the livret itself: its identity, its record, its candidates
	Consultations Rule = "consultations" // who read it, and when
)

// Rules lists the rules that a proclamation starts.
func Rules() []Rule { return []Rule{Livret, Consultations} }

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

// ruleOf is the rule under which the keys of a class die; none for classes with another clock: a sanction has
// its own, and a member of staff is kept as long as a livret cites him.
func ruleOf(class string) (Rule, bool) {
	switch class {
	case "identity", "record", "candidate":
		return Livret, true
	case "consultation":
		return Consultations, true
	}
	return "", false
}
