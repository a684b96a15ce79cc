package feed

import (
	"context"
	"errors"
	"syscall"

	"github.com/ThreeDotsLabs/watermill/message"

	"livret/eventstore"
	"livret/eventstore/keyvault"
	"livret/eventstore/ledger"
)

// maxParked is how many streams may be parked for one reaction. Beyond, it is not them that something is wrong with.
const maxParked = 1000

// ErrFails says that a reaction fails for so many streams that it is stopped where it stands.
var ErrFails = errors.New("feed: the reaction fails for too many streams")

// park is the middleware that narrows a failure down. The reaction is handed the two halves of the batch, one after
// the other, and halves of these, until it fails at a single fact: then the stream of that fact is parked, and its
// later facts are left out.
func (h *hearing) park(next message.HandlerFunc) message.HandlerFunc {
	return func(msg *message.Message) ([]*message.Message, error) {
		whole := carriedBy(msg)
		var hear func(part batch) error
		hear = func(part batch) error {
			for _, p := range whole.parked {
				part.without(p.Stream)
			}
			if len(part.facts) == 0 {
				return nil
			}
			_, err := next(carry(msg.Context(), &part))
			switch {
			case err == nil || passing(err) || msg.Context().Err() != nil:
				return err
			case len(whole.parked) >= whole.spare:
				return ErrFails
			case len(part.facts) == 1:
				whole.parked = append(whole.parked, h.parkAt(part.facts[0], err))
				return nil
			}
			half := len(part.facts) / 2
			first, second := part, part
			first.facts, second.facts = part.facts[:half:half], part.facts[half:]
			if err := hear(first); err != nil {
				return err
			}
			return hear(second)
		}
		whole.parked = nil
		whole.err = hear(*whole)
		return nil, whole.err
	}
}

func (h *hearing) parkAt(fact ledger.Fact, err error) Parked {
	now := h.Ledger.Now()
	return Parked{Stream: fact.Envelope.Stream, Sequence: fact.Envelope.Sequence, Class: ledger.Class(err), Since: now, Tried: now, Attempts: 1}
}

// passing tells a failure that says nothing about the facts.
func passing(err error) bool {
	for _, known := range []error{context.Canceled, context.DeadlineExceeded, ledger.ErrContended, eventstore.ErrConflict, eventstore.ErrClosed, keyvault.ErrClosed, keyvault.ErrLocked} {
		if errors.Is(err, known) {
			return true
		}
	}
	if _, machine := errors.AsType[syscall.Errno](err); machine {
		return true // no space left, too many open files
	}
	temporary, says := errors.AsType[interface {
		error
		Temporary() bool
	}](err)
	return says && temporary.Temporary()
}
