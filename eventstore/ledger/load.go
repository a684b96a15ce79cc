package ledger

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"livret/domain"
	"livret/eventstore"
	"livret/eventstore/keyvault"
	"livret/eventstore/ledger/facts"
)

// ErrUnreadable says that an event which should be readable is not: its key is missing, its bytes are damaged,
// or it is none that this program knows. It is an incident, which Check describes, and wraps its cause.
var ErrUnreadable = errors.New("ledger: unreadable event")

// beyond tells an error that says a stream can not be read, for good or by an incident: it ends nobody else's
// business.
func beyond(err error) bool {
	return errors.Is(err, keyvault.ErrShredded) || errors.Is(err, keyvault.ErrArchived) || errors.Is(err, ErrUnreadable)
}

// opener opens one event after another and keeps the key of the last: runs of one stream are the rule.
type opener struct {
	*Ledger
	key    *keyvault.Key
	reader facts.Reader
}

func (l *Ledger) opener() opener { return opener{Ledger: l, reader: facts.Reader{Codec: l.codec}} }

// open fails with ErrShredded, ErrArchived or ErrUnreadable for what the event is, and with any other error
// for what keeps us from telling.
func (o *opener) open(ctx context.Context, e *eventstore.Envelope) (domain.Fact, error) {
	if o.key != nil && o.key.ID != e.Key {
		o.zero()
	}
	if _, sealed := classOf(e.Stream.Category()); sealed != (e.Key != uuid.Nil) {
		return domain.Fact{}, fmt.Errorf("%w: %s at %d is in clear, or should be: %w", ErrUnreadable, e.Stream, e.Sequence, keyvault.ErrCorrupt)
	}
	if e.Sealed == nil {
		return domain.Fact{}, o.withoutBytes(ctx, e)
	}
	if o.key == nil && e.Key != uuid.Nil {
		var err error
		if o.key, err = o.vault.Open(ctx, e.Key); err != nil {
			return domain.Fact{}, ofKey(e, err)
		}
	}
	fact, err := o.reader.Open(o.key, e)
	if err != nil {
		return domain.Fact{}, fmt.Errorf("%w: %s at %d: %w", ErrUnreadable, e.Stream, e.Sequence, err)
	}
	return fact, nil
}

// withoutBytes says why an event has none: only the destruction of its key is a good reason.
func (o *opener) withoutBytes(ctx context.Context, e *eventstore.Envelope) error {
	if e.Key != uuid.Nil {
		info, err := o.vault.Info(ctx, e.Key)
		if err == nil {
			err = info.State.Err()
		}
		if err != nil {
			return ofKey(e, err)
		}
	}
	return fmt.Errorf("%w: %s at %d lacks its bytes: %w", ErrUnreadable, e.Stream, e.Sequence, keyvault.ErrCorrupt)
}

// ofKey is what an error of the vault says of an event.
func ofKey(e *eventstore.Envelope, err error) error {
	if errors.Is(err, keyvault.ErrUnknown) || errors.Is(err, keyvault.ErrCorrupt) {
		return fmt.Errorf("%w: %s at %d: %w", ErrUnreadable, e.Stream, e.Sequence, err)
	}
	return err
}

// zero forgets the key and what was opened last.
func (o *opener) zero() {
	if o.key != nil {
		o.key.Zero()
		o.key = nil
	}
	o.reader.Zero()
}

// Load folds a stream into its state. A stream that does not exist is the initial state at version 0. It fails
// with keyvault.ErrShredded or ErrArchived, with ErrUnreadable, or with what kept the stream from being read.
func Load[S any](ctx context.Context, l *Ledger, d domain.Decider[S], id uuid.UUID) (S, eventstore.Version, error) {
	loaded, err := load(ctx, l, d, eventstore.Stream(d.Category, id), uuid.Nil)
	loaded.zero()
	return loaded.state, loaded.version, err
}

// loaded is a stream folded, with its key still open.
type loaded[S any] struct {
	opener
	state    S
	version  eventstore.Version
	heard    bool // the command stands in the stream
	answer   []domain.Event
	answered eventstore.Version
}

// belongs checks that the key which seals the stream, if there is one yet, is that of the owner on whom the order
// was allowed.
func (l *loaded[S]) belongs(ctx context.Context, owner uuid.UUID) error {
	if l.key == nil {
		return nil
	}
	info, err := l.vault.Info(ctx, l.key.ID)
	if err == nil && info.Owner != owner {
		err = ErrNoGrant
	}
	return err
}

func load[S any](ctx context.Context, l *Ledger, d domain.Decider[S], stream eventstore.StreamID, command uuid.UUID) (loaded[S], error) {
	at := loaded[S]{opener: l.opener(), state: d.Initial()}
	var key uuid.UUID
	for e, err := range l.store.Stream(ctx, stream, 0) {
		var fact domain.Fact
		switch {
		case errors.Is(err, eventstore.ErrCorrupt):
			err = fmt.Errorf("%w: %s: %w", ErrUnreadable, stream, err)
		case err != nil:
		case at.version > 0 && e.Key != key:
			err = fmt.Errorf("%w: %s has two keys: %w", ErrUnreadable, stream, keyvault.ErrCorrupt)
		default:
			key = e.Key
			fact, err = at.open(ctx, &e)
		}
		if err != nil {
			at.zero()
			return at, err
		}
		if command != uuid.Nil && fact.Cause == command {
			at.heard, at.answered = true, e.Sequence
			if _, nothing := fact.Event.(CommandHeard); !nothing {
				at.answer = append(at.answer, fact.Event)
			}
		}
		at.state = d.Evolve(at.state, fact)
		at.version = e.Sequence
	}
	return at, nil
}
