// Package attestation is what others say of the ledger as a whole, and about no pupil: that a checkpoint of it existed
// at some moment. It stands in the ledger itself, so that each checkpoint after it covers it: a token of today vouches
// for that of yesterday, long after yesterday's certificate has expired (the renewal of RFC 4998).
package attestation

import (
	"bytes"
	"slices"
	"time"

	"livret/domain"
)

// Category is the stream category, checkpoint-<ledger>: one stream, in clear, never destroyed.
const Category = "checkpoint"

// CheckpointTimestamped says that an authority was asked when a checkpoint existed, and what it answered. The
// checkpoint stands beside its token, so that the two can be verified from the log alone.
type CheckpointTimestamped struct {
	Size  int64  `json:"size"`  // leaves of the checkpoint
	Note  string `json:"note"`  // the checkpoint as the ledger signed it: what the token is over
	Token []byte `json:"token"` // RFC 3161, DER
}

// EventType is the name on disk.
func (CheckpointTimestamped) EventType() string { return "checkpoint.CheckpointTimestamped" }

// Events is the catalogue of what may stand in this stream.
func Events() []domain.Kind { return []domain.Kind{domain.Define[CheckpointTimestamped](1)} }

// State is what others said so far.
type State struct {
	Timestamps []CheckpointTimestamped // in the order in which they were recorded
	Last       time.Time               // when the last one was
}

// Decider is that of the stream of attestations.
var Decider = domain.Decider[*State]{
	Category: Category,
	Initial:  func() *State { return &State{} },
	Evolve: func(s *State, fact domain.Fact) *State {
		if e, ok := fact.Event.(CheckpointTimestamped); ok {
			s.Timestamps, s.Last = append(s.Timestamps, e), fact.RecordedAt
		}
		return s
	},
}

// RecordTimestamp records a token that was verified. The same one again is nothing.
type RecordTimestamp CheckpointTimestamped

// Decide refuses by "horodatage-incomplet".
func (c RecordTimestamp) Decide(s *State) ([]domain.Event, error) {
	if c.Size < 0 || c.Note == "" || len(c.Token) == 0 {
		return nil, domain.Refuse("horodatage-incomplet", "Un horodatage se conserve avec le point de contrôle qu’il date et le jeton de l’autorité.", "")
	}
	if slices.ContainsFunc(s.Timestamps, func(t CheckpointTimestamped) bool { return bytes.Equal(t.Token, c.Token) }) {
		return nil, nil
	}
	return []domain.Event{CheckpointTimestamped(c)}, nil
}
