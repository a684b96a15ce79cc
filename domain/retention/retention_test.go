package retention_test

import (
	"testing"

	"livret/domain/retention"
	"livret/domain/spec"
)

func TestAKeyIsBornOnce(t *testing.T) {
	born := retention.KeyCreated{Class: "record", Fingerprint: "aa"}
	given := spec.Given(retention.Decider)

	given.When(retention.RecordKeyCreated(born)).Then(t, born)
	given.And(born).When(retention.RecordKeyCreated(born)).Then(t)
	given.And(born).When(retention.RecordKeyCreated{Class: "record", Fingerprint: "bb"}).ThenRefused(t, "cle-deja-nee")
	given.When(retention.RecordKeyCreated{Class: "record"}).ThenRefused(t, "cle-incomplete")
	given.When(retention.RecordKeyCreated{Fingerprint: "aa"}).ThenRefused(t, "cle-incomplete")

	other := retention.KeyCreated{Class: "identity", Fingerprint: "aa"}
	given.And(born).When(retention.RecordKeyCreated(other)).Then(t, other)
}

func TestOnlyARecordedKeyIsBorn(t *testing.T) {
	state := spec.Given(retention.Decider, retention.KeyCreated{Class: "record", Fingerprint: "aa"}).State()
	for _, c := range []struct {
		class, fingerprint string
		want               bool
	}{
		{"record", "aa", true}, {"record", "bb", false}, {"identity", "aa", false}, {"identity", "", false},
	} {
		if got := state.Born(c.class, c.fingerprint); got != c.want {
			t.Errorf("Born(%s, %s) = %t", c.class, c.fingerprint, got)
		}
	}
}
