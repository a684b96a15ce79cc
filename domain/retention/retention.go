// Package retention decides how long what is kept may be read, and when its keys must die. It decides and
// never acts. Its streams, retention-<livret>, are in clear, hold no personal data and outlive the keys,
// because the proof of a destruction must.
package retention

import "livret/domain"

// Category is the stream category: retention-<livret>, and retention-<staff> for a member of staff.
const Category = "retention"

// KeyCreated is the birth of a key: its class, and the fingerprint that names it without revealing it.
type KeyCreated struct {
	Class       string `json:"class"`
	Fingerprint string `json:"fingerprint"` // hex of keyvault's fingerprint
}

// EventType is the name on disk.
func (KeyCreated) EventType() string { return "retention.KeyCreated" }

// Events is the catalogue of what may stand in a retention stream.
func Events() []domain.Kind {
	return []domain.Kind{domain.Define[KeyCreated](1)}
}
