package ledger

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/access"
	"livret/eventstore"
)

// Order is the circumstances of a command.
type Order struct {
	ID         uuid.UUID    // of the command: random, the same at each retry
	Grant      access.Grant // who answers for it, and package access's word that he may
	OccurredAt time.Time    // as declared; zero: now
	Owner      uuid.UUID    // of the key of a stream of random id; zero: the id of the stream itself
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
	ErrNoGrant   = errors.New("ledger: nobody allowed this order") // its act, its livret, or what it came to
	ErrContended = errors.New("ledger: the stream keeps moving on")
	ErrTooLarge  = errors.New("ledger: one command decided more than one append may hold")
)

const (
	maxConflicts = 256 // others got in first; each loss means that somebody else made progress
	maxRetries   = 5   // of an append whose outcome is unknown
)

// Execute carries out a command on the stream of the decider's category and the given id. It loads, decides,
// seals and appends, and decides again when the stream moved on meanwhile. A command id that was executed
// before is answered with its original result, however late and whatever happened since. It fails with the
// *domain.Refusal of the command, with ErrNoGrant, with keyvault.ErrShredded or ErrArchived when the stream can
// no longer be written and ErrUnreadable when it is damaged, or with an error after which the order may be given
// again under the same id.
func Execute[S any](ctx context.Context, l *Ledger, o Order, d domain.Decider[S], id uuid.UUID, cmd domain.Command[S]) (Result, error) {
	if o.ID == uuid.Nil {
		return Result{}, errors.New("ledger: an order needs an id")
	}
	stream := eventstore.Stream(d.Category, id)
	if o.Owner == uuid.Nil {
		o.Owner = id
	}
	if o.Owner != id && !random(d.Category) {
		return Result{}, ErrNoGrant // what was allowed on one livret would be done in another
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
	defer l.orders.enter()()
	loaded, err := load(ctx, l, d, stream, o.ID)
	if err != nil {
		return Result{}, err
	}
	defer loaded.zero()
	if err := loaded.belongs(ctx, o.Owner); err != nil {
		return Result{}, err
	}
	if loaded.heard {
		return Result{Version: loaded.answered, Events: loaded.answer, Replay: true}, nil
	}
	events, err := cmd.Decide(loaded.state)
	if err != nil {
		return Result{}, err
	}
	for _, event := range events {
		if !leadsTo(o.Grant.Act(), event) {
			return Result{}, fmt.Errorf("%w: %s by %s", ErrNoGrant, event.EventType(), o.Grant.Act())
		}
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
	if err := l.append(ctx, drafts); err != nil {
		return Result{}, err
	}
	return result, nil
}

// Preview tells what a command would add to a stream, and adds nothing. It fails as Execute would.
func Preview[S any](ctx context.Context, l *Ledger, d domain.Decider[S], id uuid.UUID, cmd domain.Command[S]) ([]domain.Event, error) {
	state, _, err := Load(ctx, l, d, id)
	if err != nil {
		return nil, err
	}
	events, err := cmd.Decide(state)
	if err == nil && len(events) > eventstore.MaxAppendEvents {
		return nil, ErrTooLarge
	}
	return events, err
}
