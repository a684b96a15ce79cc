package wire_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	client "github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"

	"livret/eventstore"
	"livret/eventstore/esdb"
	"livret/eventstore/esdb/wire"
	"livret/eventstore/esdb/wire/wiretest"
	"livret/eventstore/memory"
)

var (
	ledgerID = uuid.UUID{9}
	keyID    = uuid.UUID{5}
)

func drafts(stream eventstore.StreamID, after, n int, key uuid.UUID) []eventstore.Envelope {
	out := make([]eventstore.Envelope, n)
	for i := range out {
		out[i] = eventstore.Envelope{Header: eventstore.Header{
			Ledger: ledgerID, Stream: stream, Sequence: eventstore.Version(after + i + 1), Type: "record.Tried", Schema: 1,
			Event: uuid.New(), Key: key, RecordedAt: time.UnixMicro(1782820800123456).UTC(),
		}, Commit: [32]byte{byte(i)}, Sealed: []byte{1, byte(i)}}
	}
	return out
}

// serveGateway serves a store over TLS to two users, and answers where.
func serveGateway(t *testing.T, store eventstore.Store) (address string) {
	t.Helper()
	gateway := wire.NewGateway(store)
	server := wire.New(wire.Options{
		TLS: wiretest.SelfSigned(t),
		Open: func(_ context.Context, who *wire.Credentials) (wire.Log, error) {
			if who == nil || who.Password != "secret" {
				return nil, wire.ErrUnauthenticated
			}
			return gateway.Only(strings.Split(who.Username, "+")), nil
		},
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	t.Cleanup(func() { server.Stop(); <-served })
	return listener.Addr().String()
}

func connect(t *testing.T, address, user, password string) *client.Client {
	t.Helper()
	config, err := client.ParseConnectionString(fmt.Sprintf("esdb://%s:%s@%s?tlsVerifyCert=false", user, password, address))
	if err != nil {
		t.Fatal(err)
	}
	config.Logger = client.NoopLogging()
	c, err := client.NewClient(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func codeOf(err error) client.ErrorCode {
	var told *client.Error
	if errors.As(err, &told) {
		return told.Code()
	}
	return -1
}

// TestGatewayIsRead reads over the wire, by the ledger's own adapter, what a store holds: the same envelopes, from which
// the same leaves are made, sealed bytes that are gone included.
func TestGatewayIsRead(t *testing.T) {
	store := memory.New()
	defer store.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	record := eventstore.Stream("record", uuid.UUID{1})
	for _, run := range [][]eventstore.Envelope{drafts(record, 0, 3, keyID), drafts(eventstore.Stream("identity", uuid.UUID{2}), 0, 2, uuid.Nil), drafts(record, 3, 200, uuid.Nil)} {
		if _, err := store.Append(ctx, run...); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := store.Purge(ctx, keyID); n != 3 || err != nil {
		t.Fatal(n, err)
	}
	address := serveGateway(t, store)
	far, err := esdb.Open(esdb.Options{Connection: "esdb://" + address + "?tlsVerifyCert=false", Username: "record", Password: "secret", Ledger: ledgerID, Patience: 20 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer far.Close()
	var want, got []eventstore.Envelope
	for e, err := range store.Read(ctx, eventstore.Position{}) {
		if err != nil {
			t.Fatal(err)
		}
		if e.Stream == record {
			want = append(want, e)
		}
	}
	for e, err := range far.Read(ctx, eventstore.Position{}) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, e)
	}
	if len(got) != len(want) {
		t.Fatalf("%d events are read, want %d", len(got), len(want))
	}
	for i := range got {
		leaf, err := got[i].Leaf()
		same, _ := want[i].Leaf()
		if err != nil || !bytes.Equal(leaf, same) || got[i].Position != want[i].Position || !bytes.Equal(got[i].Sealed, want[i].Sealed) {
			t.Fatalf("event %d is another: %v", i, err)
		}
	}
	if head, err := far.Head(ctx, record); head != 203 || err != nil {
		t.Error(head, err)
	}
	next := eventstore.Version(100)
	for e, err := range far.Stream(ctx, record, next) {
		if next++; err != nil || e.Sequence != next {
			t.Fatal(e.Sequence, err)
		}
	}
	if next != 203 {
		t.Errorf("the stream ends at %d", next)
	}
	if _, err := far.Append(ctx, drafts(record, 203, 1, uuid.Nil)...); err == nil {
		t.Error("an append is taken")
	}
}

// TestGatewayIsClosed shows that nobody writes, and that nobody reads what his credentials do not allow.
func TestGatewayIsClosed(t *testing.T) {
	store := memory.New()
	defer store.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for _, category := range []string{"record", "identity", "session"} {
		if _, err := store.Append(ctx, drafts(eventstore.Stream(category, uuid.UUID{1}), 0, 70, uuid.Nil)...); err != nil {
			t.Fatal(err)
		}
	}
	address := serveGateway(t, store)
	read := func(c *client.Client, stream string, o client.ReadStreamOptions) (revisions []uint64, err error) {
		r, err := c.ReadStream(ctx, stream, o, 1000)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		for {
			e, err := r.Recv()
			if err != nil {
				return revisions, err
			}
			revisions = append(revisions, e.OriginalEvent().EventNumber)
		}
	}
	may := connect(t, address, "record", "secret")
	record, identity := "record-"+uuid.UUID{1}.String(), "identity-"+uuid.UUID{1}.String()
	down, err := read(may, record, client.ReadStreamOptions{Direction: client.Backwards, From: client.End{}})
	if err != io.EOF || len(down) != 70 || down[0] != 69 || !slices.IsSortedFunc(down, func(a, b uint64) int { return int(b) - int(a) }) {
		t.Error("backwards:", down, err)
	}
	if down, err := read(may, record, client.ReadStreamOptions{Direction: client.Backwards, From: client.Revision(2)}); err != io.EOF || !slices.Equal(down, []uint64{2, 1, 0}) {
		t.Error("backwards from 2:", down, err)
	}
	for _, stream := range []string{identity, "$$" + record, "$users", "$ce-record", "identity"} {
		if got, err := read(may, stream, client.ReadStreamOptions{}); codeOf(err) != client.ErrorCodeAccessDenied || got != nil {
			t.Errorf("%s: %v, %v", stream, got, err)
		}
	}
	if _, err := read(may, "record-none", client.ReadStreamOptions{}); codeOf(err) != client.ErrorCodeResourceNotFound {
		t.Error(err)
	}
	if _, err := read(connect(t, address, "record", "wrong"), record, client.ReadStreamOptions{}); codeOf(err) != client.ErrorCodeUnauthenticated {
		t.Error(err)
	}
	event := client.EventData{EventID: uuid.New(), EventType: "x", ContentType: client.ContentTypeBinary}
	_, appended := may.AppendToStream(ctx, record, client.AppendToStreamOptions{}, event)
	_, deleted := may.DeleteStream(ctx, record, client.DeleteStreamOptions{})
	_, ended := may.TombstoneStream(ctx, record, client.TombstoneStreamOptions{})
	_, listed := may.ListAllPersistentSubscriptions(ctx, client.ListPersistentSubscriptionsOptions{})
	for name, err := range map[string]error{
		"append": appended, "delete": deleted, "tombstone": ended, "list": listed,
		"create": may.CreatePersistentSubscription(ctx, record, "g", client.PersistentStreamSubscriptionOptions{}),
	} {
		if codeOf(err) != client.ErrorCodeAccessDenied {
			t.Errorf("%s is answered by %v", name, err)
		}
	}
	if head, err := store.Head(ctx, eventstore.StreamID(record)); head != 70 || err != nil {
		t.Error(head, err)
	}
}

// TestGatewayIsFollowed subscribes, and receives what is allowed of what comes; once all is over, nothing goes on.
func TestGatewayIsFollowed(t *testing.T) {
	before := runtime.NumGoroutine()
	t.Run("", func(t *testing.T) {
		store := memory.New()
		t.Cleanup(func() { store.Close() })
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		c := connect(t, serveGateway(t, store), "record+session", "secret")
		all, err := c.SubscribeToAll(ctx, client.SubscribeToAllOptions{From: client.Start{}, Filter: &client.SubscriptionFilter{Type: client.StreamFilterType, Prefixes: []string{"record-"}}})
		if err != nil {
			t.Fatal(err)
		}
		record := eventstore.Stream("record", uuid.UUID{1})
		one, err := c.SubscribeToStream(ctx, string(record), client.SubscribeToStreamOptions{From: client.Start{}})
		if err != nil {
			t.Fatal(err)
		}
		for i, stream := range []eventstore.StreamID{"identity-1", "session-1", record, record} {
			if _, err := store.Append(ctx, drafts(stream, i/3, 1, uuid.Nil)...); err != nil {
				t.Fatal(err)
			}
		}
		for _, s := range []*client.Subscription{all, one} {
			for revision := uint64(0); revision < 2; {
				e := s.Recv()
				if e.SubscriptionDropped != nil {
					t.Fatal(e.SubscriptionDropped.Error)
				}
				if e.EventAppeared == nil {
					continue
				}
				if got := e.EventAppeared.OriginalEvent(); got.StreamID != string(record) || got.EventNumber != revision {
					t.Fatalf("revision %d of %s came", got.EventNumber, got.StreamID)
				}
				revision++
			}
			s.Close()
		}
	})
	for range 500 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("%d goroutines, %d before", runtime.NumGoroutine(), before)
}
