package ledger

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"livret/domain"
	"livret/eventstore"
	"livret/eventstore/keyvault"
)

func (l *Ledger) seal(key *keyvault.Key, o Order, stream eventstore.StreamID, at eventstore.Version, events []domain.Event) ([]eventstore.Envelope, error) {
	now := l.Now()
	occurred := o.OccurredAt.UTC().Truncate(time.Microsecond)
	if o.OccurredAt.IsZero() {
		occurred = now
	}
	drafts := make([]eventstore.Envelope, 0, len(events))
	for i, event := range events {
		eventType, schema, payload, err := l.codec.Encode(event)
		if err != nil {
			return nil, err
		}
		h := eventstore.Header{
			Ledger: l.id, Stream: stream, Sequence: at + 1 + eventstore.Version(i),
			Type: eventType, Schema: schema, RecordedAt: now,
		}
		if key != nil {
			h.Key, h.Event = key.ID, key.EventID(stream, o.ID, i)
		} else {
			h.Event = clearEventID(stream, o.ID, i)
		}
		content := eventstore.Content{Role: o.Grant.Actor().Role, Person: o.Grant.Actor().Person, Cause: o.ID, OccurredAt: occurred, Payload: payload}
		draft, err := keyvault.SealEvent(key, h, content)
		if err != nil {
			return nil, err
		}
		drafts = append(drafts, draft)
	}
	return drafts, nil
}

// clearEventID derives the id of an event of a stream in clear from the command's random id, which stands in
// clear beside it: a retry gives the same id, and it tells nothing more.
func clearEventID(stream eventstore.StreamID, command uuid.UUID, index int) uuid.UUID {
	b := append([]byte("livret/cleareventid/v1"), command[:]...)
	b = binary.BigEndian.AppendUint32(b, uint32(index))
	sum := sha256.Sum256(append(b, stream...))
	id := uuid.UUID(sum[:16])
	id[6], id[8] = id[6]&0x0f|0x80, id[8]&0x3f|0x80 // version 8, RFC 9562 variant
	return id
}

// append keeps drafts, repeating an append whose outcome is unknown: the same events at the same sequences
// are a no-op if the first try took effect.
func (l *Ledger) append(ctx context.Context, drafts []eventstore.Envelope) error {
	var err error
	for try := range maxRetries {
		if try > 0 {
			select {
			case <-ctx.Done():
				return errors.Join(ctx.Err(), err)
			case <-time.After(time.Duration(try) * 20 * time.Millisecond):
			}
		}
		_, err = l.store.Append(ctx, drafts...)
		switch {
		case err == nil, errors.Is(err, eventstore.ErrConflict), errors.Is(err, eventstore.ErrClosed):
			return err
		case errors.Is(err, eventstore.ErrInvalid):
			return fmt.Errorf("%w: %w", ErrTooLarge, err)
		}
	}
	return err
}
