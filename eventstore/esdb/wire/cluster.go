package wire

import (
	"context"
	"encoding/base64"
	"strings"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/gossip"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/serverfeatures"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"google.golang.org/grpc/metadata"
)

// Credentials are what a client shows with a request.
type Credentials struct{ Username, Password string }

// shown reads the credentials of a request, nil if there are none.
func shown(ctx context.Context) (*Credentials, error) {
	asked, _ := metadata.FromIncomingContext(ctx)
	values := asked.Get("authorization")
	if len(values) == 0 {
		return nil, nil
	}
	scheme, encoded, _ := strings.Cut(values[0], " ")
	if len(values) > 1 || !strings.EqualFold(scheme, "Basic") {
		return nil, ErrUnauthenticated
	}
	decoded, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return nil, ErrUnauthenticated
	}
	username, password, found := strings.Cut(string(decoded), ":")
	if !found {
		return nil, ErrUnauthenticated
	}
	return &Credentials{Username: username, Password: password}, nil
}

// led refuses a request that only the leader may answer, if this node is not the leader: always, or when the request says
// so in a header.
func (s *Server) led(ctx context.Context, always bool) error {
	if s.options.Members == nil {
		return nil
	}
	if asked, _ := metadata.FromIncomingContext(ctx); !always {
		if values := asked.Get("requires-leader"); len(values) == 0 || !strings.EqualFold(values[0], "true") {
			return nil
		}
	}
	for _, m := range s.options.Members() {
		switch {
		case !m.Leader || !m.Alive:
		case m.ID == s.options.Self:
			return nil
		default:
			return &NotLeaderError{Host: m.Host, Port: m.Port}
		}
	}
	return ErrUnavailable
}

type gossipService struct {
	gossip.UnimplementedGossipServer
	*Server
}

// Read tells who the nodes are. A server that leads alone is not known by its address, and tells nothing.
func (s *gossipService) Read(context.Context, *shared.Empty) (*gossip.ClusterInfo, error) {
	if s.options.Members == nil {
		return nil, ErrUnsupported
	}
	info := &gossip.ClusterInfo{}
	for _, m := range s.options.Members() {
		state := gossip.MemberInfo_Follower
		if m.Leader {
			state = gossip.MemberInfo_Leader
		}
		info.Members = append(info.Members, &gossip.MemberInfo{
			InstanceId: idOnWire(m.ID, false), TimeStamp: time.Now().UnixNano() / 100, State: state, IsAlive: m.Alive,
			HttpEndPoint: &gossip.EndPoint{Address: m.Host, Port: uint32(m.Port)},
		})
	}
	return info, nil
}

type featuresService struct {
	serverfeatures.UnimplementedServerFeaturesServer
}

// GetSupportedMethods tells clients what they may ask for.
func (featuresService) GetSupportedMethods(context.Context, *shared.Empty) (*serverfeatures.SupportedMethods, error) {
	all := []string{"stream", "all"}
	offered := &serverfeatures.SupportedMethods{EventStoreServerVersion: Version}
	offer := func(service string, methods map[string][]string) {
		for method, features := range methods {
			offered.Methods = append(offered.Methods, &serverfeatures.SupportedMethod{ServiceName: service, MethodName: method, Features: features})
		}
	}
	offer("event_store.client.streams.streams", map[string][]string{
		"read": {"position", "events"}, "append": nil, "delete": nil, "tombstone": nil, "batchappend": {"deadline_duration"},
	})
	offer("event_store.client.persistent_subscriptions.persistentsubscriptions", map[string][]string{
		"create": all, "update": all, "delete": all, "read": all, "getinfo": all, "replayparked": all, "list": all, "restartsubsystem": nil,
	})
	offer("event_store.client.gossip.gossip", map[string][]string{"read": nil})
	offer("event_store.client.server_features.serverfeatures", map[string][]string{"getsupportedmethods": nil})
	return offered, nil
}
