// Package chaos kills what the ledger stands on, again and again, while it is written and shown.
package chaos

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/deliberation"
	"livret/eventstore"
	"livret/eventstore/esdb"
	"livret/eventstore/esdb/wire/wiretest"
	vault "livret/eventstore/keyvault/memory"
	"livret/projections"
	views "livret/projections/memory"
)

const (
	writers  = 16
	streams  = 64 // of each writer
	mostRun  = 20 // events of one append
	nodes    = 3
	breakage = 36 // nodes killed, connections cut
)

// howMany is how many events are written; $LIVRET_CHAOS_EVENTS says otherwise.
func howMany(t *testing.T) int {
	n := 200_000
	if testing.Short() {
		n = 3_000
	}
	if said := os.Getenv("LIVRET_CHAOS_EVENTS"); said != "" {
		var err error
		if n, err = strconv.Atoi(said); err != nil {
			t.Fatal(err)
		}
	}
	return n
}

// chain folds a stream into the number and the hash of everything it was handed, in order: an event that is missed,
// doubled or out of its place changes it.
type chain struct {
	n    uint64
	hash [32]byte
}

func (c *chain) add(tag int64) {
	c.n++
	c.hash = sha256.Sum256(binary.BigEndian.AppendUint64(c.hash[:], uint64(tag)))
}

func (c *chain) Apply(f domain.Fact) error { c.add(f.OccurredAt.UnixMicro()); return nil }
func (c *chain) Labels() [][]string        { return nil }
func (c *chain) Marshal() ([]byte, error) {
	return append(binary.BigEndian.AppendUint64(nil, c.n), c.hash[:]...), nil
}
func (c *chain) Unmarshal(b []byte) error {
	c.n = binary.BigEndian.Uint64(b)
	copy(c.hash[:], b[8:])
	return nil
}

var projection = projections.Projection{
	Name: "chain.v1", Categories: []string{deliberation.SessionCategory}, New: func(string) projections.Folder { return &chain{} },
}

// TestChaos has writers append through their own instances while two others compete for one view, and a third follows;
// meanwhile nodes are killed, leaders moved and connections cut. In the end the view is what a rebuild gives, and what was
// acknowledged, event by event; the follower saw the log as it stands; and nothing is left running.
func TestChaos(t *testing.T) {
	total, ledger := howMany(t), uuid.New()
	cluster := wiretest.StartWith(t, wiretest.Options{Nodes: nodes})
	open := func() *esdb.Store {
		s, err := esdb.Open(esdb.Options{Connection: cluster.ConnectionString(), Ledger: ledger, Patience: 2 * time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	codec, err := domain.NewCodec(deliberation.Events())
	if err != nil {
		t.Fatal(err)
	}
	live, keys := views.New(), vault.New()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()

	// Two instances, each with a client of its own, share the view.
	var instances sync.WaitGroup
	for range 2 {
		instances.Go(func() {
			s := open()
			defer s.Close()
			source := projections.Source{Store: s, Keys: keys, Codec: codec, Batch: 500}
			for ctx.Err() == nil {
				if err := projections.Follow(ctx, source, live, projection); err != nil && ctx.Err() == nil && !errors.Is(err, esdb.ErrUnavailable) {
					t.Errorf("an instance: %v", err)
					return
				}
			}
		})
	}
	var followed []eventstore.Position
	var due atomic.Int64
	var following sync.WaitGroup
	following.Go(func() {
		s := open()
		defer s.Close()
		for e, err := range s.Follow(ctx, eventstore.Position{}) {
			if err != nil {
				t.Errorf("the follower: %v", err)
				return
			}
			if followed = append(followed, e.Position); int64(len(followed)) == due.Load() {
				return
			}
		}
	})

	var acknowledged atomic.Int64
	written := make([]map[eventstore.StreamID]*chain, writers)
	var writing sync.WaitGroup
	for i := range written {
		written[i] = make(map[eventstore.StreamID]*chain)
		writing.Go(func() {
			s := open()
			defer s.Close()
			w := writer{store: s, ledger: ledger, codec: codec, r: rand.New(rand.NewPCG(uint64(i), 1)), written: written[i], tag: int64(i) << 32}
			for acknowledged.Load() < int64(total) {
				n, err := w.append(t.Context())
				if err != nil {
					t.Errorf("writer %d: %v", i, err)
					return
				}
				acknowledged.Add(int64(n))
			}
		})
	}
	broken := disturb(t, cluster, &acknowledged, total)
	writing.Wait()
	if t.Failed() {
		return
	}
	last := writer{store: open(), ledger: ledger, codec: codec, r: rand.New(rand.NewPCG(99, 1)), written: make(map[eventstore.StreamID]*chain), tag: 99 << 32}
	defer last.store.Close()
	due.Store(acknowledged.Load() + 1)
	if err := last.run(t.Context(), 1); err != nil { // wakes who waits
		t.Fatal(err)
	}
	following.Wait()
	source := projections.Source{Store: last.store, Keys: keys, Codec: codec}
	to, err := projections.Run(t.Context(), source, live, projection)
	if err != nil {
		t.Fatal(err)
	}
	stop()
	instances.Wait()
	report, err := projections.Check(t.Context(), source, live, views.New(), projection)
	if err != nil || !report.Exact() || len(report.Parked) > 0 || report.Position != to {
		t.Fatalf("the view differs from a rebuild in %d rows of %d, %d of them parked: %v", len(report.Differ), report.Rows, len(report.Parked), err)
	}
	compare(t, live, append(written, last.written))
	inOrder(t, last.store, followed, int(due.Load()))
	t.Logf("%d events, %d kills", due.Load(), broken)
	if broken < breakage {
		t.Errorf("only %d kills", broken)
	}
	last.store.Close()
	for i := range nodes {
		cluster.Kill(i)
	}
	var left []string
	for range 400 {
		if left = running(); len(left) == 0 {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Errorf("%d goroutines are left:\n%s", len(left), strings.Join(left, "\n\n"))
}

// running are the goroutines of ours, and of the client, but for that of the test. Those of gRPC are not looked at: a client
// that was sent to a leader who died in that very moment forgets a connection, which nobody else can close.
func running() (left []string) {
	all := make([]byte, 4<<20)
	for _, one := range strings.Split(string(all[:runtime.Stack(all, true)]), "\n\n") {
		ours := strings.Contains(one, "livret/") || strings.Contains(one, "EventStore-Client-Go")
		if ours && !strings.Contains(one, "chaos.TestChaos(") {
			left = append(left, one)
		}
	}
	return left
}
