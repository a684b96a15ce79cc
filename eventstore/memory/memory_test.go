package memory_test

import (
	"context"
	"testing"

	"github.com/google/uuid"

	"livret/eventstore"
	"livret/eventstore/memory"
	"livret/eventstore/storetest"
)

func TestStore(t *testing.T) {
	storetest.Run(t, storetest.Adapter{
		New:        func(testing.TB) eventstore.Store { return memory.New() },
		FailBefore: func(s eventstore.Store, n int) { s.(*memory.Store).FailBefore(n) },
		FailAfter:  func(s eventstore.Store, n int) { s.(*memory.Store).FailAfter(n) },
		Purge: func(ctx context.Context, s eventstore.Store, key uuid.UUID) (int, error) {
			return s.(*memory.Store).Purge(ctx, key)
		},
	})
}
