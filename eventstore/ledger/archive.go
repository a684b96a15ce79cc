package ledger

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/retention"
	"livret/eventstore/keyvault"
)

// Archiver takes the keys of livrets out of active service, two months after the proclamation at most (arrêté of 8
// February 2016, art. 9). Those of a session go through these steps together, each of which may be repeated:
//
//  1. Their keys are wrapped to the public half of the session's custody pair. Orders that hold one open are waited for.
//  2. Their rows are purged from the views.
//  3. KeysArchived is appended to the retention stream of each.
//
// Access is closed by the clock whether or not this was done: see access.Target.
type Archiver struct {
	Ledger *Ledger
	Keys   keyvault.Custody // the vault of the ledger
	Views  interface {
		Purge(ctx context.Context, keys ...uuid.UUID) error
	}
	Guard func(owner uuid.UUID, state *retention.State) error // its refusal keeps who should leave; nil: there is none
}

// Archiving is what a run of an Archiver did.
type Archiving struct {
	Livrets int      `json:"livrets"` // that left active service
	Keys    int      `json:"keys"`
	NoPair  []string `json:"noPair,omitempty"` // sessions of which no custody pair receives the keys: closed all the same
	Left    []Left   `json:"left,omitempty"`
}

// leaving is a livret on its way into custody.
type leaving struct {
	livret uuid.UUID
	keys   []retention.Key
	ids    []uuid.UUID // of these keys
	active []uuid.UUID // of those that are not in custody yet
}

// Run archives what has left active service by today.
func (a *Archiver) Run(ctx context.Context) (Archiving, error) {
	var done Archiving
	docket, err := a.Ledger.Docket(ctx)
	if err != nil {
		return done, err
	}
	grant, err := a.Ledger.itself(access.ArchiveKeys)
	if err != nil {
		return done, err
	}
	sessions := make(map[string][]leaving)
	for livret, state := range docket.Owners {
		pair, keys := state.Archivable(a.Ledger.Today())
		if len(keys) == 0 {
			continue
		}
		l, err := leaving{livret: livret, keys: keys}, error(nil)
		if a.Guard != nil {
			err = a.Guard(livret, state)
		}
		if err == nil {
			err = a.find(ctx, &l)
		}
		if refusal, refused := errors.AsType[*domain.Refusal](err); refused {
			done.Left = append(done.Left, left(livret, refusal))
		} else if err != nil {
			return done, err
		} else {
			sessions[pair] = append(sessions[pair], l)
		}
	}
	for _, pair := range slices.Sorted(maps.Keys(sessions)) {
		err := a.session(ctx, grant, pair, sessions[pair])
		if errors.Is(err, keyvault.ErrNoPair) {
			done.NoPair = append(done.NoPair, pair)
			continue
		}
		if err != nil {
			return done, err
		}
		for _, l := range sessions[pair] {
			done.Livrets++
			done.Keys += len(l.keys)
		}
	}
	return done, nil
}

// find finds the keys in the vault.
func (a *Archiver) find(ctx context.Context, l *leaving) error {
	for _, key := range l.keys {
		info, err := a.Ledger.vault.Find(ctx, l.livret, keyvault.Class(key.Class))
		if errors.Is(err, keyvault.ErrUnknown) || err == nil && fmt.Sprintf("%x", info.Fingerprint) != key.Fingerprint {
			return missingKey()
		}
		if err != nil {
			return err
		}
		l.ids = append(l.ids, info.ID)
		if info.State == keyvault.Active {
			l.active = append(l.active, info.ID)
		}
	}
	return nil
}

// session archives the livrets of one session. It fails with keyvault.ErrNoPair if no pair receives their keys.
func (a *Archiver) session(ctx context.Context, grant access.Grant, pair string, all []leaving) error {
	var ids, active []uuid.UUID
	for _, l := range all {
		ids, active = append(ids, l.ids...), append(active, l.active...)
	}
	for some := range slices.Chunk(active, movedAtOnce) {
		if err := a.Keys.Archive(ctx, pair, some...); err != nil {
			return err
		}
	}
	if err := a.Ledger.orders.drain(ctx); err != nil {
		return err
	}
	if err := a.Views.Purge(ctx, ids...); err != nil {
		return err
	}
	orders, ctx := errgroup.WithContext(ctx)
	orders.SetLimit(erasers)
	for _, l := range all {
		orders.Go(func() error {
			_, err := Execute(ctx, a.Ledger, Order{ID: uuid.New(), Grant: grant, Quiet: true}, retention.Decider, l.livret, retention.RecordArchived{Pair: pair, Keys: l.keys})
			return err
		})
	}
	return orders.Wait()
}
