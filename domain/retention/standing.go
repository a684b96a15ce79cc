package retention

import "livret/domain"

// Standing is where an owner of keys is on its way to its end.
type Standing string

// The standings, in the order in which a livret meets them.
const (
	NotALivret      Standing = "autre"                // keys of a member of staff, or none: no clock ends them
	NoClock         Standing = "sans-horloge"         // no clock runs yet
	Current         Standing = "en-cours"             // in active service, or before its term where there is no other
	Leaving         Standing = "a-archiver"           // beyond active service: closed, and its keys not yet in custody
	Archived        Standing = "archive"              // in custody, before its term
	OnHold          Standing = "gele"                 // term reached, and a hold stands
	AwaitsVersement Standing = "versement-attendu"    // term reached, and the archives have not acknowledged what they keep
	VisaMissing     Standing = "visa-manquant"        // term reached, and nobody authorised the elimination: closed, not destroyed
	Ready           Standing = "a-detruire"           // nothing is missing
	Requested       Standing = "destruction-demandee" // a hold would still cancel it
	Begun           Standing = "destruction-engagee"  // to be finished
	Gone            Standing = "detruit"
)

// Standing answers where the owner stands on a day in Europe/Paris, under the standing authorisations of that day.
func (s *State) Standing(on domain.Date, by Authorised) Standing {
	due := s.due(on)
	clock, started := s.main()
	visa, _ := s.allowed(due, by)
	_, leaving := s.Archivable(on)
	switch {
	case s.request != nil && s.request.begun:
		return Begun
	case s.request != nil:
		return Requested
	case !s.alive() && len(s.done) > 0:
		return Gone
	case !s.alive():
		return NotALivret
	case !started:
		return NoClock
	case len(due) == 0 && (clock.Active.IsZero() || on.Before(clock.Active)):
		return Current
	case len(due) == 0 && len(leaving) > 0:
		return Leaving
	case len(due) == 0:
		return Archived
	case s.Held():
		return OnHold
	case s.awaits():
		return AwaitsVersement
	case visa == "":
		return VisaMissing
	}
	return Ready
}

// Kind is what an owner of keys is, named by the rule that ends its principal keys; empty for a member of staff.
func (s *State) Kind() Rule {
	for _, rule := range Rules() {
		for class := range s.keys {
			if ends := rulesOf(class); len(ends) == 1 && ends[0] == rule {
				return rule
			}
		}
	}
	return ""
}
