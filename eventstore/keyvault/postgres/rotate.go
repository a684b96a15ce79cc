package postgres

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"livret/eventstore/keyvault"
	"livret/eventstore/keyvault/internal/registry"
	"livret/eventstore/keyvault/keyfiles"
)

// Rotate implements keyvault.Custody. The order is: the new wrapping key's file; one transaction that replaces the table of
// keys and names the new wrapping key; then the end of wrapping keys whose time has come. A crash leaves at most a key that
// wrapped nothing. Readers wait for the replacement, which waits for a backup under way.
func (v *Vault) Rotate(ctx context.Context, at time.Time) (rotation keyvault.Rotation, err error) {
	err = v.alone(ctx, func(tx pgx.Tx) error {
		r, err := v.load(ctx, tx, registry.Scope{All: true})
		if err != nil {
			return err
		}
		next, err := keyfiles.Make(v.keks(), r.KEK().Epoch+1, at)
		if err != nil {
			return err
		}
		rotation.Began = next.Epoch
		return v.replace(ctx, tx, r.Rewrap(next.KEK))
	})
	if err != nil {
		return keyvault.Rotation{}, err
	}
	err = v.alone(ctx, func(tx pgx.Tx) error {
		s, err := v.self(ctx, tx)
		if err != nil {
			return err
		}
		goOn := func(string) error { return nil }
		rotation.Destroyed, err = keyfiles.DestroyExpired(v.keks(), v.announce, keyvault.KEKRef(s.ref), at, v.options.Window, goOn)
		return err
	})
	return rotation, err
}

// Status implements keyvault.Custody.
func (v *Vault) Status(ctx context.Context) (keyvault.Status, error) {
	var s keyvault.Status
	err := v.view(ctx, registry.Scope{All: true}, func(r *registry.Registry) error {
		pairs, err := v.pairs(ctx, v.pool)
		if err != nil {
			return explain(err)
		}
		for _, pair := range pairs {
			r.AddPair(pair)
		}
		s = r.Status()
		all, err := keyfiles.Read(v.keks())
		for _, w := range all {
			if w.KEK != nil {
				s.Epochs = append(s.Epochs, w.Epoch)
			}
		}
		if i := slices.IndexFunc(s.Epochs, func(e keyvault.Epoch) bool { return e.Ref == r.KEK().Ref }); i >= 0 {
			s.Now = s.Epochs[i]
		}
		return err
	})
	return s, err
}
