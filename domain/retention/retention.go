// Package retention decides how long what is kept may be read, and when its keys must die. It decides and
// never acts. Its streams, retention-<livret>, are in clear, hold no personal data and outlive the keys,
// because the proof of a destruction must.
//
// A destruction needs three things: the term reached, no hold, and a visa (Code du patrimoine, art. R. 212-14), or
// the acknowledgement of the archives service that it received what it keeps for good.
// It goes through three events: requested, from which on a hold still cancels it; begun, from which on it can
// only be finished; done. All are appended at the exact version that was decided on, so a hold and a
// destruction can not cross.
package retention

import (
	"github.com/google/uuid"

	"livret/domain"
)

// Category is the stream category: retention-<livret>, and retention-<staff> for a member of staff.
const Category = "retention"

// KeyCreated is the birth of a key: its class, and the fingerprint that names it without revealing it.
type KeyCreated struct {
	Class       string `json:"class"`
	Fingerprint string `json:"fingerprint"` // hex of keyvault's fingerprint
}

// Key names one key.
type Key struct {
	Class       string `json:"class"`
	Fingerprint string `json:"fingerprint"`
}

// DestructionRequested lists the keys to destroy, the lot they go with, and the visa it rests on.
type DestructionRequested struct {
	Lot  uuid.UUID `json:"lot"`
	Visa string    `json:"visa"` // its reference
	Keys []Key     `json:"keys"` // by class
}

// DestructionCancelled says that a hold came in time.
type DestructionCancelled struct {
	Lot  uuid.UUID `json:"lot"`
	Hold uuid.UUID `json:"hold"`
}

// DestructionBegun is the point of no return.
type DestructionBegun struct {
	Lot uuid.UUID `json:"lot"`
}

// KeysDestroyed is the proof: these keys exist no more, nor do the bytes they sealed.
type KeysDestroyed struct {
	Lot    uuid.UUID `json:"lot"`
	Visa   string    `json:"visa"`
	Keys   []Key     `json:"keys"`
	Events int       `json:"events"` // that were sealed under them, and of which header, commitment and digest remain
}

// EventType is the name on disk.
func (KeyCreated) EventType() string { return "retention.KeyCreated" }

// EventType is the name on disk.
func (DestructionRequested) EventType() string { return "retention.DestructionRequested" }

// EventType is the name on disk.
func (DestructionCancelled) EventType() string { return "retention.DestructionCancelled" }

// EventType is the name on disk.
func (DestructionBegun) EventType() string { return "retention.DestructionBegun" }

// EventType is the name on disk.
func (KeysDestroyed) EventType() string { return "retention.KeysDestroyed" }

// Events is the catalogue of what may stand in the streams of this package.
func Events() []domain.Kind {
	return []domain.Kind{
		domain.Define[KeyCreated](1), domain.Define[ClockStarted](1), domain.Define[ClockPresumed](1), domain.Define[TermSet](1),
		domain.Define[HoldPlaced](1), domain.Define[HoldReleased](1), domain.Define[EliminationVisaGiven](1),
		domain.Define[VersementDecided](1), domain.Define[VersementAcknowledged](1), domain.Define[DestructionRequested](1),
		domain.Define[DestructionCancelled](1), domain.Define[DestructionBegun](1), domain.Define[KeysDestroyed](1),
		domain.Define[CertificateIssued](1), domain.Define[EliminationAuthorised](1), domain.Define[AuthorisationRevoked](1),
		domain.Define[SanctionHoldsDecided](1), domain.Define[JuryNoted](1), domain.Define[KeysArchived](1),
		domain.Define[HoldOpened](1), domain.Define[HoldAcknowledged](1), domain.Define[HoldClosed](1),
		domain.Define[WrappingKeyRotated](1), domain.Define[WrappingKeyDestroyed](1),
		domain.Define[CustodyPairCreated](1), domain.Define[CustodyPairDestroyed](1),
	}
}
