// Package domain is the vocabulary of the livret scolaire and the rules that decide what may be added to it.
//
// It is pure: no I/O, no clock, no randomness, no context. An event is a fact in the past tense, a command
// is a wish in the imperative, and a decider is one kind of stream. Because deciding has no side effect, the
// same decision can be tried for a preview, retried after a conflict and replayed years later for an auditor.
package domain

import (
	"time"

	"github.com/google/uuid"
)

// Event is a fact about one subject. EventType is its name on disk, "record.AverageRecorded", for ever; it
// names an act and never its outcome, because it is kept in clear.
type Event interface{ EventType() string }

// Actor is who answers for a fact: a role of package access, and the random id of the person holding it.
// It is sealed with the fact, since who-and-when is itself a consultation log.
type Actor struct {
	Role   string
	Person uuid.UUID
}

// Fact is an event with its place in its stream and its circumstances.
type Fact struct {
	Sequence   uint64    // place in the stream, from 1, without gap
	Actor      Actor     // who answers for it
	Cause      uuid.UUID // the command that led here
	OccurredAt time.Time // as declared, UTC, to the microsecond
	RecordedAt time.Time // by the ledger's clock, UTC, to the microsecond
	Event      Event
}

// Command is a wish addressed to one stream. Decide answers with the events that grant it, with none if it
// is already so (deciding twice therefore yields nothing the second time), or with a *Refusal.
type Command[S any] interface {
	Decide(state S) ([]Event, error)
}

// Decider is one kind of stream: with its commands, the whole write side. Initial makes an empty state that
// the caller owns; Evolve adds one fact to it and may change it in place.
type Decider[S any] struct {
	Category string // the stream's name up to the dash, for ever
	Initial  func() S
	Evolve   func(state S, fact Fact) S
}

// Refusal is a rule saying no: an expected answer, shown to the person who asked and never logged.
type Refusal struct {
	Rule   string // stable name in kebab-case French, "periode-verrouillee"
	Reason string // why, in French, for the screen
	Remedy string // what to do about it, in French; may be empty
}

// Error gives the rule only: the reason may quote what was refused, and errors end up in logs.
func (r *Refusal) Error() string { return "refused by rule " + r.Rule }

// Refuse makes a *Refusal.
func Refuse(rule, reason, remedy string) error {
	return &Refusal{Rule: rule, Reason: reason, Remedy: remedy}
}
