package web

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/uuid"

	"livret/cmd/livret/instance"
	"livret/domain"
	"livret/domain/access"
	"livret/domain/retention"
)

// A ledger that can not be signed is served, and is not ready.
func TestAForkedLedgerIsServedAndNotReady(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "ledger")
	if _, err := instance.Init(dir, "08"); err != nil {
		t.Fatal(err)
	}
	i, err := instance.Open(t.Context(), dir, instance.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer i.Close()
	site, err := New(i, Closed{}, nil, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	handler, err := site.Handler()
	if err != nil {
		t.Fatal(err)
	}
	expect := func(path string, want int) {
		t.Helper()
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code != want {
			t.Errorf("%s: %d, want %d", path, w.Code, want)
		}
	}
	expect("/readyz", http.StatusOK)
	other := []byte("livret/of-another-ledger\n3\nAAAA\n\n— x\n")
	if err := os.WriteFile(filepath.Join(dir, "checkpoint"), other, 0o600); err != nil {
		t.Fatal(err)
	}
	operator := access.Actor{Actor: domain.Actor{Role: access.Exploitant}}
	for range 3 {
		if _, err := i.Authorise(t.Context(), operator, retention.AuthoriseElimination{Reference: uuid.NewString(), Categories: []retention.Rule{retention.Sanction}}); err != nil {
			t.Fatal(err)
		}
		if _, _, err := i.Checkpoint(t.Context(), operator); !instance.Unproven(err) {
			t.Errorf("it is signed after all: %v", err)
		}
	}
	if kept, err := os.ReadFile(filepath.Join(dir, "checkpoint")); err != nil || !bytes.Equal(kept, other) {
		t.Errorf("the checkpoint is now %s %v", kept, err)
	}
	expect("/readyz", http.StatusServiceUnavailable)
	expect("/livez", http.StatusOK)
	expect("/", http.StatusOK)
}
