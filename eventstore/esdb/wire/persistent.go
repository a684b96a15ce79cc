package wire

import (
	"github.com/EventStore/EventStore-Client-Go/v4/protos/persistent"
)

type persistentService struct {
	persistent.UnimplementedPersistentSubscriptionsServer
	*Server
}

// Groups are the persistent subscriptions of a cluster.
type Groups struct{}

// NewGroups makes none.
func NewGroups() *Groups { return &Groups{} }

// Close ends what they have under way.
func (g *Groups) Close() {}
