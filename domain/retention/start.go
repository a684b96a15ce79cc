package retention

import (
	"slices"

	"livret/domain"
	"livret/domain/nomenclature"
)

// ClockStarted says from which day a rule counts.
type ClockStarted struct {
	Rule       Rule        `json:"rule"`
	Session    string      `json:"session"` // whose proclamation it was: "2018-juin"
	Proclaimed domain.Date `json:"proclaimed"`
}

// ClockPresumed says from which day a rule counts where no proclamation is known: this project's decision, and not
// the arrêté's, which is why it has a type of its own. A proclamation takes its place, whatever its date.
type ClockPresumed struct {
	Rule    Rule        `json:"rule"`
	Session string      `json:"session"` // that the livret prepared: "2018-juin"
	From    domain.Date `json:"from"`    // see PresumedFrom
}

// TermSet says on which day keys must die that no proclamation ends: those of a sanction, or of a hold's file. What
// the term was computed from is sealed with the sanction or the hold: a kind and a date could point at somebody.
type TermSet struct {
	Rule Rule        `json:"rule"`
	Term domain.Date `json:"term"`
}

// EventType is the name on disk.
func (ClockStarted) EventType() string { return "retention.ClockStarted" }

// EventType is the name on disk.
func (ClockPresumed) EventType() string { return "retention.ClockPresumed" }

// EventType is the name on disk.
func (TermSet) EventType() string { return "retention.TermSet" }

// StartClock records the proclamation that a livret's clocks count from. A later proclamation, that of the
// September session, moves them; an earlier one does not, unless they were only presumed.
type StartClock struct {
	Session    string // "2018-juin"
	Proclaimed domain.Date
}

// Decide refuses by "livret-inconnu" and "proclamation-sans-date".
func (c StartClock) Decide(s *State) ([]domain.Event, error) {
	if err := s.lacks(proclaimed...); err != nil {
		return nil, err
	}
	if c.Proclaimed.IsZero() || c.Session == "" {
		return nil, domain.Refuse("proclamation-sans-date", "Une proclamation a une session et une date.", "")
	}
	if s.ending() {
		return nil, nil // what the law bound to the former proclamation is being done
	}
	var events []domain.Event
	for _, rule := range proclaimed {
		if clock, started := s.clocks[rule]; !started || clock.Presumed || clock.From.Before(c.Proclaimed) {
			events = append(events, ClockStarted{Rule: rule, Session: c.Session, Proclaimed: c.Proclaimed})
		}
	}
	return events, nil
}

// PresumeClock starts the clocks of a livret that no proclamation concerned, once PresumedFrom has come.
type PresumeClock struct {
	Year    nomenclature.SchoolYear // calendar year of the exam; of its opening for a livret opened later still
	Session string                  // the first of that year: "2018-juin"
	Today   domain.Date             // in Europe/Paris
}

// Decide refuses by "livret-inconnu" and "presomption-anticipee".
func (c PresumeClock) Decide(s *State) ([]domain.Event, error) {
	if err := s.lacks(proclaimed...); err != nil {
		return nil, err
	}
	from := PresumedFrom(c.Year)
	if c.Today.Before(from) {
		return nil, domain.Refuse("presomption-anticipee", "Une proclamation peut encore concerner ce livret.", "Attendez le 31 décembre de l’année de l’examen.")
	}
	if s.ending() {
		return nil, nil
	}
	var events []domain.Event
	for _, rule := range proclaimed {
		if _, started := s.clocks[rule]; !started {
			events = append(events, ClockPresumed{Rule: rule, Session: c.Session, From: from})
		}
	}
	return events, nil
}

// StartSanctionClock says when an entry of discipline must be destroyed. For the exam's commission it is computed by
// SanctionTerm; a school's catalogue gives the day itself. Said again with another day, on appeal, it moves.
type StartSanctionClock struct {
	Rule       Rule // Sanction or SchoolSanction
	Pronounced domain.Date
	Ends       domain.Date // of the ban, zero for a blâme or a loss of mention; of the entry, for a school's
}

// Decide refuses by "sanction-inconnue" and "sanction-sans-date".
func (c StartSanctionClock) Decide(s *State) ([]domain.Event, error) {
	switch {
	case c.Rule != Sanction && c.Rule != SchoolSanction, s.lacks(c.Rule) != nil:
		return nil, domain.Refuse("sanction-inconnue", "Ce registre ne connaît pas de sanction sous cet identifiant.", "Vérifiez l’identifiant.")
	case c.Pronounced.IsZero(), c.Rule == SchoolSanction && c.Ends.IsZero(), !c.Ends.IsZero() && c.Ends.Before(c.Pronounced):
		return nil, domain.Refuse("sanction-sans-date", "Une sanction a une date, et ne prend pas fin avant elle.", "Vérifiez les dates.")
	}
	term := c.Ends
	if c.Rule == Sanction {
		term = SanctionTerm(c.Pronounced, c.Ends)
	}
	return s.setTerm(c.Rule, term), nil
}

func (s *State) setTerm(rule Rule, term domain.Date) []domain.Event {
	if clock, set := s.clocks[rule]; set && clock.Term == term || s.ending() {
		return nil
	}
	return []domain.Event{TermSet{Rule: rule, Term: term}}
}

// ending tells whether keys are destroyed, or a destruction is requested.
func (s *State) ending() bool { return s.request != nil || len(s.done) > 0 }

// lacks refuses an owner that has no key which one of the rules ends: it never existed in this ledger.
func (s *State) lacks(rules ...Rule) error {
	for class := range s.keys {
		for _, rule := range rulesOf(class) {
			if slices.Contains(rules, rule) {
				return nil
			}
		}
	}
	return domain.Refuse("livret-inconnu", "Ce registre ne connaît pas de livret sous cet identifiant.",
		"Vérifiez l’identifiant du livret.")
}
