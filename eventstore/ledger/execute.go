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
	"livret/domain/access"
	"livret/domain/retention"
	"livret/eventstore"
	"livret/eventstore/keyvault"
	"livret/eventstore/ledger/facts"
)

// Order is the circumstances of a command.
type Order struct {
	ID         uuid.UUID    // of the command: random, the same at each retry
	Grant      access.Grant // who answers for it, and package access's word that he may
	OccurredAt time.Time    // as declared; zero: now
	Owner      uuid.UUID    // of the stream's key; zero: the id of the stream itself
	Quiet      bool         // leave no trace if nothing changes: for orders nobody retries under the same ID
}

// Result is the answer to an order.
type Result struct {
	Version eventstore.Version // of the stream after the command's events
	Events  []domain.Event     // that it added; none if everything was already so
	Replay  bool               // it had been executed before: this is the original answer
}

// Errors of Execute beside a *domain.Refusal and those of store and vault.
var (
	ErrNoGrant   = errors.New("ledger: nobody allowed this order")
	ErrContended = errors.New("ledger: the stream keeps moving on")
	ErrTooLarge  = errors.New("ledger: one command decided more than one append may hold")
)

const (
	maxConflicts = 32 // others got in first; each loss means that somebody else made progress
	maxRetries   = 5  // of an append whose outcome is unknown
)

// Execute carries out a command on the stream of the decider's category and the given id. It loads, decides,
// seals and appends, and decides again when the stream moved on meanwhile. A command id that was executed
// before is answered with its original result, however late and whatever happened since. It fails with the
// *domain.Refusal of the command, with keyvault.ErrShredded or ErrArchived when the stream can no longer be
// written, or with an error after which the order may be given again under the same id.
func Execute[S any](ctx context.Context, l *Ledger, o Order, d domain.Decider[S], id uuid.UUID, cmd domain.Command[S]) (Result, error) {
	if o.ID == uuid.Nil {
		return Result{}, errors.New("ledger: an order needs an id")
	}
	stream := eventstore.Stream(d.Category, id)
	if o.Owner == uuid.Nil {
		o.Owner = id
	}
	if o.Grant.Act() == "" || !o.Grant.Covers(o.Owner) {
		return Result{}, ErrNoGrant
	}
	for range maxConflicts {
		result, err := attempt(ctx, l, o, d, stream, cmd)
		if !errors.Is(err, eventstore.ErrConflict) {
			return result, err
		}
	}
	return Result{}, fmt.Errorf("%w: %s", ErrContended, stream)
}

func attempt[S any](ctx context.Context, l *Ledger, o Order, d domain.Decider[S], stream eventstore.StreamID, cmd domain.Command[S]) (Result, error) {
	loaded, err := load(ctx, l, d, stream, o.ID)
	if err != nil {
		return Result{}, err
	}
	defer loaded.zero()
	if loaded.heard {
		return Result{Version: loaded.answered, Events: loaded.answer, Replay: true}, nil
	}
	events, err := cmd.Decide(loaded.state)
	if err != nil {
		return Result{}, err
	}
	result := Result{Version: loaded.version + eventstore.Version(len(events)), Events: events}
	if len(events) == 0 {
		if o.Quiet {
			return result, nil
		}
		events, result.Version = []domain.Event{CommandHeard{}}, loaded.version+1
	}
	if loaded.key == nil {
		if loaded.key, err = l.birth(ctx, stream.Category(), o.Owner); err != nil {
			return Result{}, err
		}
	}
	drafts, err := l.seal(loaded.key, o, stream, loaded.version, events)
	if err != nil {
		return Result{}, err
	}
	return result, l.append(ctx, drafts)
}

// Preview tells what a command would add to a stream, and adds nothing.
func Preview[S any](ctx context.Context, l *Ledger, d domain.Decider[S], id uuid.UUID, cmd domain.Command[S]) ([]domain.Event, error) {
	state, _, err := Load(ctx, l, d, id)
	if err != nil {
		return nil, err
	}
	return cmd.Decide(state)
}

// Load folds a stream into its state. A stream that does not exist is the initial state at version 0.
func Load[S any](ctx context.Context, l *Ledger, d domain.Decider[S], id uuid.UUID) (S, eventstore.Version, error) {
	loaded, err := load(ctx, l, d, eventstore.Stream(d.Category, id), uuid.Nil)
	loaded.zero()
	return loaded.state, loaded.version, err
}

// loaded is a stream folded, with its key still open.
type loaded[S any] struct {
	state    S
	version  eventstore.Version
	key      *keyvault.Key
	heard    bool // the command stands in the stream
	answer   []domain.Event
	answered eventstore.Version
}

func (l *loaded[S]) zero() {
	if l.key != nil {
		l.key.Zero()
		l.key = nil
	}
}

func load[S any](ctx context.Context, l *Ledger, d domain.Decider[S], stream eventstore.StreamID, command uuid.UUID) (loaded[S], error) {
	at := loaded[S]{state: d.Initial()}
	for e, err := range l.store.Stream(ctx, stream, 0) {
		if err == nil && at.key == nil && e.Key != uuid.Nil {
			at.key, err = l.vault.Open(ctx, e.Key)
		}
		if err == nil && e.Sealed == nil {
			err = keyvault.ErrShredded
		}
		if err != nil {
			at.zero()
			return at, err
		}
		fact, err := facts.Open(l.codec, at.key, &e)
		if err != nil {
			at.zero()
			return at, fmt.Errorf("%s at %d: %w", stream, e.Sequence, err)
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

// birth makes the key of an owner and class, or finds it, and opens it. The order is: row in the vault, then
// KeyCreated in the owner's retention stream, then the first event under it; a crash in between leaves an
// orphan that Sweep forgets, never an event under an unknown key.
func (l *Ledger) birth(ctx context.Context, category string, owner uuid.UUID) (*keyvault.Key, error) {
	class, sealed := classOf(category)
	if !sealed {
		return nil, nil
	}
	infos, err := l.vault.Create(ctx, keyvault.Birth{Owner: owner, Class: class})
	if err != nil {
		return nil, err
	}
	born := retention.RecordKeyCreated{Class: string(class), Fingerprint: fmt.Sprintf("%x", infos[0].Fingerprint)}
	grant, err := l.itself(access.RecordKey)
	if err != nil {
		return nil, err
	}
	order := Order{ID: uuid.New(), Grant: grant, Quiet: true}
	if _, err := Execute(ctx, l, order, retention.Decider, owner, born); err != nil {
		return nil, err
	}
	return l.vault.Open(ctx, infos[0].ID)
}

// itself is the grant of what the ledger does without a person.
func (l *Ledger) itself(act access.Act) (access.Grant, error) {
	system := access.Actor{Actor: domain.Actor{Role: access.Systeme}}
	return access.Allow(system, act, access.Target{}, l.Today())
}

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
