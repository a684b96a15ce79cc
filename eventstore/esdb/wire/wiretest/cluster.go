package wiretest

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"livret/eventstore/esdb/wire"
)

// Who may connect to a cluster with TLS.
const (
	Username = "admin"
	Password = "changeit"
)

// Options of a cluster. The zero Options are one node on any port, without TLS, to which anybody may connect.
type Options struct {
	Nodes int   // at least 1
	Ports []int // where they listen; nil: anywhere
	TLS   *tls.Config
	Store *Store // nil: a new one
}

// Cluster is some nodes over one store, the first of which leads at first. Nodes are told by their index.
type Cluster struct {
	Store  *Store
	Faults *Faults

	groups *wire.Groups
	tls    *tls.Config
	mu     sync.Mutex
	nodes  []*node
	leader int // -1: none
}

type node struct {
	id      uuid.UUID
	port    int
	network *network     // nil while it is down
	server  *wire.Server // nil while it is down
	served  chan struct{}
}

// Start starts a cluster of one node, and stops it at the end of the test.
func Start(t testing.TB) *Cluster {
	t.Helper()
	return StartWith(t, Options{})
}

// StartWith starts a cluster, and stops it at the end of the test.
func StartWith(t testing.TB, o Options) *Cluster {
	t.Helper()
	c := &Cluster{Store: o.Store, tls: o.TLS, groups: wire.NewGroups()}
	if c.Store == nil {
		c.Store = NewStore()
	}
	c.Faults = &Faults{cluster: c}
	for i := range max(o.Nodes, len(o.Ports), 1) {
		n := &node{id: uuid.New()}
		if i < len(o.Ports) {
			n.port = o.Ports[i]
		}
		c.nodes = append(c.nodes, n)
		if err := c.start(n); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		for i := range c.nodes {
			c.Kill(i)
		}
		c.groups.Close()
	})
	return c
}

// ConnectionString is what a client of all nodes is configured with.
func (c *Cluster) ConnectionString() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	hosts := make([]string, len(c.nodes))
	for i, n := range c.nodes {
		hosts[i] = net.JoinHostPort("localhost", strconv.Itoa(n.port))
	}
	if c.tls == nil {
		return fmt.Sprintf("esdb://%s?tls=false", strings.Join(hosts, ","))
	}
	return fmt.Sprintf("esdb://%s:%s@%s?tlsVerifyCert=false", Username, Password, strings.Join(hosts, ","))
}

// start has a node listen, at the port it had before if it had one.
func (c *Cluster) start(n *node) error {
	listener, err := listen(n.port)
	if err != nil {
		return err
	}
	n.port = listener.Addr().(*net.TCPAddr).Port
	n.network = &network{Listener: listener, open: make(map[*wireConn]struct{}), delay: c.Faults.delayed}
	network := n.network
	n.server = wire.New(wire.Options{
		TLS: c.tls, Self: n.id, Members: c.members, Groups: c.groups,
		Open: func(_ context.Context, who *wire.Credentials) (wire.Log, error) { return c.open(network, who) },
	})
	served, server := make(chan struct{}), n.server // the node may be killed before it serves
	n.served = served
	go func() {
		defer close(served)
		_ = server.Serve(network)
	}()
	return nil
}

// listen insists: the port of a node that was killed may not be free at once.
func listen(port int) (listener net.Listener, err error) {
	for range 100 {
		if listener, err = net.Listen("tcp", net.JoinHostPort("localhost", strconv.Itoa(port))); err == nil {
			return listener, nil
		}
		time.Sleep(20 * time.Millisecond)
	}
	return nil, err
}

func (c *Cluster) open(via *network, who *wire.Credentials) (wire.Log, error) {
	if c.tls != nil && (who == nil || *who != wire.Credentials{Username: Username, Password: Password}) {
		return nil, wire.ErrUnauthenticated
	}
	return &faulty{Store: c.Store, faults: c.Faults, via: via}, nil
}

func (c *Cluster) members() []wire.Member {
	c.mu.Lock()
	defer c.mu.Unlock()
	members := make([]wire.Member, len(c.nodes))
	for i, n := range c.nodes {
		members[i] = wire.Member{ID: n.id, Host: "localhost", Port: n.port, Leader: i == c.leader, Alive: n.server != nil}
	}
	return members
}

// Leader is the node that leads, -1 if none does.
func (c *Cluster) Leader() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.leader
}

// MoveLeader makes another node lead. The one that led goes on as a follower: it answers reads and passes writes on, but
// to those who require the leader it says who that is.
func (c *Cluster) MoveLeader(to int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.leader = to
}

// Kill stops a node: its connections are cut and its port is closed. If it led, the next node that is up leads.
func (c *Cluster) Kill(i int) {
	c.mu.Lock()
	n := c.nodes[i]
	server, served, network := n.server, n.served, n.network
	n.server = nil
	if c.leader == i {
		c.leader = -1
		for k, other := range c.nodes {
			if other.server != nil {
				c.leader = k
				break
			}
		}
	}
	c.mu.Unlock()
	if server == nil {
		return
	}
	network.cut()
	server.Stop()
	<-served
}

// Restart starts a node that was killed, at the same address. It leads if nobody does.
func (c *Cluster) Restart(t testing.TB, i int) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.nodes[i].server != nil {
		return
	}
	if err := c.start(c.nodes[i]); err != nil {
		t.Fatal(err)
	}
	if c.leader < 0 {
		c.leader = i
	}
}

// CutAll cuts all connections there are. The nodes go on listening.
func (c *Cluster) CutAll() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, n := range c.nodes {
		if n.server != nil {
			n.network.cut()
		}
	}
}
