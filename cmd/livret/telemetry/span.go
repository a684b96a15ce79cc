package telemetry

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"livret/eventstore"
	"livret/projections"
)

// Attributes of spans. There are no others: what is not listed here cannot be said of anybody.
const (
	serviceName    = attribute.Key("service.name")
	serviceVersion = attribute.Key("service.version")
	category       = attribute.Key("livret.category") // of streams
	events         = attribute.Key("livret.events")   // how many
	bytes          = attribute.Key("livret.bytes")    // sealed
	view           = attribute.Key("livret.view")     // with its version
	rows           = attribute.Key("livret.rows")     // how many
	method         = attribute.Key("http.request.method")
	route          = attribute.Key("http.route")
	status         = attribute.Key("http.response.status_code")
)

// span makes a span around something and tells how long it took.
func (t *Telemetry) span(ctx context.Context, name string, kind trace.SpanKind, said []attribute.KeyValue, do func(context.Context) error) (time.Duration, error) {
	ctx, span := t.tracer.Start(ctx, name, trace.WithSpanKind(kind), trace.WithAttributes(said...))
	defer span.End()
	began := time.Now()
	err := do(ctx)
	if o := outcome(err); o != "ok" {
		span.SetStatus(codes.Error, o) // its class: the words of an error may quote what it is about
	}
	return time.Since(began), err
}

// outcome is the class of an error.
func outcome(err error) string {
	switch {
	case err == nil:
		return "ok"
	case errors.Is(err, eventstore.ErrConflict):
		return "conflict"
	case errors.Is(err, projections.ErrFenced):
		return "fenced"
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return "canceled"
	default:
		return "error"
	}
}
