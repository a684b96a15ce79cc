package ledger

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"livret/domain/retention"
	"livret/eventstore"
	"livret/eventstore/keyvault"
	"livret/eventstore/ledger/facts"
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
	FaultUnsealed    = "sealed bytes missing while their key lives"
	FaultTwoKeys     = "two keys in one stream"
)

// Check reads the whole ledger again: order, sequences, seals, commitments, contents, and each key against the
// record of its birth. What it finds wrong it lists and goes on; an error is that it could not go on.
func (l *Ledger) Check(ctx context.Context) (Checked, error) {
	c := &checker{Ledger: l, Checked: Checked{Faults: []Fault{}}, streams: make(map[eventstore.StreamID]seen), births: make(map[birth]bool)}
	defer c.zero()
	for e, err := range l.store.Read(ctx, eventstore.Position{}) {
		if errors.Is(err, eventstore.ErrCorrupt) {
			c.fault(FaultContent, &eventstore.Envelope{Position: c.last})
			return c.Checked, nil // nothing can be read past the damage
		}
		if err != nil {
			return c.Checked, err
		}
		if err := c.event(ctx, &e); err != nil {
			return c.Checked, err
		}
	}
	c.Streams = len(c.streams)
	return c.Checked, c.keys(ctx)
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
	*Ledger
	Checked
	last    eventstore.Position
	streams map[eventstore.StreamID]seen
	births  map[birth]bool
	key     *keyvault.Key // of the last event
}

func (c *checker) zero() {
	if c.key != nil {
		c.key.Zero()
		c.key = nil
	}
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
	if c.key != nil && c.key.ID != e.Key {
		c.zero()
	}
	var err error
	if c.key == nil && e.Key != uuid.Nil {
		c.key, err = c.vault.Open(ctx, e.Key)
	}
	switch {
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

func (c *checker) content(e *eventstore.Envelope) {
	fact, err := facts.Open(c.codec, c.key, e)
	switch {
	case errors.Is(err, keyvault.ErrCorrupt):
		c.fault(FaultContent, e)
	case err != nil:
		c.fault(FaultVocabulary, e)
	}
	if born, ok := fact.Event.(retention.KeyCreated); ok {
		if owner, ok := e.Stream.UUID(); ok {
			c.births[birth{owner, born.Class, born.Fingerprint}] = false
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
