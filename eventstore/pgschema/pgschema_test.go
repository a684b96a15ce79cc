package pgschema_test

import (
	"errors"
	"testing"
	"testing/fstest"

	"github.com/jackc/pgx/v5"

	"livret/eventstore/pgschema"
	"livret/tests/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func files(sql ...string) fstest.MapFS {
	all := fstest.MapFS{"README.md": {Data: []byte("not SQL")}}
	for n, text := range sql {
		all[string(rune('1'+n))+".sql"] = &fstest.MapFile{Data: []byte(text)}
	}
	return all
}

func TestMigrationsAreAppliedOnceAndInOrder(t *testing.T) {
	server := pgtest.Get(t)
	dsn := server.Database(t)
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	first, second := "CREATE TABLE s.a (n int); INSERT INTO s.a VALUES (1)", "UPDATE s.a SET n = n + 10; CREATE TABLE s.b (n int)"
	if err := pgschema.Migrate(t.Context(), conn, "s", files(first)); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := pgschema.Migrate(t.Context(), conn, "s", files(first, second)); err != nil {
			t.Fatal(err)
		}
	}
	if n := server.Query(t, dsn, "SELECT n FROM s.a"); n != "11" {
		t.Errorf("n is %s: a migration was applied twice, or not at all", n)
	}
	if err := pgschema.Migrate(t.Context(), conn, "s", files(first)); !errors.Is(err, pgschema.ErrNewer) {
		t.Errorf("an older program: %v", err)
	}
	if err := pgschema.Migrate(t.Context(), conn, "s", files(first, second+";")); !errors.Is(err, pgschema.ErrChanged) {
		t.Errorf("a migration that was changed: %v", err)
	}
	// One that fails leaves nothing, and those before it stand.
	if err := pgschema.Migrate(t.Context(), conn, "s", files(first, second, "CREATE TABLE s.c (n int); SELECT 1/0")); err == nil {
		t.Error("a migration that fails is not told")
	}
	if c := server.Query(t, dsn, "SELECT to_regclass('s.c') IS NULL AND to_regclass('s.b') IS NOT NULL"); c != "t" {
		t.Error("half a migration is left")
	}
}
