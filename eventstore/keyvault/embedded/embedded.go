// Package embedded is a vault in a folder: wrapped keys in a SQLite database of their own, the wrapping key
// beside it in a file of its own. Concurrent calls are gathered into one durable commit, and after every
// change of state the files are wiped of what they no longer say.
package embedded

import (
	"context"
	"errors"
	"path/filepath"
	"sync"

	"github.com/google/uuid"

	"livret/eventstore/keyvault"
	"livret/eventstore/keyvault/internal/registry"
)

// The files of a vault's folder. SQLite keeps a write-ahead log beside its database.
const (
	DatabaseFile = "keys.db"
	KEKFile      = "kek"
)

// ErrInUse says that another process has the vault open: its rows are held in memory, so there is one.
var ErrInUse = errors.New("embedded: vault is in use by another process")

// Vault is a keyvault.Vault in a folder.
type Vault struct {
	db    *database
	calls chan *call
	quit  chan struct{}
	done  chan struct{}
	err   error // of closing

	mu     sync.RWMutex
	r      *registry.Registry
	closed bool
}

var (
	_ keyvault.Vault   = (*Vault)(nil)
	_ keyvault.Custody = (*Vault)(nil)
)

// Open opens the vault in dir, and makes it if the folder holds none. It fails with ErrInUse while another
// process has it, with keyvault.ErrLocked when the wrapping key is not the one that wrapped the rows or is
// gone while there are any, and with keyvault.ErrCorrupt when the database is damaged.
func Open(dir string) (*Vault, error) {
	if err := makeFolder(dir); err != nil {
		return nil, err
	}
	db, err := openDatabase(filepath.Join(dir, DatabaseFile))
	if err != nil {
		return nil, err
	}
	r, err := unlock(db, filepath.Join(dir, KEKFile))
	if err == nil {
		err = db.load(r)
	}
	if err != nil {
		db.close()
		return nil, err
	}
	v := &Vault{db: db, r: r, calls: make(chan *call), quit: make(chan struct{}), done: make(chan struct{})}
	go v.commitAll()
	return v, nil
}

// Create implements keyvault.Vault.
func (v *Vault) Create(ctx context.Context, births ...keyvault.Birth) (infos []keyvault.Info, err error) {
	if err := registry.CheckBirths(births); err != nil {
		return nil, err
	}
	known := false
	err = v.read(ctx, func() error {
		infos, known = v.r.FindAll(births)
		return nil
	})
	if err != nil || known {
		return infos, err
	}
	var made []keyvault.Info
	err = v.write(ctx, func(d *registry.Draft) (err error) {
		made, err = d.Create(births)
		return err
	})
	if err != nil {
		return nil, err
	}
	return made, nil
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
	var row registry.Row
	err := v.read(ctx, func() (err error) {
		row, err = v.r.Row(key)
		return err
	})
	if err != nil {
		return nil, err
	}
	return v.r.Open(row)
}

// Resolve implements keyvault.Vault.
func (v *Vault) Resolve(ctx context.Context, claims ...keyvault.Claim) (owners []uuid.UUID, err error) {
	if err := registry.CheckClaims(claims); err != nil {
		return nil, err
	}
	blinds, known := v.r.Blinds(claims), false
	err = v.read(ctx, func() error {
		owners, known = v.r.LookupAll(blinds)
		return nil
	})
	if err != nil || known {
		return owners, err
	}
	var made []uuid.UUID
	err = v.write(ctx, func(d *registry.Draft) error {
		made = d.Resolve(claims, blinds)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return made, nil
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
	return v.wipe(ctx, func(d *registry.Draft) error { return d.Forget(keys) })
}

// SetStates implements keyvault.Custody. It is one durable commit, and one wiping of the files, for all keys.
func (v *Vault) SetStates(ctx context.Context, from, to keyvault.State, keys ...uuid.UUID) error {
	return v.wipe(ctx, func(d *registry.Draft) error { return d.SetStates(from, to, keys) })
}

// SetState is SetStates of one key.
func (v *Vault) SetState(ctx context.Context, key uuid.UUID, from, to keyvault.State) error {
	return v.SetStates(ctx, from, to, key)
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

// Close implements keyvault.Vault: it waits for the commit under way and refuses every later call.
func (v *Vault) Close() error {
	v.mu.Lock()
	first := !v.closed
	v.closed = true
	v.mu.Unlock()
	if first {
		close(v.quit)
	}
	<-v.done
	return v.err
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
