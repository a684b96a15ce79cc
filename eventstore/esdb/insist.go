package esdb

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	client "github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"livret/eventstore"
)

// Errors of a cluster, beside those of every store. Unavailable is what remains when patience ends: what was asked for may
// have taken effect.
var (
	ErrUnavailable = errors.New("esdb: the cluster does not answer")
	ErrRefused     = errors.New("esdb: the cluster refuses")
)

// errStale says that an answer is older than another one: it is to be asked again.
var errStale = errors.New("esdb: stale answer")

// insist makes a call, again and again until its outcome is certain, the context or the store ends, or patience is over
// since the call last got anywhere. Nothing is asked for that may not be asked twice: appends bring the same ids to the
// same revision.
func (s *Store) insist(ctx context.Context, call func(context.Context, *client.Client) error) error {
	return s.insistWhile(ctx, func(since time.Time) bool { return time.Since(since) < s.patience }, call)
}

func (s *Store) insistWhile(ctx context.Context, goOn func(since time.Time) bool, call func(context.Context, *client.Client) error) error {
	if err := s.alive(ctx); err != nil {
		return err
	}
	bound, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(s.life, func() { cancel(eventstore.ErrClosed) })()
	// The client puts this header where no server sees it.
	bound = metadata.AppendToOutgoingContext(bound, "requires-leader", "true")

	began := time.Now()
	for tries := 0; ; tries++ {
		err := s.once(bound, call)
		switch {
		case err == nil:
			return nil
		case bound.Err() != nil:
			return context.Cause(bound)
		}
		var advance *advanced
		if errors.As(err, &advance) {
			began, tries = time.Now(), 0
		}
		err, transient := explain(err)
		if !transient || !goOn(began) {
			return err
		}
		select {
		case <-bound.Done():
		case <-time.After(pause(tries)):
		}
	}
}

// pause doubles from some milliseconds to half a second, and differs among callers.
func pause(tries int) time.Duration {
	most := min(4*time.Millisecond<<min(tries, 10), 500*time.Millisecond)
	return most/2 + rand.N(most/2)
}

// once makes a call with a client of its own, which goes back to the pool unless something happened to it.
func (s *Store) once(ctx context.Context, call func(context.Context, *client.Client) error) error {
	c, err := s.pool.get(ctx)
	if err != nil {
		return err
	}
	returned := false // not if the reader of events panics
	defer func() {
		if !returned {
			c.Close()
		}
	}()
	err = call(ctx, c)
	switch returned = true; {
	case codeOf(err) == client.ErrorCodeNotLeader: // the client goes to the leader by itself
		if s.pool.connect(ctx, c, func() {}) == nil {
			s.pool.put(c)
		}
	case unharmed(ctx, err):
		s.pool.put(c)
	default:
		c.Close()
	}
	return err
}

// unharmed tells whether a client may be used again after an error.
func unharmed(ctx context.Context, err error) bool {
	_, transient := explain(err)
	return err == nil || !transient || errors.Is(err, errStale) ||
		ctx.Err() != nil && codeOf(err) != client.ErrorUnavailable
}

// advanced is the error of a call that got somewhere before it failed.
type advanced struct{ error }

func (a *advanced) Unwrap() error { return a.error }

// codeOf is the client's code of an error. Some come as the client's own errors, some as those of gRPC, and FromError
// unwraps neither.
func codeOf(err error) client.ErrorCode {
	if e, ok := errors.AsType[*client.Error](err); ok && e.Code() != client.ErrorCodeUnknown {
		return e.Code()
	}
	switch status.Code(err) {
	case codes.Unavailable:
		return client.ErrorUnavailable
	case codes.DeadlineExceeded:
		return client.ErrorCodeDeadlineExceeded
	case codes.Aborted:
		return client.ErrorAborted
	case codes.Unauthenticated:
		return client.ErrorCodeUnauthenticated
	case codes.PermissionDenied:
		return client.ErrorCodeAccessDenied
	case codes.NotFound:
		return client.ErrorCodeResourceNotFound
	case codes.Unimplemented:
		return client.ErrorCodeUnsupportedFeature
	}
	return client.ErrorCodeUnknown
}

// explain turns an error into one of ours, and tells whether the same call may end otherwise.
func explain(err error) (explained error, transient bool) {
	for _, ours := range []error{eventstore.ErrConflict, eventstore.ErrInvalid, eventstore.ErrCorrupt, eventstore.ErrClosed, ErrRefused, errEnough} {
		if errors.Is(err, ours) {
			return err, false
		}
	}
	switch codeOf(err) {
	case client.ErrorCodeAccessDenied, client.ErrorCodeUnauthenticated, client.ErrorCodeUnsupportedFeature:
		return fmt.Errorf("%w: %w", ErrRefused, err), false
	case client.ErrorCodeStreamDeleted:
		return fmt.Errorf("%w: the cluster deleted a stream: %w", eventstore.ErrCorrupt, err), false
	}
	if status.Code(err) == codes.InvalidArgument {
		return fmt.Errorf("%w: %w", ErrRefused, err), false
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, err), true
}

// guarded keeps a panic of the client, at what it does not know, from its caller.
func guarded[T any](call func() (T, error)) (answer T, err error) {
	defer func() {
		if met := recover(); met != nil {
			err = fmt.Errorf("%w: the client met what it does not know: %v", ErrRefused, met)
		}
	}()
	return call()
}
