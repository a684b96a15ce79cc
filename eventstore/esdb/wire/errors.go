package wire

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// What a Log, and who opens it, may answer besides the typed errors below.
var (
	ErrStreamNotFound  = errors.New("wire: stream not found")
	ErrUnauthenticated = errors.New("wire: who asks is not known")
	ErrAccessDenied    = errors.New("wire: access denied")
	ErrInvalid         = errors.New("wire: malformed request")
	ErrUnsupported     = errors.New("wire: this server does not offer that")
	ErrUnavailable     = errors.New("wire: not ready")
	ErrAborted         = errors.New("wire: given up; it may have taken effect")
)

// WrongVersionError says that a stream does not stand where a writer expected it.
type WrongVersionError struct {
	Stream   string
	Expected Expected
	Exists   bool
	Actual   uint64 // if it exists
}

func (e *WrongVersionError) Error() string {
	return fmt.Sprintf("Append failed due to WrongExpectedVersion. Stream: %s, Expected version: %d, Actual version: %d", e.Stream, e.Expected.number(), e.actual())
}

// number is the version as servers write it in text.
func (e Expected) number() int64 {
	switch e.Kind {
	case Exactly:
		return int64(e.Revision)
	case NoStream:
		return -1
	case StreamExists:
		return -4
	}
	return -2
}

func (e *WrongVersionError) actual() int64 {
	if !e.Exists {
		return -1
	}
	return int64(e.Actual)
}

// StreamDeletedError says that a stream is gone for ever.
type StreamDeletedError struct{ Stream string }

func (e *StreamDeletedError) Error() string {
	return fmt.Sprintf("Event stream '%s' is deleted.", e.Stream)
}

// TooLargeError says how many bytes an append may have.
type TooLargeError struct{ Max int }

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("Maximum Append Size of %d Exceeded.", e.Max)
}

// MissingError says what a proposed event lacks.
type MissingError struct{ Property string }

func (e *MissingError) Error() string {
	return fmt.Sprintf("Required Metadata Property '%s' is missing", e.Property)
}

// NotLeaderError says who leads.
type NotLeaderError struct {
	Host string
	Port int
}

func (e *NotLeaderError) Error() string { return "Leader info available" }

// GroupError is what a persistent subscription answers.
type GroupError struct {
	Code          codes.Code
	Exception     string // as in trailers
	Stream, Group string
}

func (e *GroupError) Error() string {
	return fmt.Sprintf("Subscription group %s on stream %s: %s", e.Group, e.Stream, e.Exception)
}

// refuse makes of an error what the server's clients understand: a code, a text, and trailers. What is not known to be
// meant for them says nothing of what it is.
func refuse(err error) (metadata.MD, error) {
	var wrong *WrongVersionError
	var deleted *StreamDeletedError
	var large *TooLargeError
	var missing *MissingError
	var follower *NotLeaderError
	var group *GroupError
	trailers := func(code codes.Code, text string, pairs ...string) (metadata.MD, error) {
		return metadata.Pairs(append([]string{"exception"}, pairs...)...), status.Error(code, text)
	}
	switch {
	case errors.As(err, &wrong):
		return trailers(codes.FailedPrecondition, wrong.Error(), "wrong-expected-version", "stream-name", wrong.Stream,
			"expected-version", strconv.FormatInt(wrong.Expected.number(), 10), "actual-version", strconv.FormatInt(wrong.actual(), 10))
	case errors.As(err, &deleted):
		return trailers(codes.FailedPrecondition, deleted.Error(), "stream-deleted", "stream-name", deleted.Stream)
	case errors.As(err, &large):
		return trailers(codes.InvalidArgument, large.Error(), "maximum-append-size-exceeded", "maximum-append-size", strconv.Itoa(large.Max))
	case errors.As(err, &missing):
		return trailers(codes.InvalidArgument, missing.Error(), "missing-required-metadata-property", "required-metadata-properties", missing.Property)
	case errors.As(err, &follower):
		return trailers(codes.NotFound, follower.Error(), "not-leader", "leader-endpoint-host", follower.Host, "leader-endpoint-port", strconv.Itoa(follower.Port))
	case errors.As(err, &group):
		return trailers(group.Code, group.Error(), group.Exception, "stream-name", group.Stream, "group-name", group.Group)
	case errors.Is(err, ErrAccessDenied):
		return trailers(codes.PermissionDenied, "Access Denied", "access-denied")
	case errors.Is(err, ErrStreamNotFound):
		return trailers(codes.NotFound, "Event stream is not found", "stream-not-found")
	}
	code := codes.Unknown
	switch {
	case errors.Is(err, context.Canceled):
		return nil, status.FromContextError(context.Canceled).Err()
	case errors.Is(err, context.DeadlineExceeded):
		return nil, status.FromContextError(context.DeadlineExceeded).Err()
	case errors.Is(err, ErrUnauthenticated):
		code = codes.Unauthenticated
	case errors.Is(err, ErrInvalid):
		code = codes.InvalidArgument
	case errors.Is(err, ErrUnsupported):
		code = codes.Unimplemented
	case errors.Is(err, ErrUnavailable):
		code = codes.Unavailable
	case errors.Is(err, ErrAborted):
		code = codes.Aborted
	case status.Code(err) != codes.Unknown: // of gRPC itself
		return nil, err
	default:
		return nil, status.Error(codes.Unknown, "Unexpected server error")
	}
	return nil, status.Error(code, err.Error())
}
