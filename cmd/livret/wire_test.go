package main

import (
	"io"
	"log/slog"
	"strings"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"

	"livret/eventstore"
	"livret/eventstore/memory"
)

// TestWireOpen serves a category to whoever is on this machine, and no other, until it is stopped.
func TestWireOpen(t *testing.T) {
	store := memory.New()
	defer store.Close()
	for _, stream := range []eventstore.StreamID{"session-1", "record-1"} {
		draft := eventstore.Envelope{Header: eventstore.Header{Stream: stream, Sequence: 1, Type: "x.Y", Event: uuid.New()}, Sealed: []byte{1}}
		if _, err := store.Append(t.Context(), draft); err != nil {
			t.Fatal(err)
		}
	}
	var said strings.Builder
	w := wireFlags{address: "127.0.0.1:0", open: []string{"session"}}
	if err := w.check(); err != nil {
		t.Fatal(err)
	}
	stop, err := w.serve(store, slog.New(slog.NewTextHandler(&said, nil)))
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	_, address, _ := strings.Cut(strings.TrimSpace(said.String()), "address=")
	config, err := esdb.ParseConnectionString("esdb://" + address + "?tls=false")
	if err != nil {
		t.Fatal(err)
	}
	config.Logger = esdb.NoopLogging()
	client, err := esdb.NewClient(config)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	all, err := client.ReadAll(t.Context(), esdb.ReadAllOptions{}, 10)
	if err != nil {
		t.Fatal(err)
	}
	defer all.Close()
	if e, err := all.Recv(); err != nil || e.OriginalEvent().StreamID != "session-1" {
		t.Fatal(e, err)
	}
	if e, err := all.Recv(); err != io.EOF {
		t.Fatal(e, err)
	}
}
