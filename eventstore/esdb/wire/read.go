package wire

import (
	"context"
	"errors"
	"iter"
	"strconv"
	"strings"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
)

// reading is what a client asks to read, and how it is answered.
type reading struct {
	log       Log
	stream    string // "": the whole log
	revision  From[uint64]
	position  From[Position]
	fromStart bool // where neither is looked at
	backwards bool
	resolve   bool
	text      bool // ids as text
	filter    *filter
	send      func(*streams.ReadResp) error
}

// Read reads a stream or the whole log, once or as a subscription that does not end.
func (s *streamsService) Read(m *streams.ReadReq, out streams.Streams_ReadServer) error {
	if err := s.led(out.Context(), false); err != nil {
		return err
	}
	log, err := s.open(out.Context())
	if err != nil {
		return err
	}
	r, err := asked(m.GetOptions())
	if err != nil {
		return err
	}
	r.log, r.send = log, out.Send
	switch m.GetOptions().GetCountOption().(type) {
	case *streams.ReadReq_Options_Subscription:
		if r.backwards {
			return ErrInvalid
		}
		return r.subscribe(out.Context())
	case *streams.ReadReq_Options_Count:
		return r.page(out.Context(), m.GetOptions().GetCount())
	}
	return ErrInvalid
}

// asked reads what is to be read.
func asked(o *streams.ReadReq_Options) (*reading, error) {
	r := &reading{
		backwards: o.GetReadDirection() == streams.ReadReq_Options_Backwards, resolve: o.GetResolveLinks(),
		text: o.GetUuidOption().GetString_() != nil,
	}
	var err error
	if f := o.GetFilter(); f != nil {
		if r.filter, err = filterFrom(f.GetStreamIdentifier(), f.GetEventType(), f.GetMax(), f.GetCheckpointIntervalMultiplier()); err != nil {
			return nil, err
		}
	}
	switch in := o.GetStreamOption().(type) {
	case *streams.ReadReq_Options_Stream:
		r.stream = string(in.Stream.GetStreamIdentifier().GetStreamName())
		if r.stream == "" || r.stream == "$all" || r.filter != nil {
			return nil, ErrInvalid
		}
		switch in.Stream.GetRevisionOption().(type) {
		case *streams.ReadReq_Options_StreamOptions_End:
			r.revision.End = true
		case *streams.ReadReq_Options_StreamOptions_Revision:
			r.revision.At = in.Stream.GetRevision()
		default:
			r.fromStart = true
		}
	case *streams.ReadReq_Options_All:
		switch in.All.GetAllOption().(type) {
		case *streams.ReadReq_Options_AllOptions_End:
			r.position.End = true
		case *streams.ReadReq_Options_AllOptions_Position:
			at := in.All.GetPosition()
			r.position.At = Position{Commit: at.GetCommitPosition(), Prepare: at.GetPreparePosition()}
		default:
			r.fromStart = true
		}
	default:
		return nil, ErrInvalid
	}
	return r, nil
}

// records are what stands where the reading begins and behind.
func (r *reading) records(ctx context.Context) iter.Seq2[Record, error] {
	if r.stream != "" {
		return r.log.Stream(ctx, r.stream, r.revision, r.backwards)
	}
	return r.log.All(ctx, r.position, r.backwards)
}

// page answers so many events and ends.
func (r *reading) page(ctx context.Context, count uint64) error {
	if count == 0 {
		return nil
	}
	for record, err := range r.records(ctx) {
		switch {
		case errors.Is(err, ErrStreamNotFound):
			return r.send(&streams.ReadResp{Content: &streams.ReadResp_StreamNotFound_{StreamNotFound: &streams.ReadResp_StreamNotFound{StreamIdentifier: nameOnWire(r.stream)}}})
		case err != nil:
			return err
		case !r.filter.keeps(&record):
			continue
		}
		if err := r.event(ctx, &record); err != nil {
			return err
		}
		if count--; count == 0 {
			return nil
		}
	}
	return nil
}

// event sends one event, with the link that led to it.
func (r *reading) event(ctx context.Context, record *Record) error {
	event, link, err := follow(ctx, r.log, record, r.resolve)
	if err != nil {
		return err
	}
	return r.send(&streams.ReadResp{Content: &streams.ReadResp_Event{Event: &streams.ReadResp_ReadEvent{
		Event: recorded(event, r.text), Link: recorded(link, r.text),
		Position: &streams.ReadResp_ReadEvent_CommitPosition{CommitPosition: record.Position.Commit},
	}}})
}

// follow answers what a record stands for: itself, or, where links are resolved and it is one, the event it names, which
// is nil if it is not there.
func follow(ctx context.Context, log Log, record *Record, resolve bool) (event, link *Record, err error) {
	if !resolve || record.Type != LinkType {
		return record, nil, nil
	}
	number, stream, _ := strings.Cut(string(record.Data), "@")
	revision, err := strconv.ParseUint(number, 10, 63)
	if err != nil {
		return nil, record, nil
	}
	var deleted *StreamDeletedError
	for target, err := range log.Stream(ctx, stream, From[uint64]{At: revision}, false) {
		switch {
		case errors.Is(err, ErrStreamNotFound), errors.As(err, &deleted), errors.Is(err, ErrAccessDenied):
			return nil, record, nil
		case err != nil:
			return nil, nil, err
		case target.Revision == revision:
			return &target, record, nil
		}
		break
	}
	return nil, record, nil
}
