// Package postgres keeps views in PostgreSQL, for several instances. They hold nothing that the ledger does not, and may be
// dropped: they are then rebuilt.
//
// Each view has a schema of its own, named like it ("jury.v2"), so that a rebuild takes its place by a rename, in one
// transaction, under readers who notice nothing. Each audience has a role (livret_jury reads the views "jury.…"): whoever
// logs in as one can read no other's, whatever the program does. The cursor moves in the transaction of the rows, compared
// and swapped, so that however many instances fold the same view, each event is folded once.
package postgres

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"strings"
	"sync/atomic"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"livret/eventstore"
	"livret/eventstore/pgschema"
	"livret/projections"
)

//go:embed migrations/*.sql
var migrations embed.FS

// schema holds what is not of one view.
const schema = "livret_views"

// Store is a projections.Store in a PostgreSQL database.
type Store struct {
	pool   *pgxpool.Pool
	closed atomic.Bool
}

var _ projections.Store = (*Store)(nil)

// Migrate brings a database to the schema of this program. It needs a role that may make schemas in the database, and
// roles in the server; several instances may do it at the same time.
func Migrate(ctx context.Context, dsn string) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	return pgschema.Bring(ctx, dsn, schema, files)
}

// Open opens the views in the database of a connection string, as pgx reads it. The role it logs in as decides what it can
// do: the owner folds, the role of an audience reads that audience's views.
func Open(ctx context.Context, dsn string) (*Store, error) {
	pool, err := pgschema.Pool(ctx, dsn, "livret views")
	if err != nil {
		return nil, err
	}
	s := &Store{pool: pool}
	var there bool
	if err := pool.QueryRow(ctx, "SELECT to_regclass('livret_views.views') IS NOT NULL").Scan(&there); err != nil {
		pool.Close()
		return nil, err
	}
	if !there {
		pool.Close()
		return nil, errors.New("postgres: this database has no views yet: migrate it")
	}
	return s, nil
}

// Close waits for the calls under way.
func (s *Store) Close() error {
	if !s.closed.Swap(true) {
		s.pool.Close()
	}
	return nil
}

// explain brings errors to those of the port. A view that does not exist is an empty one.
func (s *Store) explain(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case s.closed.Load():
		return projections.ErrClosed
	case ctx.Err() != nil:
		return ctx.Err()
	}
	return err
}

// Errors of PostgreSQL: of what is not there, and of a server that goes away.
const (
	undefinedTable  = "42P01"
	undefinedSchema = "3F000"
	adminShutdown   = "57P01"
	crashShutdown   = "57P02"
)

func absent(err error) bool {
	pg, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (pg.Code == undefinedTable || pg.Code == undefinedSchema)
}

// in names a table of a view.
func in(view, table string) string { return pgx.Identifier{view, table}.Sanitize() }

// again runs a query that changes nothing, and runs it again if its connection turns out to be dead: after a restart of the
// server each connection of the pool is, until somebody has tried it.
func (s *Store) again(ctx context.Context, query func() error) error {
	err := query()
	for range s.pool.Config().MaxConns {
		if !lost(err) || ctx.Err() != nil {
			break
		}
		err = query()
	}
	return s.explain(ctx, err)
}

// lost tells that a connection broke, or was cut by the server, so that another may serve.
func lost(err error) bool {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pg.Code == adminShutdown || pg.Code == crashShutdown
	}
	return err != nil && !errors.Is(err, pgx.ErrNoRows) && !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded)
}

// Cursor implements projections.Store.
func (s *Store) Cursor(ctx context.Context, view string) (at eventstore.Position, err error) {
	var cursor []byte
	err = s.again(ctx, func() error {
		return s.pool.QueryRow(ctx, "SELECT cursor FROM livret_views.views WHERE name = $1", view).Scan(&cursor)
	})
	if errors.Is(err, pgx.ErrNoRows) {
		err = nil
	}
	copy(at[:], cursor)
	return at, err
}

const columns = "SELECT stream, version, parked, key, labels, sealed FROM "

// read yields rows as they come. Once one was handed out, a connection that breaks is an error: what follows of the same
// moment nobody else can tell.
func (s *Store) read(ctx context.Context, sql string, args ...any) iter.Seq2[projections.Row, error] {
	return func(yield func(projections.Row, error) bool) {
		begun, stopped := false, false
		hand := func() error {
			found, err := s.pool.Query(ctx, sql, args...)
			if err != nil {
				return err
			}
			defer found.Close()
			for !stopped && found.Next() {
				r, err := readRow(found)
				if err != nil {
					return err
				}
				begun = true
				stopped = !yield(r, nil)
			}
			return found.Err()
		}
		var broken error
		err := s.again(ctx, func() error {
			if !begun {
				broken = hand()
			}
			return broken
		})
		if err != nil && !stopped && !absent(err) {
			yield(projections.Row{}, err)
		}
	}
}

func readRow(found pgx.Rows) (projections.Row, error) {
	var r projections.Row
	var version, parked int64
	var stream string
	var key [16]byte
	var labels []byte
	err := found.Scan(&stream, &version, &parked, &key, &labels, &r.Sealed)
	r.Stream, r.Version, r.Parked, r.Key = eventstore.StreamID(stream), eventstore.Version(version), eventstore.Version(parked), uuid.UUID(key)
	r.Labels = projections.CutLabels(labels)
	return r, err
}

// Rows implements projections.Store.
func (s *Store) Rows(ctx context.Context, view string, streams ...eventstore.StreamID) (map[eventstore.StreamID]projections.Row, error) {
	rows := make(map[eventstore.StreamID]projections.Row, len(streams))
	for r, err := range s.read(ctx, columns+in(view, "rows")+" WHERE stream = ANY($1)", streams) {
		if err != nil {
			return rows, err
		}
		rows[r.Stream] = r
	}
	return rows, nil
}

// Scan implements projections.Store. It holds a connection until it is done.
func (s *Store) Scan(ctx context.Context, view, category string) iter.Seq2[projections.Row, error] {
	// '.' follows '-': the streams of the category and no others.
	return s.read(ctx, columns+in(view, "rows")+" WHERE stream >= $1 AND stream < $2 ORDER BY stream", category+"-", category+".")
}

// Find implements projections.Store.
func (s *Store) Find(ctx context.Context, view string, label []byte) ([]eventstore.StreamID, error) {
	var streams []eventstore.StreamID
	err := s.again(ctx, func() error {
		found, err := s.pool.Query(ctx, "SELECT stream FROM "+in(view, "labels")+" WHERE label = $1 ORDER BY stream", label)
		if err == nil {
			streams, err = pgx.CollectRows(found, pgx.RowTo[eventstore.StreamID])
		}
		return err
	})
	if absent(err) {
		return nil, nil
	}
	return streams, err
}

// audience is the role that may read a view: that of the first part of its name.
func audience(view string) string {
	name, _, _ := strings.Cut(view, ".")
	return "livret_" + name
}

// create makes the schema of a view, for its audience if there is one.
func create(ctx context.Context, tx pgx.Tx, view string) error {
	name := pgx.Identifier{view}.Sanitize()
	_, err := tx.Exec(ctx, fmt.Sprintf(`CREATE SCHEMA %s;
CREATE TABLE %s (
	stream  text COLLATE "C" PRIMARY KEY,
	version bigint NOT NULL,
	parked  bigint NOT NULL,
	key     uuid NOT NULL,
	labels  bytea NOT NULL, -- keyed hashes, each preceded by its length
	sealed  bytea           -- NULL: purged
);
ALTER TABLE %[2]s ALTER COLUMN sealed SET STORAGE EXTERNAL; -- sealed bytes do not compress
CREATE INDEX ON %[2]s (key);
CREATE TABLE %s (
	label  bytea NOT NULL,
	stream text COLLATE "C" NOT NULL,
	PRIMARY KEY (label, stream)
);
CREATE INDEX ON %[3]s (stream)`, name, in(view, "rows"), in(view, "labels")))
	if err != nil {
		return err
	}
	var known bool
	if err := tx.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", audience(view)).Scan(&known); err != nil || !known {
		return err
	}
	role := pgx.Identifier{audience(view)}.Sanitize()
	_, err = tx.Exec(ctx, fmt.Sprintf("GRANT USAGE ON SCHEMA %s TO %s; GRANT SELECT ON %s, %s TO %s", name, role, in(view, "rows"), in(view, "labels"), role))
	return err
}
