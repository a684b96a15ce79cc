package telemetry

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"livret/eventstore"
	"livret/projections"
)

// Events stands before a store of events and watches appends.
func (t *Telemetry) Events(store eventstore.Store) eventstore.Store { return watchedEvents{store, t} }

type watchedEvents struct {
	eventstore.Store
	t *Telemetry
}

func (w watchedEvents) Append(ctx context.Context, drafts ...eventstore.Envelope) (at eventstore.Position, err error) {
	if len(drafts) == 0 {
		return w.Store.Append(ctx)
	}
	of, size := drafts[0].Stream.Category(), 0
	for i := range drafts {
		size += len(drafts[i].Sealed)
	}
	said := []attribute.KeyValue{category.String(of), events.Int(len(drafts)), bytes.Int(size)}
	took, err := w.t.span(ctx, "append", trace.SpanKindClient, said, func(ctx context.Context) error {
		at, err = w.Store.Append(ctx, drafts...)
		return err
	})
	w.t.appends.WithLabelValues(of, outcome(err)).Observe(took.Seconds())
	if err == nil {
		w.t.appended.WithLabelValues(of).Add(float64(len(drafts)))
	}
	return at, err
}

// Views stands before a store of views and watches commits.
func (t *Telemetry) Views(store projections.Store) projections.Store { return watchedViews{store, t} }

type watchedViews struct {
	projections.Store
	t *Telemetry
}

func (w watchedViews) Commit(ctx context.Context, name string, from, to eventstore.Position, changed []projections.Row) error {
	said := []attribute.KeyValue{view.String(name), rows.Int(len(changed))}
	took, err := w.t.span(ctx, "commit view", trace.SpanKindClient, said, func(ctx context.Context) error {
		return w.Store.Commit(ctx, name, from, to, changed)
	})
	w.t.commits.WithLabelValues(name, outcome(err)).Observe(took.Seconds())
	if err == nil {
		w.t.folded.WithLabelValues(name).Add(float64(len(changed)))
	}
	return err
}
