package wire

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
)

// Groups are the persistent subscriptions of a cluster, in memory.
type Groups struct {
	mu     sync.Mutex
	groups map[groupKey]*group
}

type groupKey struct{ stream, name string }

// NewGroups makes none yet.
func NewGroups() *Groups { return &Groups{groups: make(map[groupKey]*group)} }

// What a group refuses, as trailers say it.
const (
	groupExists        = "persistent-subscription-exists"
	groupMissing       = "persistent-subscription-does-not-exist"
	groupFailed        = "persistent-subscription-failed"
	groupDropped       = "persistent-subscription-dropped"
	subscribersReached = "maximum-subscribers-reached"
)

func (k groupKey) refusal(exception string) error {
	code := map[string]codes.Code{
		groupExists: codes.AlreadyExists, groupMissing: codes.NotFound, groupFailed: codes.Internal,
		groupDropped: codes.Canceled, subscribersReached: codes.FailedPrecondition,
	}[exception]
	return &GroupError{Code: code, Exception: exception, Stream: k.stream, Group: k.name}
}

func (g *group) refusal(exception string) error {
	return groupKey{g.stream, g.name}.refusal(exception)
}

// create makes a group, and waits until it is settled where it begins.
func (gs *Groups) create(ctx context.Context, g *group) error {
	head, err := g.log.Head(ctx)
	if err != nil {
		return err
	}
	g.inFlight, g.room, g.fed = make(map[uuid.UUID][]*delivery), make(chan struct{}), make(chan struct{})
	key := groupKey{g.stream, g.name}
	gs.mu.Lock()
	if gs.groups[key] != nil {
		gs.mu.Unlock()
		return key.refusal(groupExists)
	}
	life, stop := context.WithCancel(context.WithoutCancel(ctx))
	g.stop = stop
	gs.groups[key] = g
	gs.mu.Unlock()
	ready := make(chan struct{})
	go g.feed(life, head, func() { close(ready) })
	select {
	case <-ready:
	case <-g.fed:
	}
	return nil
}

func (gs *Groups) find(key groupKey) (*group, error) {
	gs.mu.Lock()
	defer gs.mu.Unlock()
	if g := gs.groups[key]; g != nil {
		return g, nil
	}
	return nil, key.refusal(groupMissing)
}

func (gs *Groups) remove(key groupKey) error {
	gs.mu.Lock()
	g := gs.groups[key]
	delete(gs.groups, key)
	gs.mu.Unlock()
	if g == nil {
		return key.refusal(groupMissing)
	}
	g.end()
	return nil
}

func (g *group) end() {
	g.stop()
	<-g.fed
	g.drop()
}

// list are the groups of a stream, of all if it is "", in order of their names.
func (gs *Groups) list(stream string) []*group {
	gs.mu.Lock()
	defer gs.mu.Unlock()
	var out []*group
	for key, g := range gs.groups {
		if stream == "" || key.stream == stream {
			out = append(out, g)
		}
	}
	slices.SortFunc(out, func(a, b *group) int { return cmp.Or(cmp.Compare(a.stream, b.stream), cmp.Compare(a.name, b.name)) })
	return out
}

// Close ends all groups, and waits for what they had under way.
func (gs *Groups) Close() {
	for _, g := range gs.list("") {
		_ = gs.remove(groupKey{g.stream, g.name})
	}
}
