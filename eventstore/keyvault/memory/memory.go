// Package memory is a vault that is gone with its process: for tests, and for demonstrations that must leave
// nothing behind. It wraps its keys as a durable vault does, under a key of its own.
package memory

import (
	"context"
	"sync"

	"github.com/google/uuid"

	"livret/eventstore/keyvault"
	"livret/eventstore/keyvault/internal/registry"
)

// Vault is a keyvault.Vault in memory.
type Vault struct {
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
	return &Vault{r: registry.New(kek, registry.Draw()), epoch: keyvault.Epoch{Number: 1, Ref: kek.Ref}}
}

func (v *Vault) read(ctx context.Context, read func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	v.mu.RLock()
	defer v.mu.RUnlock()
	if v.closed {
		return keyvault.ErrClosed
	}
	return read()
}

func (v *Vault) write(ctx context.Context, change func(*registry.Draft) error) error {
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

// Create implements keyvault.Vault.
func (v *Vault) Create(ctx context.Context, births ...keyvault.Birth) (infos []keyvault.Info, err error) {
	if err := registry.CheckBirths(births); err != nil {
		return nil, err
	}
	err = v.write(ctx, func(d *registry.Draft) (err error) {
		infos, err = d.Create(births)
		return err
	})
	return infos, err
}

// Find implements keyvault.Vault.
func (v *Vault) Find(ctx context.Context, owner uuid.UUID, class keyvault.Class) (info keyvault.Info, err error) {
	err = v.read(ctx, func() (err error) {
		info, err = v.r.Find(owner, class)
		return err
	})
	return info, err
}

// Info implements keyvault.Vault.
func (v *Vault) Info(ctx context.Context, key uuid.UUID) (info keyvault.Info, err error) {
	err = v.read(ctx, func() (err error) {
		info, err = v.r.Info(key)
		return err
	})
	return info, err
}

// Open implements keyvault.Vault.
func (v *Vault) Open(ctx context.Context, key uuid.UUID) (*keyvault.Key, error) {
	return v.open(ctx, key)
}

func (v *Vault) open(ctx context.Context, key uuid.UUID, at ...*keyvault.PrivateHalf) (*keyvault.Key, error) {
	var locked registry.Locked
	err := v.read(ctx, func() (err error) {
		locked, err = v.r.Locked(key)
		return err
	})
	if err != nil {
		return nil, err
	}
	return locked.Open(at...)
}

// Resolve implements keyvault.Vault.
func (v *Vault) Resolve(ctx context.Context, claims ...keyvault.Claim) (owners []uuid.UUID, err error) {
	if err := registry.CheckClaims(claims); err != nil {
		return nil, err
	}
	blinds := v.r.Blinds(claims)
	err = v.write(ctx, func(d *registry.Draft) error {
		owners = d.Resolve(claims, blinds)
		return nil
	})
	return owners, err
}

// Lookup implements keyvault.Vault.
func (v *Vault) Lookup(ctx context.Context, kind string, parts ...string) (owner uuid.UUID, err error) {
	blind := v.r.Blind(kind, parts)
	err = v.read(ctx, func() (err error) {
		owner, err = v.r.Lookup(blind)
		return err
	})
	return owner, err
}

// Label implements keyvault.Vault.
func (v *Vault) Label(parts ...string) []byte { return v.r.Label(parts) }

// Forget implements keyvault.Vault.
func (v *Vault) Forget(ctx context.Context, keys ...uuid.UUID) error {
	return v.write(ctx, func(d *registry.Draft) error { return d.Forget(keys) })
}

// Keys implements keyvault.Vault.
func (v *Vault) Keys(ctx context.Context) (infos []keyvault.Info, err error) {
	err = v.read(ctx, func() error {
		infos = v.r.Keys()
		return nil
	})
	return infos, err
}

// Generation implements keyvault.Vault.
func (v *Vault) Generation(ctx context.Context) (generation uint64, err error) {
	err = v.read(ctx, func() error {
		generation = v.r.Generation()
		return nil
	})
	return generation, err
}

// Close implements keyvault.Vault.
func (v *Vault) Close() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.closed = true
	return nil
}
