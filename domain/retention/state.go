package retention

import (
	"maps"
	"slices"

	"github.com/google/uuid"

	"livret/domain"
)

// State is what is known of one owner's keys, and of what decides on their end.
type State struct {
	keys      map[string]string // fingerprint by class
	dead      map[string]bool   // classes of which the key is destroyed
	pairs     map[string]bool   // that its keys were wrapped to
	archived  map[string]bool   // classes of which the key left active service
	clocks    map[Rule]Clock
	holds     map[uuid.UUID]bool // true while it stands
	juries    map[uuid.UUID]bool // that it came before
	visas     []EliminationVisaGiven
	versement *versement
	request   *request
	done      []KeysDestroyed
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
	return &State{keys: make(map[string]string), dead: make(map[string]bool), archived: make(map[string]bool), pairs: make(map[string]bool), clocks: make(map[Rule]Clock), holds: make(map[uuid.UUID]bool), juries: make(map[uuid.UUID]bool)}
}

func (s *State) evolve(fact domain.Fact) *State {
	switch e := fact.Event.(type) {
	case KeyCreated:
		s.keys[e.Class] = e.Fingerprint
	case ClockStarted:
		s.clocks[e.Rule] = counted(e.Rule, e.Session, e.Proclaimed, false)
	case ClockPresumed:
		s.clocks[e.Rule] = counted(e.Rule, e.Session, e.From, true)
	case TermSet:
		s.clocks[e.Rule] = Clock{Rule: e.Rule, Term: e.Term}
	case HoldPlaced:
		s.holds[e.Hold] = true
	case HoldReleased:
		s.holds[e.Hold] = false
	case KeysArchived:
		s.pairs[e.Pair] = true
		for _, key := range e.Keys {
			s.archived[key.Class] = true
		}
	case JuryNoted:
		s.juries[e.Jury] = true
	case EliminationVisaGiven:
		s.visas = append(s.visas, e)
	case VersementDecided:
		s.versement = &versement{VersementDecided: e}
	case VersementAcknowledged:
		if s.versement != nil && s.versement.Versement == e.Versement {
			s.versement.digest = e.Digest
		}
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

// Clock is the clock of a rule, and false if none runs.
func (s *State) Clock(rule Rule) (Clock, bool) {
	clock, ok := s.clocks[rule]
	return clock, ok
}

// main is the clock that says where the owner stands as a whole: the first of Rules that runs.
func (s *State) main() (Clock, bool) {
	for _, rule := range Rules() {
		if clock, ok := s.clocks[rule]; ok {
			return clock, true
		}
	}
	return Clock{}, false
}

// awaits tells whether the archives have yet to acknowledge what they keep for good.
func (s *State) awaits() bool { return s.versement != nil && s.versement.digest == "" }

// Pairs are the custody pairs that the keys were ever wrapped to.
func (s *State) Pairs() []string { return slices.Sorted(maps.Keys(s.pairs)) }

// Destroyed are the destructions done, oldest first.
func (s *State) Destroyed() []KeysDestroyed { return slices.Clone(s.done) }

// Requested is the destruction under way, whether it has passed the point of no return, and false if there is none.
func (s *State) Requested() (r DestructionRequested, begun, under bool) {
	if s.request == nil {
		return DestructionRequested{}, false, false
	}
	return s.request.DestructionRequested, s.request.begun, true
}

// dueKey is a key whose term is reached, and the rule that ends it.
type dueKey struct {
	Key
	rule Rule
}

// due lists the keys whose term is reached on a day, by class.
func (s *State) due(on domain.Date) []dueKey {
	var due []dueKey
	for _, class := range slices.Sorted(maps.Keys(s.keys)) {
		for _, rule := range rulesOf(class) {
			if clock, runs := s.clocks[rule]; runs && !s.dead[class] && !on.Before(clock.Term) {
				due = append(due, dueKey{Key{class, s.keys[class]}, rule})
				break
			}
		}
	}
	return due
}

// alive tells whether a key lives that a clock may end.
func (s *State) alive() bool {
	for class := range s.keys {
		if len(rulesOf(class)) > 0 && !s.dead[class] {
			return true
		}
	}
	return false
}
