package retention

import (
	"maps"
	"slices"

	"github.com/google/uuid"

	"livret/domain"
)

// State is what is known of one owner's keys, and of what decides on their end.
type State struct {
	keys    map[string]string // fingerprint by class
	dead    map[string]bool   // classes of which the key is destroyed
	clocks  map[Rule]ClockStarted
	holds   map[uuid.UUID]bool // true while it stands
	visas   []EliminationVisaGiven
	request *request
	done    []KeysDestroyed
}

// request is a destruction under way.
type request struct {
	DestructionRequested
	begun bool
}

// Decider is that of retention streams.
var Decider = domain.Decider[*State]{
	Category: Category,
	Initial:  NewState,
	Evolve:   (*State).evolve,
}

// NewState is that of an owner of whom nothing is known.
func NewState() *State {
	return &State{keys: make(map[string]string), dead: make(map[string]bool), clocks: make(map[Rule]ClockStarted), holds: make(map[uuid.UUID]bool)}
}

func (s *State) evolve(fact domain.Fact) *State {
	switch e := fact.Event.(type) {
	case KeyCreated:
		s.keys[e.Class] = e.Fingerprint
	case ClockStarted:
		s.clocks[e.Rule] = e
	case HoldPlaced:
		s.holds[e.Hold] = true
	case HoldReleased:
		s.holds[e.Hold] = false
	case EliminationVisaGiven:
		s.visas = append(s.visas, e)
	case DestructionRequested:
		s.request = &request{DestructionRequested: e}
	case DestructionCancelled:
		s.request = nil
	case DestructionBegun:
		if s.request != nil {
			s.request.begun = true
		}
	case KeysDestroyed:
		for _, key := range e.Keys {
			s.dead[key.Class] = true
		}
		s.done, s.request = append(s.done, e), nil
	}
	return s
}

// Born tells whether the birth of that very key is recorded: nothing may be sealed under a key of which the
// ledger could not prove the destruction later.
func (s *State) Born(class, fingerprint string) bool {
	known, ok := s.keys[class]
	return ok && known == fingerprint
}

// HasKey tells whether the birth of a key of that class is recorded, destroyed since or not.
func (s *State) HasKey(class string) bool { return s.keys[class] != "" }

// Held tells whether a hold stands.
func (s *State) Held() bool { return len(s.Holds()) > 0 }

// Holds lists the holds that stand, in the order of their random ids.
func (s *State) Holds() []uuid.UUID {
	var standing []uuid.UUID
	for hold, stands := range s.holds {
		if stands {
			standing = append(standing, hold)
		}
	}
	slices.SortFunc(standing, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	return standing
}

// Clock is the clock of a rule, and false if it never started.
func (s *State) Clock(rule Rule) (ClockStarted, bool) {
	clock, ok := s.clocks[rule]
	return clock, ok
}

// Visa is the reference of the visa for the session whose proclamation started the clock, empty if there is none.
func (s *State) Visa() string {
	for _, visa := range s.visas {
		if clock, ok := s.clocks[Livret]; ok && visa.Session == clock.Session {
			return visa.Reference
		}
	}
	return ""
}

// Destroyed are the destructions done, oldest first.
func (s *State) Destroyed() []KeysDestroyed { return slices.Clone(s.done) }

// Requested is the destruction under way, whether it has passed the point of no return, and false if there is none.
func (s *State) Requested() (r DestructionRequested, begun, under bool) {
	if s.request == nil {
		return DestructionRequested{}, false, false
	}
	return s.request.DestructionRequested, s.request.begun, true
}

// due lists the keys whose term is reached on a day, by class; and whether any key is alive at all that a clock
// of a proclamation may end.
func (s *State) due(on domain.Date) (due []Key, alive bool) {
	for _, class := range slices.Sorted(maps.Keys(s.keys)) {
		rule, timed := ruleOf(class)
		if !timed || s.dead[class] {
			continue
		}
		alive = true
		if clock, ok := s.clocks[rule]; ok && !on.Before(rule.Term(clock.Proclaimed)) {
			due = append(due, Key{class, s.keys[class]})
		}
	}
	return due, alive
}

// Standing is where a livret is on its way to its end.
type Standing string

// The standings, in the order in which a livret meets them.
const (
	NotALivret  Standing = "autre"                // keys of a member of staff, or none: no proclamation ends them
	NoClock     Standing = "sans-horloge"         // never proclaimed
	Current     Standing = "en-cours"             // in active service
	Archivable  Standing = "archive"              // beyond active service, before its term
	OnHold      Standing = "gele"                 // term reached, and a hold stands
	VisaMissing Standing = "visa-manquant"        // term reached, and nobody authorised the elimination
	Ready       Standing = "a-detruire"           // nothing is missing
	Requested   Standing = "destruction-demandee" // a hold would still cancel it
	Begun       Standing = "destruction-engagee"  // to be finished
	Gone        Standing = "detruit"
)

// Standing answers where the owner stands on a day in Europe/Paris.
func (s *State) Standing(on domain.Date) Standing {
	due, alive := s.due(on)
	clock, started := s.clocks[Livret]
	switch {
	case s.request != nil && s.request.begun:
		return Begun
	case s.request != nil:
		return Requested
	case !alive && len(s.done) > 0:
		return Gone
	case !alive:
		return NotALivret
	case !started:
		return NoClock
	case len(due) == 0 && on.Before(ActiveUntil(clock.Proclaimed)):
		return Current
	case len(due) == 0:
		return Archivable
	case s.Held():
		return OnHold
	case s.Visa() == "":
		return VisaMissing
	}
	return Ready
}
