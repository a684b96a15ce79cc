// Package esdb is an event store in an EventStoreDB or KurrentDB cluster, through the official client, version 4.
//
// A stream of the ledger is a stream of the cluster, of the same name; sequence n is revision n-1; the position is that
// of the cluster's log, commit and prepare whole. What an event is on the wire stands in docs/format.md. Streams that
// begin with "$" are the cluster's own. So is whatever else is in it: an event without an envelope, or of another ledger,
// is skipped where the whole log is read, and is damage (eventstore.ErrCorrupt) in the middle of a stream of the ledger.
// Two ledgers that share a cluster must not share names of streams: give each ledger a cluster of its own.
//
// The client is used behind a guard: pool says which of its faults that cures, and insist how a call is repeated until its
// outcome is certain. Every call asks for the leader. Two faults are left, since they can not be reached from outside: the
// client ends the process when a server sends an event whose time of creation is no number, and it forgets a connection,
// unclosed, when it is sent to a leader who does not answer.
package esdb

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	client "github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"

	"livret/eventstore"
)

// Options of opening.
type Options struct {
	Connection         string        // esdb://host:port[,…][?…], see Check
	Username, Password string        // sent with every call, under TLS only
	Ledger             uuid.UUID     // whose events these are; those of others are not seen
	Patience           time.Duration // how long a call insists while the cluster does not answer; 0: it tries once
	Log                *slog.Logger  // hears what the client says; nil: nobody does
}

// Store is an eventstore.Store in a cluster. Its positions are not gapless.
type Store struct {
	ledger   uuid.UUID
	patience time.Duration
	pool     *pool
	life     context.Context // ends when the store is closed
	end      context.CancelFunc
}

var _ eventstore.Receiver = (*Store)(nil)

// Open makes a store. It reaches out for nobody: a cluster that does not answer is found by the first call.
func Open(o Options) (*Store, error) {
	config, err := configure(o)
	if err != nil {
		return nil, err
	}
	if o.Ledger == uuid.Nil {
		return nil, fmt.Errorf("%w: no ledger", ErrConfig)
	}
	s := &Store{ledger: o.Ledger, patience: o.Patience, pool: newPool(config)}
	s.life, s.end = context.WithCancel(context.Background())
	return s, nil
}

// Head implements eventstore.Store.
func (s *Store) Head(ctx context.Context, stream eventstore.StreamID) (head eventstore.Version, err error) {
	if !nameable(stream) {
		return 0, s.alive(ctx)
	}
	err = s.insist(ctx, func(ctx context.Context, c *client.Client) (err error) {
		head, err = headOf(ctx, c, stream)
		return err
	})
	return head, err
}

// headOf asks for the last event of a stream.
func headOf(ctx context.Context, c *client.Client, stream eventstore.StreamID) (head eventstore.Version, err error) {
	options := client.ReadStreamOptions{Direction: client.Backwards, From: client.End{}}
	err = receive(streamOf(ctx, c, stream, options, 1), func(e *client.RecordedEvent) error {
		head = eventstore.Version(e.EventNumber) + 1
		return nil
	})
	return head, err
}

// nameable tells whether a stream of the ledger may have this name in the cluster.
func nameable(stream eventstore.StreamID) bool {
	return stream != "" && !strings.HasPrefix(string(stream), "$")
}

// alive is why a call can not even begin.
func (s *Store) alive(ctx context.Context) error {
	if s.life.Err() != nil {
		return eventstore.ErrClosed
	}
	return ctx.Err()
}

// Close implements eventstore.Store. Calls under way end by themselves.
func (s *Store) Close() error {
	s.end()
	s.pool.close()
	return nil
}
