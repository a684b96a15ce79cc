package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"livret/projections"
	"livret/projections/postgres"
	"livret/projections/viewtest"
	"livret/tests/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func migrated(t testing.TB) string {
	t.Helper()
	dsn := pgtest.Get(t).Database(t)
	if err := postgres.Migrate(t.Context(), dsn); err != nil {
		t.Fatal(err)
	}
	return dsn
}

func open(t testing.TB, dsn string) *postgres.Store {
	t.Helper()
	s, err := postgres.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestStore(t *testing.T) {
	var dsn string
	viewtest.Run(t, func(t *testing.T) projections.Store {
		dsn = migrated(t)
		return open(t, dsn)
	}, func(t *testing.T) projections.Store { return open(t, dsn) })
}

// TestEachAudienceReadsItsOwnViews logs in as the jury's role, and as the family's.
func TestEachAudienceReadsItsOwnViews(t *testing.T) {
	server, dsn := pgtest.Get(t), migrated(t)
	owner := open(t, dsn)
	row := viewtest.Row("record", 1, "classe")
	for _, view := range []string{"family.v1", "jury.v2"} {
		if err := owner.Commit(t.Context(), view, viewtest.At(0), viewtest.At(1), []projections.Row{row}); err != nil {
			t.Fatal(err)
		}
	}
	rebuilt := viewtest.Row("record", 2, "classe") // a view that was switched is read by the same role
	if err := errors.Join(owner.Commit(t.Context(), "jury.v2~rebuild", viewtest.At(0), viewtest.At(2), []projections.Row{rebuilt}),
		owner.Switch(t.Context(), "jury.v2~rebuild", "jury.v2")); err != nil {
		t.Fatal(err)
	}
	var database string
	for field := range strings.FieldsSeq(dsn) {
		if name, is := strings.CutPrefix(field, "dbname="); is {
			database = name
		}
	}
	for _, who := range []struct{ audience, own, other string }{{"jury", "jury.v2", "family.v1"}, {"family", "family.v1", "jury.v2"}} {
		login := fmt.Sprintf("reader_%s_%s", who.audience, database)
		server.Query(t, database, fmt.Sprintf("CREATE ROLE %s LOGIN; GRANT livret_%s TO %[1]s", login, who.audience))
		s := open(t, server.DSN(database, login))
		if found, err := s.Find(t.Context(), who.own, []byte("classe")); err != nil || len(found) != 1 {
			t.Errorf("%s reads its own view: %v, %v", who.audience, found, err)
		}
		if rows, err := s.Rows(t.Context(), who.own, row.Stream, rebuilt.Stream); err != nil || len(rows) != 1 {
			t.Errorf("%s reads its own rows: %v, %v", who.audience, rows, err)
		}
		if rows, err := s.Rows(t.Context(), who.other, row.Stream); err == nil || len(rows) != 0 {
			t.Errorf("%s reads %d rows of %s", who.audience, len(rows), who.other)
		}
		if found, err := s.Find(t.Context(), who.other, []byte("classe")); err == nil || len(found) != 0 {
			t.Errorf("%s finds %v in %s", who.audience, found, who.other)
		}
		for _, err := range []error{
			s.Commit(t.Context(), who.own, viewtest.At(2), viewtest.At(3), nil), s.Commit(t.Context(), who.own, viewtest.At(1), viewtest.At(3), nil),
			s.Purge(t.Context(), row.Key), s.Drop(t.Context(), who.own), s.Commit(t.Context(), "jury.v9", viewtest.At(0), viewtest.At(1), nil),
		} {
			if err == nil || errors.Is(err, projections.ErrFenced) {
				t.Errorf("%s writes: %v", who.audience, err)
			}
		}
	}
}

// TestManyStartersMigrateOnce lets eight programs start on an empty database.
func TestManyStartersMigrateOnce(t *testing.T) {
	dsn := pgtest.Get(t).Database(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if err := postgres.Migrate(t.Context(), dsn); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := pgtest.Get(t).Query(t, dsn, "SELECT count(*) FROM livret_views.migrations"); n != "1" {
		t.Errorf("%s migrations", n)
	}
	if _, err := postgres.Open(t.Context(), pgtest.Get(t).Database(t)); err == nil || !strings.Contains(err.Error(), "migrate") {
		t.Errorf("a database that nobody migrated: %v", err)
	}
}

// TestConnectionsAreCutWhileViewsMove cuts every connection again and again, and restarts the server: the cursor and the
// rows are together at each moment, and what was committed once is never undone.
func TestConnectionsAreCutWhileViewsMove(t *testing.T) {
	server, dsn := pgtest.Get(t), migrated(t)
	s := open(t, dsn)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var cutter sync.WaitGroup
	cutter.Go(func() {
		for n := 0; ctx.Err() == nil; n++ {
			if n%20 == 19 && !testing.Short() {
				server.Restart(t)
			} else {
				server.Query(t, dsn, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'livret views'")
			}
			time.Sleep(15 * time.Millisecond)
		}
	})
	rows, failures := uint64(0), 0
	const enough = 10
	for n := uint64(0); n < 60 || failures < enough; rows = n {
		r := viewtest.Row("record", 1, "classe")
		err := s.Commit(t.Context(), "v", viewtest.At(n), viewtest.At(n+1), []projections.Row{r})
		switch {
		case err == nil:
			n++
		case errors.Is(err, projections.ErrFenced):
			at := cursor(t, s)
			if at != viewtest.At(n+1) {
				t.Fatalf("fenced at %d, and the cursor stands at %x", n, at)
			}
			n++ // it took effect, and nobody said so
		default:
			failures++
		}
	}
	cancel()
	cutter.Wait()
	found := 0
	for _, err := range s.Scan(t.Context(), "v", "record") {
		if err != nil {
			t.Fatal(err)
		}
		found++
	}
	if at := cursor(t, s); found != int(rows) || at != viewtest.At(rows) {
		t.Errorf("%d rows of %d, cursor %x", found, rows, at)
	}
	t.Logf("%d commits failed on the way", failures)
}

func cursor(t *testing.T, s *postgres.Store) (at [16]byte) {
	t.Helper()
	for range 100 {
		p, err := s.Cursor(t.Context(), "v")
		if err == nil {
			return p
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal("the cursor can not be read")
	return at
}

// TestReadersSeeOneViewOrTheOther reads without pause while a rebuilt view takes the place of the live one.
func TestReadersSeeOneViewOrTheOther(t *testing.T) {
	s := open(t, migrated(t))
	const rows = 50
	some := func() (rs []projections.Row) {
		for range rows {
			rs = append(rs, viewtest.Row("record", 1, "classe"))
		}
		return rs
	}
	if err := s.Commit(t.Context(), "v", viewtest.At(0), viewtest.At(1), some()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for ctx.Err() == nil {
				n := 0
				for _, err := range s.Scan(t.Context(), "v", "record") {
					if err != nil {
						t.Error(err)
					}
					n++
				}
				if found, err := s.Find(t.Context(), "v", []byte("classe")); n != rows || err != nil || len(found) != rows {
					t.Errorf("a reader saw %d rows, found %d, %v", n, len(found), err)
				}
			}
		})
	}
	for n := range uint64(15) {
		if err := errors.Join(s.Commit(t.Context(), "v~rebuild", viewtest.At(0), viewtest.At(n+2), some()), s.Switch(t.Context(), "v~rebuild", "v")); err != nil {
			t.Error(err)
		}
	}
	cancel()
	readers.Wait()
}
