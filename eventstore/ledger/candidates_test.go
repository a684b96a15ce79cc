package ledger_test

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"

	"livret/domain/deliberation"
	"livret/domain/nomenclature"
	"livret/domain/record"
	"livret/eventstore"
	"livret/eventstore/keyvault"
	"livret/eventstore/ledger"
)

// candidates lists those of a ledger, by livret.
func (f *fixture) candidates(t testing.TB) map[uuid.UUID][]deliberation.CandidateRegistered {
	t.Helper()
	all := make(map[uuid.UUID][]deliberation.CandidateRegistered)
	for fact, err := range f.Facts(context.Background(), eventstore.Position{}, deliberation.Category) {
		if err != nil {
			t.Fatal(err)
		}
		if e, ok := fact.Event.(deliberation.CandidateRegistered); ok {
			all[e.Livret] = append(all[e.Livret], e)
		}
	}
	return all
}

func TestEachLivretHasOneCandidate(t *testing.T) {
	f := open(t)
	var livrets []uuid.UUID
	for range 40 {
		livrets = append(livrets, f.livret(t))
	}
	forgotten, archived := f.livret(t), f.livret(t)
	if _, err := f.vault.Create(context.Background(), keyvault.Birth{Owner: forgotten, Class: keyvault.Candidate}, keyvault.Birth{Owner: archived, Class: keyvault.Candidate}); err != nil {
		t.Fatal(err)
	}
	f.shred(t, f.key(t, forgotten, keyvault.Candidate))
	f.move(t, f.key(t, archived, keyvault.Candidate), keyvault.Active, keyvault.Archived)
	colliding := &colliding{Vault: f.vault, taken: uuid.New()}
	l := f.over(t, f.store, colliding)
	for range 2 {
		if err := react(context.Background(), l, newCursors(), ledger.Candidates{}, 0); err != nil {
			t.Fatal(err)
		}
	}
	if colliding.n == 0 {
		t.Error("no number collided")
	}
	all, numbers := f.candidates(t), make(map[string]bool)
	for _, livret := range livrets {
		if len(all[livret]) != 1 {
			t.Fatalf("%d candidates of one livret", len(all[livret]))
		}
		c := all[livret][0]
		if c.Session != 2018 || c.Round != deliberation.Juin || len(c.Number) != 8 || numbers[c.Number] {
			t.Errorf("candidate %+v", c)
		}
		numbers[c.Number] = true
	}
	if len(all) != 40 {
		t.Errorf("%d livrets have candidates", len(all))
	}
	// Registered again at the same time, by whoever: nothing more.
	events, keys := f.count(t)
	errs := make(chan error, 8)
	for range 8 {
		go func() {
			errs <- f.Register(context.Background(), livrets[0], deliberation.ExamSession{Year: 2018, Round: deliberation.Juin})
		}()
	}
	for range 8 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	f.untouched(t, events, keys)
}

// colliding answers every other claim of a number as if somebody had drawn it before.
type colliding struct {
	keyvault.Vault
	taken uuid.UUID
	draws uint32
	n     uint32
}

func (v *colliding) Resolve(ctx context.Context, claims ...keyvault.Claim) ([]uuid.UUID, error) {
	if claims[0].Kind == "candidate-number" && atomic.AddUint32(&v.draws, 1)%2 == 1 {
		atomic.AddUint32(&v.n, 1)
		claims = slices.Clone(claims)
		claims[0].Owner = v.taken
	}
	return v.Vault.Resolve(ctx, claims...)
}

// TestTwoRegistrationsOfOneLivret registers a livret that has no candidate yet, many times at once.
func TestTwoRegistrationsOfOneLivret(t *testing.T) {
	f := open(t)
	for range 20 {
		livret := f.livret(t)
		errs := make(chan error, 4)
		for range 4 {
			go func() {
				errs <- f.Register(context.Background(), livret, deliberation.ExamSession{Year: 2018, Round: deliberation.Juin})
			}()
		}
		for range 4 {
			if err := <-errs; err != nil {
				t.Fatal(err)
			}
		}
		if all := f.candidates(t)[livret]; len(all) != 1 {
			t.Fatalf("%d candidates", len(all))
		}
	}
}

// TestAvisSharesAreFrozenAtTheLock follows the shares of a série through a lock, a late avis, and another lock.
func TestAvisSharesAreFrozenAtTheLock(t *testing.T) {
	c := newCampus(t)
	lists, err := nomenclature.Load()
	if err != nil {
		t.Fatal(err)
	}
	freeze := ledger.AvisShares{Roster: c, Nomenclature: lists}
	var serieS []uuid.UUID
	for i := range 5 {
		livret := c.pupil(t, here, termS, "DUVALLON", "Apolline")
		if i < 4 { // the fifth has no avis yet
			c.do(t, c.order(), livret, record.IssueAvis{Avis: []record.Avis{record.TresFavorable, record.Favorable, record.Favorable, record.AssezFavorable}[i]})
		}
		serieS = append(serieS, livret)
	}
	for _, elsewhere := range []uuid.UUID{c.pupil(t, here, termL, "KERGUELEN", "Maëlys"), c.pupil(t, there, termS, "KERGUELEN", "Maëlys")} {
		c.do(t, c.order(), elsewhere, record.IssueAvis{Avis: record.FaireSesPreuves})
	}
	forgotten := c.pupil(t, here, termS, "KERGUELEN", "Maëlys")
	c.do(t, c.order(), forgotten, record.IssueAvis{Avis: record.FaireSesPreuves})
	c.shred(t, c.key(t, forgotten, keyvault.Record))
	shares := func(livret uuid.UUID) *record.AvisSharesFrozen {
		t.Helper()
		state, _, err := ledger.Load(context.Background(), c.Ledger, record.Decider, livret)
		if err != nil {
			t.Fatal(err)
		}
		if state.Shares == nil {
			return nil
		}
		return &state.Shares.AvisSharesFrozen
	}
	c.react(t, freeze)
	if shares(serieS[0]) != nil {
		t.Error("frozen without a lock")
	}
	c.lock(t, serieS[0])
	c.react(t, freeze)
	first := record.AvisSharesFrozen{Serie: "S", Headcount: 4, T: 2500, F: 5000, A: 2500}
	if got := shares(serieS[0]); got == nil || *got != first {
		t.Fatalf("frozen %+v, want %+v", got, first)
	}
	if shares(serieS[1]) != nil {
		t.Error("another livret was frozen")
	}
	c.settled(t, freeze)

	c.do(t, c.order(), serieS[4], record.IssueAvis{Avis: record.FaireSesPreuves})
	c.lock(t, serieS[4])
	c.react(t, freeze)
	second := record.AvisSharesFrozen{Serie: "S", Headcount: 5, T: 2000, F: 4000, A: 2000, D: 2000}
	if got := shares(serieS[4]); got == nil || *got != second {
		t.Errorf("the last one: %+v, want %+v", got, second)
	}
	if got := shares(serieS[0]); *got != first {
		t.Errorf("a late avis changed a locked livret: %+v", got)
	}
	c.settled(t, freeze)

	c.unlock(t, serieS[0])
	c.react(t, freeze)
	if got := shares(serieS[0]); *got != first {
		t.Errorf("an unlock changed %+v", got)
	}
	c.lock(t, serieS[0])
	c.react(t, freeze)
	if got := shares(serieS[0]); *got != second {
		t.Errorf("locked again: %+v, want %+v", got, second)
	}
	c.settled(t, freeze)
}

// TestNobodyHasAnAvis locks a terminale of which no avis is counted: nothing is frozen, and nothing fails.
func TestNobodyHasAnAvis(t *testing.T) {
	c := newCampus(t)
	lists, err := nomenclature.Load()
	if err != nil {
		t.Fatal(err)
	}
	c.lock(t, c.pupil(t, here, termS, "DUVALLON", "Apolline"))
	c.lock(t, c.livret(t)) // of no known school
	c.settled(t, ledger.AvisShares{Roster: c, Nomenclature: lists})
}
