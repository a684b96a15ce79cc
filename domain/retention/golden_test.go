package retention_test

import (
	"strings"
	"testing"

	"livret/domain/retention"
	"livret/domain/spec"
)

func TestEventsAreKeptAsTheyAre(t *testing.T) {
	spec.Golden(t, retention.Events(), retention.KeyCreated{Class: "record", Fingerprint: strings.Repeat("0f", 32)})
}
