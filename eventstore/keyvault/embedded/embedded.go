// Package embedded is a vault in a folder: wrapped keys in a SQLite database of their own, wrapping keys beside it
// in a folder of theirs, and the register of what was destroyed. Concurrent calls are gathered into one durable commit, and after every
// change of state the files are wiped of what they no longer say.
package embedded

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"time"

	"github.com/google/uuid"

	"livret/eventstore/keyvault"
	"livret/eventstore/keyvault/internal/registry"
)

// The files of a vault's folder. SQLite keeps a write-ahead log beside its database.
const (
	DatabaseFile     = "keys.db"
	KEKFolder        = "keks" // one file for each wrapping key that is not destroyed yet
	DestructionsFile = "destructions"

	soleKEKFile = "kek" // the wrapping key of a vault from before epochs
	freshSuffix = "-next"
)

// ErrInUse says that another process has the vault open: its rows are held in memory, so there is one.
var ErrInUse = errors.New("embedded: vault is in use by another process")

// Vault is a keyvault.Vault in a folder.
type Vault struct {
	dir, keks    string
	options      Options
	destructions register
	db           *database
	calls        chan *call
	sole         chan *soleCall
	quit         chan struct{}
	done         chan struct{}
	err          error // of closing

	mu     sync.RWMutex
	r      *registry.Registry
	epoch  keyvault.Epoch
	closed bool
}

var _ keyvault.Custodian = (*Vault)(nil)

// Options of opening.
type Options struct {
	Now    func() time.Time // dates the first wrapping key; nil: the machine's clock
	Window time.Duration    // how long a wrapping key outlives its use; zero: keyvault.Window

	step func(name string) error // called between the steps of what must survive a crash; nil: nothing
}

// Open opens the vault in dir, and makes it if the folder holds none. It fails with ErrInUse while another
// process has it, with keyvault.ErrLocked when the wrapping key that the database names is not in its folder, and
// with keyvault.ErrCorrupt when the database is damaged. A key that the register of destructions knows does not
// open, even if the database does not know that it is dead.
func Open(dir string, o Options) (*Vault, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Window == 0 {
		o.Window = keyvault.Window
	}
	v := &Vault{
		dir: dir, keks: filepath.Join(dir, KEKFolder), options: o,
		calls: make(chan *call), sole: make(chan *soleCall), quit: make(chan struct{}), done: make(chan struct{}),
	}
	if err := makeFolder(dir); err != nil {
		return nil, err
	}
	var err error
	if v.db, err = openDatabase(filepath.Join(dir, DatabaseFile)); err != nil {
		return nil, err
	}
	if err := v.load(); err != nil {
		return nil, errors.Join(err, v.db.close())
	}
	go v.commitAll()
	return v, nil
}

func (v *Vault) load() error {
	if err := errors.Join(v.unlock(), dropDatabase(filepath.Join(v.dir, DatabaseFile+freshSuffix))); err != nil {
		return err
	}
	path := filepath.Join(v.dir, DestructionsFile)
	known, err := ReadDestructions(path)
	if err != nil {
		return err
	}
	for fingerprint := range known.Keys {
		v.r.AddDead(fingerprint)
	}
	if v.destructions, err = openRegister(path); err != nil {
		return err
	}
	if err = v.db.load(v.r); err == nil && v.db.version < schemaVersion {
		err = v.replace(wrapping{kek: v.r.KEK(), epoch: v.epoch})
	}
	if err != nil {
		return errors.Join(err, v.destructions.file.Close())
	}
	return nil
}

// step lets a test stop what is under way.
func (v *Vault) step(name string) error {
	if v.options.step == nil {
		return nil
	}
	return v.options.step(name)
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
