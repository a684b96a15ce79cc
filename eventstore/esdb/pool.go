package esdb

import (
	"context"
	"sync"

	client "github.com/EventStore/EventStore-Client-Go/v4/esdb"
)

// maxIdle is how many clients are kept for whoever calls next.
const maxIdle = 64

// pool holds clients of which each is used by one caller at a time. That one rule is the cure of most of what is
// wrong with the client when it is shared:
//
//   - a discovery that fails ends the client for good, and leaves all other callers waiting for ever: there is no
//     other caller, and the client is thrown away;
//   - Close panics when a call is under way: none is;
//   - a reconnection after an outage leaks the former connection: a client that saw one is closed instead.
//
// Discovery knows no context, so it runs beside its caller, who may leave; it tries once and is over within the time
// that gossip may take.
type pool struct {
	config *client.Configuration

	mu     sync.Mutex
	idle   []*client.Client
	closed bool
}

// get answers a client that is connected.
func (p *pool) get(ctx context.Context) (*client.Client, error) {
	p.mu.Lock()
	if n := len(p.idle); n > 0 {
		c := p.idle[n-1]
		p.idle = p.idle[:n-1]
		p.mu.Unlock()
		return c, nil
	}
	p.mu.Unlock()
	c, err := client.NewClient(p.config)
	if err != nil {
		return nil, err
	}
	return c, p.connect(ctx, c)
}

// connect waits until a client is connected: a new one, or one that was sent to another leader. A caller who leaves, or
// an error, takes the client from him.
func (p *pool) connect(ctx context.Context, c *client.Client) error {
	connected := make(chan error)
	go func() {
		_, err := c.GetServerVersion() // nothing but what every call begins with
		if err != nil {
			c.Close()
		}
		select {
		case connected <- err:
		case <-ctx.Done():
			if err == nil {
				p.put(c)
			}
		}
	}()
	select {
	case err := <-connected:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// put takes back a client that works.
func (p *pool) put(c *client.Client) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || len(p.idle) == maxIdle {
		c.Close()
		return
	}
	p.idle = append(p.idle, c)
}

// close closes what is idle, and from now on whatever comes back.
func (p *pool) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for _, c := range p.idle {
		c.Close()
	}
	p.idle = nil
}
