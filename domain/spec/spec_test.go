package spec_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"livret/domain"
	"livret/domain/spec"
)

// door is a stream of one kind of event, with one bad decision for each law that a sentence checks.
type door struct {
	open  bool
	since time.Time
	asked int
}

type opened struct{}

func (opened) EventType() string { return "door.Opened" }

type openDoor struct{}

func (openDoor) Decide(d *door) ([]domain.Event, error) {
	if d.open {
		return nil, nil
	}
	return []domain.Event{opened{}}, nil
}

type always struct{}

func (always) Decide(*door) ([]domain.Event, error) { return []domain.Event{opened{}}, nil }

type counting struct{}

func (counting) Decide(d *door) ([]domain.Event, error) {
	d.asked++
	return nil, nil
}

type never struct{ reason string }

func (n never) Decide(*door) ([]domain.Event, error) {
	return nil, domain.Refuse("porte-fermee", n.reason, "")
}

var doors = domain.Decider[*door]{
	Category: "door",
	Initial:  func() *door { return &door{} },
	Evolve: func(d *door, fact domain.Fact) *door {
		d.open, d.since = true, fact.RecordedAt
		return d
	},
}

// verdict collects what a sentence complains of.
type verdict []string

func (*verdict) Helper() {}
func (v *verdict) Errorf(format string, args ...any) {
	*v = append(*v, fmt.Sprintf(format, args...))
}

func TestASentenceThatHolds(t *testing.T) {
	spec.Given(doors).When(openDoor{}).Then(t, opened{})
	spec.Given(doors, opened{}).When(openDoor{}).Then(t)
	refusal := spec.Given(doors).When(never{"La porte est condamnée."}).ThenRefused(t, "porte-fermee")
	if refusal.Reason != "La porte est condamnée." {
		t.Errorf("reason %q", refusal.Reason)
	}
	at := time.Date(2016, 1, 1, 0, 0, 0, 0, time.UTC)
	if got := spec.Given(doors, opened{}).From(at).And(opened{}).State().since; !got.Equal(at.Add(time.Minute)) {
		t.Errorf("second event folded at %v", got)
	}
}

func TestASentenceThatFails(t *testing.T) {
	for name, c := range map[string]struct {
		say  func(spec.T)
		want string
	}{
		"other events":    {func(t spec.T) { spec.Given(doors).When(openDoor{}).Then(t) }, "want"},
		"unexpected":      {func(t spec.T) { spec.Given(doors).When(never{"non"}).Then(t, opened{}) }, "refused by porte-fermee"},
		"not idempotent":  {func(t spec.T) { spec.Given(doors).When(always{}).Then(t, opened{}) }, "not idempotent"},
		"not pure":        {func(t spec.T) { spec.Given(doors).When(counting{}).Then(t) }, "not pure"},
		"not refused":     {func(t spec.T) { spec.Given(doors).When(openDoor{}).ThenRefused(t, "porte-fermee") }, "want a refusal"},
		"another rule":    {func(t spec.T) { spec.Given(doors).When(never{"non"}).ThenRefused(t, "autre") }, "got refused by porte-fermee"},
		"no reason given": {func(t spec.T) { spec.Given(doors).When(never{}).ThenRefused(t, "porte-fermee") }, "without a reason"},
	} {
		var v verdict
		c.say(&v)
		if !strings.Contains(strings.Join(v, "\n"), c.want) {
			t.Errorf("%s: complaints %q do not say %q", name, v, c.want)
		}
	}
}
