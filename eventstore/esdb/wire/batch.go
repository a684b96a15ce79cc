package wire

import (
	"context"
	"errors"
	"io"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/google/uuid"
	rpc "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/emptypb"
)

// maxPending is how many appends of one connection may be under way in pieces.
const maxPending = 64

// batch is an append that comes in pieces.
type batch struct {
	run
	options *streams.BatchAppendReq_Options
	failed  error // the rest of it is not looked at
}

// BatchAppend takes appends one after the other over one stream of messages, each in as many pieces as its client likes,
// and answers each by its correlation id.
func (s *streamsService) BatchAppend(in streams.Streams_BatchAppendServer) error {
	if err := s.led(in.Context(), false); err != nil {
		return err
	}
	log, err := s.write(in.Context())
	if err != nil {
		return err
	}
	pending := make(map[uuid.UUID]*batch)
	for {
		m, err := in.Recv()
		if err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		id, err := idFromWire(m.GetCorrelationId())
		if err != nil {
			return err
		}
		b := pending[id]
		if b == nil {
			if m.GetOptions() == nil || len(pending) == maxPending {
				return ErrInvalid
			}
			b = &batch{options: m.GetOptions()}
			pending[id] = b
		}
		for _, p := range m.GetProposedMessages() {
			if b.failed == nil {
				b.failed = b.add(p)
			}
		}
		if !m.GetIsFinal() {
			continue
		}
		delete(pending, id)
		answer := b.append(in.Context(), log)
		answer.CorrelationId = m.GetCorrelationId()
		if err := in.Send(answer); err != nil {
			return err
		}
	}
}

func (b *batch) append(ctx context.Context, log Writer) *streams.BatchAppendResp {
	stream, expected, err := batchExpectation(b.options)
	answer := &streams.BatchAppendResp{StreamIdentifier: nameOnWire(stream)}
	switch expected.Kind {
	case NoStream:
		answer.ExpectedStreamPosition = &streams.BatchAppendResp_NoStream{NoStream: &emptypb.Empty{}}
	case StreamExists:
		answer.ExpectedStreamPosition = &streams.BatchAppendResp_StreamExists{StreamExists: &emptypb.Empty{}}
	case Exactly:
		answer.ExpectedStreamPosition = &streams.BatchAppendResp_StreamPosition{StreamPosition: expected.Revision}
	default:
		answer.ExpectedStreamPosition = &streams.BatchAppendResp_Any{Any: &emptypb.Empty{}}
	}
	if err == nil {
		err = b.failed
	}
	var written Written
	if err == nil {
		written, err = log.Append(ctx, stream, expected, b.records)
	}
	if err != nil {
		answer.Result = &streams.BatchAppendResp_Error{Error: batchError(err)}
		return answer
	}
	answer.Result = &streams.BatchAppendResp_Success_{Success: &streams.BatchAppendResp_Success{
		CurrentRevisionOption: &streams.BatchAppendResp_Success_CurrentRevision{CurrentRevision: written.Revision},
		PositionOption: &streams.BatchAppendResp_Success_Position{Position: &shared.AllStreamPosition{
			CommitPosition: written.Position.Commit, PreparePosition: written.Position.Prepare,
		}},
	}}
	return answer
}

func batchExpectation(o *streams.BatchAppendReq_Options) (stream string, e Expected, err error) {
	stream = string(o.GetStreamIdentifier().GetStreamName())
	switch o.GetExpectedStreamPosition().(type) {
	case *streams.BatchAppendReq_Options_NoStream:
		e.Kind = NoStream
	case *streams.BatchAppendReq_Options_StreamExists:
		e.Kind = StreamExists
	case *streams.BatchAppendReq_Options_StreamPosition:
		e = Expected{Kind: Exactly, Revision: o.GetStreamPosition()}
	case *streams.BatchAppendReq_Options_Any:
	default:
		err = ErrInvalid
	}
	if stream == "" || stream == "$all" {
		err = ErrInvalid
	}
	return stream, e, err
}

// batchError says in a message what trailers say elsewhere.
func batchError(err error) *rpc.Status {
	_, refusal := refuse(err)
	out := status.Convert(refusal).Proto()
	var wrong *WrongVersionError
	var deleted *StreamDeletedError
	var large *TooLargeError
	var details proto.Message
	switch {
	case errors.As(err, &wrong):
		details = wrongInBatch(wrong)
	case errors.As(err, &deleted):
		details = &shared.StreamDeleted{StreamIdentifier: nameOnWire(deleted.Stream)}
	case errors.As(err, &large):
		details = &shared.MaximumAppendSizeExceeded{MaxAppendSize: uint32(large.Max)}
	case errors.Is(err, ErrAccessDenied):
		details = &shared.AccessDenied{}
	case errors.Is(err, ErrInvalid):
		details = &shared.BadRequest{Message: out.GetMessage()}
	case errors.Is(err, ErrAborted):
		details = &shared.Timeout{}
	default:
		details = &shared.Unknown{}
	}
	if detail, err := anypb.New(details); err == nil {
		out.Details = append(out.Details, detail)
	}
	return out
}

func wrongInBatch(e *WrongVersionError) *shared.WrongExpectedVersion {
	m := &shared.WrongExpectedVersion{CurrentStreamRevisionOption: &shared.WrongExpectedVersion_CurrentNoStream{CurrentNoStream: &emptypb.Empty{}}}
	if e.Exists {
		m.CurrentStreamRevisionOption = &shared.WrongExpectedVersion_CurrentStreamRevision{CurrentStreamRevision: e.Actual}
	}
	switch e.Expected.Kind {
	case NoStream:
		m.ExpectedStreamPositionOption = &shared.WrongExpectedVersion_ExpectedNoStream{ExpectedNoStream: &emptypb.Empty{}}
	case StreamExists:
		m.ExpectedStreamPositionOption = &shared.WrongExpectedVersion_ExpectedStreamExists{ExpectedStreamExists: &emptypb.Empty{}}
	case Exactly:
		m.ExpectedStreamPositionOption = &shared.WrongExpectedVersion_ExpectedStreamPosition{ExpectedStreamPosition: e.Expected.Revision}
	default:
		m.ExpectedStreamPositionOption = &shared.WrongExpectedVersion_ExpectedAny{ExpectedAny: &emptypb.Empty{}}
	}
	return m
}
