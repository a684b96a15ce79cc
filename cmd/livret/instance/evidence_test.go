package instance_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"livret/cmd/livret/instance"
	"livret/domain"
	"livret/domain/access"
	"livret/domain/deliberation"
	"livret/domain/retention"
)

// An act that matters is told to who signs, and what was signed says what stood at any instant after it.
func TestAnActThatMattersIsTold(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "ledger")
	if _, err := instance.Init(dir, "08"); err != nil {
		t.Fatal(err)
	}
	now := time.Date(2018, time.July, 5, 8, 0, 0, 0, time.UTC)
	i, err := instance.Open(t.Context(), dir, instance.Options{Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer i.Close()
	operator := access.Actor{Actor: domain.Actor{Role: access.Exploitant}}
	juin := deliberation.ExamSession{Year: 2018, Round: deliberation.Juin}
	if i.Wrote() {
		t.Error("nothing was written yet")
	}
	if _, err := i.OpenSession(t.Context(), operator, juin); err != nil || !i.Wrote() {
		t.Fatal("a session was opened", err)
	}
	select {
	case <-i.Matters():
		t.Error("the opening of a session can wait")
	default:
	}
	if _, err := i.CloseDeliberations(t.Context(), operator, juin, i.Today()); err != nil {
		t.Fatal(err)
	}
	select {
	case <-i.Matters():
	default:
		t.Error("the end of deliberations can not wait")
	}
	first, _, err := i.Checkpoint(t.Context(), operator)
	if err != nil || i.Ready() != nil {
		t.Fatal(err, i.Ready())
	}
	now = now.Add(-time.Hour) // the clock is set back
	if _, err := i.OpenSession(t.Context(), operator, deliberation.ExamSession{Year: 2018, Round: deliberation.Septembre}); err != nil {
		t.Fatal(err)
	}
	second, _, err := i.Checkpoint(t.Context(), operator)
	if err != nil || second.Size <= first.Size || second.Time.Before(first.Time) {
		t.Errorf("%+v after %+v: %v", second, first, err)
	}
}

// BenchmarkCheckpoint is the cost of signing one new fact, in a process that has the tree open.
func BenchmarkCheckpoint(b *testing.B) {
	dir := filepath.Join(b.TempDir(), "ledger")
	if _, err := instance.Init(dir, "08"); err != nil {
		b.Fatal(err)
	}
	i, err := instance.Open(b.Context(), dir, instance.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer i.Close()
	operator := access.Actor{Actor: domain.Actor{Role: access.Exploitant}}
	for n := 0; b.Loop(); n++ {
		b.StopTimer()
		fresh := retention.AuthoriseElimination{Reference: fmt.Sprintf("AP-%d", n), Categories: []retention.Rule{retention.Sanction}}
		if _, err := i.Authorise(b.Context(), operator, fresh); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		if _, _, err := i.Checkpoint(b.Context(), operator); err != nil {
			b.Fatal(err)
		}
	}
}
