package telemetry

import (
	"net/http"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// Requests watches those that a handler answers. The route is the pattern that took the request; its address, its
// query, who asked and from where are looked at by nobody.
func (t *Telemetry) Requests(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := propagation.TraceContext{}.Extract(r.Context(), propagation.HeaderCarrier(r.Header))
		ctx, span := t.tracer.Start(ctx, "request", trace.WithSpanKind(trace.SpanKindServer))
		defer span.End()
		answer := &answered{ResponseWriter: w, status: http.StatusOK}
		r = r.WithContext(ctx)
		began := time.Now()
		next.ServeHTTP(answer, r)
		of := verb(r.Method)
		span.SetName(of + " " + pattern(r))
		span.SetAttributes(method.String(of), route.String(pattern(r)), status.Int(answer.status))
		t.requests.WithLabelValues(of, pattern(r), strconv.Itoa(answer.status)).Observe(time.Since(began).Seconds())
	})
}

// verb is the method of a request, of those there are: a visitor may write anything.
func verb(sent string) string {
	switch sent {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodOptions, http.MethodPatch:
		return sent
	}
	return "_OTHER"
}

// pattern is the route of a request once it is answered.
func pattern(r *http.Request) string {
	if r.Pattern == "" {
		return "none"
	}
	return r.Pattern
}

// answered remembers the status.
type answered struct {
	http.ResponseWriter
	status int
	wrote  bool
}

func (a *answered) WriteHeader(status int) {
	if !a.wrote {
		a.status, a.wrote = status, status >= http.StatusOK
	}
	a.ResponseWriter.WriteHeader(status)
}

func (a *answered) Write(b []byte) (int, error) {
	a.wrote = true
	return a.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController flush and set deadlines.
func (a *answered) Unwrap() http.ResponseWriter { return a.ResponseWriter }
