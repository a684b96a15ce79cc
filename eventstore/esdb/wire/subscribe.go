package wire

import (
	"context"
	"errors"
	"math"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/google/uuid"
)

// subscribe sends what stands behind the place asked for, says that it caught up, and then sends what comes.
//
// Where it begins is settled before the client hears that it is subscribed: what it appends afterwards, it receives.
func (r *reading) subscribe(ctx context.Context) error {
	head, err := r.log.Head(ctx)
	if err != nil {
		return err
	}
	deliver := r.wholeLog
	if r.stream != "" {
		deliver = r.oneStream
		if r.revision.End {
			if r.revision, err = r.behind(ctx); err != nil {
				return err
			}
		} else if !r.fromStart && r.revision.At < math.MaxUint64 {
			r.revision.At++ // what was asked for was seen already
		}
	}
	confirmation := &streams.ReadResp_SubscriptionConfirmation{SubscriptionId: uuid.NewString()}
	if err := r.send(&streams.ReadResp{Content: &streams.ReadResp_Confirmation{Confirmation: confirmation}}); err != nil {
		return err
	}
	return deliver(ctx, head)
}

// behind is the place of the next event of the stream.
func (r *reading) behind(ctx context.Context) (From[uint64], error) {
	for last, err := range r.log.Stream(ctx, r.stream, From[uint64]{End: true}, true) {
		if errors.Is(err, ErrStreamNotFound) {
			break
		}
		return From[uint64]{At: last.Revision + 1}, err
	}
	return From[uint64]{}, nil
}

func (r *reading) caughtUp() error {
	return r.send(&streams.ReadResp{Content: &streams.ReadResp_CaughtUp_{CaughtUp: &streams.ReadResp_CaughtUp{}}})
}

func (r *reading) oneStream(ctx context.Context, head Position) error {
	next := r.revision.At
	take := func(record *Record) error {
		if record.Stream != r.stream || record.Revision < next {
			return nil
		}
		if record.Type == TombstoneType {
			return &StreamDeletedError{Stream: r.stream}
		}
		next = record.Revision + 1
		return r.event(ctx, record)
	}
	for record, err := range r.log.Stream(ctx, r.stream, From[uint64]{At: next}, false) {
		if errors.Is(err, ErrStreamNotFound) {
			break
		}
		if err == nil {
			err = take(&record)
		}
		if err != nil {
			return err
		}
	}
	if err := r.caughtUp(); err != nil {
		return err
	}
	return each(r.log.Follow(ctx, head), take)
}

func (r *reading) wholeLog(ctx context.Context, head Position) error {
	after := r.position.At
	if r.position.End || after == (Position{Commit: math.MaxUint64, Prepare: math.MaxUint64}) {
		after = head
	}
	scanned := uint64(0)
	take := func(record *Record) error {
		if !r.fromStart && record.Position.Compare(after) <= 0 {
			return nil
		}
		after, r.fromStart = record.Position, false
		if r.filter.keeps(record) {
			if err := r.event(ctx, record); err != nil {
				return err
			}
		}
		if r.filter == nil {
			return nil
		}
		if scanned++; scanned%r.filter.checkpoint != 0 {
			return nil
		}
		at := &streams.ReadResp_Checkpoint{CommitPosition: after.Commit, PreparePosition: after.Prepare}
		return r.send(&streams.ReadResp{Content: &streams.ReadResp_Checkpoint_{Checkpoint: at}})
	}
	if err := each(r.log.All(ctx, From[Position]{At: after}, false), take); err != nil {
		return err
	}
	if err := r.caughtUp(); err != nil {
		return err
	}
	return each(r.log.Follow(ctx, after), take)
}

func each(records func(func(Record, error) bool), take func(*Record) error) error {
	for record, err := range records {
		if err == nil {
			err = take(&record)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
