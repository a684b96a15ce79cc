package instance

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/google/uuid"

	"livret/domain/access"
	"livret/eventstore"
	"livret/eventstore/esdb"
	"livret/eventstore/keyvault"
	"livret/eventstore/ledger"
	"livret/eventstore/merkle"
	"livret/eventstore/migrate"
)

// nextTreeFolder is the tree over the store that the events are being moved to.
const nextTreeFolder = treeFolder + "-next"

// Embedded names, for Migrate, the store in the data folder itself.
const Embedded = "embedded"

// Migrated is what a migration did.
type Migrated struct {
	Store  string `json:"store"`
	Events int    `json:"events"` // that the store holds now
	Moved  int    `json:"moved"`  // of them by this run
	Root   string `json:"root"`   // of the tree over them, in hexadecimal: the same in both
}

// Migrate moves the events of the ledger in a folder to another store: a cluster, by its connection string, or Embedded. A
// checkpoint is signed first, and the tree made anew of what the other store then holds must have its root. Only then does
// the folder name that store as its own; its views, whose cursors are places in the former one, are rebuilt by whoever opens
// it next, and reactions hear again what adds nothing. The former store is left as it is. Killed anywhere, it is to be run
// again. Saw hears how many events stand in the other store; nil: nobody does.
func Migrate(ctx context.Context, dir string, o Options, actor access.Actor, store string, saw func(events int)) (done Migrated, err error) {
	i, err := Open(ctx, dir, o)
	if err != nil {
		return done, err
	}
	next := i.Settings
	if next.Store, next.Moved = store, true; store == Embedded {
		next.Store = ""
	}
	if next.Store == i.Settings.Store {
		return done, errors.Join(fmt.Errorf("%w: the events are there already", ErrUsage), i.Close())
	}
	to, err := i.destination(ctx, next, o)
	if err != nil {
		return done, errors.Join(err, i.Close())
	}
	defer func() { err = errors.Join(err, to.Close()) }() // and with it the lock on what the folder is then
	done, err = i.migrate(ctx, actor, to, saw)
	done.Store = store
	if err = errors.Join(err, i.Close()); err != nil {
		return done, err
	}
	if err := next.write(dir); err != nil {
		return done, err
	}
	return done, arrive(dir, &next)
}

func (i *Instance) migrate(ctx context.Context, actor access.Actor, to eventstore.Receiver, saw func(int)) (done Migrated, err error) {
	if _, err := access.Allow(actor, access.BackUp, access.Target{Academie: i.Settings.Academie}, i.Today()); err != nil {
		return done, err
	}
	signed, _, err := i.checkpoint(ctx)
	if err != nil {
		return done, err
	}
	at, err := i.move(ctx, to, &done, saw)
	if err != nil {
		return done, err
	}
	if err := i.carryTree(ctx, to, at, signed); err != nil {
		return done, err
	}
	done.Root = hex.EncodeToString(signed.Root[:])
	purges, ok := to.(ledger.Purger)
	if !ok {
		return done, nil
	}
	gone, err := i.shredded(ctx) // what the former store could not delete must not come back
	if err == nil {
		_, err = purges.Purge(ctx, gone...)
	}
	return done, err
}

// destination opens the store that the events go to, and holds the folder for it.
func (i *Instance) destination(ctx context.Context, next Settings, o Options) (eventstore.Receiver, error) {
	if next.Store != "" {
		if err := esdb.Check(next.Store); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrUsage, err)
		}
	}
	return openStore(ctx, i.dir, next, o)
}

// move copies the log, and answers where the last event of each checkpoint stands now.
func (i *Instance) move(ctx context.Context, to eventstore.Receiver, done *Migrated, saw func(int)) (map[int64]eventstore.Position, error) {
	sizes, err := merkle.Sizes(filepath.Join(i.dir, treeFolder))
	if err != nil {
		return nil, err
	}
	at := make(map[int64]eventstore.Position, len(sizes))
	for _, size := range sizes {
		at[size] = eventstore.Position{}
	}
	n := int64(0)
	done.Events, done.Moved, err = migrate.Copy(ctx, i.store, to, func(_ []byte, position eventstore.Position) error {
		n++
		if _, ends := at[n]; ends {
			at[n] = position
		}
		if saw != nil {
			saw(int(n))
		}
		return nil
	})
	return at, err
}

// carryTree makes the tree over the other store, and holds it to what was signed.
func (i *Instance) carryTree(ctx context.Context, to eventstore.Store, at map[int64]eventstore.Position, signed merkle.Checkpoint) error {
	from, folder := filepath.Join(i.dir, treeFolder), filepath.Join(i.dir, nextTreeFolder)
	if err := os.RemoveAll(folder); err != nil { // of a run that was killed
		return err
	}
	if err := merkle.Carry(from, folder, at); err != nil {
		return err
	}
	for _, kept := range []string{merkle.StampsFolder, merkle.CosignedFolder} {
		if err := copyAny(filepath.Join(from, kept), filepath.Join(folder, kept)); err != nil {
			return err
		}
	}
	tree, err := i.openTree(ctx, folder, to)
	if err != nil {
		return err
	}
	size, err := tree.Extend(ctx)
	if err == nil && size != signed.Size {
		err = fmt.Errorf("%w: the other store holds %d events, %d were signed", merkle.ErrForked, size, signed.Size)
	}
	return err
}

// shredded are the keys that were destroyed.
func (i *Instance) shredded(ctx context.Context) (gone []uuid.UUID, err error) {
	infos, err := i.vault.Keys(ctx)
	for _, info := range infos {
		if info.State == keyvault.Shredded {
			gone = append(gone, info.ID)
		}
	}
	return gone, err
}

// arrive replaces what a folder says of places in the former store. Killed, it is done again by whoever opens it next.
func arrive(dir string, s *Settings) error {
	next, tree := filepath.Join(dir, nextTreeFolder), filepath.Join(dir, treeFolder)
	if _, err := os.Stat(next); err == nil {
		if err := errors.Join(os.RemoveAll(tree), os.Rename(next, tree)); err != nil {
			return err
		}
	}
	if err := os.RemoveAll(filepath.Join(dir, viewsFolder)); err != nil {
		return err
	}
	s.Moved = false
	return s.write(dir)
}

// write replaces the settings of a folder.
func (s Settings) write(dir string) error {
	content, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	return merkle.WriteDurably(filepath.Join(dir, settingsFile), append(content, '\n'))
}
