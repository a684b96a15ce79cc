// Package spec writes the rules of a stream as sentences: given these events, when this command, then these
// events, or a refusal by this rule.
//
// Every sentence checks besides what no rule may break. Deciding is pure: asked twice of the same state, a
// command gives the same answer, and the refused and the granted leave the state alone. Deciding is
// idempotent: once the events are in the stream, the same command yields nothing.
package spec

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"livret/domain"
)

// T is what a sentence needs of *testing.T.
type T interface {
	Helper()
	Errorf(format string, args ...any)
}

// History is a stream as it stood.
type History[S any] struct {
	decider domain.Decider[S]
	actor   domain.Actor
	at      time.Time
	events  []domain.Event
}

// Given starts a sentence with the events already in the stream, oldest first; none for a new stream. They
// are folded as if one had been recorded each minute from 2015-09-01 at 08:00 UTC, by an actor without role.
func Given[S any](decider domain.Decider[S], events ...domain.Event) History[S] {
	return History[S]{decider: decider, at: time.Date(2015, 9, 1, 8, 0, 0, 0, time.UTC), events: events}
}

// By says who answers for the events of the history.
func (h History[S]) By(actor domain.Actor) History[S] {
	h.actor = actor
	return h
}

// From says when the first event of the history was recorded.
func (h History[S]) From(at time.Time) History[S] {
	h.at = at
	return h
}

// And adds events to the history, after those already given.
func (h History[S]) And(events ...domain.Event) History[S] {
	h.events = append(h.events[:len(h.events):len(h.events)], events...)
	return h
}

// State is the fold of the history, anew each time, because Evolve may change a state in place.
func (h History[S]) State() S {
	state := h.decider.Initial()
	for i, event := range h.events {
		at := h.at.Add(time.Duration(i) * time.Minute)
		state = h.decider.Evolve(state, domain.Fact{
			Sequence: uint64(i) + 1, Actor: h.actor, OccurredAt: at, RecordedAt: at, Event: event,
		})
	}
	return state
}

// When adds the command to the sentence.
func (h History[S]) When(command domain.Command[S]) Sentence[S] {
	return Sentence[S]{given: h, command: command}
}

// Sentence is a history and a command, to be finished by Then or ThenRefused.
type Sentence[S any] struct {
	given   History[S]
	command domain.Command[S]
}

// Then finishes the sentence: the command yields exactly these events, in order; without events, it yields
// none because what it wishes is already so.
func (s Sentence[S]) Then(t T, want ...domain.Event) {
	t.Helper()
	got, err := s.decide(t)
	if err != nil {
		t.Errorf("%T: %s\nwant %s", s.command, describe(err), list(want))
		return
	}
	if !same(got, want) {
		t.Errorf("%T decided\n%s\nwant\n%s", s.command, list(got), list(want))
		return
	}
	if again, err := s.command.Decide(s.given.And(got...).State()); err != nil || len(again) > 0 {
		t.Errorf("%T is not idempotent: decided again, it answers %v\n%s", s.command, describe(err), list(again))
	}
}

// ThenRefused finishes the sentence: the rule of that name says no, with a reason for the screen. The
// refusal is answered so that its words can be looked at.
func (s Sentence[S]) ThenRefused(t T, rule string) *domain.Refusal {
	t.Helper()
	got, err := s.decide(t)
	refusal, refused := errors.AsType[*domain.Refusal](err)
	switch {
	case !refused:
		t.Errorf("%T: want a refusal by %s, got %s\n%s", s.command, rule, describe(err), list(got))
	case refusal.Rule != rule:
		t.Errorf("%T: want a refusal by %s, got %s", s.command, rule, describe(err))
	case len(got) > 0:
		t.Errorf("%T: refused by %s and yet it yields\n%s", s.command, rule, list(got))
	case refusal.Reason == "":
		t.Errorf("%T: %s refuses without a reason for the screen", s.command, rule)
	}
	return refusal
}

// decide asks twice of the same state, which must change neither the answer nor the state.
func (s Sentence[S]) decide(t T) ([]domain.Event, error) {
	t.Helper()
	state := s.given.State()
	got, err := s.command.Decide(state)
	again, errAgain := s.command.Decide(state)
	if !same(got, again) || !reflect.DeepEqual(err, errAgain) {
		t.Errorf("%T is not pure: asked twice of one state, it answers\n%s %s\nthen\n%s %s",
			s.command, list(got), describe(err), list(again), describe(errAgain))
	}
	if !reflect.DeepEqual(state, s.given.State()) {
		t.Errorf("%T is not pure: it changes the state it is asked about", s.command)
	}
	return got, err
}

func same(a, b []domain.Event) bool {
	return len(a) == 0 && len(b) == 0 || reflect.DeepEqual(a, b)
}

func describe(err error) string {
	if refusal, ok := errors.AsType[*domain.Refusal](err); ok {
		return fmt.Sprintf("refused by %s: %s", refusal.Rule, refusal.Reason)
	}
	return fmt.Sprint(err)
}

func list(events []domain.Event) string {
	var b strings.Builder
	for _, event := range events {
		data, err := json.Marshal(event)
		if err != nil {
			data = fmt.Appendf(nil, "%+v", event)
		}
		fmt.Fprintf(&b, "\t%s %s\n", event.EventType(), data)
	}
	if len(events) == 0 {
		return "\tno event"
	}
	return strings.TrimSuffix(b.String(), "\n")
}
