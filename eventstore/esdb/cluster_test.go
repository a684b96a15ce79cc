package esdb_test

import (
	"math"
	"net"
	"strconv"
	"sync"
	"testing"
	"time"

	client "github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// cluster is what nodes have in common: one log, as a server keeps it, and faults to come.
type cluster struct {
	mu            sync.Mutex
	log           []*streams.ReadResp_ReadEvent_RecordedEvent
	byStream      map[string][]int
	more          chan struct{}
	before, after int // appends that shall fail
	unknown       int // readings that shall begin with a message the client does not know
	cut           int // a reading is cut after so many events; 0: none is
	withLeader    int // calls that asked for the leader
	without       int // calls that did not
	leader        *node
}

func newCluster() *cluster {
	return &cluster{byStream: make(map[string][]int), more: make(chan struct{})}
}

// node is a server of a cluster, at an address that it keeps when it is killed and started again.
type node struct {
	streams.UnimplementedStreamsServer
	*cluster
	address string
	server  *grpc.Server
}

func (c *cluster) start(t testing.TB) *node {
	t.Helper()
	n := &node{cluster: c, address: "127.0.0.1:0"}
	n.restart(t)
	t.Cleanup(func() { n.kill() })
	if c.leader == nil {
		c.leader = n
	}
	return n
}

func (n *node) restart(t testing.TB) {
	t.Helper()
	var listener net.Listener
	var err error
	for range 100 { // the port may not be free at once
		if listener, err = net.Listen("tcp", n.address); err == nil {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if err != nil {
		t.Fatal(err)
	}
	n.address = listener.Addr().String()
	n.server = grpc.NewServer(grpc.MaxRecvMsgSize(17<<20), grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: 5 * time.Second, PermitWithoutStream: true}))
	streams.RegisterStreamsServer(n.server, n)
	server := n.server
	go server.Serve(listener)
}

func (n *node) kill() { n.server.Stop() }

func (n *node) connection() string { return "esdb://" + n.address + "?tls=false" }

// append adds events to a stream, as somebody who is not the ledger may.
func (c *cluster) append(stream string, events ...client.EventData) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, e := range events {
		most, least := client.UUIDAsInt64(e.EventID)
		c.add(stream, &streams.AppendReq_ProposedMessage{
			Id:       &shared.UUID{Value: &shared.UUID_Structured_{Structured: &shared.UUID_Structured{MostSignificantBits: most, LeastSignificantBits: least}}},
			Metadata: map[string]string{"type": e.EventType, "content-type": "application/octet-stream"}, Data: e.Data, CustomMetadata: e.Metadata,
		})
	}
}

func (c *cluster) add(stream string, m *streams.AppendReq_ProposedMessage) {
	at := uint64(len(c.log)+1) * 1000 // positions of a log have gaps
	m.Metadata["created"] = strconv.Itoa(17_000_000_000_000_000)
	c.log = append(c.log, &streams.ReadResp_ReadEvent_RecordedEvent{
		Id: m.Id, StreamIdentifier: &shared.StreamIdentifier{StreamName: []byte(stream)}, StreamRevision: uint64(len(c.byStream[stream])),
		CommitPosition: at, PreparePosition: at, Metadata: m.Metadata, CustomMetadata: m.CustomMetadata, Data: m.Data,
	})
	c.byStream[stream] = append(c.byStream[stream], len(c.log)-1)
	close(c.more)
	c.more = make(chan struct{})
}

// led refuses who asks for the leader and is elsewhere.
func (n *node) led(s grpc.ServerStream) error {
	asked, _ := metadata.FromIncomingContext(s.Context())
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(asked.Get("requires-leader")) == 0 {
		n.without++
		return nil
	}
	n.withLeader++
	if n.leader == n {
		return nil
	}
	host, port, _ := net.SplitHostPort(n.leader.address)
	s.SetTrailer(metadata.Pairs("exception", "not-leader", "leader-endpoint-host", host, "leader-endpoint-port", port))
	return status.Error(codes.NotFound, "leader info")
}

func (n *node) Append(s streams.Streams_AppendServer) error {
	if err := n.led(s); err != nil {
		return err
	}
	first, err := s.Recv()
	if err != nil {
		return err
	}
	options := first.GetOptions()
	var events []*streams.AppendReq_ProposedMessage
	size := 0
	for {
		m, err := s.Recv()
		if err != nil {
			break
		}
		p := m.GetProposedMessage()
		size += len(p.Data) + len(p.CustomMetadata) + 2*len(p.Metadata["type"])
		events = append(events, p)
	}
	if s.Context().Err() != nil {
		return s.Context().Err()
	}
	if size > 1<<20 {
		return status.Error(codes.InvalidArgument, "maximum append size exceeded")
	}
	n.mu.Lock()
	if n.before > 0 {
		n.before--
		n.mu.Unlock()
		return status.Error(codes.Unavailable, "fault")
	}
	answer := n.write(string(options.StreamIdentifier.StreamName), options, events)
	fail := n.after > 0 && answer.GetSuccess() != nil
	if fail {
		n.after--
	}
	n.mu.Unlock()
	if fail {
		return status.Error(codes.Aborted, "fault")
	}
	return s.SendAndClose(answer)
}

func (c *cluster) write(stream string, o *streams.AppendReq_Options, events []*streams.AppendReq_ProposedMessage) *streams.AppendResp {
	want := uint64(0)
	if _, exact := o.ExpectedStreamRevision.(*streams.AppendReq_Options_Revision); exact {
		want = o.GetRevision() + 1
	}
	at := c.byStream[stream]
	if have := uint64(len(at)); have != want {
		for i, e := range events {
			if r := want + uint64(i); r >= have || c.log[at[r]].Id.String() != e.Id.String() {
				wrong := &streams.AppendResp_WrongExpectedVersion{CurrentRevisionOption: &streams.AppendResp_WrongExpectedVersion_CurrentRevision{CurrentRevision: have - 1}}
				return &streams.AppendResp{Result: &streams.AppendResp_WrongExpectedVersion_{WrongExpectedVersion: wrong}}
			}
		}
	} else {
		for _, e := range events {
			c.add(stream, e)
		}
	}
	last := want + uint64(len(events)) - 1
	first, end := c.log[c.byStream[stream][want]], c.log[c.byStream[stream][last]]
	return &streams.AppendResp{Result: &streams.AppendResp_Success_{Success: &streams.AppendResp_Success{
		CurrentRevisionOption: &streams.AppendResp_Success_CurrentRevision{CurrentRevision: last},
		PositionOption:        &streams.AppendResp_Success_Position{Position: &streams.AppendResp_Position{CommitPosition: end.CommitPosition, PreparePosition: first.PreparePosition}},
	}}}
}

func (n *node) Read(r *streams.ReadReq, s streams.Streams_ReadServer) error {
	if err := n.led(s); err != nil {
		return err
	}
	o := r.Options
	left := o.GetCount()
	live := o.GetSubscription() != nil
	if live {
		left = math.MaxUint64
		s.Send(&streams.ReadResp{Content: &streams.ReadResp_Confirmation{Confirmation: &streams.ReadResp_SubscriptionConfirmation{SubscriptionId: uuid.NewString()}}})
	}
	n.mu.Lock()
	cut, unknown := n.cut, n.unknown > 0 && !live
	if unknown {
		n.unknown--
	}
	n.mu.Unlock()
	if unknown {
		return s.Send(&streams.ReadResp{Content: &streams.ReadResp_FirstStreamPosition{FirstStreamPosition: 1}})
	}
	sent := 0
	next := n.from(o, live)
	for ; left > 0; left-- {
		e, more, missing := next()
		switch {
		case missing:
			return s.Send(&streams.ReadResp{Content: &streams.ReadResp_StreamNotFound_{StreamNotFound: &streams.ReadResp_StreamNotFound{StreamIdentifier: o.GetStream().StreamIdentifier}}})
		case e == nil && !live:
			return nil
		case e == nil:
			left++
			s.Send(&streams.ReadResp{Content: &streams.ReadResp_CaughtUp_{CaughtUp: &streams.ReadResp_CaughtUp{}}})
			s.Send(&streams.ReadResp{Content: &streams.ReadResp_Checkpoint_{Checkpoint: &streams.ReadResp_Checkpoint{CommitPosition: math.MaxInt64}}})
			select {
			case <-more:
				continue
			case <-s.Context().Done():
				return s.Context().Err()
			}
		}
		if sent++; cut > 0 && sent > cut {
			return status.Error(codes.Unavailable, "cut")
		}
		if err := s.Send(&streams.ReadResp{Content: &streams.ReadResp_Event{Event: &streams.ReadResp_ReadEvent{Event: e}}}); err != nil {
			return err
		}
	}
	return nil
}

// from answers what gives the events that were asked for, one by one.
func (n *node) from(o *streams.ReadReq_Options, live bool) func() (e *streams.ReadResp_ReadEvent_RecordedEvent, more <-chan struct{}, missing bool) {
	i := 0
	n.mu.Lock()
	end := len(n.log)
	n.mu.Unlock()
	if in := o.GetStream(); in != nil {
		stream := string(in.StreamIdentifier.StreamName)
		return func() (*streams.ReadResp_ReadEvent_RecordedEvent, <-chan struct{}, bool) {
			n.mu.Lock()
			defer n.mu.Unlock()
			at := n.byStream[stream]
			k := in.GetRevision() + uint64(i)
			if o.ReadDirection == streams.ReadReq_Options_Backwards {
				k = uint64(len(at)-1) - uint64(i)
			}
			i++
			if k >= uint64(len(at)) {
				return nil, nil, len(at) == 0
			}
			return n.log[at[k]], nil, false
		}
	}
	after := o.GetAll().GetPosition().GetCommitPosition()
	return func() (*streams.ReadResp_ReadEvent_RecordedEvent, <-chan struct{}, bool) {
		n.mu.Lock()
		defer n.mu.Unlock()
		for ; i < len(n.log) && (live || i < end); i++ {
			if at := n.log[i].CommitPosition; at > after || at == after && !live {
				i++
				return n.log[i-1], nil, false
			}
		}
		return nil, n.more, false
	}
}
