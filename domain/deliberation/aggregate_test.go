package deliberation_test

import (
	"encoding/json"
	"testing"

	"github.com/google/uuid"

	"livret/domain/deliberation"
	"livret/domain/spec"
)

func TestALivretIsCountedOnce(t *testing.T) {
	third := uuid.MustParse("6f1c0000-0000-4000-8000-000000000003")
	freeze := func(livrets ...uuid.UUID) deliberation.FreezeAggregates {
		return deliberation.FreezeAggregates{Session: 2016, Livrets: livrets, Sums: json.RawMessage(`{"livrets":{"2016":1}}`)}
	}
	first := deliberation.AggregatesFrozen(freeze(livret, another))
	none, one := spec.Given(deliberation.AggregateDecider), spec.Given(deliberation.AggregateDecider, first)

	none.When(freeze(livret, another)).Then(t, first)
	one.When(freeze(livret, another)).Then(t)
	one.When(freeze(another)).Then(t)
	one.When(freeze(another, third)).ThenRefused(t, "livret-deja-compte")
	second := deliberation.AggregatesFrozen(freeze(third))
	one.When(freeze(third)).Then(t, second)

	for rule, spoil := range map[string]func(*deliberation.FreezeAggregates){
		"session-inconnue":       func(c *deliberation.FreezeAggregates) { c.Session = 16 },
		"sommes-illisibles":      func(c *deliberation.FreezeAggregates) { c.Sums = json.RawMessage(`{`) },
		deliberation.RuleTooMany: func(c *deliberation.FreezeAggregates) { c.Livrets = make([]uuid.UUID, 30_000) },
	} {
		bad := freeze(livret)
		spoil(&bad)
		none.When(bad).ThenRefused(t, rule)
	}
	none.When(freeze()).ThenRefused(t, "sommes-illisibles")

	state := one.And(second).State()
	if !state.Covers(livret) || !state.Covers(third) || state.Covers(uuid.Max) || state.Livrets() != 3 || len(state.Sums) != 2 {
		t.Errorf("frozen: %d livrets in %d parts", state.Livrets(), len(state.Sums))
	}
}
