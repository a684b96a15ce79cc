package wire

import (
	"encoding/binary"
	"strconv"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/google/uuid"
)

// idOnWire writes an id as two integers, or as text to those who asked for that.
func idOnWire(id uuid.UUID, text bool) *shared.UUID {
	if text {
		return &shared.UUID{Value: &shared.UUID_String_{String_: id.String()}}
	}
	return &shared.UUID{Value: &shared.UUID_Structured_{Structured: &shared.UUID_Structured{
		MostSignificantBits:  int64(binary.BigEndian.Uint64(id[:8])),
		LeastSignificantBits: int64(binary.BigEndian.Uint64(id[8:])),
	}}}
}

// idFromWire reads an id in either form.
func idFromWire(id *shared.UUID) (out uuid.UUID, err error) {
	switch value := id.GetValue().(type) {
	case *shared.UUID_Structured_:
		binary.BigEndian.PutUint64(out[:8], uint64(value.Structured.GetMostSignificantBits()))
		binary.BigEndian.PutUint64(out[8:], uint64(value.Structured.GetLeastSignificantBits()))
		return out, nil
	case *shared.UUID_String_:
		if out, err = uuid.Parse(value.String_); err == nil {
			return out, nil
		}
	}
	return uuid.Nil, ErrInvalid
}

// nameOnWire is a stream's name as messages have it.
func nameOnWire(stream string) *shared.StreamIdentifier {
	return &shared.StreamIdentifier{StreamName: []byte(stream)}
}

// aside is what stands beside an event's data: its type, its content type, and when it was appended, in units of 100 ns
// since 1970. Clients stop altogether where the last is missing.
func aside(r *Record) map[string]string {
	return map[string]string{
		"type": r.Type, "content-type": r.ContentType, "created": strconv.FormatInt(r.Created.UnixNano()/100, 10),
	}
}

func recorded(r *Record, text bool) *streams.ReadResp_ReadEvent_RecordedEvent {
	if r == nil {
		return nil
	}
	return &streams.ReadResp_ReadEvent_RecordedEvent{
		Id: idOnWire(r.ID, text), StreamIdentifier: nameOnWire(r.Stream), StreamRevision: r.Revision,
		CommitPosition: r.Position.Commit, PreparePosition: r.Position.Prepare,
		Metadata: aside(r), CustomMetadata: r.Metadata, Data: r.Data,
	}
}

// proposed is what all messages that propose an event have.
type proposed interface {
	GetId() *shared.UUID
	GetMetadata() map[string]string
	GetCustomMetadata() []byte
	GetData() []byte
}

// propose reads a proposed event.
func propose(m proposed) (Record, error) {
	id, err := idFromWire(m.GetId())
	if err != nil {
		return Record{}, err
	}
	r := Record{ID: id, Type: m.GetMetadata()["type"], ContentType: m.GetMetadata()["content-type"], Data: m.GetData(), Metadata: m.GetCustomMetadata()}
	if r.Type == "" || r.ContentType == "" {
		return Record{}, &MissingError{Property: "type, content-type"}
	}
	return r, nil
}

func (r *Record) size() int { return 2*len(r.Type) + len(r.Data) + len(r.Metadata) }
