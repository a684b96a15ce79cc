package embedded_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/uuid"

	"livret/projections"
	"livret/projections/embedded"
	"livret/projections/viewtest"
)

func TestStore(t *testing.T) {
	var dir string
	open := func(t *testing.T) projections.Store {
		s, err := embedded.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	viewtest.Run(t, func(t *testing.T) projections.Store {
		dir = t.TempDir()
		return open(t)
	}, open)
}

// TestPurgedBytesAreGoneFromTheFiles: they were sealed, and yet nothing keeps them.
func TestPurgedBytesAreGoneFromTheFiles(t *testing.T) {
	dir := t.TempDir()
	s, err := embedded.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var rows []projections.Row
	for range 50 {
		r := viewtest.Row("record", 1, uuid.NewString())
		for range 200 {
			r.Sealed = append(r.Sealed, r.Key[:]...)
		}
		rows = append(rows, r)
	}
	if err := s.Commit(t.Context(), "v", viewtest.At(0), viewtest.At(1), rows); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Rows(t.Context(), "v", rows[0].Stream); err != nil { // a reader is open
		t.Fatal(err)
	}
	held := func(what []byte) bool {
		files, err := filepath.Glob(filepath.Join(dir, "*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(content, what) {
				return true
			}
		}
		return false
	}
	gone := rows[7]
	tail := gone.Sealed[len(gone.Sealed)-64:]
	if !held(tail) || !held(gone.Labels[0]) {
		t.Fatal("the test does not find what is there")
	}
	if err := s.Purge(t.Context(), gone.Key); err != nil {
		t.Fatal(err)
	}
	if held(tail) || held(gone.Labels[0]) {
		t.Error("purged bytes are still in the files")
	}
	if !held(rows[8].Sealed[len(gone.Sealed)-64:]) {
		t.Error("other rows are gone too")
	}
}
