package memory

import (
	"context"
	"time"

	"github.com/google/uuid"

	"livret/eventstore/keyvault"
	"livret/eventstore/keyvault/internal/registry"
)

// SetStates implements keyvault.Custody.
func (v *Vault) SetStates(ctx context.Context, from, to keyvault.State, keys ...uuid.UUID) error {
	return v.write(ctx, func(d *registry.Draft) error { return d.SetStates(from, to, keys) })
}

// SetState is SetStates of one key.
func (v *Vault) SetState(ctx context.Context, key uuid.UUID, from, to keyvault.State) error {
	return v.SetStates(ctx, from, to, key)
}

// Archive implements keyvault.Custody.
func (v *Vault) Archive(ctx context.Context, pair string, keys ...uuid.UUID) error {
	return v.entrust(ctx, pair, keyvault.Archived, nil, keys)
}

// Hold implements keyvault.Custody.
func (v *Vault) Hold(ctx context.Context, pair string, keys ...uuid.UUID) error {
	return v.entrust(ctx, pair, keyvault.Held, nil, keys)
}

func (v *Vault) entrust(ctx context.Context, pair string, to keyvault.State, at []*keyvault.PrivateHalf, keys []uuid.UUID) error {
	return v.write(ctx, func(d *registry.Draft) error { return d.Entrust(pair, to, at, keys) })
}

// AddPair implements keyvault.Custody.
func (v *Vault) AddPair(ctx context.Context, pair *keyvault.Pair) error {
	return v.write(ctx, func(d *registry.Draft) error { return d.AddPair(pair) })
}

// DropPair implements keyvault.Custody.
func (v *Vault) DropPair(ctx context.Context, name string) error {
	return v.write(ctx, func(d *registry.Draft) error { return d.DropPair(name) })
}

// WithCustody implements keyvault.Custody.
func (v *Vault) WithCustody(at ...*keyvault.PrivateHalf) keyvault.Custodian { return entrusted{v, at} }

// entrusted is a vault with private halves at hand.
type entrusted struct {
	*Vault
	at []*keyvault.PrivateHalf
}

// Open implements keyvault.Vault.
func (e entrusted) Open(ctx context.Context, key uuid.UUID) (*keyvault.Key, error) {
	return e.open(ctx, key, e.at...)
}

// Archive implements keyvault.Custody.
func (e entrusted) Archive(ctx context.Context, pair string, keys ...uuid.UUID) error {
	return e.entrust(ctx, pair, keyvault.Archived, e.at, keys)
}

// Hold implements keyvault.Custody.
func (e entrusted) Hold(ctx context.Context, pair string, keys ...uuid.UUID) error {
	return e.entrust(ctx, pair, keyvault.Held, e.at, keys)
}

// Rotate implements keyvault.Custody. Nothing restores this vault, so the former wrapping key is gone at once.
func (v *Vault) Rotate(ctx context.Context, at time.Time) (keyvault.Rotation, error) {
	if err := ctx.Err(); err != nil {
		return keyvault.Rotation{}, err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.closed {
		return keyvault.Rotation{}, keyvault.ErrClosed
	}
	next, err := keyvault.NewKEK(registry.Draw(), v.epoch.Number+1)
	if err != nil {
		return keyvault.Rotation{}, err
	}
	v.r.Adopt(v.r.Rewrap(next))
	rotation := keyvault.Rotation{
		Began:     keyvault.Epoch{Number: next.Epoch, Ref: next.Ref, Born: at.UTC()},
		Destroyed: []keyvault.Epoch{v.epoch},
	}
	v.epoch = rotation.Began
	return rotation, nil
}

// Status implements keyvault.Custody.
func (v *Vault) Status(ctx context.Context) (s keyvault.Status, err error) {
	err = v.read(ctx, func() error {
		s = v.r.Status()
		s.Epochs, s.Now = []keyvault.Epoch{v.epoch}, v.epoch
		return nil
	})
	return s, err
}
