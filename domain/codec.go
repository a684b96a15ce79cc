package domain

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
)

// Errors of a Codec. Both mean that this program is older than the ledger, or that the bytes are not ours.
var (
	ErrUnknownType   = errors.New("domain: unknown event type")
	ErrUnknownSchema = errors.New("domain: unknown schema version")
)

// Upcaster turns the JSON of one schema version into that of the next. It is pure and total: what was
// written once must be readable for ever.
type Upcaster func(old json.RawMessage) (json.RawMessage, error)

// Kind is one event type as it is kept: its name, its current schema version, and how its JSON is read.
type Kind struct {
	Type   string
	Schema uint16
	Sample Event // a zero value, for golden tests and catalogues
	read   func(data []byte) (Event, error)
	up     []Upcaster
}

// FastReader is implemented by the pointer of an event that reads its own JSON faster than encoding/json
// does, with the same result; a fuzz test holds the two together.
type FastReader interface{ ReadEvent(data []byte) error }

// Define declares the event type E at its current schema version; up[i] reads version i+1 into i+2, so
// there are schema-1 of them.
func Define[E Event](schema uint16, up ...Upcaster) Kind {
	var zero E
	return Kind{Type: zero.EventType(), Schema: schema, Sample: zero, up: up, read: func(data []byte) (Event, error) {
		var e E
		if fast, ok := any(&e).(FastReader); ok {
			err := fast.ReadEvent(data)
			return e, err
		}
		err := ReadStrict(data, &e)
		return e, err
	}}
}

// ReadStrict reads one JSON value and refuses unknown fields and trailing bytes: a field that this program
// does not know is a fact that it would lose.
func ReadStrict(data []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("trailing bytes after the event")
	}
	return nil
}

// Codec translates between events and the name, schema version and JSON under which they are kept.
// It is immutable once made, and safe for concurrent use.
type Codec struct {
	kinds map[string]Kind
}

// NewCodec makes a codec of the given catalogues. It refuses a name declared twice, and a kind whose chain
// of upcasters does not reach its current version.
func NewCodec(catalogues ...[]Kind) (*Codec, error) {
	c := &Codec{kinds: make(map[string]Kind)}
	for _, catalogue := range catalogues {
		for _, k := range catalogue {
			if _, twice := c.kinds[k.Type]; twice {
				return nil, fmt.Errorf("domain: event type %s declared twice", k.Type)
			}
			if k.Schema == 0 || len(k.up) != int(k.Schema)-1 {
				return nil, fmt.Errorf("domain: event type %s at schema %d has %d upcasters", k.Type, k.Schema, len(k.up))
			}
			c.kinds[k.Type] = k
		}
	}
	return c, nil
}

// Encode gives the name, schema version and JSON of e.
func (c *Codec) Encode(e Event) (eventType string, schema uint16, data []byte, err error) {
	k, ok := c.kinds[e.EventType()]
	if !ok || reflect.TypeOf(k.Sample) != reflect.TypeOf(e) {
		return "", 0, nil, fmt.Errorf("%w: %s", ErrUnknownType, e.EventType())
	}
	data, err = json.Marshal(e)
	return k.Type, k.Schema, data, err
}

// Decode reads the JSON of an event kept under a name and schema version, upcasting it if it is old.
func (c *Codec) Decode(eventType string, schema uint16, data []byte) (Event, error) {
	k, ok := c.kinds[eventType]
	if !ok {
		return nil, fmt.Errorf("%w: %s", ErrUnknownType, eventType)
	}
	if schema == 0 || schema > k.Schema {
		return nil, fmt.Errorf("%w: %s at %d, known up to %d", ErrUnknownSchema, eventType, schema, k.Schema)
	}
	for _, up := range k.up[schema-1:] {
		var err error
		if data, err = up(data); err != nil {
			return nil, fmt.Errorf("domain: upcast %s: %w", eventType, err)
		}
	}
	e, err := k.read(data)
	if err != nil {
		return nil, fmt.Errorf("domain: read %s: malformed JSON", eventType) // the cause could quote the content
	}
	return e, nil
}

// Kinds lists what the codec knows, in no order.
func (c *Codec) Kinds() []Kind {
	all := make([]Kind, 0, len(c.kinds))
	for _, k := range c.kinds {
		all = append(all, k)
	}
	return all
}
