package postgres

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"livret/eventstore/keyvault"
	"livret/eventstore/keyvault/internal/registry"
	"livret/eventstore/keyvault/keyfiles"
)

// querier is a pool, or a transaction.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// view looks at the rows of a scope.
func (v *Vault) view(ctx context.Context, of registry.Scope, look func(*registry.Registry) error) error {
	if v.closed.Load() {
		return keyvault.ErrClosed
	}
	r, err := v.load(ctx, v.pool, of)
	if err != nil {
		if v.closed.Load() {
			return keyvault.ErrClosed
		}
		return explain(err)
	}
	return look(r)
}

// Rows come with that of the vault, in one statement: another one could find them wrapped anew.
const (
	columns = "SELECT v.generation, v.kek_ref, v.epoch, k.id, k.owner, k.class, k.state, k.kek_ref, k.epoch, k.fingerprint, k.wrapped, k.seal, "
	all     = columns + "false FROM livret_keys.vault v LEFT JOIN livret_keys.keys k ON true"
	some    = "WITH asked AS (SELECT owner FROM livret_keys.keys WHERE id = ANY($1) UNION SELECT unnest($2::uuid[])) " + columns +
		"EXISTS (SELECT FROM livret_keys.keys d WHERE d.fingerprint = k.fingerprint AND d.state = 'shredded') " +
		"FROM livret_keys.vault v LEFT JOIN (asked JOIN livret_keys.keys k USING (owner)) ON true"

	ofOwners = "SELECT blind, owner FROM livret_keys.claims WHERE owner = ANY($1) UNION SELECT blind, owner FROM livret_keys.claims WHERE blind = ANY($2)"
)

// load brings the rows of a scope.
func (v *Vault) load(ctx context.Context, from querier, of registry.Scope) (*registry.Registry, error) {
	if of.Pair != "" {
		var err error
		if of.Keys, err = v.wrappedTo(ctx, from, of.Pair); err != nil {
			return nil, err
		}
	}
	r, owners, err := v.loadKeys(ctx, from, of)
	if err != nil || of.All || len(owners)+len(of.Claims) == 0 {
		return r, err
	}
	blinds := make([][]byte, len(of.Claims))
	for i := range of.Claims {
		blinds[i] = of.Claims[i][:]
	}
	found, err := from.Query(ctx, ofOwners, owners, blinds)
	if err != nil {
		return nil, err
	}
	var blind []byte
	var owner uuid.UUID
	_, err = pgx.ForEachRow(found, []any{&blind, &owner}, func() error {
		r.AddClaim(keyvault.Blind(blind), owner)
		return nil
	})
	return r, err
}

// loadKeys brings keys, and answers their owners.
func (v *Vault) loadKeys(ctx context.Context, from querier, of registry.Scope) (r *registry.Registry, owners []uuid.UUID, err error) {
	sql, args := some, []any{of.Keys, of.Owners}
	if of.All {
		sql, args = all, nil
	}
	found, err := from.Query(ctx, sql, args...)
	if err != nil {
		return nil, nil, err
	}
	var (
		generation, now, epoch int64
		ref, kek, fingerprint  []byte
		wrapped, seal          []byte
		id, owner              *uuid.UUID
		class, state           *string
		rowEpoch               *int64
		dead                   bool
		seen                   = make(map[uuid.UUID]bool)
		scanned                = []any{&generation, &ref, &now, &id, &owner, &class, &state, &kek, &rowEpoch, &fingerprint, &wrapped, &seal, &dead}
	)
	_, err = pgx.ForEachRow(found, scanned, func() error {
		if r == nil {
			w, err := v.kek(ref, now)
			if err != nil {
				return err
			}
			r = registry.New(w.KEK, v.secret)
			r.SetGeneration(uint64(generation))
		}
		if id == nil {
			return nil // the vault without a key
		}
		epoch = *rowEpoch
		row := registry.Row{
			Info: keyvault.Info{ID: *id, Owner: *owner, Class: keyvault.Class(*class), State: keyvault.State(*state), Fingerprint: keyvault.Fingerprint(fingerprint)},
			KEK:  keyvault.KEKRef(kek), Epoch: uint32(epoch), Wrapped: wrapped, Seal: keyvault.Seal(seal),
		}
		r.AddRow(row)
		if dead || v.dead[row.Fingerprint] {
			r.AddDead(row.Fingerprint)
		}
		if !seen[row.Owner] {
			seen[row.Owner] = true
			owners = append(owners, row.Owner)
		}
		return nil
	})
	if err == nil && r == nil {
		err = fmt.Errorf("%w: the row of the vault is gone", keyvault.ErrCorrupt)
	}
	return r, owners, err
}

// wrappedTo answers a key that is wrapped to a custody pair, if there is one.
func (v *Vault) wrappedTo(ctx context.Context, from querier, pair string) ([]uuid.UUID, error) {
	pairs, err := v.pairs(ctx, from)
	if err != nil || pairs[pair] == nil {
		return nil, err
	}
	found, err := from.Query(ctx, "SELECT id FROM livret_keys.keys WHERE kek_ref = $1 AND wrapped IS NOT NULL LIMIT 1", pairs[pair].Ref[:])
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(found, pgx.RowTo[uuid.UUID])
}

// pairs brings the custody pairs. One that is not as the vault wrote it fails: keys would be wrapped to somebody else.
func (v *Vault) pairs(ctx context.Context, from querier) (map[string]*keyvault.Pair, error) {
	found, err := from.Query(ctx, "SELECT name, public, seal FROM livret_keys.pairs")
	if err != nil {
		return nil, err
	}
	pairs := make(map[string]*keyvault.Pair)
	var name string
	var public, seal []byte
	_, err = pgx.ForEachRow(found, []any{&name, &public, &seal}, func() error {
		pair, err := keyvault.ParsePair(name, public)
		if err == nil && keyvault.Seal(seal) != v.secret.SealPair(pair) {
			err = fmt.Errorf("%w: custody pair %s", keyvault.ErrCorrupt, name)
		}
		pairs[name] = pair
		return err
	})
	return pairs, err
}

// change makes a change, alone among all instances. What it took away stays in the files of the server until they are
// rewritten, and in its log: see Rotate.
func (v *Vault) change(ctx context.Context, of registry.Scope, _ bool, change func(*registry.Draft) error) error {
	return v.alone(ctx, func(tx pgx.Tx) error {
		r, err := v.load(ctx, tx, of)
		if err != nil {
			return err
		}
		pairs, err := v.pairs(ctx, tx)
		if err != nil {
			return err
		}
		for _, pair := range pairs {
			r.AddPair(pair)
		}
		d := r.Draft()
		if err := change(d); err != nil || d.Empty() {
			return err
		}
		if err := v.announce(keyfiles.DestroyedKeys(d.Destroyed())...); err != nil {
			return err
		}
		return v.save(ctx, tx, r, d)
	})
}
