// Package viewtest is the conformance suite of a projections.Store: what every store of views must do, run
// against each of them.
package viewtest

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/google/uuid"

	"livret/eventstore"
	"livret/projections"
)

// Run runs the suite against stores that open makes, each empty. A store that outlives its process is opened
// again by reopen, after Close; nil for one that does not.
func Run(t *testing.T, open func(t *testing.T) projections.Store, reopen func(t *testing.T) projections.Store) {
	for _, c := range []struct {
		name string
		test func(t *testing.T, s projections.Store)
	}{
		{"an empty store has no view", empty},
		{"rows and cursor are committed together", together},
		{"a row is replaced with its labels", replaced},
		{"a cursor that stands elsewhere changes nothing", fenced},
		{"one of many committers wins", race},
		{"scan yields one category in order", scan},
		{"purge empties the rows of a key in every view", purge},
		{"switch replaces a view whole", swap},
		{"switch never goes back", behind},
		{"drop leaves nothing", drop},
		{"many rows at once", many},
		{"bytes belong to the caller", owned},
		{"a closed store says so", closed},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := open(t)
			defer s.Close()
			c.test(t, s)
		})
	}
	if reopen != nil {
		t.Run("what was committed is there after closing", func(t *testing.T) {
			s := open(t)
			r := Row("record", 1, "classe")
			must(t, s.Commit(t.Context(), "v", At(0), At(1), []projections.Row{r}))
			must(t, s.Close())
			s = reopen(t)
			defer s.Close()
			expectCursor(t, s, "v", At(1))
			expectRows(t, s, "v", r)
			expectFound(t, s, "v", "classe", r.Stream)
		})
	}
}

// At is a position, the n-th.
func At(n uint64) (p eventstore.Position) {
	binary.BigEndian.PutUint64(p[8:], n)
	return p
}

// Row is a row with random stream, key and bytes.
func Row(category string, version eventstore.Version, labels ...string) projections.Row {
	id, key := uuid.New(), uuid.New()
	r := projections.Row{Stream: eventstore.Stream(category, id), Version: version, Key: key, Sealed: append(id[:], key[:]...)}
	for _, label := range labels {
		r.Labels = append(r.Labels, []byte(label))
	}
	return r
}

func empty(t *testing.T, s projections.Store) {
	expectCursor(t, s, "v", At(0))
	expectRows(t, s, "v")
	rows, err := s.Rows(t.Context(), "v", "record-x")
	if err != nil || len(rows) != 0 {
		t.Errorf("rows of no view: %v, %v", rows, err)
	}
	expectFound(t, s, "v", "nothing")
	must(t, s.Drop(t.Context(), "v"))
	must(t, s.Purge(t.Context(), uuid.New()))
}

func together(t *testing.T, s projections.Store) {
	a, b := Row("record", 3, "classe", "ecole"), Row("record", 1, "classe")
	b.Parked = 2
	var many []uuid.UUID
	rows := []projections.Row{Row("record", 1, "autre"), Row("record", 1, "autre"), Row("record", 1, "autre")}
	for _, r := range rows {
		many = append(many, r.Key)
	}
	must(t, s.Commit(t.Context(), "x", At(0), At(1), rows))
	must(t, s.Purge(t.Context(), many[:2]...)) // several keys at once
	must(t, s.Purge(t.Context()))
	expectRows(t, s, "x", projections.Row{Stream: rows[0].Stream, Key: many[0]}, projections.Row{Stream: rows[1].Stream, Key: many[1]}, rows[2])
	expectFound(t, s, "x", "autre", rows[2].Stream)

	clear := projections.Row{Stream: "session-2016", Version: 9, Sealed: []byte("{}")}
	must(t, s.Commit(t.Context(), "v", At(0), At(7), []projections.Row{a, b, clear}))
	expectCursor(t, s, "v", At(7))
	expectRows(t, s, "v", a, b, clear)
	expectFound(t, s, "v", "classe", a.Stream, b.Stream)
	expectFound(t, s, "v", "ecole", a.Stream)
	expectFound(t, s, "v", "class")
	must(t, s.Commit(t.Context(), "v", At(7), At(8), nil))
	expectCursor(t, s, "v", At(8))
	expectCursor(t, s, "w", At(0))
	expectFound(t, s, "w", "classe")
}

func replaced(t *testing.T, s projections.Store) {
	a := Row("record", 1, "1A", "x")
	must(t, s.Commit(t.Context(), "v", At(0), At(1), []projections.Row{a}))
	a.Version, a.Sealed, a.Labels = 2, []byte("longer than what it replaces, by a great deal of bytes"), [][]byte{[]byte("1B"), []byte("x")}
	must(t, s.Commit(t.Context(), "v", At(1), At(2), []projections.Row{a}))
	expectRows(t, s, "v", a)
	expectFound(t, s, "v", "1A")
	expectFound(t, s, "v", "1B", a.Stream)
	expectFound(t, s, "v", "x", a.Stream)
	purged := projections.Row{Stream: a.Stream, Key: a.Key}
	must(t, s.Commit(t.Context(), "v", At(2), At(3), []projections.Row{purged}))
	expectRows(t, s, "v", purged)
	expectFound(t, s, "v", "x")
}

func fenced(t *testing.T, s projections.Store) {
	a := Row("record", 1, "1A")
	must(t, s.Commit(t.Context(), "v", At(0), At(5), []projections.Row{a}))
	other := a
	other.Version, other.Labels = 2, nil
	for _, from := range []uint64{0, 4, 6} {
		if err := s.Commit(t.Context(), "v", At(from), At(9), []projections.Row{other, Row("record", 1)}); !errors.Is(err, projections.ErrFenced) {
			t.Errorf("commit from %d while the cursor stands at 5: %v", from, err)
		}
	}
	if err := s.Commit(t.Context(), "new", At(1), At(2), nil); !errors.Is(err, projections.ErrFenced) {
		t.Errorf("commit from 1 on a view that does not exist: %v", err)
	}
	expectCursor(t, s, "v", At(5))
	expectCursor(t, s, "new", At(0))
	expectRows(t, s, "v", a)
	expectFound(t, s, "v", "1A", a.Stream)
}

func race(t *testing.T, s projections.Store) {
	const committers, rounds = 8, 10
	won := make([]int, committers)
	for round := range uint64(rounds) {
		var wg sync.WaitGroup
		for i := range committers {
			wg.Go(func() {
				err := s.Commit(t.Context(), "v", At(round), At(round+1), []projections.Row{Row("record", 1)})
				if err == nil {
					won[i]++
				} else if !errors.Is(err, projections.ErrFenced) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	}
	total := 0
	for _, n := range won {
		total += n
	}
	if total != rounds || len(all(t, s, "v")) != rounds {
		t.Errorf("%d commits won and %d rows stand, of %d rounds", total, len(all(t, s, "v")), rounds)
	}
}

func scan(t *testing.T, s projections.Store) {
	var rows []projections.Row
	for _, category := range []string{"identity", "record", "records", "recor", "staff"} {
		for range 5 {
			rows = append(rows, Row(category, 1))
		}
	}
	must(t, s.Commit(t.Context(), "v", At(0), At(1), rows))
	var got []eventstore.StreamID
	for r, err := range s.Scan(t.Context(), "v", "record") {
		must(t, err)
		got = append(got, r.Stream)
	}
	if len(got) != 5 || !slices.IsSorted(got) {
		t.Errorf("scan of record: %v", got)
	}
	for range s.Scan(t.Context(), "v", "record") {
		break
	}
	must(t, s.Commit(t.Context(), "v", At(1), At(2), nil)) // a scan left early holds nothing
}

func purge(t *testing.T, s projections.Store) {
	a, b := Row("record", 3, "classe"), Row("record", 1, "classe")
	b.Parked = 2
	for _, view := range []string{"v", "w"} {
		must(t, s.Commit(t.Context(), view, At(0), At(1), []projections.Row{a, b}))
	}
	for range 2 {
		must(t, s.Purge(t.Context(), a.Key))
	}
	for _, view := range []string{"v", "w"} {
		expectRows(t, s, view, projections.Row{Stream: a.Stream, Key: a.Key}, b)
		expectFound(t, s, view, "classe", b.Stream)
		expectCursor(t, s, view, At(1))
	}
	var many []uuid.UUID
	rows := []projections.Row{Row("record", 1, "autre"), Row("record", 1, "autre"), Row("record", 1, "autre")}
	for _, r := range rows {
		many = append(many, r.Key)
	}
	must(t, s.Commit(t.Context(), "x", At(0), At(1), rows))
	must(t, s.Purge(t.Context(), many[:2]...)) // several keys at once
	must(t, s.Purge(t.Context()))
	expectRows(t, s, "x", projections.Row{Stream: rows[0].Stream, Key: many[0]}, projections.Row{Stream: rows[1].Stream, Key: many[1]}, rows[2])
	expectFound(t, s, "x", "autre", rows[2].Stream)

	clear := projections.Row{Stream: "session-2016", Version: 9, Sealed: []byte("{}")}
	must(t, s.Commit(t.Context(), "v", At(1), At(2), []projections.Row{clear}))
	must(t, s.Purge(t.Context(), uuid.Nil))
	left, err := s.Rows(t.Context(), "v", clear.Stream)
	if err != nil || !bytes.Equal(left[clear.Stream].Sealed, clear.Sealed) {
		t.Error("rows in clear were purged with the key that is none")
	}
}

func swap(t *testing.T, s projections.Store) {
	old, kept, fresh := Row("record", 1, "x", "old"), Row("record", 1), Row("record", 1, "x")
	must(t, s.Commit(t.Context(), "live", At(0), At(4), []projections.Row{old, kept}))
	kept.Version = 2
	must(t, s.Commit(t.Context(), "shadow", At(0), At(5), []projections.Row{kept, fresh}))
	must(t, s.Switch(t.Context(), "shadow", "live"))
	expectCursor(t, s, "live", At(5))
	expectRows(t, s, "live", kept, fresh)
	expectFound(t, s, "live", "x", fresh.Stream)
	expectFound(t, s, "live", "old")
	expectCursor(t, s, "shadow", At(0))
	expectRows(t, s, "shadow")
	expectFound(t, s, "shadow", "x")
	if err := s.Commit(t.Context(), "live", At(4), At(6), nil); !errors.Is(err, projections.ErrFenced) {
		t.Errorf("who fed the old view was not fenced: %v", err)
	}
	must(t, s.Commit(t.Context(), "shadow", At(0), At(6), []projections.Row{fresh}))
	must(t, s.Switch(t.Context(), "shadow", "first")) // in place of none
	expectRows(t, s, "first", fresh)
}

func behind(t *testing.T, s projections.Store) {
	a, b := Row("record", 1), Row("record", 1)
	must(t, s.Commit(t.Context(), "live", At(0), At(4), []projections.Row{a}))
	must(t, s.Commit(t.Context(), "shadow", At(0), At(3), []projections.Row{b}))
	for _, from := range []string{"shadow", "none"} {
		if err := s.Switch(t.Context(), from, "live"); !errors.Is(err, projections.ErrBehind) {
			t.Errorf("switch from %s: %v", from, err)
		}
	}
	expectRows(t, s, "live", a)
	expectRows(t, s, "shadow", b)
	must(t, s.Commit(t.Context(), "shadow", At(3), At(4), nil))
	must(t, s.Switch(t.Context(), "shadow", "live"))
	expectRows(t, s, "live", b)
}

func drop(t *testing.T, s projections.Store) {
	a, b := Row("record", 1, "x"), Row("record", 1, "x")
	must(t, s.Commit(t.Context(), "v", At(0), At(1), []projections.Row{a}))
	must(t, s.Commit(t.Context(), "w", At(0), At(1), []projections.Row{b}))
	for range 2 {
		must(t, s.Drop(t.Context(), "v"))
	}
	expectCursor(t, s, "v", At(0))
	expectRows(t, s, "v")
	expectFound(t, s, "v", "x")
	expectRows(t, s, "w", b)
	must(t, s.Commit(t.Context(), "v", At(0), At(1), nil))
	expectRows(t, s, "v")
}

func many(t *testing.T, s projections.Store) {
	const n = 3000 // more than any limit on the parameters of one statement
	rows, streams := make([]projections.Row, n), make([]eventstore.StreamID, n)
	for i := range rows {
		rows[i] = Row("record", eventstore.Version(i), fmt.Sprint("class ", i%7))
		streams[i] = rows[i].Stream
	}
	must(t, s.Commit(t.Context(), "v", At(0), At(n), rows))
	got, err := s.Rows(t.Context(), "v", append(streams, "record-none", streams[0])...)
	must(t, err)
	if len(got) != n {
		t.Fatalf("%d rows of %d", len(got), n)
	}
	for _, want := range rows {
		if !same(got[want.Stream], want) {
			t.Fatalf("%+v is not %+v", got[want.Stream], want)
		}
	}
	expectRows(t, s, "v", rows...)
}

func owned(t *testing.T, s projections.Store) {
	a := Row("record", 1, "x")
	sent := a
	sent.Sealed, sent.Labels = slices.Clone(a.Sealed), [][]byte{[]byte("x")}
	must(t, s.Commit(t.Context(), "v", At(0), At(1), []projections.Row{sent}))
	sent.Sealed[0]++
	sent.Labels[0][0]++
	expectRows(t, s, "v", a)
	rows, err := s.Rows(t.Context(), "v", a.Stream)
	must(t, err)
	rows[a.Stream].Sealed[0]++
	expectRows(t, s, "v", a)
}

func closed(t *testing.T, s projections.Store) {
	must(t, s.Close())
	if _, err := s.Cursor(t.Context(), "v"); !errors.Is(err, projections.ErrClosed) {
		t.Errorf("cursor of a closed store: %v", err)
	}
	if err := s.Commit(t.Context(), "v", At(0), At(1), nil); !errors.Is(err, projections.ErrClosed) {
		t.Errorf("commit to a closed store: %v", err)
	}
	for _, err := range s.Scan(t.Context(), "v", "record") {
		if !errors.Is(err, projections.ErrClosed) {
			t.Errorf("scan of a closed store: %v", err)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func expectCursor(t *testing.T, s projections.Store, view string, want eventstore.Position) {
	t.Helper()
	got, err := s.Cursor(t.Context(), view)
	if err != nil || got != want {
		t.Errorf("cursor of %s: %x, %v; want %x", view, got, err, want)
	}
}

func expectRows(t *testing.T, s projections.Store, view string, want ...projections.Row) {
	t.Helper()
	got := all(t, s, view)
	if len(got) != len(want) {
		t.Errorf("view %s has %d rows, want %d", view, len(got), len(want))
		return
	}
	for _, w := range want {
		if !same(got[w.Stream], w) {
			t.Errorf("row of view %s: %+v, want %+v", view, got[w.Stream], w)
		}
	}
}

func expectFound(t *testing.T, s projections.Store, view, label string, want ...eventstore.StreamID) {
	t.Helper()
	got, err := s.Find(t.Context(), view, []byte(label))
	slices.Sort(want)
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("find %s in %s: %v, %v; want %v", label, view, got, err, want)
	}
}

// all reads a view by its categories.
func all(t *testing.T, s projections.Store, view string) map[eventstore.StreamID]projections.Row {
	t.Helper()
	rows := make(map[eventstore.StreamID]projections.Row)
	for _, category := range []string{"record", "identity", "session"} {
		for r, err := range s.Scan(t.Context(), view, category) {
			must(t, err)
			rows[r.Stream] = r
		}
	}
	return rows
}

func same(a, b projections.Row) bool {
	sorted := func(labels [][]byte) [][]byte { return slices.SortedFunc(slices.Values(labels), slices.Compare) }
	return a.Stream == b.Stream && a.Version == b.Version && a.Parked == b.Parked && a.Key == b.Key &&
		(a.Sealed == nil) == (b.Sealed == nil) && bytes.Equal(a.Sealed, b.Sealed) &&
		slices.EqualFunc(sorted(a.Labels), sorted(b.Labels), bytes.Equal)
}
