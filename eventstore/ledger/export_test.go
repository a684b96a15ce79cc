package ledger

import "livret/domain"

// Nobodys tells whether no act may lead to an event.
func Nobodys(event domain.Event) bool { return len(actsOf(event)) == 0 }

// CandidateID is the id of a candidate's stream, by the key that seals it.
var CandidateID = candidateID
