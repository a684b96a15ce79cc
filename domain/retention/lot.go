package retention

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"github.com/google/uuid"

	"livret/domain"
)

// LotCategory is the stream category of lots, destruction-<random>: one certificate each, in clear, naming
// nobody.
const LotCategory = "destruction"

// What a certificate says that a destruction does not cover, so that it never promises more than was done.
const (
	LimitSoftwareKEK = "cle-d-enveloppe-logicielle-non-renouvelee" // a copy of keys and wrapping key made before still opens
	LimitBackups     = "sauvegardes-non-couvertes"
)

// CertificateIssued says what was destroyed with a lot. Digest is that of the fingerprints destroyed: see
// DigestOf. Anyone can compute it again from the KeysDestroyed of the lot.
type CertificateIssued struct {
	Dated   domain.Date `json:"dated"`
	Visas   []string    `json:"visas"` // references, in order, without repetition
	Livrets int         `json:"livrets"`
	Keys    int         `json:"keys"`
	Events  int         `json:"events"`
	Digest  string      `json:"digest"`
	Limits  []string    `json:"limits"`
}

// EventType is the name on disk.
func (CertificateIssued) EventType() string { return "destruction.CertificateIssued" }

// DigestOf is the SHA-256, in hexadecimal, of "livret/lot/v1", of the 16 bytes of the lot's id, and of the
// fingerprints as they stand in their events, sorted, each followed by a line feed.
func DigestOf(lot uuid.UUID, keys []Key) string {
	fingerprints := make([]string, len(keys))
	for i, key := range keys {
		fingerprints[i] = key.Fingerprint
	}
	slices.Sort(fingerprints)
	h := sha256.New()
	h.Write([]byte("livret/lot/v1"))
	h.Write(lot[:])
	for _, fingerprint := range fingerprints {
		h.Write([]byte(fingerprint + "\n"))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Lot is a lot's certificate: the fold of its stream; nil as long as there is none.
type Lot = *CertificateIssued

// LotDecider is that of the streams of lots.
var LotDecider = domain.Decider[Lot]{
	Category: LotCategory,
	Initial:  func() Lot { return nil },
	Evolve: func(l Lot, fact domain.Fact) Lot {
		if e, ok := fact.Event.(CertificateIssued); ok {
			return &e
		}
		return l
	},
}

// IssueCertificate ends a lot. A lot has one certificate, the first.
type IssueCertificate CertificateIssued

// Decide refuses by "certificat-vide".
func (c IssueCertificate) Decide(l Lot) ([]domain.Event, error) {
	switch {
	case l != nil:
		return nil, nil
	case c.Livrets == 0 || c.Keys == 0 || c.Digest == "" || c.Dated.IsZero():
		return nil, domain.Refuse("certificat-vide", "Aucune clé n’a été détruite avec ce lot.", "")
	}
	return []domain.Event{CertificateIssued(c)}, nil
}
