package projections

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"livret/eventstore"
)

// Rebuild folds a view from nothing beside the live one, and then takes its place. Pages go on reading the
// live view, and Follow goes on feeding it; the new one takes over once it is folded at least as far. Killed
// on the way, it leaves the live view as it was, and the next rebuild starts again from nothing.
func Rebuild(ctx context.Context, source Source, store Store, p Projection) (eventstore.Position, error) {
	shadow := p.Name + "~rebuild"
	if err := store.Drop(ctx, shadow); err != nil {
		return eventstore.Position{}, err
	}
	e := newEngine(source, store, p, shadow)
	for {
		to, err := e.catchUp(ctx, nil)
		if err != nil {
			return to, err
		}
		if err := store.Switch(ctx, shadow, p.Name); !errors.Is(err, ErrBehind) {
			return to, err
		}
	}
}

// refold folds streams again up to where the view stands.
func (e *engine) refold(ctx context.Context, streams []eventstore.StreamID) error {
	at, err := e.store.Cursor(ctx, e.view)
	if err != nil {
		return err
	}
	b, err := e.newBatch(ctx, at, nil, nil)
	if err != nil {
		return err
	}
	defer b.zero()
	w := b.workers[0]
	for _, stream := range streams {
		r := &row{Row: Row{Stream: stream}}
		for envelope, err := range e.source.Store.Stream(ctx, stream, 0) {
			if err != nil {
				return err
			}
			if envelope.Position.Compare(at) > 0 {
				break
			}
			if r.Key == uuid.Nil {
				r.Key = envelope.Key
			}
			w.rows[stream] = r
			if err := w.take(ctx, r, &envelope); err != nil {
				return err
			}
		}
	}
	if _, err := b.seal(); err != nil {
		return err
	}
	return b.commit(ctx, at)
}
