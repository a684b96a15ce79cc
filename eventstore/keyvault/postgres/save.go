package postgres

import (
	"context"
	"errors"
	"path/filepath"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"livret/eventstore/keyvault/internal/registry"
	"livret/eventstore/keyvault/keyfiles"
)

// announce writes into the register what is about to be destroyed. Whoever does it changes the vault alone.
func (v *Vault) announce(lines ...string) error {
	if len(lines) == 0 {
		return nil
	}
	register, err := keyfiles.OpenRegister(filepath.Join(v.dir, DestructionsFile))
	if err != nil {
		return err
	}
	return errors.Join(register.Add(lines...), register.Close())
}

// lines are rows of keys by columns, as unnest takes them.
type lines struct {
	ids, owners                []uuid.UUID
	classes, states            []string
	keks, prints, wraps, seals [][]byte
	epochs                     []int64
}

func (l *lines) add(row *registry.Row) {
	l.ids, l.owners = append(l.ids, row.ID), append(l.owners, row.Owner)
	l.classes, l.states = append(l.classes, string(row.Class)), append(l.states, string(row.State))
	l.keks, l.epochs = append(l.keks, row.KEK[:]), append(l.epochs, int64(row.Epoch))
	l.prints, l.wraps, l.seals = append(l.prints, row.Fingerprint[:]), append(l.wraps, row.Wrapped), append(l.seals, row.Seal[:])
}

// save writes a draft, in one round trip. It inserts what is new and updates nothing else, so that who may only insert can.
func (v *Vault) save(ctx context.Context, tx pgx.Tx, r *registry.Registry, d *registry.Draft) error {
	var made, moved lines
	var gone []uuid.UUID
	for id, row := range d.Rows {
		_, err := r.Row(id)
		switch {
		case row == nil:
			gone = append(gone, id)
		case err != nil:
			made.add(row)
		default:
			moved.add(row)
		}
	}
	var batch pgx.Batch
	queue := func(n int, sql string, args ...any) {
		if n > 0 {
			batch.Queue(sql, args...)
		}
	}
	queue(len(gone), "DELETE FROM livret_keys.keys WHERE id = ANY($1)", gone)
	queue(len(made.ids), "INSERT INTO livret_keys.keys (id, owner, class, state, kek_ref, epoch, fingerprint, wrapped, seal) "+
		"SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::bytea[], $6::bigint[], $7::bytea[], $8::bytea[], $9::bytea[])",
		made.ids, made.owners, made.classes, made.states, made.keks, made.epochs, made.prints, made.wraps, made.seals)
	queue(len(moved.ids), "UPDATE livret_keys.keys k SET state = n.state, kek_ref = n.kek_ref, epoch = n.epoch, wrapped = n.wrapped, seal = n.seal "+
		"FROM unnest($1::uuid[], $2::text[], $3::bytea[], $4::bigint[], $5::bytea[], $6::bytea[]) AS n (id, state, kek_ref, epoch, wrapped, seal) WHERE k.id = n.id",
		moved.ids, moved.states, moved.keks, moved.epochs, moved.wraps, moved.seals)
	saveClaims(d, queue)
	for name, pair := range d.Pairs {
		if pair == nil {
			queue(1, "DELETE FROM livret_keys.pairs WHERE name = $1", name)
			continue
		}
		seal := v.secret.SealPair(pair)
		queue(1, "INSERT INTO livret_keys.pairs (name, public, seal) VALUES ($1, $2, $3)", name, pair.Public(), seal[:])
	}
	if d.Moved {
		queue(1, "UPDATE livret_keys.vault SET generation = $1", int64(d.Generation()))
	}
	return tx.SendBatch(ctx, &batch).Close()
}

func saveClaims(d *registry.Draft, queue func(n int, sql string, args ...any)) {
	var gone, made [][]byte
	var owners []uuid.UUID
	for blind, owner := range d.Claims {
		if owner == uuid.Nil {
			gone = append(gone, blind[:])
			continue
		}
		made, owners = append(made, blind[:]), append(owners, owner)
	}
	queue(len(gone), "DELETE FROM livret_keys.claims WHERE blind = ANY($1)", gone)
	queue(len(made), "INSERT INTO livret_keys.claims (blind, owner) SELECT * FROM unnest($1::bytea[], $2::uuid[])", made, owners)
}

var keyColumns = []string{"id", "owner", "class", "state", "kek_ref", "epoch", "fingerprint", "wrapped", "seal"}

// replace puts what was wrapped anew into fresh files of the server: those of before are unlinked with the commit.
func (v *Vault) replace(ctx context.Context, tx pgx.Tx, fresh *registry.Rewrapped) error {
	if _, err := tx.Exec(ctx, "TRUNCATE livret_keys.keys"); err != nil {
		return err
	}
	_, err := tx.CopyFrom(ctx, pgx.Identifier{schema, "keys"}, keyColumns, pgx.CopyFromSlice(len(fresh.Rows), func(i int) ([]any, error) {
		row := fresh.Rows[i]
		return []any{row.ID, row.Owner, string(row.Class), string(row.State), row.KEK[:], int64(row.Epoch), row.Fingerprint[:], row.Wrapped, row.Seal[:]}, nil
	}))
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, "UPDATE livret_keys.vault SET kek_ref = $1, epoch = $2, secret = $3",
		fresh.KEK.Ref[:], int64(fresh.KEK.Epoch), fresh.KEK.WrapSecret(v.secret))
	return err
}
