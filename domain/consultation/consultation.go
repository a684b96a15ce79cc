// Package consultation is the log of who read which livret, and when: that and nothing else, as the arrêté of
// 8 February 2016, art. 9, asks. No address, no page, no result. It has streams and keys of its own, because
// it does not die on the same day as what was read.
//
// Who asks for the probatory archive of a livret, which takes it out of the ledger, is recorded here too, in streams
// and under keys of their own.
package consultation

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/eventjson"
)

// Category is the stream category: consultation-<random>, whose id is not that of the livret, because how
// often a livret is read is nobody's business.
const Category = "consultation"

// LivretConsulted says who read a livret, and when. The reader stands in the event itself, because the actor
// of the fact may be the ledger, which keeps the log.
type LivretConsulted struct {
	Livret uuid.UUID `json:"livret"`
	Role   string    `json:"role"`   // of the reader
	Person uuid.UUID `json:"person"` // the reader, by random id
	At     time.Time `json:"at"`     // UTC, to the second
}

// EventType is the name on disk.
func (LivretConsulted) EventType() string { return "consultation.LivretConsulted" }

// ReadEvent implements domain.FastReader: a log is read whole each time a line is added to it.
func (e *LivretConsulted) ReadEvent(data []byte) error {
	s := eventjson.Scan(data)
	s.Skip(`{"livret":`)
	e.Livret = s.UUID()
	s.Skip(`,"role":`)
	e.Role = s.Text()
	s.Skip(`,"person":`)
	e.Person = s.UUID()
	s.Skip(`,"at":`)
	if e.At.UnmarshalText([]byte(s.Text())) != nil {
		s.Lose()
	}
	s.Skip(`}`)
	return eventjson.Finish(&s, data, e)
}

// Events is the catalogue of what may stand in the streams of this package.
func Events() []domain.Kind {
	return []domain.Kind{domain.Define[LivretConsulted](1), domain.Define[ArchiveRequested](1), domain.Define[ArchiveMade](1)}
}

// State is the log as it stands.
type State struct {
	lines map[LivretConsulted]struct{}
}

// Lines are those of the log, oldest first.
func (s *State) Lines() []LivretConsulted {
	return slices.SortedFunc(maps.Keys(s.lines), func(a, b LivretConsulted) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Role, b.Role), slices.Compare(a.Person[:], b.Person[:]))
	})
}

// Decider is that of consultation streams.
var Decider = domain.Decider[*State]{
	Category: Category,
	Initial:  func() *State { return &State{lines: make(map[LivretConsulted]struct{})} },
	Evolve: func(s *State, fact domain.Fact) *State {
		if e, ok := fact.Event.(LivretConsulted); ok {
			s.lines[e] = struct{}{}
		}
		return s
	},
}

// RecordConsultation adds a line to the log. The same reader within the same second is the same line.
type RecordConsultation struct {
	Livret uuid.UUID
	Reader domain.Actor
	At     time.Time
}

// Decide refuses by "consultation-incomplete".
func (c RecordConsultation) Decide(s *State) ([]domain.Event, error) {
	line := LivretConsulted{Livret: c.Livret, Role: c.Reader.Role, Person: c.Reader.Person, At: c.At.UTC().Truncate(time.Second)}
	if line.Livret == uuid.Nil || line.Role == "" || line.Person == uuid.Nil || c.At.IsZero() {
		return nil, domain.Refuse("consultation-incomplete",
			"Une consultation s’inscrit au journal avec le livret, le lecteur, la date et l’heure.", "")
	}
	if _, known := s.lines[line]; known {
		return nil, nil
	}
	return []domain.Event{line}, nil
}
