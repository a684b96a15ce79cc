package ledger_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/deliberation"
	"livret/domain/record"
	"livret/eventstore"
	"livret/eventstore/keyvault"
	"livret/eventstore/ledger"
)

func (f *fixture) allow(t testing.TB, role string, act access.Act, on access.Target) access.Grant {
	t.Helper()
	on.UAI = "0000123J"
	grant, err := access.Allow(access.Actor{Actor: domain.Actor{Role: role, Person: uuid.New()}, UAI: on.UAI}, act, on, f.Today())
	if err != nil {
		t.Fatal(err)
	}
	return grant
}

// untouched fails if the order left an event or a key beyond those counted before.
func (f *fixture) untouched(t testing.TB, events, keys int) {
	t.Helper()
	if gotEvents, gotKeys := f.count(t); gotEvents != events || gotKeys != keys {
		t.Errorf("%d events and %d keys, there were %d and %d", gotEvents, gotKeys, events, keys)
	}
}

func (f *fixture) count(t testing.TB) (events, keys int) {
	t.Helper()
	for _, err := range f.store.Read(context.Background(), eventstore.Position{}) {
		if err != nil {
			t.Fatal(err)
		}
		events++
	}
	all, err := f.vault.Keys(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return events, len(all)
}

// TestAGrantIsForOneLivret tries to do in one livret what was allowed on another, by naming that one the owner.
func TestAGrantIsForOneLivret(t *testing.T) {
	f := open(t)
	mine, other := f.livret(t), f.livret(t)
	grant := f.allow(t, access.ChefEtablissement, access.LockPeriod, access.Target{Livret: mine})
	events, keys := f.count(t)
	for _, owner := range []uuid.UUID{uuid.Nil, mine} {
		for _, livret := range []uuid.UUID{other, uuid.New()} {
			order := ledger.Order{ID: uuid.New(), Grant: grant, Owner: owner}
			if _, err := ledger.Execute(context.Background(), f.Ledger, order, record.Decider, livret, record.LockPeriod{Year: 2017}); !errors.Is(err, ledger.ErrNoGrant) {
				t.Errorf("owner %v: %v", owner, err)
			}
		}
	}
	f.untouched(t, events, keys)
	f.do(t, ledger.Order{ID: uuid.New(), Grant: grant}, mine, record.LockPeriod{Year: 2017})
}

// TestACandidateIsHisOwners tries to write in a candidate's stream in the name of another livret.
func TestACandidateIsHisOwners(t *testing.T) {
	f := open(t)
	mine, other := f.livret(t), f.livret(t)
	system, err := access.Allow(access.Actor{Actor: domain.Actor{Role: access.Systeme}}, access.RegisterCandidate, access.Target{Livret: mine}, f.Today())
	if err != nil {
		t.Fatal(err)
	}
	candidate := uuid.New()
	register := func(owner uuid.UUID) error {
		command := deliberation.RegisterCandidate{Livret: owner, Session: deliberation.ExamSession{Year: 2018, Round: deliberation.Juin}, Number: "12345678"}
		_, err := ledger.Execute(context.Background(), f.Ledger, ledger.Order{ID: uuid.New(), Grant: system, Owner: owner}, deliberation.CandidateDecider, candidate, command)
		return err
	}
	if err := register(mine); err != nil {
		t.Fatal(err)
	}
	if err := register(other); !errors.Is(err, ledger.ErrNoGrant) {
		t.Errorf("got %v", err)
	}
	anybody, err := access.Allow(access.Actor{Actor: domain.Actor{Role: access.Systeme}}, access.RegisterCandidate, access.Target{}, f.Today())
	if err != nil {
		t.Fatal(err)
	}
	system = anybody
	if err := register(other); !errors.Is(err, ledger.ErrNoGrant) {
		t.Errorf("under another's key: %v", err)
	}
}

// TestAnActIsWhatWasAllowed enters an order that comes to something else than what was allowed.
func TestAnActIsWhatWasAllowed(t *testing.T) {
	f := open(t)
	livret := f.livret(t)
	events, keys := f.count(t)
	for _, test := range []struct {
		act access.Act
		cmd domain.Command[*record.State]
	}{
		{access.ReadFamilyView, average(t, 1, 1200)},
		{access.ImportFiles, record.LockPeriod{Year: 2017}},
		{access.WriteObservationHead, record.WriteObservation{Kind: record.ObservationCPE, Year: 2017, Text: "Assidue.", Author: uuid.New()}},
		{access.LockPeriod, record.UnlockPeriod{Year: 2017, Reason: "Erreur."}},
	} {
		if test.act == access.LockPeriod {
			f.do(t, ledger.Order{ID: uuid.New(), Grant: f.allow(t, access.ChefEtablissement, access.LockPeriod, access.Target{Livret: livret})}, livret, record.LockPeriod{Year: 2017})
			events++
		}
		order := ledger.Order{ID: uuid.New(), Grant: f.allow(t, access.ChefEtablissement, test.act, access.Target{Livret: livret})}
		if _, err := ledger.Execute(context.Background(), f.Ledger, order, record.Decider, livret, test.cmd); !errors.Is(err, ledger.ErrNoGrant) {
			t.Errorf("%s led to %T: %v", test.act, test.cmd, err)
		}
	}
	f.untouched(t, events, keys)
}

// TestEveryFactIsSomebodys holds the table of acts complete.
func TestEveryFactIsSomebodys(t *testing.T) {
	codec, err := ledger.Vocabulary()
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range codec.Kinds() {
		if _, heard := kind.Sample.(ledger.CommandHeard); ledger.Nobodys(kind.Sample) != heard {
			t.Errorf("no act leads to %s", kind.Type)
		}
	}
}

// TestADeadKeyIsNotBornAgain gives an order on a livret whose key was destroyed.
func TestADeadKeyIsNotBornAgain(t *testing.T) {
	f := open(t)
	livret := uuid.New()
	f.livret(t)
	infos, err := f.vault.Create(context.Background(), keyvault.Birth{Owner: livret, Class: keyvault.Record})
	if err != nil {
		t.Fatal(err)
	}
	f.shred(t, infos[0].ID)
	events, keys := f.count(t)
	if _, err := ledger.Execute(context.Background(), f.Ledger, f.order(), record.Decider, livret, record.OpenLivret{Session: 2018}); !errors.Is(err, keyvault.ErrShredded) {
		t.Errorf("got %v", err)
	}
	f.untouched(t, events, keys)
}
