package sanction

import (
	"github.com/google/uuid"

	"livret/domain"
)

// Sanction is one entry as it stands: the fold of a sanction stream.
type Sanction struct {
	Measure              // in force; that of SanctionPronounced at first
	Opened   domain.Date // of the proceedings; zero if they were not recorded
	Dropped  domain.Date // they ended without a sanction
	Decision SanctionPronounced
	Amended  domain.Date // last
	Revoked  domain.Date // the sursis was
	Annulled domain.Date // the sanction was
	Livrets  []uuid.UUID // in the order in which they were linked
	Voided   []Scope     // in the order in which they were recorded
}

// Decider is that of sanction streams.
var Decider = domain.Decider[*Sanction]{
	Category: Category,
	Initial:  func() *Sanction { return new(Sanction) },
	Evolve:   func(s *Sanction, fact domain.Fact) *Sanction { s.Apply(fact.Event); return s },
}

// Apply adds one event of the stream: views fold a sanction as deciders do.
func (s *Sanction) Apply(event domain.Event) {
	switch e := event.(type) {
	case ProceedingsOpened:
		s.Opened = e.On
	case ProceedingsDropped:
		s.Dropped = e.On
	case SanctionPronounced:
		s.Decision, s.Measure = e, e.Measure
	case LivretLinked:
		s.Livrets = append(s.Livrets, e.Livret)
	case PaperVoided:
		s.Voided = append(s.Voided, e.Scope)
	case SanctionAmended:
		s.Measure, s.Amended, s.Revoked = e.Measure, e.On, domain.Date{}
	case SursisRevoked:
		s.Suspended, s.Ends, s.Revoked = false, e.Ends, e.On
	case SanctionAnnulled:
		s.Annulled = e.On
	}
}

// IsPronounced tells whether there is a sanction at all, annulled since or not.
func (s *Sanction) IsPronounced() bool { return !s.Decision.Pronounced.IsZero() }

// Entered tells whether the livret, its family and its jury show the sanction.
func (s *Sanction) Entered() bool { return s.Decision.Entry && s.Annulled.IsZero() }

// UnderWay tells whether proceedings are pending: nothing was pronounced, and they were not dropped.
func (s *Sanction) UnderWay() bool {
	return !s.Opened.IsZero() && !s.IsPronounced() && s.Dropped.IsZero()
}

// Clock is what the term of the entry counts from: the day it was pronounced, and the day a ban ends, zero for a
// sanction that does not last (arrêté of 8 February 2016, art. 9). What came to nothing, annulled or dropped, ends
// on the day it did: nothing justifies keeping it. It is false as long as proceedings are under way.
func (s *Sanction) Clock() (pronounced, ends domain.Date, ok bool) {
	switch {
	case !s.Annulled.IsZero():
		return s.Decision.Pronounced, s.Annulled, true
	case s.IsPronounced():
		return s.Decision.Pronounced, s.Ends, true
	case !s.Dropped.IsZero():
		return s.Dropped, s.Dropped, true
	}
	return domain.Date{}, domain.Date{}, false
}
