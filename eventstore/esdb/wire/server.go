package wire

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"runtime/debug"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/gossip"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/persistent"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/serverfeatures"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// Version is that of the server whose protocol is spoken. Clients choose what they ask for by it.
const Version = "24.6.0"

// MaxAppend is the size of an append, in bytes of types, data and metadata, up to which every server takes it.
const MaxAppend = 1 << 20

// Member is a node of a cluster as gossip tells of it.
type Member struct {
	ID     uuid.UUID
	Host   string
	Port   int
	Leader bool
	Alive  bool
}

// Options of a server.
type Options struct {
	// Open answers what those who show these credentials are served, or ErrUnauthenticated. Credentials are nil if none
	// were shown. It is called once for each request.
	Open func(ctx context.Context, who *Credentials) (Log, error)
	// Groups are the persistent subscriptions; nil: all that concerns them is denied.
	Groups *Groups
	// Members are the nodes of the cluster, of which Self is one; nil: the server leads alone.
	Members func() []Member
	Self    uuid.UUID
	TLS     *tls.Config // nil: none
	Log     *slog.Logger
}

// Server serves logs to clients.
type Server struct {
	options Options
	grpc    *grpc.Server
}

// New makes a server.
func New(o Options) *Server {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{options: o}
	settings := []grpc.ServerOption{
		grpc.MaxRecvMsgSize(17 << 20), // what clients may send
		grpc.MaxConcurrentStreams(1 << 10),
		grpc.ConnectionTimeout(20 * time.Second),
		// Clients ping every ten seconds, with nothing under way too, and gRPC's own policy would drop them for it.
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: 5 * time.Second, PermitWithoutStream: true}),
		grpc.KeepaliveParams(keepalive.ServerParameters{Time: 30 * time.Second, Timeout: 20 * time.Second}),
		grpc.WaitForHandlers(true),
		grpc.UnaryInterceptor(s.unary), grpc.StreamInterceptor(s.stream),
	}
	if o.TLS != nil {
		settings = append(settings, grpc.Creds(credentials.NewTLS(o.TLS)))
	}
	s.grpc = grpc.NewServer(settings...)
	streams.RegisterStreamsServer(s.grpc, &streamsService{Server: s})
	persistent.RegisterPersistentSubscriptionsServer(s.grpc, &persistentService{Server: s})
	gossip.RegisterGossipServer(s.grpc, &gossipService{Server: s})
	serverfeatures.RegisterServerFeaturesServer(s.grpc, featuresService{})
	return s
}

// Serve accepts connections until the server is stopped. It closes the listener.
func (s *Server) Serve(l net.Listener) error { return s.grpc.Serve(l) }

// Stop ends all connections at once, and waits for what they had under way.
func (s *Server) Stop() { s.grpc.Stop() }

func (s *Server) unary(ctx context.Context, req any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (out any, err error) {
	defer func() {
		if err = s.answer(recover(), err, func(md metadata.MD) { _ = grpc.SetTrailer(ctx, md) }); err != nil {
			out = nil
		}
	}()
	return handle(ctx, req)
}

func (s *Server) stream(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handle grpc.StreamHandler) (err error) {
	defer func() { err = s.answer(recover(), err, stream.SetTrailer) }()
	return handle(srv, stream)
}

// answer makes of what a call came to what its client is told. A bug ends its own call and no other.
func (s *Server) answer(panicked any, err error, trailer func(metadata.MD)) error {
	if panicked != nil {
		s.options.Log.Error("a call over the wire panicked", "stack", string(debug.Stack()))
		return status.Error(codes.Internal, "Unexpected server error")
	}
	if err == nil {
		return nil
	}
	trailers, refusal := refuse(err)
	if trailers != nil {
		trailer(trailers)
	}
	if status.Code(refusal) == codes.Unknown {
		s.options.Log.Error("a call over the wire failed")
	}
	return refusal
}

// open answers what the caller of a request is served.
func (s *Server) open(ctx context.Context) (Log, error) {
	who, err := shown(ctx)
	if err != nil {
		return nil, err
	}
	return s.options.Open(ctx, who)
}

// write answers what the caller of a request may write to.
func (s *Server) write(ctx context.Context) (Writer, error) {
	log, err := s.open(ctx)
	if err != nil {
		return nil, err
	}
	if writer, ok := log.(Writer); ok {
		return writer, nil
	}
	return nil, ErrAccessDenied
}
