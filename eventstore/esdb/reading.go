package esdb

import (
	"context"
	"io"

	client "github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"livret/eventstore"
)

// reading is a run of events under way. It gives io.EOF at its end, and nil for what is no event.
type reading struct {
	next  func() (*client.ResolvedEvent, error)
	close func()
}

// streamOf reads a stream from the leader.
func streamOf(ctx context.Context, c *client.Client, stream eventstore.StreamID, o client.ReadStreamOptions, count uint64) reading {
	o.RequiresLeader = true
	return pages(guarded(func() (*client.ReadStream, error) { return c.ReadStream(ctx, string(stream), o, count) }))
}

// pages are events up to where the log ended when they were asked for.
func pages(stream *client.ReadStream, err error) reading {
	if err != nil {
		return failed(err)
	}
	return reading{next: stream.Recv, close: stream.Close}
}

// news are events without end. What the cluster says beside them (that it caught up, fell behind, came so far) is for
// nobody.
func news(subscription *client.Subscription, err error) reading {
	if err != nil {
		return failed(err)
	}
	return reading{
		next: func() (*client.ResolvedEvent, error) {
			said := subscription.Recv()
			if said.SubscriptionDropped != nil {
				return nil, said.SubscriptionDropped.Error
			}
			return said.EventAppeared, nil
		},
		close: func() { subscription.Close() },
	}
}

func failed(err error) reading {
	return reading{next: func() (*client.ResolvedEvent, error) { return nil, err }, close: func() {}}
}

// receive hands over each event of a reading. A stream that does not exist holds none.
func receive(r reading, each func(*client.RecordedEvent) error) error {
	defer r.close()
	for {
		resolved, err := guarded(r.next)
		switch {
		case err == io.EOF, codeOf(err) == client.ErrorCodeResourceNotFound: // bare: any other end is a cut
			return nil
		case err != nil:
			return err
		case resolved == nil || resolved.OriginalEvent() == nil:
			continue
		}
		if err := each(resolved.OriginalEvent()); err != nil {
			return err
		}
	}
}
