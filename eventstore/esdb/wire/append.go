package wire

import (
	"context"
	"errors"
	"io"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
)

type streamsService struct {
	streams.UnimplementedStreamsServer
	*Server
}

// expecting are the messages that may say what a write expects, of which there is one for each kind of write.
type expecting interface {
	GetStreamIdentifier() *shared.StreamIdentifier
	GetRevision() uint64
	GetNoStream() *shared.Empty
	GetAny() *shared.Empty
	GetStreamExists() *shared.Empty
}

// expectation reads which stream is written to, and what is expected of it.
func expectation(o expecting) (stream string, e Expected, err error) {
	stream = string(o.GetStreamIdentifier().GetStreamName())
	switch {
	case stream == "" || stream == "$all":
		return "", e, ErrInvalid
	case o.GetNoStream() != nil:
		e.Kind = NoStream
	case o.GetAny() != nil:
		e.Kind = Any
	case o.GetStreamExists() != nil:
		e.Kind = StreamExists
	default:
		e = Expected{Kind: Exactly, Revision: o.GetRevision()}
	}
	return stream, e, nil
}

// Append takes the events of one append, one message for each after the first, which says where.
func (s *streamsService) Append(in streams.Streams_AppendServer) error {
	answer, err := s.append(in)
	if err != nil {
		drain(in)
		return err
	}
	return in.SendAndClose(answer)
}

// drain reads what is left of a request that is refused, but for one that never ends: a client that is still sending when
// it is answered learns that it was cut off, and not why.
func drain(in streams.Streams_AppendServer) {
	for size := 0; size <= 2*MaxAppend; {
		m, err := in.Recv()
		if err != nil {
			return
		}
		size += len(m.GetProposedMessage().GetData()) + len(m.GetProposedMessage().GetCustomMetadata()) + 1<<10
	}
}

func (s *streamsService) append(in streams.Streams_AppendServer) (*streams.AppendResp, error) {
	if err := s.led(in.Context(), false); err != nil {
		return nil, err
	}
	log, err := s.write(in.Context())
	if err != nil {
		return nil, err
	}
	first, err := in.Recv()
	if err != nil {
		return nil, err
	}
	stream, expected, err := expectation(first.GetOptions())
	if err != nil {
		return nil, err
	}
	var run run
	for {
		m, err := in.Recv()
		if err == io.EOF {
			break
		} else if err != nil {
			return nil, err
		}
		if m.GetProposedMessage() == nil {
			return nil, ErrInvalid
		}
		if err := run.add(m.GetProposedMessage()); err != nil {
			return nil, err
		}
	}
	written, err := log.Append(in.Context(), stream, expected, run.records)
	var wrong *WrongVersionError
	switch {
	case errors.As(err, &wrong):
		return &streams.AppendResp{Result: &streams.AppendResp_WrongExpectedVersion_{WrongExpectedVersion: wrongOnWire(wrong)}}, nil
	case err != nil:
		return nil, err
	}
	return &streams.AppendResp{Result: &streams.AppendResp_Success_{Success: &streams.AppendResp_Success{
		CurrentRevisionOption: &streams.AppendResp_Success_CurrentRevision{CurrentRevision: written.Revision},
		PositionOption: &streams.AppendResp_Success_Position{Position: &streams.AppendResp_Position{
			CommitPosition: written.Position.Commit, PreparePosition: written.Position.Prepare,
		}},
	}}}, nil
}

// run is what an append adds, as it comes in.
type run struct {
	records []Record
	size    int
}

func (r *run) add(m proposed) error {
	record, err := propose(m)
	if err != nil {
		return err
	}
	if r.size += record.size(); r.size > MaxAppend {
		return &TooLargeError{Max: MaxAppend}
	}
	r.records = append(r.records, record)
	return nil
}

// wrongOnWire says which revision was expected and which was found, in the fields of today's clients and in those of
// clients before 21.
func wrongOnWire(e *WrongVersionError) *streams.AppendResp_WrongExpectedVersion {
	m := &streams.AppendResp_WrongExpectedVersion{}
	if e.Exists {
		m.CurrentRevisionOption = &streams.AppendResp_WrongExpectedVersion_CurrentRevision{CurrentRevision: e.Actual}
		m.CurrentRevisionOption_20_6_0 = &streams.AppendResp_WrongExpectedVersion_CurrentRevision_20_6_0{CurrentRevision_20_6_0: e.Actual}
	} else {
		m.CurrentRevisionOption = &streams.AppendResp_WrongExpectedVersion_CurrentNoStream{CurrentNoStream: &shared.Empty{}}
		m.CurrentRevisionOption_20_6_0 = &streams.AppendResp_WrongExpectedVersion_NoStream_20_6_0{NoStream_20_6_0: &shared.Empty{}}
	}
	switch e.Expected.Kind {
	case NoStream:
		m.ExpectedRevisionOption = &streams.AppendResp_WrongExpectedVersion_ExpectedNoStream{ExpectedNoStream: &shared.Empty{}}
	case StreamExists:
		m.ExpectedRevisionOption = &streams.AppendResp_WrongExpectedVersion_ExpectedStreamExists{ExpectedStreamExists: &shared.Empty{}}
		m.ExpectedRevisionOption_20_6_0 = &streams.AppendResp_WrongExpectedVersion_StreamExists_20_6_0{StreamExists_20_6_0: &shared.Empty{}}
	case Exactly:
		m.ExpectedRevisionOption = &streams.AppendResp_WrongExpectedVersion_ExpectedRevision{ExpectedRevision: e.Expected.Revision}
		m.ExpectedRevisionOption_20_6_0 = &streams.AppendResp_WrongExpectedVersion_ExpectedRevision_20_6_0{ExpectedRevision_20_6_0: e.Expected.Revision}
	default:
		m.ExpectedRevisionOption = &streams.AppendResp_WrongExpectedVersion_ExpectedAny{ExpectedAny: &shared.Empty{}}
		m.ExpectedRevisionOption_20_6_0 = &streams.AppendResp_WrongExpectedVersion_Any_20_6_0{Any_20_6_0: &shared.Empty{}}
	}
	return m
}

// Delete hides the events of a stream.
func (s *streamsService) Delete(ctx context.Context, m *streams.DeleteReq) (*streams.DeleteResp, error) {
	at, err := s.end(ctx, m.GetOptions(), Writer.Delete)
	if err != nil {
		return nil, err
	}
	return &streams.DeleteResp{PositionOption: &streams.DeleteResp_Position_{Position: &streams.DeleteResp_Position{CommitPosition: at.Commit, PreparePosition: at.Prepare}}}, nil
}

// Tombstone ends a stream for ever.
func (s *streamsService) Tombstone(ctx context.Context, m *streams.TombstoneReq) (*streams.TombstoneResp, error) {
	at, err := s.end(ctx, m.GetOptions(), Writer.Tombstone)
	if err != nil {
		return nil, err
	}
	return &streams.TombstoneResp{PositionOption: &streams.TombstoneResp_Position_{Position: &streams.TombstoneResp_Position{CommitPosition: at.Commit, PreparePosition: at.Prepare}}}, nil
}

func (s *streamsService) end(ctx context.Context, o expecting, how func(Writer, context.Context, string, Expected) (Written, error)) (Position, error) {
	if err := s.led(ctx, false); err != nil {
		return Position{}, err
	}
	log, err := s.write(ctx)
	if err != nil {
		return Position{}, err
	}
	stream, expected, err := expectation(o)
	if err != nil {
		return Position{}, err
	}
	written, err := how(log, ctx, stream, expected)
	return written.Position, err
}
