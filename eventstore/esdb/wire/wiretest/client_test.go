package wiretest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"
	"google.golang.org/grpc/metadata"

	"livret/eventstore/esdb/wire/wiretest"
)

func connect(t *testing.T, connection string) *esdb.Client {
	t.Helper()
	config, err := esdb.ParseConnectionString(connection)
	if err != nil {
		t.Fatal(err)
	}
	config.Logger = esdb.NoopLogging()
	config.MaxDiscoverAttempts = 1000
	client, err := esdb.NewClient(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}

func within(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func events(n int) []esdb.EventData {
	out := make([]esdb.EventData, n)
	for i := range out {
		out[i] = esdb.EventData{EventID: uuid.New(), EventType: "tried", ContentType: esdb.ContentTypeBinary, Data: []byte{byte(i)}}
	}
	return out
}

func expectCode(t *testing.T, err error, want esdb.ErrorCode) {
	t.Helper()
	var told *esdb.Error
	if !errors.As(err, &told) || told.Code() != want {
		t.Fatalf("got %v, want code %d", err, want)
	}
}

func numbers(t *testing.T, stream *esdb.ReadStream, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	said := ""
	for {
		e, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return said
		} else if err != nil {
			t.Fatal(err)
		}
		said += fmt.Sprint(e.OriginalEvent().EventNumber, " ")
	}
}

// TestReadings reads a stream and the whole log in both directions, from where the official client says.
func TestReadings(t *testing.T) {
	cluster := wiretest.Start(t)
	client, ctx := connect(t, cluster.ConnectionString()), within(t)
	if _, err := client.AppendToStream(ctx, "a", esdb.AppendToStreamOptions{ExpectedRevision: esdb.NoStream{}}, events(5)...); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		options esdb.ReadStreamOptions
		count   uint64
		want    string
	}{
		{esdb.ReadStreamOptions{}, 10, "0 1 2 3 4 "},
		{esdb.ReadStreamOptions{From: esdb.Revision(3)}, 10, "3 4 "},
		{esdb.ReadStreamOptions{From: esdb.Revision(9)}, 10, ""},
		{esdb.ReadStreamOptions{From: esdb.Revision(1)}, 2, "1 2 "},
		{esdb.ReadStreamOptions{From: esdb.End{}}, 2, ""},
		{esdb.ReadStreamOptions{From: esdb.End{}, Direction: esdb.Backwards}, 2, "4 3 "},
		{esdb.ReadStreamOptions{From: esdb.Revision(2), Direction: esdb.Backwards}, 10, "2 1 0 "},
		{esdb.ReadStreamOptions{From: esdb.Revision(9), Direction: esdb.Backwards}, 1, "4 "},
		{esdb.ReadStreamOptions{}, 0, ""},
	} {
		stream, err := client.ReadStream(ctx, "a", test.options, test.count)
		if got := numbers(t, stream, err); got != test.want {
			t.Errorf("%+v, %d: %s, want %s", test.options, test.count, got, test.want)
		}
	}
	stream, err := client.ReadStream(ctx, "none", esdb.ReadStreamOptions{}, 1)
	if err != nil {
		t.Fatal(err)
	}
	_, err = stream.Recv()
	expectCode(t, err, esdb.ErrorCodeResourceNotFound)

	first, err := client.ReadAll(ctx, esdb.ReadAllOptions{}, 100)
	if got := numbers(t, first, err); got != "0 0 1 2 3 4 " { // $users, then ours
		t.Errorf("the whole log is %s", got)
	}
	back, err := client.ReadAll(ctx, esdb.ReadAllOptions{From: esdb.End{}, Direction: esdb.Backwards}, 2)
	if got := numbers(t, back, err); got != "4 3 " {
		t.Errorf("backwards it ends by %s", got)
	}
	all, err := client.ReadAll(ctx, esdb.ReadAllOptions{}, 3)
	if err != nil {
		t.Fatal(err)
	}
	var at esdb.Position
	for range 3 {
		e, err := all.Recv()
		if err != nil {
			t.Fatal(err)
		}
		at = e.OriginalEvent().Position
	}
	from, err := client.ReadAll(ctx, esdb.ReadAllOptions{From: at}, 2)
	if got := numbers(t, from, err); got != "1 2 " {
		t.Errorf("from a position it is %s", got)
	}
	before, err := client.ReadAll(ctx, esdb.ReadAllOptions{From: at, Direction: esdb.Backwards}, 1)
	if got := numbers(t, before, err); got != "0 " {
		t.Errorf("backwards from a position it is %s", got)
	}
}

// TestAppends takes what stands where it was expected, once, and refuses anything else.
func TestAppends(t *testing.T) {
	cluster := wiretest.Start(t)
	client, ctx := connect(t, cluster.ConnectionString()), within(t)
	add := func(e esdb.ExpectedRevision, batch []esdb.EventData) (*esdb.WriteResult, error) {
		return client.AppendToStream(ctx, "a", esdb.AppendToStreamOptions{ExpectedRevision: e}, batch...)
	}
	first, second := events(2), events(3)
	one, err := add(esdb.NoStream{}, first)
	if err != nil || one.NextExpectedVersion != 1 {
		t.Fatal(one, err)
	}
	two, err := add(esdb.Revision(1), second)
	if err != nil || two.NextExpectedVersion != 4 {
		t.Fatal(two, err)
	}
	if again, err := add(esdb.NoStream{}, first); err != nil || *again != *one {
		t.Error("the same append is answered otherwise", again, err)
	}
	if again, err := add(esdb.Revision(1), second); err != nil || *again != *two {
		t.Error("the same append is answered otherwise", again, err)
	}
	_, err = add(esdb.Revision(1), append(events(1), second[1:]...))
	expectCode(t, err, esdb.ErrorCodeWrongExpectedVersion)
	_, err = add(esdb.Revision(4), append(second[2:3:3], events(1)...))
	if err != nil {
		t.Error("an id that stands elsewhere is another event's", err)
	}
	_, err = add(esdb.NoStream{}, append(first[:2:2], events(1)...))
	expectCode(t, err, esdb.ErrorCodeWrongExpectedVersion)
	if _, err = add(esdb.Any{}, first); err != nil {
		t.Error(err)
	}
	if got := cluster.Store.Len(); got != 8 {
		t.Errorf("%d events are kept, want 8", got)
	}
	large := events(1)
	large[0].Data = make([]byte, 1<<20)
	_, err = add(esdb.Any{}, large)
	expectCode(t, err, esdb.ErrorCodeUnknown)
}

// TestSubscriptions receives what stood there and what came, each event once.
func TestSubscriptions(t *testing.T) {
	cluster := wiretest.Start(t)
	client, ctx := connect(t, cluster.ConnectionString()), within(t)
	more := func(n int) {
		if _, err := client.AppendToStream(ctx, "a", esdb.AppendToStreamOptions{}, events(n)...); err != nil {
			t.Fatal(err)
		}
	}
	more(3)
	stream, err := client.SubscribeToStream(ctx, "a", esdb.SubscribeToStreamOptions{From: esdb.Revision(0)})
	if err != nil {
		t.Fatal(err)
	}
	end, err := client.SubscribeToAll(ctx, esdb.SubscribeToAllOptions{From: esdb.End{}})
	if err != nil {
		t.Fatal(err)
	}
	tail, err := client.SubscribeToStream(ctx, "a", esdb.SubscribeToStreamOptions{From: esdb.End{}})
	if err != nil {
		t.Fatal(err)
	}
	filtered, err := client.SubscribeToAll(ctx, esdb.SubscribeToAllOptions{From: esdb.Start{}, Filter: esdb.ExcludeSystemEventsFilter(), MaxSearchWindow: 4, CheckpointInterval: 1})
	if err != nil {
		t.Fatal(err)
	}
	more(2)
	for name, test := range map[string]struct {
		from *esdb.Subscription
		want string
	}{
		"stream": {stream, "1 2 caught 3 4 "}, "end": {end, "caught 3 4 "}, "tail": {tail, "caught 3 4 "},
		"filtered": {filtered, "0 1 2 checkpoint caught 3 4 "},
	} {
		got := ""
		for len(got) < len(test.want) {
			switch e := test.from.Recv(); {
			case e.EventAppeared != nil:
				got += fmt.Sprint(e.EventAppeared.OriginalEvent().EventNumber, " ")
			case e.CaughtUp != nil:
				got += "caught "
			case e.CheckPointReached != nil:
				got += "checkpoint "
			case e.SubscriptionDropped != nil:
				t.Fatal(name, got, e.SubscriptionDropped.Error)
			}
		}
		if got != test.want && len(got) == len(test.want) {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
		test.from.Close()
	}
}

// TestFaults shows each fault to a client: what is ambiguous is there once, and who asks for the leader is told who it is.
func TestFaults(t *testing.T) {
	cluster := wiretest.StartWith(t, wiretest.Options{Nodes: 3})
	client, ctx := connect(t, cluster.ConnectionString()), within(t)
	add := func(ctx context.Context) error {
		_, err := client.AppendToStream(ctx, "a", esdb.AppendToStreamOptions{}, events(1)...)
		return err
	}
	if err := add(ctx); err != nil {
		t.Fatal(err)
	}
	before := cluster.Store.Len()
	cluster.Faults.FailAfterApply(1)
	expectCode(t, add(ctx), esdb.ErrorUnavailable)
	cluster.Faults.FailBeforeApply(1)
	expectCode(t, add(ctx), esdb.ErrorUnavailable)
	cluster.Faults.AbortAfterApply(1)
	expectCode(t, add(ctx), esdb.ErrorAborted)
	if got := cluster.Store.Len() - before; got != 2 {
		t.Errorf("%d events were added, want 2", got)
	}
	stream, err := client.ReadStream(ctx, "a", esdb.ReadStreamOptions{}, 100)
	if got := numbers(t, stream, err); got != "0 1 2 " {
		t.Error(got)
	}

	cluster.Faults.CutReadAfter(1)
	if stream, err = client.ReadStream(ctx, "a", esdb.ReadStreamOptions{}, 100); err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = stream.Recv()
	}
	expectCode(t, err, esdb.ErrorUnavailable)

	if err := add(ctx); err != nil {
		t.Fatal(err)
	}
	cluster.MoveLeader((cluster.Leader() + 1) % 3)
	if err := add(ctx); err != nil {
		t.Error("a follower passes on what does not require the leader:", err)
	}
	required := metadata.AppendToOutgoingContext(ctx, "requires-leader", "true")
	expectCode(t, add(required), esdb.ErrorCodeNotLeader)
	if err := add(required); err != nil {
		t.Error(err)
	}
	leader := cluster.Leader()
	cluster.Kill(leader)
	for add(required) != nil {
		if ctx.Err() != nil {
			t.Fatal("no other node is found")
		}
	}
	cluster.Restart(t, leader)
	cluster.Faults.Delay(20 * time.Millisecond)
	begin := time.Now()
	if err := add(ctx); err != nil || time.Since(begin) < 20*time.Millisecond {
		t.Error(err, time.Since(begin))
	}
}
