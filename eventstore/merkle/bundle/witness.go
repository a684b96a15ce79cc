package bundle

import (
	"fmt"
	"maps"
	"slices"

	"livret/eventstore"
)

// witnessed looks for the cosignatures that the policy asks for. Those over an older checkpoint, which this one was seen
// to continue, vouch for all that stood under it: what an archive is about is always older than the archive.
func (v *verification) witnessed() {
	if v.policy.Quorum.Satisfied(v.Checkpoints[v.checkpoint.Size]) {
		return // nothing is asked for, or it is there
	}
	for _, size := range slices.Backward(slices.Sorted(maps.Keys(v.Checkpoints))) {
		if !v.continued[size] || !v.policy.Quorum.Satisfied(v.Checkpoints[size]) {
			continue
		}
		if after := v.after(size); after > 0 {
			v.report.add(MerkleIntegrity, Indeterminate, fmt.Sprintf("Les témoins que demande la politique de vérification ont signé le point de contrôle de %d faits\u00a0; %d faits de l’archive lui sont postérieurs.", size, after))
			return
		}
		v.report.add(MerkleIntegrity, Valid, fmt.Sprintf("Les témoins que demande la politique de vérification ont signé le point de contrôle de %d faits, qui couvre tout ce que l’archive produit, hors la demande de cette archive.", size))
		return
	}
	v.report.add(MerkleIntegrity, Indeterminate, "Aucun point de contrôle ne porte les signatures de témoins que demande la politique de vérification.")
}

// after counts the events of the archive that a checkpoint does not cover, but for the request that the archive answers,
// which always comes last.
func (v *verification) after(size int64) (n int) {
	for stream, events := range v.Events {
		for _, p := range events {
			if p.Index >= size && stream.Category() != requestCategory {
				n++
			}
		}
	}
	return n
}

// requestCategory is that of the stream of the request that an archive answers.
const requestCategory = "request"

// livretOf is the livret that a candidate's first event names.
func (v *verification) livretOf(candidate eventstore.StreamID) (record eventstore.StreamID, ok bool) {
	var registered struct {
		Livret string `json:"livret"`
	}
	eventType, err := v.payload(Reference{candidate, 1}, &registered)
	return eventstore.StreamID("record-" + registered.Livret), err == nil && eventType == "candidate.CandidateRegistered"
}
