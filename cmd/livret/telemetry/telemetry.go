// Package telemetry is what an operator watches: Prometheus metrics, and OpenTelemetry traces if a collector is named.
// It watches from outside, by standing between the ports and those who call them, so that nothing it does can change a
// fact; and it knows categories, routes and numbers only: no stream, no id, no address of a page, no address of a
// visitor. A label that names one livret would be a consultation log that nobody declared.
package telemetry

import (
	"context"
	"net/http"
	"net/url"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

// Telemetry is the metrics and the tracer of one process. It is safe for concurrent use.
type Telemetry struct {
	registry *prometheus.Registry
	tracer   trace.Tracer
	stop     func(context.Context) error

	appends  *prometheus.HistogramVec // by category and outcome
	appended *prometheus.CounterVec   // events, by category
	commits  *prometheus.HistogramVec // of views
	folded   *prometheus.CounterVec   // rows, by view
	requests *prometheus.HistogramVec // by method, route and status
}

// scope names who makes spans.
const scope = "livret"

// New begins to watch. Traces go to a collector by OTLP over HTTP at that base URL; if it is empty, none are made. No
// connection is opened before there is a span to send, and a collector that is away delays nobody.
func New(ctx context.Context, collector, version string) (*Telemetry, error) {
	t := &Telemetry{registry: prometheus.NewRegistry(), tracer: noop.NewTracerProvider().Tracer(scope), stop: func(context.Context) error { return nil }}
	if collector != "" {
		traces, err := url.JoinPath(collector, "v1/traces")
		if err != nil {
			return nil, err
		}
		exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(traces))
		if err != nil {
			return nil, err
		}
		t.trace(sdk.NewBatchSpanProcessor(exporter), version)
	}
	t.measure()
	return t, nil
}

// trace makes spans and gives them to a processor.
func (t *Telemetry) trace(to sdk.SpanProcessor, version string) {
	provider := sdk.NewTracerProvider(sdk.WithSpanProcessor(to), sdk.WithResource(resource.NewSchemaless(
		serviceName.String("livret"), serviceVersion.String(version))))
	t.tracer, t.stop = provider.Tracer(scope), provider.Shutdown
}

func (t *Telemetry) measure() {
	histogram := func(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
		return prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: "livret", Name: name, Help: help, Buckets: buckets}, labels)
	}
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "livret", Name: name, Help: help}, labels)
	}
	fast, slow := prometheus.ExponentialBuckets(0.0001, 4, 9), prometheus.ExponentialBuckets(0.001, 4, 9)
	t.appends = histogram("append_seconds", "Time of an append until it is durable.", fast, "category", "outcome")
	t.appended = counter("events_appended_total", "Events appended.", "category")
	t.commits = histogram("view_commit_seconds", "Time of a commit of a view and its cursor.", slow, "view", "outcome")
	t.folded = counter("view_rows_written_total", "Rows written into a view.", "view")
	t.requests = histogram("http_request_seconds", "Time of a request, by route and never by address.", slow, "method", "route", "status")
	t.registry.MustRegister(t.appends, t.appended, t.commits, t.folded, t.requests,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
}

// Metrics answers a scrape in the formats of Prometheus.
func (t *Telemetry) Metrics() http.Handler {
	return promhttp.HandlerFor(t.registry, promhttp.HandlerOpts{EnableOpenMetrics: true, MaxRequestsInFlight: 2})
}

// Close sends the spans that wait, as long as its context lets it.
func (t *Telemetry) Close(ctx context.Context) error { return t.stop(ctx) }
