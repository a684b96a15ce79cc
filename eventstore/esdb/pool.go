package esdb

import (
	"context"
	"sync"

	client "github.com/EventStore/EventStore-Client-Go/v4/esdb"
)

const (
	maxIdle     = 64 // clients that are kept for whoever calls next
	maxDialling = 4  // clients that are being connected: a crowd at the door would time out
)

// pool holds clients of which each is used by one caller at a time. That one rule is the cure of most of what is
// wrong with the client when it is shared:
//
//   - a discovery that fails ends the client for good, and leaves all other callers waiting for ever: there is no
//     other caller, and the client is thrown away;
//   - Close panics when a call is under way: none is;
//   - a reconnection after an outage leaks the former connection: a client that saw one is closed instead.
//
// Discovery knows no context, so it runs beside its caller, who may leave; it tries once and is over within the time
// that gossip may take. Who waits for his turn to connect takes a client that comes back meanwhile: many callers of short
// calls get along with few clients.
type pool struct {
	config   *client.Configuration
	idle     chan *client.Client
	dialling chan struct{}

	mu     sync.Mutex
	closed bool
}

func newPool(config *client.Configuration) *pool {
	return &pool{config: config, idle: make(chan *client.Client, maxIdle), dialling: make(chan struct{}, maxDialling)}
}

// get answers a client that is connected.
func (p *pool) get(ctx context.Context) (*client.Client, error) {
	select {
	case c := <-p.idle:
		return c, nil
	default:
	}
	select {
	case c := <-p.idle:
		return c, nil
	case p.dialling <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	c, err := client.NewClient(p.config)
	if err != nil {
		<-p.dialling
		return nil, err
	}
	return c, p.connect(ctx, c, func() { <-p.dialling })
}

// connect waits until a client is connected: a new one, or one that was sent to another leader. A caller who leaves, or
// an error, takes the client from him. Done is called once it is known.
func (p *pool) connect(ctx context.Context, c *client.Client, done func()) error {
	connected := make(chan error)
	go func() {
		_, err := c.GetServerVersion() // nothing but what every call begins with
		if done(); err != nil {
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
	if !p.closed {
		select {
		case p.idle <- c:
			return
		default:
		}
	}
	c.Close()
}

// close closes what is idle, and from now on whatever comes back.
func (p *pool) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.closed = true; ; {
		select {
		case c := <-p.idle:
			c.Close()
		default:
			return
		}
	}
}
