package esdb_test

import (
	"testing"
	"time"

	"livret/eventstore"
	"livret/eventstore/esdb"
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
