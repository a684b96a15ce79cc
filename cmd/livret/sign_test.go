package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"livret/cmd/livret/instance"
	"livret/domain/deliberation"
)

// While it is served, a ledger is signed when it begins, soon after an act that matters, and when it ends; otherwise it waits.
func TestServingSigns(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "ledger")
	if _, err := instance.Init(dir, "08"); err != nil {
		t.Fatal(err)
	}
	i, err := instance.Open(t.Context(), dir, instance.Options{Now: func() time.Time { return time.Date(2018, time.July, 5, 8, 0, 0, 0, time.UTC) }})
	if err != nil {
		t.Fatal(err)
	}
	defer i.Close()
	signed := func() int {
		files, err := os.ReadDir(filepath.Join(dir, "tree", "checkpoints"))
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		return len(files)
	}
	await := func(what string, n int) {
		t.Helper()
		for deadline := time.Now().Add(time.Minute); signed() < n; time.Sleep(20 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("%s: %d checkpoints, want %d", what, signed(), n)
			}
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	var logged bytes.Buffer
	done := make(chan struct{})
	p := &program{err: &logged}
	go func() {
		defer close(done)
		p.keepSigning(ctx, i, time.Hour)
	}()
	await("at the beginning", 1)
	june := deliberation.ExamSession{Year: 2018, Round: deliberation.Juin}
	if _, err := i.OpenSession(ctx, operator(), june); err != nil {
		t.Fatal(err)
	}
	if _, err := i.CloseDeliberations(ctx, operator(), june, i.Today()); err != nil {
		t.Fatal(err)
	}
	await("after the end of deliberations", 2)
	if _, err := i.OpenSession(ctx, operator(), deliberation.ExamSession{Year: 2019, Round: deliberation.Juin}); err != nil {
		t.Fatal(err)
	}
	if n := signed(); n != 2 {
		t.Errorf("%d checkpoints: what can wait an hour does not", n)
	}
	stop()
	<-done
	if n := signed(); n != 3 || logged.Len() > 0 {
		t.Errorf("at the end %d checkpoints, and in the log: %s", n, logged.String())
	}
}
