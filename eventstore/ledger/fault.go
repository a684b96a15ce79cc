package ledger

import (
	"encoding/hex"

	"github.com/google/uuid"

	"livret/eventstore"
)

// Nature is what is wrong with something: one of a closed list, which docs/check.md explains.
type Nature string

// The natures of faults in the log.
const (
	FaultDamaged    Nature = "bytes on disk not as they were written"
	FaultMissing    Nature = "event missing"
	FaultOrder      Nature = "position out of order"
	FaultSequence   Nature = "gap or repetition in a stream"
	FaultLedger     Nature = "event of another ledger"
	FaultContent    Nature = "seal or commitment does not hold"
	FaultVocabulary Nature = "event unknown to this program"
	FaultUnsealed   Nature = "sealed bytes missing while their key lives"
	FaultTwoKeys    Nature = "two keys in one stream"
	FaultOwner      Nature = "sealed under a key of another owner or class"
	FaultClear      Nature = "in clear where it must be sealed, or the contrary"
	FaultChanged    Nature = "changed since this check read it"
)

// The natures of faults in the vault, held against the retention streams.
const (
	FaultKey         Nature = "key missing or damaged"
	FaultOrphan      Nature = "key whose birth is not recorded"
	FaultFingerprint Nature = "recorded birth without its key"
	FaultRisen       Nature = "key alive although its destruction is recorded"
	FaultLost        Nature = "key destroyed without a recorded destruction"
	FaultReturned    Nature = "key in active service although its archiving is recorded"
	FaultTaken       Nature = "key in custody without a recorded archiving"
)

// Fault is one thing that is not as it should be, and where. It names streams and keys, which are random, and holds
// nothing about a person.
type Fault struct {
	Nature   Nature              `json:"nature"`
	Event    int64               `json:"event,omitempty"`   // in commit order, from 1
	Through  int64               `json:"through,omitempty"` // the last one that it concerns, if there are several
	Position string              `json:"position,omitempty"`
	Stream   eventstore.StreamID `json:"stream,omitempty"`
	Sequence eventstore.Version  `json:"sequence,omitempty"`
	Key      uuid.UUID           `json:"key,omitzero"`
	View     string              `json:"view,omitempty"`
	File     string              `json:"file,omitempty"` // of the data folder
	Detail   string              `json:"detail,omitempty"`
}

// faultIn is a fault of an event.
func faultIn(nature Nature, n int64, e *eventstore.Envelope) Fault {
	return Fault{Nature: nature, Event: n, Position: hex.EncodeToString(e.Position[:]), Stream: e.Stream, Sequence: e.Sequence, Key: e.Key}
}
