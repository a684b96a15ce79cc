package instance

import (
	"context"
	"slices"
	"sync/atomic"

	"livret/domain/deliberation"
	"livret/eventstore"
)

// watched is the store that the ledger writes to. It notices that something was written, and acts of which it may be
// asked one day what stood in the ledger at that moment.
type watched struct {
	eventstore.Store
	wrote   atomic.Bool
	matters chan struct{} // holds one: an act was written since somebody last looked
}

func watch(store eventstore.Store) *watched {
	return &watched{Store: store, matters: make(chan struct{}, 1)}
}

// acts are the types of what a recours may be about: the livret left, its president signed, the results are public.
var acts = []string{
	deliberation.LivretTransmitted{}.EventType(), deliberation.PresidentVisaGiven{}.EventType(),
	deliberation.DeliberationsClosed{}.EventType(), deliberation.SessionProclaimed{}.EventType(),
}

// Append implements eventstore.Store. What failed may be written nevertheless: it is noticed as well.
func (w *watched) Append(ctx context.Context, drafts ...eventstore.Envelope) (eventstore.Position, error) {
	at, err := w.Store.Append(ctx, drafts...)
	w.wrote.Store(true)
	if slices.ContainsFunc(drafts, func(e eventstore.Envelope) bool { return slices.Contains(acts, e.Type) }) {
		select {
		case w.matters <- struct{}{}:
		default:
		}
	}
	return at, err
}

// Wrote tells whether this process wrote to the ledger.
func (i *Instance) Wrote() bool { return i.watched.wrote.Load() }

// Matters receives after an act was written over which a checkpoint should not wait for its hour.
func (i *Instance) Matters() <-chan struct{} { return i.watched.matters }
