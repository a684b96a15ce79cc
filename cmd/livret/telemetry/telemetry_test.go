package telemetry

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/uuid"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"livret/eventstore"
	"livret/eventstore/memory"
	"livret/projections"
	views "livret/projections/memory"
)

// canary stands where a name, an id or an address could be.
const canary = "Quennehen"

func watching(t *testing.T) (*Telemetry, *tracetest.InMemoryExporter) {
	t.Helper()
	w, err := New(t.Context(), "", "test")
	if err != nil {
		t.Fatal(err)
	}
	spans := tracetest.NewInMemoryExporter()
	w.trace(sdk.NewSimpleSpanProcessor(spans), "test")
	return w, spans
}

func (t *Telemetry) scraped(test *testing.T) string {
	test.Helper()
	answer := httptest.NewRecorder()
	t.Metrics().ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	return answer.Body.String()
}

func said(spans *tracetest.InMemoryExporter) string {
	var b strings.Builder
	for _, s := range spans.GetSpans() {
		fmt.Fprintln(&b, s.Name, s.Status, s.Attributes, s.Events)
	}
	return b.String()
}

func draft(stream eventstore.StreamID, sequence eventstore.Version) eventstore.Envelope {
	return eventstore.Envelope{Header: eventstore.Header{Ledger: uuid.New(), Stream: stream, Sequence: sequence, Type: "record." + canary, Event: uuid.New()}, Sealed: []byte(canary)}
}

func TestAppendsAndCommitsAreMeasuredAndPassedOn(t *testing.T) {
	w, spans := watching(t)
	store := w.Events(memory.New())
	stream := eventstore.StreamID("record-" + canary)
	if _, err := store.Append(t.Context(), draft(stream, 1)); err != nil {
		t.Fatal(err)
	}
	_, err := store.Append(t.Context(), draft(stream, 1))
	if conflict, ok := errors.AsType[*eventstore.ConflictError](err); !ok || conflict.Actual != 1 {
		t.Errorf("the conflict is not passed on: %v", err)
	}
	if _, err := store.Append(t.Context()); !errors.Is(err, eventstore.ErrInvalid) {
		t.Errorf("no draft: %v", err)
	}
	shown := w.Views(views.New())
	if err := shown.Commit(t.Context(), "family.v1", eventstore.Position{}, eventstore.Position{1}, []projections.Row{{Stream: stream, Sealed: []byte(canary)}}); err != nil {
		t.Fatal(err)
	}
	if err := shown.Commit(t.Context(), "family.v1", eventstore.Position{}, eventstore.Position{2}, nil); !errors.Is(err, projections.ErrFenced) {
		t.Errorf("the fence is not passed on: %v", err)
	}
	metrics, traced := w.scraped(t), said(spans)
	for _, want := range []string{
		`livret_append_seconds_count{category="record",outcome="ok"} 1`, `livret_append_seconds_count{category="record",outcome="conflict"} 1`,
		`livret_events_appended_total{category="record"} 1`, `livret_view_commit_seconds_count{outcome="ok",view="family.v1"} 1`,
		`livret_view_commit_seconds_count{outcome="fenced",view="family.v1"} 1`, `livret_view_rows_written_total{view="family.v1"} 1`,
	} {
		if !strings.Contains(metrics, want) {
			t.Errorf("no %s in\n%s", want, metrics)
		}
	}
	if strings.Contains(metrics, canary) || strings.Contains(traced, canary) || strings.Contains(traced, "stream") {
		t.Errorf("it says whose events they are:\n%s\n%s", metrics, traced)
	}
	if n := len(spans.GetSpans()); n != 4 {
		t.Errorf("%d spans:\n%s", n, traced)
	}
}

func TestARequestIsKnownByItsRouteOnly(t *testing.T) {
	w, spans := watching(t)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livrets/{livret}", func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusTeapot)
		if err := http.NewResponseController(w).Flush(); err != nil {
			t.Errorf("what is behind can not flush: %v", err)
		}
	})
	server := httptest.NewServer(w.Requests(mux))
	t.Cleanup(server.Close)
	for _, ask := range []struct{ method, path string }{{"GET", "/livrets/" + canary + "?nom=" + canary}, {"GET", "/" + canary}, {strings.ToUpper(canary), "/livrets/1"}} {
		r, err := http.NewRequestWithContext(t.Context(), ask.method, server.URL+ask.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("User-Agent", canary)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, answer.Body)
		answer.Body.Close()
	}
	server.Close()
	metrics, traced := w.scraped(t), said(spans)
	for _, want := range []string{`method="GET",route="GET /livrets/{livret}",status="418"} 1`, `method="GET",route="none",status="404"} 1`, `method="_OTHER"`} {
		if !strings.Contains(metrics, want) {
			t.Errorf("no %s in\n%s", want, metrics)
		}
	}
	for _, text := range []string{metrics, traced} {
		if strings.Contains(strings.ToLower(text), strings.ToLower(canary)) || strings.Contains(text, "127.0.0.1") {
			t.Errorf("it says who asked for what:\n%s", text)
		}
	}
}

// TestACollectorThatIsAwayDelaysNobody: traces are lost then, and nothing else.
func TestACollectorThatIsAwayDelaysNobody(t *testing.T) {
	away := httptest.NewServer(http.NotFoundHandler())
	away.Close()
	w, err := New(t.Context(), away.URL, "test")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Events(memory.New()).Append(t.Context(), draft("record-x", 1)); err != nil {
		t.Error(err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := w.Close(ended); err == nil {
		t.Error("spans that were not delivered are not said to be lost")
	}
}

// TestSpansReachACollector posts to a collector over HTTP.
func TestSpansReachACollector(t *testing.T) {
	got := make(chan string, 4)
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got <- r.URL.Path + string(body)
	}))
	t.Cleanup(collector.Close)
	w, err := New(t.Context(), collector.URL, "test")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Events(memory.New()).Append(t.Context(), draft("record-"+canary, 1)); err != nil {
		t.Error(err)
	}
	if err := w.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if sent := <-got; !strings.HasPrefix(sent, "/v1/traces") || !strings.Contains(sent, "livret.category") || strings.Contains(sent, canary) {
		t.Errorf("sent %q", sent)
	}
}
