package ledger_test

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/mark"
	"livret/domain/record"
	"livret/eventstore"
	"livret/eventstore/keyvault"
	keys "livret/eventstore/keyvault/memory"
	"livret/eventstore/ledger"
	"livret/eventstore/memory"
)

type fixture struct {
	*ledger.Ledger
	store *memory.Store
	vault *keys.Vault
	grant access.Grant
	later time.Duration // by which the clock is moved on
	batch int           // facts that a reaction hears at once; 0: as many as feed decides
}

func open(t testing.TB) *fixture {
	t.Helper()
	f := &fixture{store: memory.New(), vault: keys.New()}
	f.Ledger = f.over(t, f.store, f.vault)
	head := access.Actor{Actor: domain.Actor{Role: access.ChefEtablissement, Person: uuid.New()}, UAI: "0000123J"}
	var err error
	f.grant, err = access.Allow(head, access.ImportFiles, access.Target{UAI: "0000123J"}, f.Today())
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// over is the same ledger over another store and vault, as a new process would open it.
func (f *fixture) over(t testing.TB, store eventstore.Store, vault keyvault.Vault) *ledger.Ledger {
	t.Helper()
	codec, err := ledger.Vocabulary()
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2018, 6, 10, 8, 0, 0, 0, time.UTC)
	l, err := ledger.New(ledger.Config{ID: uuid.MustParse("5e8f2d80-0000-4000-8000-000000000001"), Store: store, Vault: vault, Codec: codec, Now: func() time.Time { return now.Add(f.later) }})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func (f *fixture) order() ledger.Order { return ledger.Order{ID: uuid.New(), Grant: f.grant} }

func (f *fixture) do(t testing.TB, o ledger.Order, livret uuid.UUID, cmd domain.Command[*record.State]) ledger.Result {
	t.Helper()
	result, err := ledger.Execute(context.Background(), f.Ledger, o, record.Decider, livret, cmd)
	if err != nil {
		t.Fatalf("%T: %v", cmd, err)
	}
	return result
}

// livret opens one with a year of three trimesters.
func (f *fixture) livret(t testing.TB) uuid.UUID {
	id := uuid.New()
	f.do(t, f.order(), id, record.OpenLivret{Session: 2018})
	f.do(t, f.order(), id, record.SetPeriods{Year: 2017, Count: 3})
	return id
}

var maths = record.Enseignement{Year: 2017, Matiere: "061300", Modalite: "S", Rank: 1}

func average(t testing.TB, period uint8, hundredths int) record.RecordAverage {
	m, err := mark.Hundredths(hundredths)
	if err != nil {
		t.Fatal(err)
	}
	return record.RecordAverage{Enseignement: maths, Period: period, Mark: m}
}

func (f *fixture) mark(t testing.TB, livret uuid.UUID, period uint8) mark.Mark {
	t.Helper()
	state, _, err := ledger.Load(context.Background(), f.Ledger, record.Decider, livret)
	if err != nil {
		t.Fatal(err)
	}
	return state.Line(maths).Average(period).Mark
}

func TestNoOrderWithoutAGrant(t *testing.T) {
	f := open(t)
	_, err := ledger.Execute(context.Background(), f.Ledger, ledger.Order{ID: uuid.New()}, record.Decider, uuid.New(), record.OpenLivret{Session: 2018})
	if !errors.Is(err, ledger.ErrNoGrant) {
		t.Fatalf("got %v", err)
	}
	head := access.Actor{Actor: domain.Actor{Role: access.ChefEtablissement}, UAI: "0000123J"}
	elsewhere, err := access.Allow(head, access.LockPeriod, access.Target{Livret: uuid.New(), UAI: "0000123J"}, f.Today())
	if err != nil {
		t.Fatal(err)
	}
	_, err = ledger.Execute(context.Background(), f.Ledger, ledger.Order{ID: uuid.New(), Grant: elsewhere}, record.Decider, uuid.New(), record.OpenLivret{Session: 2018})
	if !errors.Is(err, ledger.ErrNoGrant) {
		t.Fatalf("a grant for one livret was taken on another: %v", err)
	}
}

func TestARefusalLeavesNoTrace(t *testing.T) {
	f := open(t)
	id := uuid.New()
	_, err := ledger.Execute(context.Background(), f.Ledger, f.order(), record.Decider, id, average(t, 1, 1200))
	var refusal *domain.Refusal
	if !errors.As(err, &refusal) {
		t.Fatalf("got %v, want a refusal", err)
	}
	for e := range f.store.Read(context.Background(), eventstore.Position{}) {
		t.Errorf("a refused command left %s", e.Type)
	}
	if all, _ := f.vault.Keys(context.Background()); len(all) != 0 {
		t.Errorf("a refused command left %d keys", len(all))
	}
}

// TestALateRetryAnswersTheOriginalResult is the law of command ids: whatever happened since, and whether the
// command had changed something or nothing.
func TestALateRetryAnswersTheOriginalResult(t *testing.T) {
	f := open(t)
	id := f.livret(t)
	first, same := f.order(), f.order()
	original := f.do(t, first, id, average(t, 1, 1200))
	nothing := f.do(t, same, id, average(t, 1, 1200)) // it is already so
	if len(original.Events) != 1 || len(nothing.Events) != 0 || nothing.Replay {
		t.Fatalf("original %+v, nothing %+v", original, nothing)
	}
	f.do(t, f.order(), id, average(t, 1, 1500))
	for range 2 {
		again := f.do(t, first, id, average(t, 1, 1200))
		if !again.Replay || again.Version != original.Version || len(again.Events) != 1 {
			t.Errorf("late retry answered %+v, originally %+v", again, original)
		}
		if late := f.do(t, same, id, average(t, 1, 1200)); !late.Replay || len(late.Events) != 0 {
			t.Errorf("late retry of what changed nothing answered %+v", late)
		}
	}
	if m := f.mark(t, id, 1); m.String() != average(t, 1, 1500).Mark.String() {
		t.Errorf("late retries changed the mark to %v", m)
	}
}

// TestFaultsBeforeAndAfter makes appends fail without effect, and fail after they took effect: the order is
// carried out once all the same.
func TestFaultsBeforeAndAfter(t *testing.T) {
	for _, fault := range []string{"before", "after"} {
		t.Run(fault, func(t *testing.T) {
			f := open(t)
			id := f.livret(t)
			if fault == "before" {
				f.store.FailBefore(2)
			} else {
				f.store.FailAfter(2)
			}
			result := f.do(t, f.order(), id, average(t, 1, 1200))
			head, err := f.store.Head(context.Background(), eventstore.Stream(record.Category, id))
			if err != nil || head != result.Version || head != 3 {
				t.Fatalf("head %d, answered %d, %v", head, result.Version, err)
			}
		})
	}
}

func TestConcurrentOrdersAreAllCarriedOut(t *testing.T) {
	f := open(t)
	id := uuid.New()
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			f.do(t, f.order(), id, record.OpenLivret{Session: 2018})
			f.do(t, f.order(), id, record.SetPeriods{Year: 2017, Count: 3})
			f.do(t, f.order(), id, average(t, uint8(i%3)+1, 1000+i))
		})
	}
	wg.Wait()
	infos, err := f.vault.Keys(context.Background())
	if err != nil || len(infos) != 1 {
		t.Fatalf("%d keys, %v", len(infos), err)
	}
	causes := make(map[uuid.UUID]bool)
	for fact, err := range f.Facts(context.Background(), eventstore.Position{}, record.Category) {
		if err != nil || fact.State != ledger.Readable {
			t.Fatalf("%v %v", fact.State, err)
		}
		if causes[fact.Cause] {
			t.Errorf("one order, two events: %s", fact.Envelope.Type)
		}
		causes[fact.Cause] = true
	}
	if len(causes) != 48 {
		t.Errorf("%d orders left a trace, want 48", len(causes))
	}
}

// TestSweepForgetsOrphans leaves a key whose birth was never recorded, as a crash would.
func TestSweepForgetsOrphans(t *testing.T) {
	f := open(t)
	if _, err := f.vault.Create(context.Background(), keyvault.Birth{Owner: uuid.New(), Class: keyvault.Identity}); err != nil {
		t.Fatal(err)
	}
	if n, err := f.Sweep(context.Background()); err != nil || n != 0 {
		t.Fatalf("beside an empty log, swept %d, %v", n, err)
	}
	kept := f.livret(t)
	if _, err := f.vault.Create(context.Background(), keyvault.Birth{Owner: uuid.New(), Class: keyvault.Record}); err != nil {
		t.Fatal(err)
	}
	if n, err := f.Sweep(context.Background()); err != nil || n != 2 {
		t.Fatalf("swept %d, %v", n, err)
	}
	if n, err := f.Sweep(context.Background()); err != nil || n != 0 {
		t.Fatalf("swept %d the second time, %v", n, err)
	}
	f.do(t, f.order(), kept, average(t, 1, 1200))
}

func TestNothingOfAFactIsInClear(t *testing.T) {
	f := open(t)
	id := f.livret(t)
	f.do(t, f.order(), id, record.WriteAppreciation{Enseignement: maths, Text: "Un trimestre lumineux."})
	for e, err := range f.store.Stream(context.Background(), eventstore.Stream(record.Category, id), 0) {
		if err != nil {
			t.Fatal(err)
		}
		for _, plain := range []string{"lumineux", "061300", access.ChefEtablissement} {
			if bytes.Contains(e.Sealed, []byte(plain)) {
				t.Errorf("%s holds %q in clear", e.Type, plain)
			}
		}
	}
}
