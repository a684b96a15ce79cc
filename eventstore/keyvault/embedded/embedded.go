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

	"livret/eventstore/keyvault"
	"livret/eventstore/keyvault/internal/registry"
	"livret/eventstore/keyvault/keyfiles"
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
	*registry.Port

	dir, keks    string
	options      Options
	destructions keyfiles.Register
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
	if err := keyfiles.MakeFolder(dir); err != nil {
		return nil, err
	}
	var err error
	if v.db, err = openDatabase(filepath.Join(dir, DatabaseFile)); err != nil {
		return nil, err
	}
	if err := v.load(); err != nil {
		return nil, errors.Join(err, v.db.close())
	}
	v.Port = registry.NewPort(v, v.r.Secret(), v.view, v.change)
	go v.commitAll()
	return v, nil
}

func (v *Vault) load() error {
	if err := errors.Join(v.unlock(), dropDatabase(filepath.Join(v.dir, DatabaseFile+freshSuffix))); err != nil {
		return err
	}
	path := filepath.Join(v.dir, DestructionsFile)
	known, err := keyfiles.ReadDestructions(path)
	if err != nil {
		return err
	}
	for fingerprint := range known.Keys {
		v.r.AddDead(fingerprint)
	}
	if v.destructions, err = keyfiles.OpenRegister(path); err != nil {
		return err
	}
	if err = v.db.load(v.r); err == nil && v.db.version < schemaVersion {
		err = v.replace(keyfiles.Wrapping{KEK: v.r.KEK(), Epoch: v.epoch})
	}
	if err != nil {
		return errors.Join(err, v.destructions.Close())
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

// view looks at the registry, which holds every row.
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
