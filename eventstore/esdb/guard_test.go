package esdb_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	client "github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"

	"livret/eventstore"
	"livret/eventstore/esdb"
	"livret/eventstore/storetest"
)

func draft(stream eventstore.StreamID, sequence eventstore.Version) eventstore.Envelope {
	return eventstore.Envelope{
		Header: eventstore.Header{
			Ledger: storetest.Ledger, Stream: stream, Sequence: sequence, Type: "record.MarkEntered", Schema: 1,
			Event: uuid.New(), RecordedAt: time.UnixMicro(1_780_000_000_000_000).UTC(),
		},
		Sealed: []byte("sealed"),
	}
}

func stream() eventstore.StreamID { return eventstore.Stream("record", uuid.New()) }

// settled waits until no more goroutines run than before.
func settled(t *testing.T, before int) {
	t.Helper()
	for range 200 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	all := make([]byte, 1<<20)
	t.Fatalf("%d goroutines, %d before:\n%s", runtime.NumGoroutine(), before, all[:runtime.Stack(all, true)])
}

// TestCallersLeaveInTime has many call a cluster that is not there. The client alone would keep all but one for ever.
func TestCallersLeaveInTime(t *testing.T) {
	n := newCluster().start(t)
	n.kill()
	before := runtime.NumGoroutine()
	s := open(t, n, esdb.Options{Patience: time.Hour})
	var wg sync.WaitGroup
	for range 32 {
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			began := time.Now()
			_, err := s.Append(ctx, draft(stream(), 1))
			if !errors.Is(err, context.DeadlineExceeded) || time.Since(began) > 15*time.Second {
				t.Errorf("after %v: %v", time.Since(began), err)
			}
		})
	}
	wg.Wait()
	n.restart(t)
	t.Cleanup(n.kill)
	if _, err := s.Append(t.Context(), draft(stream(), 1)); err != nil {
		t.Fatalf("the cluster is there again: %v", err)
	}
	s.Close()
	n.kill()
	settled(t, before)
}

// TestOutage kills the node again and again under writers, a reader who follows and one who reads anew: what is
// acknowledged is there once, in order, and nothing stays behind.
func TestOutage(t *testing.T) {
	n := newCluster().start(t)
	before := runtime.NumGoroutine()
	kills, writers := 15, 16
	if testing.Short() {
		kills, writers = 4, 8
	}
	s := open(t, n, esdb.Options{Patience: time.Minute})
	ctx, cancel := context.WithCancel(t.Context())
	var followed []eventstore.Envelope
	var following sync.WaitGroup
	total := make(chan int, 1)
	following.Go(func() {
		due := -1
		for e, err := range s.Follow(ctx, eventstore.Position{}) {
			if err != nil {
				if !errors.Is(err, context.Canceled) {
					t.Errorf("Follow: %v", err)
				}
				return
			}
			followed = append(followed, e)
			select {
			case due = <-total:
			default:
			}
			if len(followed) == due {
				return
			}
		}
	})
	over := make(chan struct{})
	written := make([]eventstore.Version, writers)
	var acknowledged atomic.Int64
	var writing sync.WaitGroup
	for i := range written {
		writing.Go(func() {
			own := stream()
			for {
				select {
				case <-over:
					return
				default:
				}
				if _, err := s.Append(t.Context(), draft(own, written[i]+1)); err != nil {
					t.Errorf("Append: %v", err)
					return
				}
				written[i]++
				acknowledged.Add(1)
			}
		})
	}
	for range kills {
		for due := acknowledged.Load() + 40; acknowledged.Load() < due && !t.Failed(); {
			time.Sleep(time.Millisecond)
		}
		n.kill()
		time.Sleep(10 * time.Millisecond)
		n.restart(t)
	}
	close(over)
	writing.Wait()
	sum := 1 // the last one wakes the follower
	for _, w := range written {
		sum += int(w)
	}
	total <- sum
	if _, err := s.Append(t.Context(), draft(stream(), 1)); err != nil {
		t.Fatal(err)
	}
	following.Wait()
	all := storetest.Audit(t, s)
	if len(all) != sum || len(followed) != sum {
		t.Fatalf("%d acknowledged, %d kept, %d followed", sum, len(all), len(followed))
	}
	for i := range all {
		if all[i].Event != followed[i].Event {
			t.Fatalf("event %d was followed in another order", i)
		}
	}
	t.Logf("%d appends, %d kills", sum, kills)
	cancel()
	s.Close()
	n.kill()
	settled(t, before)
}

// TestLeader moves the leader while the former one stays up.
func TestLeader(t *testing.T) {
	c := newCluster()
	former, next := c.start(t), c.start(t)
	s := open(t, former, esdb.Options{Patience: time.Minute})
	own := stream()
	for v := eventstore.Version(1); v <= 3; v++ {
		if _, err := s.Append(t.Context(), draft(own, v)); err != nil {
			t.Fatal(err)
		}
	}
	c.mu.Lock()
	c.leader = next
	c.mu.Unlock()
	for v := eventstore.Version(4); v <= 6; v++ {
		if _, err := s.Append(t.Context(), draft(own, v)); err != nil {
			t.Fatal(err)
		}
	}
	if all := storetest.Audit(t, s); len(all) != 6 {
		t.Fatalf("%d events", len(all))
	}
	if c.without != 0 || c.withLeader == 0 {
		t.Fatalf("%d calls did not ask for the leader, %d did", c.without, c.withLeader)
	}
}

// TestUnknownMessage has the server say something on which the client panics.
func TestUnknownMessage(t *testing.T) {
	c := newCluster()
	s := open(t, c.start(t), esdb.Options{})
	c.unknown = 1
	if _, err := s.Head(t.Context(), stream()); !errors.Is(err, esdb.ErrRefused) {
		t.Fatalf("got %v", err)
	}
	if _, err := s.Head(t.Context(), stream()); err != nil {
		t.Fatal(err)
	}
}

// TestForeignEvents puts events of others into the cluster: the whole log passes them by, a stream of the ledger does not
// bear them.
func TestForeignEvents(t *testing.T) {
	c := newCluster()
	n := c.start(t)
	s := open(t, n, esdb.Options{})
	other, err := esdb.Open(esdb.Options{Connection: n.connection(), Ledger: uuid.New()})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	own := stream()
	c.append("$stats", client.EventData{EventID: uuid.New(), EventType: "$stats", Data: []byte("{}")})
	c.append("orders-1", client.EventData{EventID: uuid.New(), EventType: "OrderPlaced", Metadata: []byte(`{"header":7}`)})
	mine := draft(own, 1)
	if _, err := s.Append(t.Context(), mine); err != nil {
		t.Fatal(err)
	}
	if all := storetest.Audit(t, s); len(all) != 1 || all[0].Event != mine.Event {
		t.Fatalf("%d events", len(all))
	}
	if all := storetest.Audit(t, other); len(all) != 0 {
		t.Fatalf("another ledger sees %d events", len(all))
	}
	for _, err := range other.Stream(t.Context(), own, 0) {
		if !errors.Is(err, eventstore.ErrCorrupt) {
			t.Fatalf("a stream of another ledger: %v", err)
		}
	}
	for name, drafts := range map[string][]eventstore.Envelope{"another ledger": {mine}, "a system stream": {draft("$ce-record", 1)}} {
		store := eventstore.Store(s)
		if name == "another ledger" {
			store = other
		}
		if _, err := store.Append(t.Context(), drafts...); !errors.Is(err, eventstore.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	c.append(string(own), client.EventData{EventID: uuid.New(), EventType: "Intruder"})
	var failed error
	for _, err := range s.Stream(t.Context(), own, 0) {
		failed = err
	}
	if !errors.Is(failed, eventstore.ErrCorrupt) {
		t.Fatalf("an intruder in a stream: %v", failed)
	}
}

// TestTampered has the cluster give back another thing than was put there.
func TestTampered(t *testing.T) {
	tests := map[string]func(c *cluster){
		"type":     func(c *cluster) { c.log[0].Metadata["type"] = "record.Locked" },
		"revision": func(c *cluster) { c.log[0].StreamRevision++ },
		"id":       func(c *cluster) { c.log[0].Id = c.log[1].Id },
		"stream":   func(c *cluster) { c.log[0].StreamIdentifier = c.log[2].StreamIdentifier },
		"header":   func(c *cluster) { c.log[0].CustomMetadata = c.log[1].CustomMetadata },
		"metadata": func(c *cluster) { c.log[0].CustomMetadata = append(c.log[0].CustomMetadata, ' ') },
		"cut": func(c *cluster) {
			c.log[0].CustomMetadata = []byte(strings.Replace(string(c.log[0].CustomMetadata), "commit", "comment", 1))
		},
	}
	for name, tamper := range tests {
		t.Run(name, func(t *testing.T) {
			c := newCluster()
			s := open(t, c.start(t), esdb.Options{})
			own := stream()
			if _, err := s.Append(t.Context(), draft(own, 1), draft(own, 2)); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Append(t.Context(), draft(stream(), 1)); err != nil {
				t.Fatal(err)
			}
			c.mu.Lock()
			tamper(c)
			c.mu.Unlock()
			var failed error
			for _, err := range s.Read(t.Context(), eventstore.Position{}) {
				failed = err
			}
			if !errors.Is(failed, eventstore.ErrCorrupt) {
				t.Fatalf("got %v", failed)
			}
		})
	}
}

func TestConfiguration(t *testing.T) {
	for _, wrong := range []string{
		"", "localhost", "http://localhost", "esdb://", "esdb://localhost:port", "esdb://localhost?defaultDeadline=abc",
		"esdb://localhost?nodePreference=follower", "esdb://localhost?maxDiscoverAttempts=3", "esdb://localhost?tls=maybe",
		"esdb://localhost?tls=true&tls=false", "esdb://localhost?throwOnAppendFailure=true", "esdb://admin:secret@localhost",
	} {
		err := esdb.Check(wrong)
		if !errors.Is(err, esdb.ErrConfig) {
			t.Errorf("%q: %v", wrong, err)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: the error tells the password", wrong)
		}
	}
	for _, right := range []string{"esdb://localhost", "esdb://a:2113,b:2113,c?nodePreference=leader", "esdb+discover://cluster.example?tls=true&defaultDeadline=5000"} {
		if err := esdb.Check(right); err != nil {
			t.Errorf("%q: %v", right, err)
		}
	}
	if _, err := esdb.Open(esdb.Options{Connection: "esdb://localhost?tls=false", Username: "livret", Ledger: storetest.Ledger}); !errors.Is(err, esdb.ErrConfig) {
		t.Errorf("credentials without TLS: %v", err)
	}
}
