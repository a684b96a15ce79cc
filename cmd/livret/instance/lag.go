package instance

import (
	"context"
	"time"

	"livret/projections"
)

// Lag is how far a view is behind the ledger.
type Lag struct {
	View   string
	Events int       // that it has not folded; maxLag: so many or more
	Oldest time.Time // when the first of them was recorded; zero: none
}

// maxLag is where counting stops: whoever is that late is late.
const maxLag = 100_000

// Lags tells how far each view is behind. It reads what they have not folded, and nothing else.
func (i *Instance) Lags(ctx context.Context) ([]Lag, error) {
	lags := make([]Lag, len(i.projected))
	for n, p := range i.projected {
		var err error
		if lags[n], err = i.lag(ctx, p); err != nil {
			return nil, err
		}
	}
	return lags, nil
}

func (i *Instance) lag(ctx context.Context, p projections.Projection) (Lag, error) {
	l := Lag{View: p.Name}
	at, err := i.Views.Cursor(ctx, p.Name)
	if err != nil {
		return l, err
	}
	for e, err := range i.store.Read(ctx, at) {
		if err != nil {
			return l, err
		}
		if l.Events++; l.Events == 1 {
			l.Oldest = e.RecordedAt
		}
		if l.Events == maxLag {
			break
		}
	}
	return l, nil
}

// Commits is how many durable commits the store made since this process opened it, and how many events they brought;
// zero for a store that does not count them.
func (i *Instance) Commits() (commits, events uint64) {
	if counts, ok := i.store.(interface {
		Commits() (commits, events uint64)
	}); ok {
		return counts.Commits()
	}
	return 0, 0
}
