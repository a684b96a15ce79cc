package attestation_test

import (
	"testing"

	"livret/domain/attestation"
	"livret/domain/spec"
)

var stamped = attestation.CheckpointTimestamped{Size: 42, Note: "livret/x\n42\nAAAA\n\n— livret/x BBBB\n", Token: []byte{0x30, 0x80}}

func TestEventsAreKeptAsTheyAre(t *testing.T) { spec.Golden(t, attestation.Events(), stamped) }

func TestATokenIsRecordedOnce(t *testing.T) {
	later := stamped
	later.Token = []byte{0x30, 0x81}
	record, again := attestation.RecordTimestamp(stamped), attestation.RecordTimestamp(later)
	nothing := spec.Given(attestation.Decider)
	nothing.When(record).Then(t, stamped)
	nothing.And(stamped).When(record).Then(t)
	nothing.And(stamped).When(again).Then(t, later) // renewed
	nothing.And(stamped, later).When(record).Then(t)
	for _, incomplete := range []attestation.RecordTimestamp{{Size: -1, Note: "x", Token: []byte{1}}, {Size: 42, Token: []byte{1}}, {Size: 42, Note: "x"}} {
		nothing.When(incomplete).ThenRefused(t, "horodatage-incomplet")
	}
}
