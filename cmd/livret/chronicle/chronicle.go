// Package chronicle tells what happened to a livret, fact by fact, in the words of the people who ask: who
// wrote it, when, from what to what. Auditors and heads of school read it on a page, operators on a terminal.
package chronicle

import (
	"cmp"
	"context"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/deliberation"
	"livret/domain/identity"
	"livret/domain/nomenclature"
	"livret/domain/record"
	"livret/eventstore"
	"livret/eventstore/ledger"
)

// Line is one fact of a livret. What cannot be read says so in State, and has neither author nor content:
// only that it was written, when and at which place, stays in clear for ever.
type Line struct {
	Stream     string             `json:"stream"` // category: "identity", "record" or "candidate"
	Sequence   uint64             `json:"sequence"`
	Type       string             `json:"type"` // name of the event on disk
	RecordedAt time.Time          `json:"recordedAt"`
	State      ledger.Readability `json:"state"`
	Role       string             `json:"role,omitempty"`
	RoleLabel  string             `json:"roleLabel,omitempty"`
	Who        string             `json:"who,omitempty"` // if the ledger knows the person as staff
	What       string             `json:"what,omitempty"`
	From       string             `json:"from,omitempty"` // empty: there was nothing
	To         string             `json:"to,omitempty"`
	Reason     string             `json:"reason,omitempty"`
	Demand     string             `json:"demand,omitempty"` // of the family, that the fact answers
	Position   string             `json:"position"`         // in the ledger, in hexadecimal

	position eventstore.Position
	cause    uuid.UUID
}

// Of tells the identity and record facts of a livret, and those of the candidates that it is before juries, as far as
// these are named, in the order in which they were committed. A livret of
// which nothing was ever written has no line. A fact that cannot be read ends nothing: the others are told.
func Of(ctx context.Context, l *ledger.Ledger, lists nomenclature.Nomenclature, livret uuid.UUID, candidates ...eventstore.StreamID) ([]Line, error) {
	t := &teller{ledger: l, people: make(map[uuid.UUID]string)}
	return t.of(ctx, lists, livret, candidates)
}

// Nameless tells the same without the name of any member of staff: what leaves for a court is about the pupil.
func Nameless(ctx context.Context, l *ledger.Ledger, lists nomenclature.Nomenclature, livret uuid.UUID, candidates ...eventstore.StreamID) ([]Line, error) {
	return (&teller{ledger: l}).of(ctx, lists, livret, candidates)
}

func (t *teller) of(ctx context.Context, lists nomenclature.Nomenclature, livret uuid.UUID, candidates []eventstore.StreamID) ([]Line, error) {
	if err := t.stream(ctx, eventstore.Stream(identity.Category, livret), &pupil{state: identity.PupilDecider.Initial()}); err != nil {
		return nil, err
	}
	if err := t.stream(ctx, eventstore.Stream(record.Category, livret), &livretState{lists: lists, state: record.NewState(), name: t.names(ctx)}); err != nil {
		return nil, err
	}
	for _, stream := range candidates {
		if err := t.stream(ctx, stream, &candidacy{deliberation.CandidateDecider.Initial(), t.juries(ctx)}); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(t.lines, func(a, b Line) int {
		return cmp.Or(a.position.Compare(b.position), cmp.Compare(a.Sequence, b.Sequence))
	})
	return t.lines, nil
}

// wording words the facts of one kind of stream. tell is asked before the fact takes effect.
type wording interface {
	tell(domain.Event) (what, from, to, reason string)
	evolve(domain.Fact)
}

// answering is a wording whose facts may answer a demand of the family.
type answering interface {
	demand(domain.Event) (demand, reason string)
}

type teller struct {
	ledger *ledger.Ledger
	people map[uuid.UUID]string // by id, as far as they were met; nil: nobody is named
	lines  []Line
}

func (t *teller) stream(ctx context.Context, stream eventstore.StreamID, w wording) error {
	for fact, err := range t.ledger.Stream(ctx, stream) {
		if err != nil {
			return err
		}
		e := fact.Envelope
		line := Line{Stream: stream.Category(), Sequence: uint64(e.Sequence), Type: e.Type, RecordedAt: e.RecordedAt, State: fact.State, Position: hex.EncodeToString(e.Position[:]), position: e.Position}
		if fact.State == ledger.Readable {
			line.What, line.From, line.To, line.Reason = w.tell(fact.Event)
			line.Role, line.RoleLabel = fact.Actor.Role, access.RoleLabel(fact.Actor.Role)
			line.Who, line.cause = t.who(ctx, fact.Actor.Person), fact.Cause
			if a, does := w.(answering); does {
				t.answers(&line, a, fact.Event)
			}
			w.evolve(fact.Fact)
		}
		t.lines = append(t.lines, line)
	}
	return nil
}

// answers notes the demand that a fact answers, in its line and in those of what was corrected by the same decision,
// which stand just before it.
func (t *teller) answers(line *Line, a answering, event domain.Event) {
	demand, reason := a.demand(event)
	if line.Demand = demand; demand == "" {
		return
	}
	for i := len(t.lines) - 1; i >= 0 && t.lines[i].Stream == line.Stream && t.lines[i].cause == line.cause; i-- {
		t.lines[i].Demand, t.lines[i].Reason = demand, cmp.Or(t.lines[i].Reason, reason)
	}
}

// names says who members of staff are: each by name, or as somebody who is not known here.
func (t *teller) names(ctx context.Context) func([]uuid.UUID) string {
	return func(staff []uuid.UUID) string {
		var names []string
		for _, id := range staff {
			names = append(names, cmp.Or(t.who(ctx, id), "une personne non nommée"))
		}
		return strings.Join(names, ", ")
	}
}

// juries says the number of a jury, empty if it has none.
func (t *teller) juries(ctx context.Context) func(uuid.UUID) string {
	return func(id uuid.UUID) string {
		if jury, _, err := ledger.Load(ctx, t.ledger, deliberation.JuryDecider, id); err == nil && jury.Number != "" {
			return "jury " + jury.Number
		}
		return ""
	}
}

// who is the name of a member of staff, empty if the ledger cannot say it.
func (t *teller) who(ctx context.Context, person uuid.UUID) string {
	name, met := t.people[person]
	if t.people == nil {
		return ""
	}
	if !met && person != uuid.Nil {
		if staff, _, err := ledger.Load(ctx, t.ledger, identity.StaffDecider, person); err == nil && staff.Recorded() {
			name = staff.Identity.DisplayName()
		}
		t.people[person] = name
	}
	return name
}
