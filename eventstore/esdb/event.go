package esdb

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"

	client "github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"

	"livret/eventstore"
)

// propose makes events of drafts that were checked. Their metadata are the asides; data is empty when the sealed bytes were
// deleted before the event came to the cluster.
func propose(drafts []eventstore.Envelope) ([]client.EventData, error) {
	events := make([]client.EventData, len(drafts))
	for i := range drafts {
		d := &drafts[i]
		metadata, err := d.Aside()
		if err != nil {
			return nil, fmt.Errorf("%w: %w", eventstore.ErrInvalid, err)
		}
		events[i] = client.EventData{EventID: d.Event, EventType: d.Type, ContentType: client.ContentTypeBinary, Data: d.Sealed, Metadata: metadata}
	}
	return events, nil
}

// envelope reads an event back. Ours is false for one that has no envelope, or that of another ledger. What is ours must
// be what propose makes, byte for byte, and stand where it says; anything else is eventstore.ErrCorrupt.
func envelope(e *client.RecordedEvent, ledger uuid.UUID) (out eventstore.Envelope, ours bool, err error) {
	var aside eventstore.Aside
	if json.Unmarshal(e.UserMetadata, &aside) != nil || len(aside.Header) == 0 {
		return out, false, nil
	}
	damaged := func(what string) (eventstore.Envelope, bool, error) {
		return eventstore.Envelope{}, true, fmt.Errorf("%w: stream %s, revision %d: %s", eventstore.ErrCorrupt, e.StreamID, e.EventNumber, what)
	}
	if out.Header, err = eventstore.ParseHeader(aside.Header); err != nil {
		return damaged("malformed header")
	}
	if out.Ledger != ledger {
		return eventstore.Envelope{}, false, nil
	}
	again, err := json.Marshal(aside)
	switch {
	case err != nil, !bytes.Equal(again, e.UserMetadata), len(aside.Commit) != len(out.Commit):
		return damaged("malformed metadata")
	case aside.Digest != nil && (len(aside.Digest) != len(out.Digest) || len(e.Data) != 0):
		return damaged("malformed digest")
	case out.Stream != eventstore.StreamID(e.StreamID), out.Sequence != eventstore.Version(e.EventNumber)+1:
		return damaged("the header is that of another place")
	case out.Event != e.EventID, out.Type != e.EventType:
		return damaged("the header is that of another event")
	}
	copy(out.Commit[:], aside.Commit)
	if aside.Digest != nil {
		copy(out.Digest[:], aside.Digest)
	} else if out.Sealed = e.Data; out.Sealed == nil {
		out.Sealed = []byte{}
	}
	if out.Position, err = position(e.Position); err != nil {
		return eventstore.Envelope{}, true, err
	}
	return out, true, nil
}

// position is that of the cluster's log, whole. Servers before 22 give none to events that are read from a stream.
func position(p client.Position) (out eventstore.Position, err error) {
	if p.Commit == math.MaxUint64 || p.Prepare == math.MaxUint64 || p == (client.Position{}) {
		return out, fmt.Errorf("%w: the server gives no position", ErrRefused)
	}
	binary.BigEndian.PutUint64(out[:8], p.Commit)
	binary.BigEndian.PutUint64(out[8:], p.Prepare)
	return out, nil
}

// place is the way back.
func place(p eventstore.Position) client.Position {
	return client.Position{Commit: binary.BigEndian.Uint64(p[:8]), Prepare: binary.BigEndian.Uint64(p[8:])}
}
