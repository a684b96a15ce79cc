package feed

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/ThreeDotsLabs/watermill/message"
)

// listening is what a subscription does: it hands batches over until there is nothing left to do.
type listening func(context.Context, *hearing, sending) error

// route runs a router until all its subscriptions have ended, and answers their errors.
func (f *Feed) route(ctx context.Context, hearings []*hearing, listen listening) error {
	router, err := message.NewRouter(message.RouterConfig{}, nil)
	if err != nil {
		return err
	}
	s := &subscriber{hearings: hearings, listen: listen}
	for _, h := range hearings {
		router.AddConsumerHandler(h.name, h.name, s, h.hear).AddMiddleware(h.show, h.park)
	}
	if len(hearings) > 0 { // a router without a handler waits for one
		err = router.Run(ctx)
	}
	return errors.Join(append(s.errs, err)...)
}

// subscriber is the ledger as Watermill subscribes to it: the topic is the name of a hearing.
type subscriber struct {
	hearings []*hearing
	listen   listening
	ended    sync.WaitGroup
	mu       sync.Mutex
	errs     []error
}

// Subscribe implements message.Subscriber. It has one message under way at a time.
func (s *subscriber) Subscribe(ctx context.Context, topic string) (<-chan *message.Message, error) {
	n := slices.IndexFunc(s.hearings, func(h *hearing) bool { return h.name == topic })
	if n < 0 {
		return nil, fmt.Errorf("feed: nobody hears %q", topic)
	}
	messages := make(chan *message.Message)
	s.ended.Go(func() {
		defer close(messages)
		send := func(ctx context.Context, b *batch) error { return deliver(ctx, messages, b) }
		if err := s.listen(ctx, s.hearings[n], send); err != nil {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.errs = append(s.errs, fmt.Errorf("%s: %w", topic, err))
		}
	})
	return messages, nil
}

// Close implements message.Subscriber: it waits for those that the router has told to end.
func (s *subscriber) Close() error {
	s.ended.Wait()
	return nil
}

// deliver sends a batch and waits for the answer. It does not leave before: the reaction may be at work.
func deliver(ctx context.Context, messages chan<- *message.Message, b *batch) error {
	msg := carry(ctx, b)
	select {
	case messages <- msg:
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-msg.Acked():
		return nil
	case <-msg.Nacked():
		return cmp.Or(b.err, errPanic)
	}
}

// cargo is the key under which the context of a message carries its batch.
type cargo struct{}

func carry(ctx context.Context, b *batch) *message.Message {
	position := slices.Concat(b.after[:], b.through[:])
	return message.NewMessageWithContext(context.WithValue(ctx, cargo{}, b), fmt.Sprintf("%x", b.through), position)
}

func carriedBy(msg *message.Message) *batch { return msg.Context().Value(cargo{}).(*batch) }

// hear is the handler: the reaction. A panic is a failure like another, and may quote what it met.
func (h *hearing) hear(msg *message.Message) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = errPanic
		}
	}()
	return h.reaction.React(msg.Context(), h.Ledger, carriedBy(msg).facts)
}

var errPanic = errors.New("feed: the reaction panicked")

// show is the middleware that brings the views up to what a reaction is about to hear.
func (h *hearing) show(next message.HandlerFunc) message.HandlerFunc {
	return func(msg *message.Message) ([]*message.Message, error) {
		if h.Views != nil {
			if err := h.Views(msg.Context()); err != nil {
				carriedBy(msg).err = err
				return nil, err
			}
		}
		return next(msg)
	}
}
