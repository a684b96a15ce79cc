package wiretest

import (
	"net"
	"sync"
	"time"
)

// network is the listener of a node, whose connections can be cut and slowed down.
type network struct {
	net.Listener
	delay func() time.Duration
	mu    sync.Mutex
	open  map[*wireConn]struct{}
}

type wireConn struct {
	net.Conn
	network *network
}

// Accept implements net.Listener.
func (n *network) Accept() (net.Conn, error) {
	inner, err := n.Listener.Accept()
	if err != nil {
		return nil, err
	}
	c := &wireConn{Conn: inner, network: n}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.open[c] = struct{}{}
	return c, nil
}

// cut closes all connections.
func (n *network) cut() {
	n.mu.Lock()
	conns := n.open
	n.open = make(map[*wireConn]struct{})
	n.mu.Unlock()
	for c := range conns {
		c.Conn.Close()
	}
}

// Write sends what the node says, after the delay that the network has.
func (c *wireConn) Write(b []byte) (int, error) {
	if d := c.network.delay(); d > 0 {
		time.Sleep(d)
	}
	return c.Conn.Write(b)
}

// Close ends the connection.
func (c *wireConn) Close() error {
	c.network.mu.Lock()
	delete(c.network.open, c)
	c.network.mu.Unlock()
	return c.Conn.Close()
}
