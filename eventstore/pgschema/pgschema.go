// Package pgschema brings a PostgreSQL database to the schema that an adapter needs: migrations that are embedded in the
// program, ordered by their names, each applied once in a transaction of its own and remembered with its digest. Several
// programs may start at the same time; a migration that was changed after it was applied is refused, because nobody
// could tell any more what the database is.
package pgschema

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Errors of Migrate.
var (
	ErrChanged = errors.New("pgschema: a migration is not the one that was applied")
	ErrNewer   = errors.New("pgschema: the database was brought further by a newer program")
)

// Bring does as Migrate in the database of a connection string, as pgx reads it.
func Bring(ctx context.Context, dsn, schema string, files fs.FS) error {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	return errors.Join(Migrate(ctx, conn, schema, files), conn.Close(context.WithoutCancel(ctx)))
}

// Pool is connections to the database of a connection string, under the name by which the server's own lists show who holds
// them, unless the string gives another. Whether the server answers is found out by who uses it first.
func Pool(ctx context.Context, dsn, application string) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, err
	}
	if config.ConnConfig.RuntimeParams["application_name"] == "" {
		config.ConnConfig.RuntimeParams["application_name"] = application
	}
	return pgxpool.NewWithConfig(ctx, config)
}

// lock is the advisory lock under which migrations run: "livret" in ASCII.
const lock = 0x6c6976726574

// Migrate applies the *.sql files of a folder that were not applied yet, in the order of their names, and remembers them
// in the table migrations of a schema, which it makes.
func Migrate(ctx context.Context, conn *pgx.Conn, schema string, files fs.FS) error {
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return err
	}
	slices.Sort(names)
	table := pgx.Identifier{schema, "migrations"}.Sanitize()
	err = under(ctx, conn, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "CREATE SCHEMA IF NOT EXISTS "+pgx.Identifier{schema}.Sanitize()+"; CREATE TABLE IF NOT EXISTS "+table+
			" (name text PRIMARY KEY, sha256 bytea NOT NULL, applied timestamptz NOT NULL DEFAULT now())")
		return err
	})
	if err != nil {
		return err
	}
	for _, name := range names {
		sql, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		if err := under(ctx, conn, func(tx pgx.Tx) error { return apply(ctx, tx, table, name, string(sql)) }); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return known(ctx, conn, table, names)
}

// under does something in a transaction while nobody else migrates.
func under(ctx context.Context, conn *pgx.Conn, do func(pgx.Tx) error) error {
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", int64(lock)); err != nil {
			return err
		}
		return do(tx)
	})
}

func apply(ctx context.Context, tx pgx.Tx, table, name, sql string) error {
	digest := sha256.Sum256([]byte(sql))
	var was []byte
	err := tx.QueryRow(ctx, "SELECT sha256 FROM "+table+" WHERE name = $1", name).Scan(&was)
	switch {
	case err == nil && string(was) != string(digest[:]):
		return ErrChanged
	case err == nil:
		return nil
	case !errors.Is(err, pgx.ErrNoRows):
		return err
	}
	if _, err := tx.Exec(ctx, sql); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, "INSERT INTO "+table+" (name, sha256) VALUES ($1, $2)", name, digest[:])
	return err
}

// known refuses a database that has migrations of which this program has none.
func known(ctx context.Context, conn *pgx.Conn, table string, names []string) error {
	rows, err := conn.Query(ctx, "SELECT name FROM "+table+" ORDER BY name")
	if err != nil {
		return err
	}
	applied, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	unknown := slices.DeleteFunc(applied, func(name string) bool { return slices.Contains(names, name) })
	if len(unknown) > 0 {
		return fmt.Errorf("%w: %s", ErrNewer, strings.Join(unknown, ", "))
	}
	return nil
}
