package wire

import (
	"github.com/EventStore/EventStore-Client-Go/v4/protos/persistent"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/google/uuid"
)

// maxSlots is how many events a consumer may have at once.
const maxSlots = 10_000

// Read connects a consumer to a group: events go out as there is room for them, and what became of them comes in.
func (s *persistentService) Read(in persistent.PersistentSubscriptions_ReadServer) error {
	ctx := in.Context()
	log, err := s.admit(ctx)
	if err != nil {
		return err
	}
	first, err := in.Recv()
	if err != nil {
		return err
	}
	o := first.GetOptions()
	g, err := s.group(o.GetStreamIdentifier(), o.GetAll(), o.GetGroupName())
	if err != nil {
		return err
	}
	c, err := g.join(int(min(max(o.GetBufferSize(), 1), maxSlots)))
	if err != nil {
		return err
	}
	defer g.leave(c)
	confirmation := &persistent.ReadResp_SubscriptionConfirmation{SubscriptionId: g.stream + "::" + g.name}
	if err := in.Send(&persistent.ReadResp{Content: &persistent.ReadResp_SubscriptionConfirmation_{SubscriptionConfirmation: confirmation}}); err != nil {
		return err
	}
	heard := make(chan error, 1) // it ends with the call, which ends the stream it hears from
	go func() { heard <- g.hear(in, c) }()
	for {
		select {
		case d := <-c.out:
			g.mu.Lock()
			resolve, retries := g.settings.ResolveLinks, d.retries
			g.mu.Unlock()
			event, link, err := follow(ctx, log, &d.record, resolve)
			if err != nil {
				return err
			}
			if err := in.Send(handedOver(&d.record, event, link, retries, o.GetUuidOption().GetString_() != nil)); err != nil {
				return err
			}
		case err := <-heard:
			return err
		case <-c.dropped:
			return g.refusal(groupDropped)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// hear takes what a consumer says of events, until it says no more.
func (g *group) hear(in persistent.PersistentSubscriptions_ReadServer, c *consumer) error {
	for {
		m, err := in.Recv()
		if err != nil {
			return err
		}
		switch said := m.GetContent().(type) {
		case *persistent.ReadReq_Ack_:
			err = g.told(c, said.Ack.GetIds(), done)
		case *persistent.ReadReq_Nack_:
			v := retry
			switch said.Nack.GetAction() {
			case persistent.ReadReq_Nack_Park:
				v = park
			case persistent.ReadReq_Nack_Skip:
				v = done
			case persistent.ReadReq_Nack_Stop:
				return g.refusal(groupDropped)
			}
			err = g.told(c, said.Nack.GetIds(), v)
		default:
			err = ErrInvalid
		}
		if err != nil {
			return err
		}
	}
}

func (g *group) told(c *consumer, ids []*shared.UUID, v verdict) error {
	read := make([]uuid.UUID, len(ids))
	for i, id := range ids {
		var err error
		if read[i], err = idFromWire(id); err != nil {
			return err
		}
	}
	g.judge(c, read, v)
	return nil
}

func handedOver(original, event, link *Record, retries int32, text bool) *persistent.ReadResp {
	record := func(r *Record) *persistent.ReadResp_ReadEvent_RecordedEvent {
		if r == nil {
			return nil
		}
		return &persistent.ReadResp_ReadEvent_RecordedEvent{
			Id: idOnWire(r.ID, text), StreamIdentifier: nameOnWire(r.Stream), StreamRevision: r.Revision,
			CommitPosition: r.Position.Commit, PreparePosition: r.Position.Prepare,
			Metadata: aside(r), CustomMetadata: r.Metadata, Data: r.Data,
		}
	}
	return &persistent.ReadResp{Content: &persistent.ReadResp_Event{Event: &persistent.ReadResp_ReadEvent{
		Event: record(event), Link: record(link),
		Position: &persistent.ReadResp_ReadEvent_CommitPosition{CommitPosition: original.Position.Commit},
		Count:    &persistent.ReadResp_ReadEvent_RetryCount{RetryCount: retries},
	}}}
}
