package wire

import (
	"context"
	"fmt"
	"strconv"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/persistent"
)

// GetInfo tells how a group stands.
func (s *persistentService) GetInfo(ctx context.Context, m *persistent.GetInfoReq) (*persistent.GetInfoResp, error) {
	if _, err := s.admit(ctx); err != nil {
		return nil, err
	}
	o := m.GetOptions()
	g, err := s.group(o.GetStreamIdentifier(), o.GetAll(), o.GetGroupName())
	if err != nil {
		return nil, err
	}
	return &persistent.GetInfoResp{SubscriptionInfo: g.info()}, nil
}

// List tells how groups stand: all of them, or those of a stream, or those of the whole log.
func (s *persistentService) List(ctx context.Context, m *persistent.ListReq) (*persistent.ListResp, error) {
	if _, err := s.admit(ctx); err != nil {
		return nil, err
	}
	stream := ""
	if of := m.GetOptions().GetListForStream(); of != nil {
		key, err := groupIn(of.GetStream(), of.GetAll(), "any")
		if err != nil {
			return nil, err
		}
		stream = key.stream
	}
	groups := s.options.Groups.list(stream)
	if len(groups) == 0 {
		return nil, groupKey{stream: stream}.refusal(groupMissing)
	}
	out := &persistent.ListResp{}
	for _, g := range groups {
		out.Subscriptions = append(out.Subscriptions, g.info())
	}
	return out, nil
}

// info is how a group stands. It keeps no checkpoint: a group does not outlive its cluster.
func (g *group) info() *persistent.SubscriptionInfo {
	g.mu.Lock()
	defer g.mu.Unlock()
	set := g.settings
	info := &persistent.SubscriptionInfo{
		EventSource: g.stream, GroupName: g.name, Status: "Live", StartFrom: g.startText(), TotalItems: g.total,
		ResolveLinkTos: set.ResolveLinks, ExtraStatistics: set.ExtraStatistics, MaxRetryCount: set.MaxRetries,
		MessageTimeoutMilliseconds: int32(set.MessageTimeout.Milliseconds()), CheckPointAfterMilliseconds: int32(set.CheckpointAfter.Milliseconds()),
		LiveBufferSize: set.LiveBuffer, BufferSize: set.HistoryBuffer, ReadBatchSize: set.ReadBatch,
		MinCheckPointCount: set.MinCheckpoint, MaxCheckPointCount: set.MaxCheckpoint, MaxSubscriberCount: set.MaxSubscribers,
		NamedConsumerStrategy: set.ConsumerStrategy, ReadBufferCount: int32(len(g.waiting)), ParkedMessageCount: int64(len(g.parked)),
	}
	if g.last.Stream != "" {
		info.LastKnownEventPosition = g.placeText(g.last.Revision, g.last.Position)
	}
	for _, c := range g.consumers {
		info.TotalInFlightMessages += int32(c.busy)
		info.Connections = append(info.Connections, &persistent.SubscriptionInfo_ConnectionInfo{
			AvailableSlots: int32(c.slots - c.busy), InFlightMessages: int32(c.busy),
		})
	}
	info.OutstandingMessagesCount = info.TotalInFlightMessages
	return info
}

func (g *group) startText() string {
	switch {
	case g.stream == "$all" && g.after.End:
		return "C:-1/P:-1"
	case g.start.End:
		return "-1"
	}
	return g.placeText(g.start.At, g.after.At)
}

func (g *group) placeText(revision uint64, at Position) string {
	if g.stream == "$all" {
		return fmt.Sprintf("C:%d/P:%d", at.Commit, at.Prepare)
	}
	return strconv.FormatUint(revision, 10)
}
