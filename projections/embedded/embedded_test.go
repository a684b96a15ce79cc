package embedded_test

import (
	"testing"

	"livret/projections"
	"livret/projections/embedded"
	"livret/projections/viewtest"
)

func TestStore(t *testing.T) {
	var dir string
	open := func(t *testing.T) projections.Store {
		s, err := embedded.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	viewtest.Run(t, func(t *testing.T) projections.Store {
		dir = t.TempDir()
		return open(t)
	}, open)
}
