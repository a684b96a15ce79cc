package instance

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"livret/eventstore"
	events "livret/eventstore/embedded"
	"livret/eventstore/esdb"
)

// ErrElsewhere says that something is done with a store of this folder only, and that the events are kept in a cluster.
var ErrElsewhere = errors.New("instance: not with this store, its events are in a cluster")

// Credentials of a cluster. They stand in no file of the data folder.
type Credentials struct{ Username, Password string }

// clusterPatience is how long a call waits for a cluster that does not answer: longer than an election takes.
const clusterPatience = 30 * time.Second

// openStore opens the store that the settings name, of which one process has the folder at a time.
func openStore(ctx context.Context, dir string, s Settings, o Options) (eventstore.Receiver, error) {
	if s.Store == "" {
		store, err := openEvents(ctx, filepath.Join(dir, eventsFile), o.Wait)
		if o.Audit && errors.Is(err, eventstore.ErrCorrupt) {
			store, err = events.Examine(filepath.Join(dir, eventsFile))
		}
		if err != nil {
			return nil, err
		}
		return store, nil
	}
	lock, err := lockFolder(ctx, dir, o.Wait)
	if err != nil {
		return nil, err
	}
	store, err := esdb.Open(esdb.Options{
		Connection: s.Store, Username: o.Cluster.Username, Password: o.Cluster.Password,
		Ledger: s.Ledger, Patience: clusterPatience, Log: o.Log,
	})
	if err != nil {
		return nil, errors.Join(err, lock.Unlock())
	}
	return clustered{store, lock}, nil
}

// clustered is a store in a cluster, with the lock of the folder that it belongs to.
type clustered struct {
	*esdb.Store
	lock *flock.Flock
}

func (c clustered) Close() error { return errors.Join(c.Store.Close(), c.lock.Unlock()) }

// openEvents opens the log, waiting for another process to let go of it.
func openEvents(ctx context.Context, path string, wait time.Duration) (store *events.Store, err error) {
	err = held(ctx, wait, func() (bool, error) {
		store, err = events.Open(path)
		if errors.Is(err, events.ErrLocked) {
			return false, nil
		}
		return true, err
	})
	if err != nil && !errors.Is(err, ErrLocked) {
		return nil, fmt.Errorf("events: %w", err)
	}
	return store, err
}

// lockFolder keeps other processes out of a folder whose events are elsewhere.
func lockFolder(ctx context.Context, dir string, wait time.Duration) (*flock.Flock, error) {
	lock := flock.New(filepath.Join(dir, "lock"), flock.SetPermissions(0o600))
	return lock, held(ctx, wait, lock.TryLock)
}

// held tries to take hold of something until it has, or the wait is over.
func held(ctx context.Context, wait time.Duration, try func() (bool, error)) error {
	for deadline := time.Now().Add(wait); ; {
		taken, err := try()
		switch {
		case taken || err != nil:
			return err
		case !time.Now().Before(deadline):
			return ErrLocked
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}
