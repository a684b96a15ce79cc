package web

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"livret/cmd/livret/instance"
	"livret/domain"
	"livret/domain/access"
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
	if _, _, err := i.Checkpoint(t.Context(), access.Actor{Actor: domain.Actor{Role: access.Exploitant}}); !instance.Unproven(err) {
		t.Fatal(err)
	}
	expect("/readyz", http.StatusServiceUnavailable)
	expect("/livez", http.StatusOK)
	expect("/", http.StatusOK)
}
