package memory_test

import (
	"testing"

	"livret/projections"
	"livret/projections/memory"
	"livret/projections/viewtest"
)

func TestStore(t *testing.T) {
	viewtest.Run(t, func(*testing.T) projections.Store { return memory.New() }, nil)
}
