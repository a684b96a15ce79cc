package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/google/uuid"

	"livret/domain/record"
	"livret/domain/retention"
	"livret/eventstore"
	"livret/eventstore/keyvault"
	keys "livret/eventstore/keyvault/memory"
	"livret/eventstore/ledger"
)

// TestBirthUnderCrash dies at each step of the birth of a key (row, KeyCreated, first event), before it took
// effect or after. Then no event stands under an unrecorded key, sweeping forgets the orphan and nothing else,
// and the order given again ends with one key, one KeyCreated and one event.
func TestBirthUnderCrash(t *testing.T) {
	for _, swept := range []bool{true, false} {
		for _, after := range []bool{false, true} {
			for step := range 3 {
				t.Run(fmt.Sprintf("step %d, after %v, swept %v", step, after, swept), func(t *testing.T) {
					f := open(t)
					ctx := context.Background()
					f.livret(t)
					livret, order := uuid.New(), f.order()
					power := &power{left: step, after: after}
					dying := f.over(t, powered{f.store, power}, poweredVault{f.vault, power})
					if _, err := ledger.Execute(ctx, dying, order, record.Decider, livret, record.OpenLivret{Session: 2018}); !errors.Is(err, errDead) {
						t.Fatalf("got %v", err)
					}
					f.recordedOnly(t)
					orphans := 0
					if step == 0 && after || step == 1 && !after {
						orphans = 1
					}
					if swept {
						if n, err := f.Sweep(ctx); err != nil || n != orphans {
							t.Errorf("swept %d, want %d, %v", n, orphans, err)
						}
					}
					result, err := ledger.Execute(ctx, f.Ledger, order, record.Decider, livret, record.OpenLivret{Session: 2018})
					if err != nil || result.Version != 1 || len(result.Events) != 1 || result.Replay != (step == 2 && after) {
						t.Errorf("again: %+v, %v", result, err)
					}
					f.oneBirth(t, livret)
					if n, err := f.Sweep(ctx); err != nil || n != 0 {
						t.Errorf("swept %d in the end, %v", n, err)
					}
					if faults := natures(t, f.Ledger); len(faults) != 0 {
						t.Errorf("faults %v", faults)
					}
				})
			}
		}
	}
}

// recordedOnly fails if an event stands under a key whose birth is not recorded before it.
func (f *fixture) recordedOnly(t testing.TB) {
	t.Helper()
	born := make(map[string]bool)
	for e, err := range f.store.Read(context.Background(), eventstore.Position{}) {
		if err != nil {
			t.Fatal(err)
		}
		if e.Key == uuid.Nil {
			for fact, err := range f.Stream(context.Background(), e.Stream) {
				if created, ok := fact.Event.(retention.KeyCreated); ok && err == nil && fact.Sequence == uint64(e.Sequence) {
					born[created.Fingerprint] = true
				}
			}
			continue
		}
		info, err := f.vault.Info(context.Background(), e.Key)
		if err != nil || !born[fmt.Sprintf("%x", info.Fingerprint)] {
			t.Errorf("%s at %d stands under a key of no recorded birth, %v", e.Stream.Category(), e.Sequence, err)
		}
	}
}

func (f *fixture) oneBirth(t testing.TB, livret uuid.UUID) {
	t.Helper()
	all, err := f.vault.Keys(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, info := range all {
		if info.Owner == livret {
			n++
		}
	}
	births := 0
	for range f.Stream(context.Background(), eventstore.Stream(retention.Category, livret)) {
		births++
	}
	if n != 1 || births != 1 {
		t.Errorf("%d keys and %d recorded births", n, births)
	}
}

// TestTwoFirstOrders gives the first two orders of one livret at once, many times.
func TestTwoFirstOrders(t *testing.T) {
	f := open(t)
	for range 30 {
		livret := uuid.New()
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() { f.do(t, f.order(), livret, record.OpenLivret{Session: 2018}) })
		}
		wg.Wait()
		f.oneBirth(t, livret)
	}
}

// TestSweepSparesWhatACrashDoesNotLeave puts a ledger beside another vault, and keys beyond their active life.
func TestSweepSparesWhatACrashDoesNotLeave(t *testing.T) {
	f := open(t)
	ctx := context.Background()
	livret := f.livret(t)
	other := keys.New()
	if _, err := other.Create(ctx, keyvault.Birth{Owner: livret, Class: keyvault.Record}); err != nil {
		t.Fatal(err)
	}
	beside := f.over(t, f.store, other)
	if n, err := beside.Sweep(ctx); err != nil || n != 0 {
		t.Errorf("a key was forgotten that may open another log: %d, %v", n, err)
	}
	if faults := natures(t, beside); faults[ledger.FaultOrphan] != 1 || faults[ledger.FaultFingerprint] != 1 || faults[ledger.FaultKey] != 2 {
		t.Errorf("faults %v", faults)
	}
	infos, err := f.vault.Create(ctx, keyvault.Birth{Owner: uuid.New(), Class: keyvault.Record}, keyvault.Birth{Owner: uuid.New(), Class: keyvault.Record})
	if err != nil {
		t.Fatal(err)
	}
	f.shred(t, infos[0].ID)
	if n, err := f.Sweep(ctx); err != nil || n != 1 {
		t.Errorf("swept %d, %v", n, err)
	}
	if _, err := f.vault.Info(ctx, infos[0].ID); err != nil {
		t.Errorf("a destroyed key was forgotten: %v", err)
	}
}

var errDead = fmt.Errorf("the program is dead: %w", eventstore.ErrClosed) // which nobody retries

// power is what is left of a program's life: so many writes.
type power struct {
	mu    sync.Mutex
	left  int
	after bool // the last write takes effect, and nobody hears of it
	dead  bool
}

// write does a write, unless the program is dead or dies of it.
func (p *power) write(do func() error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.dead {
		return errDead
	}
	if p.left > 0 {
		p.left--
		return do()
	}
	p.dead = true
	if p.after {
		if err := do(); err != nil {
			return err
		}
	}
	return errDead
}

type powered struct {
	eventstore.Store
	*power
}

func (s powered) Append(ctx context.Context, drafts ...eventstore.Envelope) (at eventstore.Position, err error) {
	err = s.write(func() error { at, err = s.Store.Append(ctx, drafts...); return err })
	return at, err
}

type poweredVault struct {
	keyvault.Vault
	*power
}

func (v poweredVault) Create(ctx context.Context, births ...keyvault.Birth) (infos []keyvault.Info, err error) {
	err = v.write(func() error { infos, err = v.Vault.Create(ctx, births...); return err })
	return infos, err
}

func (v poweredVault) Resolve(ctx context.Context, claims ...keyvault.Claim) (owners []uuid.UUID, err error) {
	err = v.write(func() error { owners, err = v.Vault.Resolve(ctx, claims...); return err })
	return owners, err
}

func (v poweredVault) Open(ctx context.Context, key uuid.UUID) (*keyvault.Key, error) {
	v.mu.Lock()
	dead := v.dead
	v.mu.Unlock()
	if dead {
		return nil, errDead
	}
	return v.Vault.Open(ctx, key)
}
