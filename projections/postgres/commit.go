package postgres

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"livret/eventstore"
	"livret/projections"
)

// Channel is where the name of a view is notified each time its cursor moved. Notifications are lost while nobody
// listens: who waits for one asks for the cursor as well, now and then.
const Channel = "livret_views"

// Commit implements projections.Store. An error may hide that it took effect: the cursor tells, and a repeated call is
// fenced then.
func (s *Store) Commit(ctx context.Context, view string, from, to eventstore.Position, rows []projections.Row) error {
	return s.transaction(ctx, func(tx pgx.Tx) error {
		created, err := advance(ctx, tx, view, from, to)
		if err != nil {
			return err
		}
		if created {
			if err := create(ctx, tx, view); err != nil {
				return err
			}
		}
		return write(ctx, tx, view, created, rows)
	})
}

func (s *Store) transaction(ctx context.Context, do func(pgx.Tx) error) error {
	return s.explain(ctx, pgx.BeginFunc(ctx, s.pool, do))
}

// advance moves the cursor of a view, or makes the view. It locks its line: a view has one writer at a time.
func advance(ctx context.Context, tx pgx.Tx, view string, from, to eventstore.Position) (created bool, err error) {
	sql := "UPDATE livret_views.views SET cursor = $3 WHERE name = $1 AND cursor = $2 RETURNING false"
	if from == (eventstore.Position{}) {
		sql = `INSERT INTO livret_views.views AS v (name, cursor) VALUES ($1, $3)
ON CONFLICT (name) DO UPDATE SET cursor = $3 WHERE v.cursor = $2 RETURNING xmax = 0`
	}
	err = tx.QueryRow(ctx, sql, view, from[:], to[:]).Scan(&created)
	if errors.Is(err, pgx.ErrNoRows) {
		err = projections.ErrFenced
	}
	return created, err
}

// table is rows by columns, as unnest takes them.
type table struct {
	streams         []string
	version, parked []int64
	keys            [][16]byte
	joined, sealed  [][]byte
	labels          [][]byte
	labelled        []string // stream of each label
}

// columnsOf orders rows by stream: pages of the index are met in order, and two that write the same rows do not wait for
// one another crosswise.
func columnsOf(rows []projections.Row) *table {
	ordered := make([]*projections.Row, len(rows))
	for i := range rows {
		ordered[i] = &rows[i]
	}
	slices.SortFunc(ordered, func(a, b *projections.Row) int { return strings.Compare(string(a.Stream), string(b.Stream)) })
	t := &table{}
	for _, r := range ordered {
		t.streams = append(t.streams, string(r.Stream))
		t.version, t.parked = append(t.version, int64(r.Version)), append(t.parked, int64(r.Parked))
		t.keys, t.joined, t.sealed = append(t.keys, r.Key), append(t.joined, projections.JoinLabels(r.Labels)), append(t.sealed, r.Sealed)
		for _, label := range r.Labels {
			t.labels, t.labelled = append(t.labels, label), append(t.labelled, string(r.Stream))
		}
	}
	return t
}

// write replaces rows and those of their labels that changed, and tells who listens, in one round trip.
func write(ctx context.Context, tx pgx.Tx, view string, begun bool, rows []projections.Row) error {
	var batch pgx.Batch
	if len(rows) > 0 {
		t := columnsOf(rows)
		lines, labels := in(view, "rows"), in(view, "labels")
		if !begun {
			batch.Queue("DELETE FROM "+labels+" l USING unnest($1::text[], $2::bytea[]) AS n (stream, labels) JOIN "+lines+
				" r ON r.stream = n.stream WHERE l.stream = n.stream AND r.labels <> n.labels", t.streams, t.joined)
		}
		batch.Queue("INSERT INTO "+labels+" SELECT * FROM unnest($1::bytea[], $2::text[]) ON CONFLICT DO NOTHING", t.labels, t.labelled)
		batch.Queue("INSERT INTO "+lines+" SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::uuid[], $5::bytea[], $6::bytea[])"+
			" ON CONFLICT (stream) DO UPDATE SET version = excluded.version, parked = excluded.parked, key = excluded.key, labels = excluded.labels, sealed = excluded.sealed",
			t.streams, t.version, t.parked, t.keys, t.joined, t.sealed)
	}
	batch.Queue("SELECT pg_notify($1, $2)", Channel, view)
	return tx.SendBatch(ctx, &batch).Close()
}

// Purge implements projections.Store. It locks each view while it empties its rows. Vacuum takes what it replaced out of
// the files; they held sealed bytes only.
func (s *Store) Purge(ctx context.Context, keys ...uuid.UUID) error {
	keys = slices.DeleteFunc(slices.Clone(keys), func(key uuid.UUID) bool { return key == uuid.Nil })
	if len(keys) == 0 {
		return nil
	}
	found, err := s.pool.Query(ctx, "SELECT name FROM livret_views.views ORDER BY name")
	if err != nil {
		return s.explain(ctx, err)
	}
	views, err := pgx.CollectRows(found, pgx.RowTo[string])
	if err != nil {
		return s.explain(ctx, err)
	}
	for _, view := range views {
		if err := s.transaction(ctx, func(tx pgx.Tx) error { return purge(ctx, tx, view, keys) }); err != nil {
			return err
		}
	}
	return nil
}

func purge(ctx context.Context, tx pgx.Tx, view string, keys []uuid.UUID) error {
	if there, _, err := held(ctx, tx, view); err != nil || !there {
		return err
	}
	_, err := tx.Exec(ctx, "WITH gone AS (UPDATE "+in(view, "rows")+" SET version = 0, parked = 0, labels = '', sealed = NULL WHERE key = ANY($1) RETURNING stream)"+
		" DELETE FROM "+in(view, "labels")+" l USING gone WHERE l.stream = gone.stream", keys)
	return err
}

// held locks a view, if it is there, and answers its cursor.
func held(ctx context.Context, tx pgx.Tx, view string) (there bool, at eventstore.Position, err error) {
	var cursor []byte
	err = tx.QueryRow(ctx, "SELECT cursor FROM livret_views.views WHERE name = $1 FOR UPDATE", view).Scan(&cursor)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, at, nil
	}
	copy(at[:], cursor)
	return err == nil, at, err
}

// Switch implements projections.Store. Who reads the view meanwhile waits for the renaming, and goes on with the new one.
func (s *Store) Switch(ctx context.Context, from, to string) error {
	return s.transaction(ctx, func(tx pgx.Tx) error {
		at := make(map[string]eventstore.Position, 2)
		there := false
		for _, view := range []string{min(from, to), max(from, to)} {
			is, cursor, err := held(ctx, tx, view)
			if err != nil {
				return err
			}
			at[view] = cursor
			there = there || is && view == from
		}
		switch {
		case at[from].Compare(at[to]) < 0:
			return projections.ErrBehind
		case !there:
			return nil
		}
		if err := drop(ctx, tx, to); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "UPDATE livret_views.views SET name = $2 WHERE name = $1", from, to); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "ALTER SCHEMA "+pgx.Identifier{from}.Sanitize()+" RENAME TO "+pgx.Identifier{to}.Sanitize())
		return err
	})
}

// Drop implements projections.Store.
func (s *Store) Drop(ctx context.Context, view string) error {
	return s.transaction(ctx, func(tx pgx.Tx) error { return drop(ctx, tx, view) })
}

func drop(ctx context.Context, tx pgx.Tx, view string) error {
	gone, err := tx.Exec(ctx, "DELETE FROM livret_views.views WHERE name = $1", view)
	if err != nil || gone.RowsAffected() == 0 {
		return err
	}
	_, err = tx.Exec(ctx, "DROP SCHEMA "+pgx.Identifier{view}.Sanitize()+" CASCADE")
	return err
}
