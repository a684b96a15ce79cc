package wire

import (
	"context"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/persistent"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
)

type persistentService struct {
	persistent.UnimplementedPersistentSubscriptionsServer
	*Server
}

// admit lets in who may write, to the leader.
func (s *persistentService) admit(ctx context.Context) (Log, error) {
	if err := s.led(ctx, true); err != nil {
		return nil, err
	}
	log, err := s.write(ctx)
	if err == nil && s.options.Groups == nil {
		err = ErrAccessDenied
	}
	return log, err
}

// groupIn is the key of a group, of a stream or of the whole log.
func groupIn(stream *shared.StreamIdentifier, all *shared.Empty, name string) (groupKey, error) {
	key := groupKey{stream: string(stream.GetStreamName()), name: name}
	if all != nil {
		key.stream = "$all"
	}
	if key.stream == "" || key.name == "" {
		return key, ErrInvalid
	}
	return key, nil
}

// settingsOnWire is what messages that create and change groups have in common.
type settingsOnWire interface {
	GetResolveLinks() bool
	GetExtraStatistics() bool
	GetMaxRetryCount() int32
	GetMinCheckpointCount() int32
	GetMaxCheckpointCount() int32
	GetMaxSubscriberCount() int32
	GetLiveBufferSize() int32
	GetReadBatchSize() int32
	GetHistoryBufferSize() int32
	GetMessageTimeoutTicks() int64
	GetMessageTimeoutMs() int32
	GetCheckpointAfterTicks() int64
	GetCheckpointAfterMs() int32
}

func settingsFrom(m settingsOnWire, strategy string) GroupSettings {
	return GroupSettings{
		ResolveLinks: m.GetResolveLinks(), ExtraStatistics: m.GetExtraStatistics(), MaxRetries: m.GetMaxRetryCount(),
		MinCheckpoint: m.GetMinCheckpointCount(), MaxCheckpoint: m.GetMaxCheckpointCount(), MaxSubscribers: m.GetMaxSubscriberCount(),
		LiveBuffer: m.GetLiveBufferSize(), ReadBatch: m.GetReadBatchSize(), HistoryBuffer: m.GetHistoryBufferSize(),
		MessageTimeout:   time.Duration(m.GetMessageTimeoutTicks())*100 + time.Duration(m.GetMessageTimeoutMs())*time.Millisecond,
		CheckpointAfter:  time.Duration(m.GetCheckpointAfterTicks())*100 + time.Duration(m.GetCheckpointAfterMs())*time.Millisecond,
		ConsumerStrategy: strategy,
	}
}

// Create makes a group.
func (s *persistentService) Create(ctx context.Context, m *persistent.CreateReq) (*persistent.CreateResp, error) {
	log, err := s.admit(ctx)
	if err != nil {
		return nil, err
	}
	o := m.GetOptions()
	strategy := o.GetSettings().GetConsumerStrategy()
	if strategy == "" {
		//lint:ignore SA1019 this client says it there
		strategy = o.GetSettings().GetNamedConsumerStrategy().String()
	}
	g := &group{log: log, stream: "$all", name: o.GetGroupName(), settings: settingsFrom(o.GetSettings(), strategy)}
	switch in := o.GetStreamOption().(type) {
	case *persistent.CreateReq_Options_Stream:
		g.stream = string(in.Stream.GetStreamIdentifier().GetStreamName())
		g.start = From[uint64]{At: in.Stream.GetRevision(), End: in.Stream.GetEnd() != nil}
	case *persistent.CreateReq_Options_All:
		at := in.All.GetPosition()
		g.after = From[Position]{At: Position{Commit: at.GetCommitPosition(), Prepare: at.GetPreparePosition()}, End: in.All.GetEnd() != nil}
		if f := in.All.GetFilter(); f != nil {
			g.filter, err = filterFrom(f.GetStreamIdentifier(), f.GetEventType(), f.GetMax(), f.GetCheckpointIntervalMultiplier())
		}
	}
	if err != nil || g.stream == "" || g.name == "" || o.GetStreamOption() == nil {
		return nil, ErrInvalid
	}
	return &persistent.CreateResp{}, s.options.Groups.create(ctx, g)
}

// Update changes the settings of a group, whose consumers have to come again.
func (s *persistentService) Update(ctx context.Context, m *persistent.UpdateReq) (*persistent.UpdateResp, error) {
	if _, err := s.admit(ctx); err != nil {
		return nil, err
	}
	o := m.GetOptions()
	stream, all := o.GetStream().GetStreamIdentifier(), (*shared.Empty)(nil)
	if stream == nil {
		//lint:ignore SA1019 clients before 21 say it there only
		stream = o.GetStreamIdentifier()
	}
	if o.GetAll() != nil {
		all = &shared.Empty{}
	}
	g, err := s.group(stream, all, o.GetGroupName())
	if err != nil {
		return nil, err
	}
	g.mu.Lock()
	g.settings = settingsFrom(o.GetSettings(), o.GetSettings().GetNamedConsumerStrategy().String())
	g.mu.Unlock()
	g.drop()
	return &persistent.UpdateResp{}, nil
}

func (s *persistentService) group(stream *shared.StreamIdentifier, all *shared.Empty, name string) (*group, error) {
	key, err := groupIn(stream, all, name)
	if err != nil {
		return nil, err
	}
	return s.options.Groups.find(key)
}

// Delete ends a group.
func (s *persistentService) Delete(ctx context.Context, m *persistent.DeleteReq) (*persistent.DeleteResp, error) {
	if _, err := s.admit(ctx); err != nil {
		return nil, err
	}
	o := m.GetOptions()
	key, err := groupIn(o.GetStreamIdentifier(), o.GetAll(), o.GetGroupName())
	if err != nil {
		return nil, err
	}
	return &persistent.DeleteResp{}, s.options.Groups.remove(key)
}

// ReplayParked has events that were parked tried again.
func (s *persistentService) ReplayParked(ctx context.Context, m *persistent.ReplayParkedReq) (*persistent.ReplayParkedResp, error) {
	if _, err := s.admit(ctx); err != nil {
		return nil, err
	}
	o := m.GetOptions()
	g, err := s.group(o.GetStreamIdentifier(), o.GetAll(), o.GetGroupName())
	if err != nil {
		return nil, err
	}
	most := int64(-1)
	if _, limited := o.GetStopAtOption().(*persistent.ReplayParkedReq_Options_StopAt); limited {
		if most = o.GetStopAt(); most < 0 {
			return nil, ErrInvalid
		}
	}
	g.replay(most)
	return &persistent.ReplayParkedResp{}, nil
}

// RestartSubsystem has all consumers come again.
func (s *persistentService) RestartSubsystem(ctx context.Context, _ *shared.Empty) (*shared.Empty, error) {
	if _, err := s.admit(ctx); err != nil {
		return nil, err
	}
	for _, g := range s.options.Groups.list("") {
		g.drop()
	}
	return &shared.Empty{}, nil
}
