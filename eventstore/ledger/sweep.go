package ledger

import (
	"context"

	"github.com/google/uuid"

	"livret/domain/retention"
	"livret/eventstore"
	"livret/eventstore/keyvault"
)

// Sweep forgets orphans: keys whose birth was never recorded, because the process died between the key's row
// and its KeyCreated. No event can be sealed under one. It is called before any order is taken, and answers
// how many it forgot. Beside an empty log, or where the birth of another key of the same owner and class is
// recorded, it forgets nothing: that is not what a crash leaves, but what a folder put together from two does,
// and these keys may be all that opens another log. Check lists them.
func (l *Ledger) Sweep(ctx context.Context) (int, error) {
	if empty, err := l.empty(ctx); err != nil || empty {
		return 0, err
	}
	infos, err := l.vault.Keys(ctx)
	if err != nil {
		return 0, err
	}
	byOwner := make(map[uuid.UUID][]keyvault.Info)
	for _, info := range infos {
		byOwner[info.Owner] = append(byOwner[info.Owner], info)
	}
	var orphans []uuid.UUID
	for owner, keys := range byOwner {
		state, _, err := Load(ctx, l, retention.Decider, owner)
		if err != nil {
			return 0, err
		}
		for _, key := range keys {
			if !state.HasKey(string(key.Class)) && key.State == keyvault.Active {
				orphans = append(orphans, key.ID)
			}
		}
	}
	if len(orphans) == 0 {
		return 0, nil
	}
	return len(orphans), l.vault.Forget(ctx, orphans...)
}

func (l *Ledger) empty(ctx context.Context) (bool, error) {
	for _, err := range l.store.Read(ctx, eventstore.Position{}) {
		return false, err
	}
	return true, nil
}
