package telemetry

import (
	"strings"
	"testing"

	"livret/cmd/livret/instance"
	"livret/domain"
	"livret/domain/access"
	"livret/domain/deliberation"
)

// TestAnInstanceIsWatched scrapes a ledger that is open, and one that can not be read any more.
func TestAnInstanceIsWatched(t *testing.T) {
	w, _ := watching(t)
	dir := t.TempDir()
	if _, err := instance.Init(dir, "08"); err != nil {
		t.Fatal(err)
	}
	i, err := instance.Open(t.Context(), dir, instance.Options{Watcher: w})
	if err != nil {
		t.Fatal(err)
	}
	operator := access.Actor{Actor: domain.Actor{Role: access.Exploitant}}
	w.Watch(i, operator)
	if _, err := i.OpenSession(t.Context(), operator, deliberation.ExamSession{Year: 2018, Round: "juin"}); err != nil {
		t.Fatal(err)
	}
	if err := i.Views.Drop(t.Context(), i.Projections()[0].Name); err != nil {
		t.Fatal(err)
	}
	if lags, err := i.Lags(t.Context()); err != nil || lags[0].Events == 0 || lags[0].Oldest.IsZero() {
		t.Errorf("a view thrown away: %+v, %v", lags, err)
	}
	if err := i.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	metrics := w.scraped(t)
	for _, want := range []string{
		`livret_state_readable 1`, `livret_ledger_unforked 1`, `livret_retention_alarms 0`,
		`livret_reaction_parked_streams{reaction="reaction.candidates.v1"} 0`, `livret_append_seconds_count{category="session",outcome="ok"} 1`, `livret_store_commits_total `,
	} {
		if !strings.Contains(metrics, want) {
			t.Errorf("no %s in\n%s", want, metrics)
		}
	}
	if lags, err := i.Lags(t.Context()); err != nil || len(lags) != len(i.Projections()) || lags[0].Events != 0 {
		t.Errorf("%+v, %v", lags, err)
	}
	if err := i.Close(); err != nil {
		t.Fatal(err)
	}
	if metrics := w.scraped(t); !strings.Contains(metrics, `livret_state_readable 0`) || strings.Contains(metrics, "livret_view_lag_events") {
		t.Errorf("a closed instance is said to be readable:\n%s", metrics)
	}
}
