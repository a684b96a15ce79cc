package ledger_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/record"
	"livret/domain/retention"
	"livret/eventstore/keyvault"
	"livret/eventstore/ledger"
)

// model is what is expected of a few livrets of one session.
type model struct {
	*world
	livrets []uuid.UUID
	pair    bool               // the vault has the custody pair of the session
	custody map[uuid.UUID]bool // who may be in custody: an archiver was run, at the time and with a pair
}

// TestWhateverHappensNothingDiesUnlawfully interleaves at random what people, the clock and runs do, runs that die
// included. A livret is readable if and only if it was neither archived nor is its destruction begun; that is begun only at
// its term, with a visa and under no hold; and a run in peace leaves nothing of what was due.
func TestWhateverHappensNothingDiesUnlawfully(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := model{world: newWorld(t), custody: make(map[uuid.UUID]bool)}
		m.livrets = []uuid.UUID{m.pupil(t), m.pupil(t)}
		m.proclaim(t, session, "2018-07-05")
		holds := []uuid.UUID{uuid.New(), uuid.New()}
		for range rapid.IntRange(5, 25).Draw(rt, "steps") {
			before := m.standings(t)
			livret, hold := rapid.SampledFrom(m.livrets).Draw(rt, "livret"), rapid.SampledFrom(holds).Draw(rt, "hold")
			what := rapid.SampledFrom([]string{"append", "hold", "hold and die", "release", "settle", "visa", "authorise", "revoke", "wait", "pair", "archive", "archive and die", "rotate", "run", "run and die"}).Draw(rt, "what")
			fated := &fate{n: rapid.IntRange(0, 12).Draw(rt, "at"), after: rapid.Bool().Draw(rt, "after")}
			if err := m.do(t, what, livret, hold, fated, rapid.IntRange(1, 4).Draw(rt, "months")); err != nil {
				rt.Fatalf("%s: %v", what, err)
			}
			for _, l := range m.livrets {
				m.check(t, rt, what, l, before[l])
			}
		}
		if _, err := m.archive(t, spared(), nil); err != nil { // what one that died left unrecorded is recorded by the next
			rt.Fatal(err)
		}
		if _, err := m.erase(t, spared()); err != nil {
			rt.Fatal(err)
		}
		m.wantSound(t)
		m.certificates(t)
	})
}

func (m *model) standings(t testing.TB) map[uuid.UUID]retention.Standing {
	t.Helper()
	docket, err := m.Docket(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	all := make(map[uuid.UUID]retention.Standing)
	for _, livret := range m.livrets {
		all[livret] = docket.Owners[livret].Standing(m.Today(), docket.Decided.Authorised())
	}
	return all
}

// do does one thing. It answers what it should not have failed with.
func (m *model) do(t testing.TB, what string, livret, hold uuid.UUID, fated *fate, months int) error {
	open := retention.OpenHold{Origin: retention.RecoursContentieux, Livrets: []uuid.UUID{livret}}
	switch what {
	case "append":
		_, err := ledger.Execute(context.Background(), m.Ledger, m.order(), record.Decider, livret, average(t, 1, months*100))
		if errors.Is(err, keyvault.ErrShredded) || errors.Is(err, keyvault.ErrArchived) {
			return nil
		}
		return err
	case "hold":
		_, err := m.hold(t, spared(), hold, open)
		return err
	case "hold and die":
		m.hold(t, fated, hold, open)
	case "release":
		err := m.release(t, spared(), hold)
		if _, refused := errors.AsType[*domain.Refusal](err); refused {
			return nil
		}
		return err
	case "settle":
		m.settle(t)
	case "visa":
		m.visa(t, livret)
	case "authorise", "revoke":
		return m.decide(t, what == "authorise")
	case "wait":
		m.now = m.now.AddDate(0, months, 0)
	case "pair":
		if !m.pair {
			m.world.pair(t, june)
			m.pair = true
		}
	case "archive", "archive and die":
		if what == "archive" {
			fated = spared()
		}
		for _, l := range m.livrets {
			clock, _ := m.state(t, l).Clock(retention.Livret)
			m.custody[l] = m.custody[l] || m.pair && !m.Today().Before(clock.Active)
		}
		if _, err := m.archive(t, fated, nil); what == "archive" {
			return err
		}
	case "rotate":
		_, err := m.vault.Rotate(context.Background(), m.now)
		return err
	case "run":
		_, err := m.erase(t, spared())
		return err
	case "run and die":
		m.erase(t, fated)
	}
	return nil
}

func (m *model) state(t testing.TB, livret uuid.UUID) *retention.State {
	t.Helper()
	state, _, err := ledger.Load(context.Background(), m.Ledger, retention.Decider, livret)
	if err != nil {
		t.Fatal(err)
	}
	return state
}

// decide gives or revokes a standing authorisation, each time under another reference.
func (m *model) decide(t testing.TB, give bool) error {
	stream := retention.ConservationStream("08")
	state, _, err := ledger.Load(context.Background(), m.Ledger, retention.ConservationDecider, stream)
	if err != nil {
		return err
	}
	var command domain.Command[*retention.Conservation]
	switch {
	case give && len(state.Authorisations) == 0:
		command = retention.AuthoriseElimination{Reference: "SIAF-" + uuid.NewString(), Categories: retention.Rules()}
	case !give && len(state.Authorisations) == 1:
		command = retention.RevokeAuthorisation{Reference: state.Authorisations[0].Reference}
	default:
		return nil
	}
	order := ledger.Order{ID: uuid.New(), Grant: m.granted(t, access.GiveEliminationVisa), Quiet: true}
	_, err = ledger.Execute(context.Background(), m.Ledger, order, retention.ConservationDecider, stream, command)
	return err
}

// check holds a livret to the model after something was done.
func (m *model) check(t testing.TB, rt *rapid.T, what string, livret uuid.UUID, was retention.Standing) {
	now := m.standings(t)[livret]
	begun := now == retention.Begun || now == retention.Gone
	if begun && was != retention.Ready && was != retention.Requested && was != retention.Begun && was != retention.Gone {
		rt.Fatalf("%s: a livret went from %s to %s", what, was, now)
	}
	_, _, err := ledger.Load(context.Background(), m.Ledger, record.Decider, livret)
	switch {
	case err == nil && now == retention.Gone:
		rt.Fatalf("%s: a livret is readable after its destruction", what)
	case err == nil && what == "archive" && m.custody[livret] && now != retention.Requested && !begun:
		rt.Fatalf("%s: a livret is readable after it was archived", what)
	case errors.Is(err, keyvault.ErrArchived) && !m.custody[livret]:
		rt.Fatalf("%s: a livret is in custody, and nobody archived it", what)
	case errors.Is(err, keyvault.ErrShredded) && !begun:
		rt.Fatalf("%s: a livret is destroyed and stands as %s", what, now)
	case err != nil && !errors.Is(err, keyvault.ErrArchived) && !errors.Is(err, keyvault.ErrShredded):
		rt.Fatalf("%s: %v", what, err)
	}
	if what == "run" && (now == retention.Ready || now == retention.Requested || now == retention.Begun) {
		rt.Fatalf("after a run in peace a livret is %s", now)
	}
}
