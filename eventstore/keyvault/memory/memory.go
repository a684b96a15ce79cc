// Package memory is a vault that is gone with its process: for tests, and for demonstrations that must leave
// nothing behind. It wraps its keys as a durable vault does, under a key of its own.
package memory

import (
	"context"
	"sync"
	"time"

	"livret/eventstore/keyvault"
	"livret/eventstore/keyvault/internal/registry"
)

// Vault is a keyvault.Vault in memory.
type Vault struct {
	*registry.Port

	mu     sync.RWMutex
	r      *registry.Registry
	epoch  keyvault.Epoch
	closed bool
}

var _ keyvault.Custodian = (*Vault)(nil)

// New makes an empty vault with a wrapping key and a secret of its own.
func New() *Vault {
	kek, err := keyvault.NewKEK(registry.Draw(), 1)
	if err != nil {
		panic(err) // 32 bytes are always an AES-256 key
	}
	v := &Vault{r: registry.New(kek, registry.Draw()), epoch: keyvault.Epoch{Number: 1, Ref: kek.Ref}}
	v.Port = registry.NewPort(v, v.r.Secret(), v.view, v.change)
	return v
}

func (v *Vault) view(ctx context.Context, _ registry.Scope, look func(*registry.Registry) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	v.mu.RLock()
	defer v.mu.RUnlock()
	if v.closed {
		return keyvault.ErrClosed
	}
	return look(v.r)
}

func (v *Vault) change(ctx context.Context, _ registry.Scope, _ bool, change func(*registry.Draft) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.closed {
		return keyvault.ErrClosed
	}
	d := v.r.Draft()
	if err := change(d); err != nil {
		return err
	}
	v.r.Apply(d)
	return nil
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
	err = v.view(ctx, registry.Scope{}, func(r *registry.Registry) error {
		s = r.Status()
		s.Epochs, s.Now = []keyvault.Epoch{v.epoch}, v.epoch
		return nil
	})
	return s, err
}

// Close implements keyvault.Vault.
func (v *Vault) Close() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.closed = true
	return nil
}
