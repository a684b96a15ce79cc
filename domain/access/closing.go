package access

import "livret/domain"

// The rules by which the clock closes a livret, whether or not anybody ran anything.
const (
	RuleArchived = "livret-archive" // beyond active service
	RuleClosed   = "livret-clos"    // beyond its term
)

// closed is how far the clock has closed a livret on a day: empty, RuleArchived or RuleClosed.
func (on Target) closed(today domain.Date) reason {
	switch {
	case !on.Term.IsZero() && !today.Before(on.Term):
		return RuleClosed
	case !on.ActiveUntil.IsZero() && !today.Before(on.ActiveUntil):
		return RuleArchived
	}
	return ""
}

// afterClosing tells whether a role may still do something with a livret that the clock has closed: see to its end,
// keep it from it, and hand over the paper that is owed as long as it is readable. Nobody reads it, nobody writes in it,
// but for the probatory archive: that is what it is kept for, until its term, or beyond it under a hold.
func (a Act) afterClosing(role string, on Target, closed reason) bool {
	switch a {
	case PlaceHold, ReleaseHold, GiveEliminationVisa, DecideVersement, DestroyKeys, ReadRetention:
		return true
	case HandOverPaper, ReadPaperDue:
		return closed == RuleArchived
	case RequestArchive:
		return closed == RuleArchived || on.Held
	}
	return role == Systeme
}
