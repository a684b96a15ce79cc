package deliberation_test

import (
	"testing"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/deliberation"
	"livret/domain/spec"
)

var (
	formed        = deliberation.JuryFormed{Session: 2016, Round: "juin", Number: "0108"}
	presidentIs   = deliberation.JurorNamed{Staff: president, Office: "president"}
	memberIs      = deliberation.JurorNamed{Staff: member, Office: "membre"}
	vicePresident = uuid.MustParse("57aff000-0000-4000-8000-000000000003")
)

func TestAJuryIsFormedInAnOpenSession(t *testing.T) {
	given := spec.Given(deliberation.JuryDecider)
	form := deliberation.FormJury{Session: june, Number: "0108", Open: true}

	given.When(form).Then(t, formed)
	given.And(formed).When(form).Then(t)
	for rule, spoil := range map[string]func(*deliberation.FormJury){
		"session-inconnue":        func(c *deliberation.FormJury) { c.Session.Round = "mai" },
		"session-non-ouverte":     func(c *deliberation.FormJury) { c.Open = false },
		"numero-de-jury-invalide": func(c *deliberation.FormJury) { c.Number = "Mme B" },
	} {
		spoilt := form
		spoil(&spoilt)
		given.When(spoilt).ThenRefused(t, rule)
	}
	if deliberation.JuryStream(june, "0108") == deliberation.JuryStream(june, "0109") {
		t.Error("two juries share a stream")
	}
}

func TestAJuryHasOnePresident(t *testing.T) {
	given := spec.Given(deliberation.JuryDecider, formed, presidentIs)

	given.When(deliberation.NameJuror{Staff: president, Office: "president"}).Then(t)
	given.When(deliberation.NameJuror{Staff: member, Office: "membre"}).Then(t, memberIs)
	given.When(deliberation.NameJuror{Staff: member, Office: "president"}).ThenRefused(t, "jury-deja-preside")
	given.When(deliberation.NameJuror{Staff: president, Office: "membre"}).Then(t, deliberation.JurorNamed{Staff: president, Office: "membre"})
	given.And(deliberation.JurorWithdrawn{Staff: president}).When(deliberation.NameJuror{Staff: member, Office: "president"}).
		Then(t, deliberation.JurorNamed{Staff: member, Office: "president"})
	given.When(deliberation.NameJuror{Staff: member, Office: "greffier"}).ThenRefused(t, "fonction-inconnue")
	given.When(deliberation.NameJuror{Office: "membre"}).ThenRefused(t, "jure-inconnu")
	spec.Given(deliberation.JuryDecider).When(deliberation.NameJuror{Staff: member, Office: "membre"}).ThenRefused(t, "jury-inconnu")

	given.When(deliberation.WithdrawJuror{Staff: president}).Then(t, deliberation.JurorWithdrawn{Staff: president})
	given.When(deliberation.WithdrawJuror{Staff: member}).Then(t)
	spec.Given(deliberation.JuryDecider).When(deliberation.WithdrawJuror{Staff: member}).ThenRefused(t, "jury-inconnu")
}

func TestAJurySitsUnderItsPresident(t *testing.T) {
	given := spec.Given(deliberation.JuryDecider, formed, presidentIs, memberIs)
	sit := deliberation.HoldSitting{Held: july(4), Present: []uuid.UUID{member, president, member}, Today: july(4)}
	sat := deliberation.SittingHeld{Held: july(4), Present: []uuid.UUID{president, member}}

	given.When(sit).Then(t, sat)
	given.And(sat).When(sit).Then(t)
	alone, stranger, tomorrow, never := sit, sit, sit, sit
	alone.Present = []uuid.UUID{member}
	given.When(alone).ThenRefused(t, "seance-sans-president")
	stranger.Present = []uuid.UUID{president, vicePresident}
	given.When(stranger).ThenRefused(t, "jure-inconnu")
	tomorrow.Held = july(5)
	given.When(tomorrow).ThenRefused(t, "seance-future")
	never.Held = domain.Date{}
	given.When(never).ThenRefused(t, "seance-future")
	spec.Given(deliberation.JuryDecider).When(sit).ThenRefused(t, "jury-inconnu")
}
