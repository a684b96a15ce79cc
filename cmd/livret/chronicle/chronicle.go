// Package chronicle tells what happened to a livret, fact by fact, in the words of the people who ask: who
// wrote it, when, from what to what. Auditors and heads of school read it on a page, operators on a terminal.
package chronicle

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/identity"
	"livret/domain/nomenclature"
	"livret/domain/record"
	"livret/eventstore"
	"livret/eventstore/ledger"
)

// Line is one fact of a livret. What cannot be read says so in State, and has neither author nor content:
// only that it was written, when and at which place, stays in clear for ever.
type Line struct {
	Stream     string             `json:"stream"` // category: "identity" or "record"
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

	position eventstore.Position
}

// Of tells the identity and record facts of a livret, in the order in which they were committed. A livret of
// which nothing was ever written has no line. A fact that cannot be read ends nothing: the others are told.
func Of(ctx context.Context, l *ledger.Ledger, lists nomenclature.Nomenclature, livret uuid.UUID) ([]Line, error) {
	t := &teller{ledger: l, people: make(map[uuid.UUID]string)}
	if err := t.stream(ctx, eventstore.Stream(identity.Category, livret), &pupil{state: identity.PupilDecider.Initial()}); err != nil {
		return nil, err
	}
	if err := t.stream(ctx, eventstore.Stream(record.Category, livret), &livretState{lists: lists, state: record.NewState()}); err != nil {
		return nil, err
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

type teller struct {
	ledger *ledger.Ledger
	people map[uuid.UUID]string
	lines  []Line
}

func (t *teller) stream(ctx context.Context, stream eventstore.StreamID, w wording) error {
	for fact, err := range t.ledger.Stream(ctx, stream) {
		if err != nil {
			return err
		}
		e := fact.Envelope
		line := Line{Stream: stream.Category(), Sequence: uint64(e.Sequence), Type: e.Type, RecordedAt: e.RecordedAt, State: fact.State, position: e.Position}
		if fact.State == ledger.Readable {
			line.What, line.From, line.To, line.Reason = w.tell(fact.Event)
			line.Role, line.RoleLabel = fact.Actor.Role, access.RoleLabel(fact.Actor.Role)
			line.Who = t.who(ctx, fact.Actor.Person)
			w.evolve(fact.Fact)
		}
		t.lines = append(t.lines, line)
	}
	return nil
}

// who is the name of a member of staff, empty if the ledger cannot say it.
func (t *teller) who(ctx context.Context, person uuid.UUID) string {
	name, met := t.people[person]
	if !met && person != uuid.Nil {
		if staff, _, err := ledger.Load(ctx, t.ledger, identity.StaffDecider, person); err == nil && staff.Recorded() {
			name = staff.Identity.DisplayName()
		}
		t.people[person] = name
	}
	return name
}
