package chaos

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/deliberation"
	"livret/eventstore"
	"livret/eventstore/esdb"
	"livret/eventstore/esdb/wire/wiretest"
	"livret/eventstore/keyvault"
	"livret/projections"
)

// writer appends to streams of its own, and keeps what was acknowledged.
type writer struct {
	store   *esdb.Store
	ledger  uuid.UUID
	codec   *domain.Codec
	r       *rand.Rand
	own     []eventstore.StreamID
	written map[eventstore.StreamID]*chain
	tag     int64 // of the next event, which no other has
}

// append adds a run of some events to one of the streams, and tells of how many.
func (w *writer) append(ctx context.Context) (int, error) {
	n := 1 + w.r.IntN(mostRun)
	return n, w.run(ctx, n)
}

func (w *writer) run(ctx context.Context, n int) error {
	for len(w.own) < streams {
		stream := eventstore.Stream(deliberation.SessionCategory, uuid.New())
		w.own, w.written[stream] = append(w.own, stream), &chain{}
	}
	stream := w.own[w.r.IntN(streams)]
	next, drafts := *w.written[stream], make([]eventstore.Envelope, n)
	for i := range drafts {
		eventType, schema, payload, err := w.codec.Encode(deliberation.SessionOpened{Session: 2018, Round: "juin"})
		if err != nil {
			return err
		}
		w.tag++
		next.add(w.tag)
		h := eventstore.Header{
			Ledger: w.ledger, Stream: stream, Sequence: eventstore.Version(next.n), Type: eventType, Schema: schema,
			Event: uuid.New(), RecordedAt: time.UnixMicro(w.tag).UTC(),
		}
		c := eventstore.Content{Role: "exams", Person: uuid.New(), Cause: uuid.New(), OccurredAt: time.UnixMicro(w.tag).UTC(), Payload: payload}
		if drafts[i], err = keyvault.SealEvent(nil, h, c); err != nil {
			return err
		}
	}
	if _, err := w.store.Append(ctx, drafts...); err != nil {
		return err
	}
	*w.written[stream] = next
	return nil
}

// disturb kills a node or cuts all connections each time another part of the events is acknowledged, and tells how often it
// did; now and then the leader moves besides, or answers and readings are lost.
func disturb(t *testing.T, c *wiretest.Cluster, acknowledged *atomic.Int64, total int) (broken int) {
	r := rand.New(rand.NewPCG(5, 5))
	for ; broken < breakage; broken++ {
		for acknowledged.Load() < int64(total*broken/breakage) {
			if t.Failed() {
				return broken
			}
			time.Sleep(time.Millisecond)
		}
		if node := r.IntN(nodes); r.IntN(4) == 0 {
			c.CutAll()
		} else {
			c.Kill(node)
			time.Sleep(time.Duration(r.IntN(50)) * time.Millisecond)
			c.Restart(t, node)
		}
		switch r.IntN(4) {
		case 0:
			c.MoveLeader(r.IntN(nodes))
		case 1:
			c.Faults.FailAfterApply(1 + r.IntN(3))
			c.Faults.CutReadAfter(1 + r.IntN(200))
		}
	}
	return broken
}

// compare holds the rows of a view to what was acknowledged.
func compare(t *testing.T, live projections.Store, written []map[eventstore.StreamID]*chain) {
	t.Helper()
	rows := make(map[eventstore.StreamID][]byte)
	for r, err := range live.Scan(t.Context(), projection.Name, deliberation.SessionCategory) {
		if err != nil {
			t.Fatal(err)
		}
		rows[r.Stream] = r.Sealed
	}
	for _, of := range written {
		for stream, want := range of {
			if want.n == 0 {
				continue
			}
			due, err := want.Marshal()
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Contains(rows[stream], due) { // which stands in clear, behind what every row begins with
				t.Fatalf("stream %s: %s, %d events were acknowledged", stream, found(rows[stream]), want.n)
			}
			delete(rows, stream)
		}
	}
	if len(rows) > 0 {
		t.Fatalf("%d streams are shown that nobody wrote", len(rows))
	}
}

func found(row []byte) string {
	if row == nil {
		return "no row"
	}
	return fmt.Sprintf("a row of %d bytes that folds something else", len(row))
}

// inOrder holds what a follower saw to the log as it stands.
func inOrder(t *testing.T, s eventstore.Store, followed []eventstore.Position, total int) {
	t.Helper()
	n := 0
	for e, err := range s.Read(t.Context(), eventstore.Position{}) {
		if err != nil {
			t.Fatal(err)
		}
		if n == len(followed) || followed[n] != e.Position {
			t.Fatalf("event %d of the log is not what was followed", n)
		}
		n++
	}
	if n != total || len(followed) != total {
		t.Fatalf("%d events stand, %d were followed, %d acknowledged", n, len(followed), total)
	}
}
