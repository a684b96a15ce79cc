package instance

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/retention"
	"livret/eventstore"
	"livret/eventstore/keyvault"
)

// nothingWaits refuses, by "suite-en-attente", to let go of a livret as long as a reaction is parked at one of its
// facts: a hold or a later clock may follow from it. A fact that concerns more than one livret, as a proclamation,
// spares them all.
func (i *Instance) nothingWaits(ctx context.Context) (func(uuid.UUID, *retention.State) error, error) {
	parked, err := i.feed.Parked(ctx)
	if err != nil {
		return nil, err
	}
	all, waiting := false, make(map[uuid.UUID]bool)
	for _, p := range parked {
		owner, one, err := i.ownerOf(ctx, p.Stream)
		if err != nil {
			return nil, err
		}
		waiting[owner], all = true, all || !one
	}
	return func(livret uuid.UUID, _ *retention.State) error {
		if !all && !waiting[livret] {
			return nil
		}
		return domain.Refuse("suite-en-attente", "Ce qui suit d’un fait de ce livret n’a pas encore pu être fait.",
			"Voyez « livret reactions », puis « livret reactions retry ».")
	}, nil
}

// ownerOf is whose key seals a stream, or whose end a stream in clear tells; false for a stream about more than one.
func (i *Instance) ownerOf(ctx context.Context, stream eventstore.StreamID) (uuid.UUID, bool, error) {
	if stream.Category() == retention.Category {
		owner, ok := stream.UUID()
		return owner, ok, nil
	}
	for e, err := range i.store.Stream(ctx, stream, 0) {
		if err != nil || e.Key == uuid.Nil {
			return uuid.Nil, false, err
		}
		key, err := i.vault.Info(ctx, e.Key)
		if errors.Is(err, keyvault.ErrUnknown) {
			return uuid.Nil, false, nil // an incident: whose it was nobody can tell
		}
		return key.Owner, true, err
	}
	return uuid.Nil, false, nil
}
