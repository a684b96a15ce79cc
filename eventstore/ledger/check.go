package ledger

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"livret/domain/retention"
	"livret/eventstore"
	"livret/eventstore/keyvault"
)

// Checked is what a full check of the ledger went through.
type Checked struct {
	Events   int     `json:"events"`
	Streams  int     `json:"streams"`
	Keys     int     `json:"keys"`
	Shredded int     `json:"shredded"` // events whose key was lawfully destroyed
	Archived int     `json:"archived"` // events whose key is in custody
	Faults   []Fault `json:"faults"`   // never nil
}

// Fault is one thing that is not as it should be, and where.
type Fault struct {
	Nature   string              `json:"nature"`
	Stream   eventstore.StreamID `json:"stream,omitempty"`
	Sequence eventstore.Version  `json:"sequence,omitempty"`
	Position eventstore.Position `json:"-"`
	At       string              `json:"at,omitempty"` // position, in hexadecimal
	Key      uuid.UUID           `json:"key,omitzero"`
}

// The natures of faults.
const (
	FaultOrder       = "position out of order"
	FaultSequence    = "gap or repetition in a stream"
	FaultLedger      = "event of another ledger"
	FaultContent     = "seal or commitment does not hold"
	FaultVocabulary  = "event unknown to this program"
	FaultKey         = "key missing or damaged"
	FaultOrphan      = "key whose birth is not recorded"
	FaultFingerprint = "recorded birth without its key"
	FaultRisen       = "key alive although its destruction is recorded"
	FaultUnsealed    = "sealed bytes missing while their key lives"
	FaultTwoKeys     = "two keys in one stream"
	FaultOwner       = "sealed under a key of another owner or class"
	FaultClear       = "in clear where it must be sealed, or the contrary"
)

// Check reads the whole ledger again: order, sequences, seals, commitments, contents, and each key against the
// record of its birth. What it finds wrong it lists and goes on; an error is that it could not go on.
func (l *Ledger) Check(ctx context.Context) (Checked, error) {
	c := &checker{opener: l.opener(), Checked: Checked{Faults: []Fault{}}, streams: make(map[eventstore.StreamID]seen), births: make(map[birth]bool), ends: make(map[birth]bool)}
	defer c.zero()
	err := c.events(ctx)
	c.Streams = len(c.streams)
	if errors.Is(err, eventstore.ErrCorrupt) {
		c.fault(FaultContent, &eventstore.Envelope{Position: c.last})
		return c.Checked, nil // nothing can be read past the damage, so nothing be said of births
	}
	if err != nil {
		return c.Checked, err
	}
	err = c.keys(ctx)
	return c.Checked, err
}

func (c *checker) events(ctx context.Context) error {
	for e, err := range c.store.Read(ctx, eventstore.Position{}) {
		if err == nil {
			err = c.event(ctx, &e)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

type seen struct {
	version eventstore.Version
	key     uuid.UUID
}

// birth is a key as its owner's retention stream knows it.
type birth struct {
	owner       uuid.UUID
	class       string
	fingerprint string
}

type checker struct {
	Checked
	last    eventstore.Position
	streams map[eventstore.StreamID]seen
	births  map[birth]bool
	ends    map[birth]bool
	opener
}

func (c *checker) fault(nature string, e *eventstore.Envelope) {
	c.Faults = append(c.Faults, Fault{Nature: nature, Stream: e.Stream, Sequence: e.Sequence, Position: e.Position, At: fmt.Sprintf("%x", e.Position), Key: e.Key})
}

func (c *checker) event(ctx context.Context, e *eventstore.Envelope) error {
	c.Events++
	if e.Position.Compare(c.last) <= 0 {
		c.fault(FaultOrder, e)
	}
	c.last = e.Position
	before := c.streams[e.Stream]
	if e.Sequence != before.version+1 {
		c.fault(FaultSequence, e)
	}
	if before.version > 0 && before.key != e.Key {
		c.fault(FaultTwoKeys, e)
	}
	c.streams[e.Stream] = seen{e.Sequence, e.Key}
	if e.Ledger != c.id {
		c.fault(FaultLedger, e)
	}
	class, sealed := classOf(e.Stream.Category())
	if sealed != (e.Key != uuid.Nil) {
		c.fault(FaultClear, e)
	}
	if c.key != nil && c.key.ID != e.Key {
		c.zero()
	}
	var err error
	if c.key == nil && e.Key != uuid.Nil {
		c.key, err = c.vault.Open(ctx, e.Key)
	}
	if e.Key != uuid.Nil && e.Key != before.key { // once a stream
		if info, unknown := c.vault.Info(ctx, e.Key); unknown == nil && sealed && !mayHold(info, class, e.Stream) {
			c.fault(FaultOwner, e)
		}
	}
	switch {
	case sealed != (e.Key != uuid.Nil): // said above
	case err == nil && e.Sealed == nil:
		c.fault(FaultUnsealed, e)
	case err == nil:
		c.content(e)
	case errors.Is(err, keyvault.ErrShredded):
		c.Shredded++
	case errors.Is(err, keyvault.ErrArchived):
		c.Archived++
	case errors.Is(err, keyvault.ErrUnknown), errors.Is(err, keyvault.ErrCorrupt):
		c.fault(FaultKey, e)
	default:
		return err
	}
	return nil
}

// mayHold tells whether a key is of the class of a stream, and of its owner: the destruction of another's
// would not empty it.
func mayHold(key keyvault.Info, class keyvault.Class, stream eventstore.StreamID) bool {
	owner, ok := stream.UUID()
	return key.Class == class && (random(stream.Category()) || ok && key.Owner == owner)
}

func (c *checker) content(e *eventstore.Envelope) {
	fact, err := c.reader.Open(c.key, e)
	switch {
	case errors.Is(err, keyvault.ErrCorrupt):
		c.fault(FaultContent, e)
	case err != nil:
		c.fault(FaultVocabulary, e)
	}
	owner, ok := e.Stream.UUID()
	if !ok || e.Stream.Category() != retention.Category {
		return
	}
	switch event := fact.Event.(type) {
	case retention.KeyCreated:
		c.births[birth{owner, event.Class, event.Fingerprint}] = false
	case retention.KeysDestroyed:
		for _, key := range event.Keys {
			c.ends[birth{owner, key.Class, key.Fingerprint}] = true
		}
	}
}

// keys compares each key with the record of its birth, both ways.
func (c *checker) keys(ctx context.Context) error {
	infos, err := c.vault.Keys(ctx)
	if err != nil {
		return err
	}
	c.Keys = len(infos)
	for _, info := range infos {
		b := birth{info.Owner, string(info.Class), fmt.Sprintf("%x", info.Fingerprint)}
		if _, recorded := c.births[b]; !recorded {
			c.fault(FaultOrphan, &eventstore.Envelope{Header: eventstore.Header{Key: info.ID}})
			continue
		}
		c.births[b] = true
		if c.ends[b] && info.State != keyvault.Shredded {
			c.fault(FaultRisen, &eventstore.Envelope{Header: eventstore.Header{Stream: eventstore.Stream(retention.Category, info.Owner), Key: info.ID}})
		}
		if info.State != keyvault.Active {
			continue
		}
		key, err := c.vault.Open(ctx, info.ID)
		if err != nil {
			c.fault(FaultKey, &eventstore.Envelope{Header: eventstore.Header{Key: info.ID}})
			continue
		}
		key.Zero()
	}
	for b, found := range c.births {
		if !found {
			c.fault(FaultFingerprint, &eventstore.Envelope{Header: eventstore.Header{Stream: eventstore.Stream(retention.Category, b.owner)}})
		}
	}
	return nil
}
