package embedded_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/google/uuid"

	"livret/eventstore"
	"livret/eventstore/embedded"
	"livret/eventstore/storetest"
)

func open(t testing.TB, path string) *embedded.Store {
	t.Helper()
	s, err := embedded.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// placed is a store that knows where it is.
type placed struct {
	*embedded.Store
	path string
}

func TestStore(t *testing.T) {
	storetest.Run(t, storetest.Adapter{
		New: func(t testing.TB) eventstore.Store {
			path := filepath.Join(t.TempDir(), "events.db")
			return placed{open(t, path), path}
		},
		Reopen: func(t testing.TB, s eventstore.Store) eventstore.Store {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			path := s.(placed).path
			return placed{open(t, path), path}
		},
		Purge: func(ctx context.Context, s eventstore.Store, key uuid.UUID) (int, error) {
			return s.(placed).Purge(ctx, key)
		},
	})
}
