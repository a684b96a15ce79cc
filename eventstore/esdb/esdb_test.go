package esdb_test

import (
	"context"
	"iter"
	"os"
	"testing"
	"time"

	"livret/eventstore"
	"livret/eventstore/esdb"
	"livret/eventstore/esdb/wire/wiretest"
	"livret/eventstore/storetest"
)

// placed is a store that knows its cluster.
type placed struct {
	*esdb.Store
	node    *node
	options esdb.Options
}

func open(t testing.TB, n *node, o esdb.Options) placed {
	t.Helper()
	o.Connection, o.Ledger = n.connection(), storetest.Ledger
	s, err := esdb.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return placed{s, n, o}
}

func adapter(o esdb.Options, fresh func(t testing.TB) *node) storetest.Adapter {
	return storetest.Adapter{
		New: func(t testing.TB) eventstore.Store { return open(t, fresh(t), o) },
		Reopen: func(t testing.TB, s eventstore.Store) eventstore.Store {
			s.Close()
			return open(t, s.(placed).node, o)
		},
	}
}

// TestStore has each call try once, so that faults show.
func TestStore(t *testing.T) {
	a := adapter(esdb.Options{}, func(t testing.TB) *node { return newCluster().start(t) })
	a.FailBefore = func(s eventstore.Store, n int) { s.(placed).node.fail(n, 0) }
	a.FailAfter = func(s eventstore.Store, n int) { s.(placed).node.fail(0, n) }
	storetest.Run(t, a)
}

func (c *cluster) fail(before, after int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.before, c.after = before, after
}

// TestStoreOverBadWire cuts every reading after some events and fails some appends: a store that insists shows nothing of it.
func TestStoreOverBadWire(t *testing.T) {
	if testing.Short() {
		t.Skip("half a minute")
	}
	storetest.Run(t, adapter(esdb.Options{Patience: 20 * time.Second}, func(t testing.TB) *node {
		c := newCluster()
		c.cut, c.before, c.after = 97, 3, 3
		return c.start(t)
	}))
}

// TestStoreInCluster runs against what $LIVRET_ESDB names, a real cluster that may hold anything already, or else against
// three nodes of our own server.
func TestStoreInCluster(t *testing.T) {
	connection, given := os.LookupEnv("LIVRET_ESDB")
	if !given && testing.Short() {
		t.Skip("half a minute")
	}
	storetest.Run(t, storetest.Adapter{
		New: func(t testing.TB) eventstore.Store {
			if !given {
				connection = wiretest.StartWith(t, wiretest.Options{Nodes: 3}).ConnectionString()
			}
			return since(t, connection)
		},
		Reopen: func(t testing.TB, s eventstore.Store) eventstore.Store {
			s.Close()
			return newer{connect(t, s.(newer).connection), s.(newer).connection, s.(newer).from}
		},
	})
}

func connect(t testing.TB, connection string) *esdb.Store {
	t.Helper()
	s, err := esdb.Open(esdb.Options{
		Connection: connection, Username: os.Getenv("LIVRET_ESDB_USER"), Password: os.Getenv("LIVRET_ESDB_PASSWORD"),
		Ledger: storetest.Ledger, Patience: 20 * time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// newer shows of a store what came after a position: a cluster that was used before is as good as new.
type newer struct {
	*esdb.Store
	connection string
	from       eventstore.Position
}

func since(t testing.TB, connection string) newer {
	t.Helper()
	s := newer{Store: connect(t, connection), connection: connection}
	at, err := s.Append(t.Context(), draft(stream(), 1))
	if err != nil {
		t.Fatal(err)
	}
	s.from = at
	return s
}

func (s newer) Read(ctx context.Context, after eventstore.Position) iter.Seq2[eventstore.Envelope, error] {
	return s.Store.Read(ctx, s.after(after))
}

func (s newer) Follow(ctx context.Context, after eventstore.Position) iter.Seq2[eventstore.Envelope, error] {
	return s.Store.Follow(ctx, s.after(after))
}

func (s newer) after(p eventstore.Position) eventstore.Position {
	if p.Compare(s.from) < 0 {
		return s.from
	}
	return p
}
