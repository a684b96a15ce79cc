package ledger_test

import (
	"context"
	"testing"

	"livret/domain/retention"
	"livret/eventstore"
	"livret/eventstore/ledger"
)

// TestDaysDoWhatNobodyDoes goes over the end of a year, on the day and with the ledger closed on the day.
func TestDaysDoWhatNobodyDoes(t *testing.T) {
	for _, opened := range []string{"2018-12-31", "2019-01-04"} {
		w := newWorld(t)
		never := w.livret(t)
		var heard eventstore.Position
		pass := func(date string) retention.Standing {
			t.Helper()
			w.at(date)
			days := w.HearDays(heard, 1000)
			heard = days.Through
			for range 2 { // as after a crash
				if err := (ledger.Passing{}).React(context.Background(), w.Ledger, days.Facts); err != nil {
					t.Fatal(err)
				}
			}
			return w.standing(t, never)
		}
		if got := pass("2018-12-30"); got != retention.NoClock {
			t.Errorf("before the end of the year: %s", got)
		}
		if got := pass(opened); got != retention.Current {
			t.Errorf("on %s: %s", opened, got)
		}
		w.wantSound(t)
	}
}
