package intake_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/google/uuid"

	"livret/domain/nomenclature"
	"livret/eventstore"
	"livret/eventstore/keyvault"
	"livret/eventstore/ledger/intake"
)

// everything hands in two years of bases and the marks of both.
func everything(ctx context.Context, t testing.TB, d *intake.Desk, s school) error {
	for _, year := range []nomenclature.SchoolYear{2015, 2016} {
		if _, err := d.Siecle(ctx, s.files(t, year), intake.Options{}); err != nil {
			return err
		}
	}
	_, err := d.LSL(ctx, "lsl.xml", bytes.NewReader(s.marksFile(t, s.marks(d.Nomenclature, 2015, 2016)).Bytes()), intake.Options{})
	return err
}

// TestTwoImportsAtOnce hands in everything four times at the same time: one livret each, each teacher once, and
// what one import alone would have made.
func TestTwoImportsAtOnce(t *testing.T) {
	alone := open(t)
	if err := everything(context.Background(), t, alone.Desk, small); err != nil {
		t.Fatal(err)
	}
	o := open(t)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if err := everything(context.Background(), t, o.Desk, small); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	same(t, o.content(t), alone.content(t))
	if got, want := o.events(t), alone.events(t); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v events, want %v", got, want)
	}
	if o.keys(t) != alone.keys(t) {
		t.Errorf("%d keys, want %d", o.keys(t), alone.keys(t))
	}
	o.sound(t)
}

// TestInterruptedAnywhere dies after each of the writes of an import, of store or vault, before the write took
// effect or after; then the program starts again, sweeps, and imports again: what stands is what one clean
// import makes.
func TestInterruptedAnywhere(t *testing.T) {
	s := school{uai: lycee, pupils: 3, teachers: 4}
	clean := open(t)
	if err := everything(context.Background(), t, clean.Desk, s); err != nil {
		t.Fatal(err)
	}
	want := clean.content(t)
	for after := range 2 {
		for step := 0; ; step++ {
			o := open(t)
			power := &power{left: step, after: after == 1}
			desk := o.desk(t, powered{o.store, power}, poweredVault{o.vault, power})
			err := everything(context.Background(), t, desk, s)
			if err == nil {
				if step < 30 {
					t.Fatalf("an import of %d writes only", step)
				}
				break
			}
			if !errors.Is(err, errDead) {
				t.Fatalf("step %d: %v", step, err)
			}
			if _, err := o.Ledger.Sweep(context.Background()); err != nil {
				t.Fatal(err)
			}
			if err := everything(context.Background(), t, o.Desk, s); err != nil {
				t.Fatalf("step %d, again: %v", step, err)
			}
			same(t, o.content(t), want)
			o.sound(t)
			if t.Failed() {
				t.Fatalf("died at step %d, after %v", step, power.after)
			}
		}
	}
}

// TestCancelledAnywhere cancels imports at random moments, in the middle of faults of the store.
func TestCancelledAnywhere(t *testing.T) {
	clean := open(t)
	if err := everything(context.Background(), t, clean.Desk, small); err != nil {
		t.Fatal(err)
	}
	want := clean.content(t)
	random := rand.New(rand.NewPCG(1, 2))
	for range 15 {
		o := open(t)
		for range 3 {
			ctx, cancel := context.WithCancel(context.Background())
			left := random.IntN(120)
			desk := o.desk(t, cancelling{o.store, &left, new(sync.Mutex), cancel}, o.vault)
			o.store.FailBefore(random.IntN(3))
			o.store.FailAfter(random.IntN(3))
			if err := everything(ctx, t, desk, small); err != nil && !errors.Is(err, context.Canceled) {
				t.Fatalf("got %v", err)
			}
			cancel()
		}
		if err := everything(context.Background(), t, o.Desk, small); err != nil {
			t.Fatal(err)
		}
		same(t, o.content(t), want)
		o.sound(t)
		if t.Failed() {
			return
		}
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

func (p *power) read() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.dead {
		return errDead
	}
	return nil
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
	if err := v.read(); err != nil {
		return nil, err
	}
	return v.Vault.Open(ctx, key)
}

// cancelling cancels a context after so many appends.
type cancelling struct {
	eventstore.Store
	left   *int
	mu     *sync.Mutex
	cancel context.CancelFunc
}

func (c cancelling) Append(ctx context.Context, drafts ...eventstore.Envelope) (eventstore.Position, error) {
	c.mu.Lock()
	if *c.left--; *c.left < 0 {
		c.cancel()
	}
	c.mu.Unlock()
	return c.Store.Append(ctx, drafts...)
}
