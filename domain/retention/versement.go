package retention

import (
	"strings"

	"github.com/google/uuid"

	"livret/domain"
)

// VersementDecided says that a livret is kept for good by the archives (Code du patrimoine, art. L. 212-4): nothing of
// it is destroyed before they have received it. The reference is that of the decision, or of the bordereau de versement.
type VersementDecided struct {
	Versement uuid.UUID `json:"versement"` // random, one for all the livrets handed over together
	Reference string    `json:"reference"`
}

// VersementAcknowledged says that the archives have received what was handed over. The digest is that which they
// answered, to be compared with that of what was sent.
type VersementAcknowledged struct {
	Versement uuid.UUID `json:"versement"`
	Digest    string    `json:"digest"` // SHA-256, in lower-case hexadecimal
}

// EventType is the name on disk.
func (VersementDecided) EventType() string { return "retention.VersementDecided" }

// EventType is the name on disk.
func (VersementAcknowledged) EventType() string { return "retention.VersementAcknowledged" }

// versement is what became of the decision to hand a livret over.
type versement struct {
	VersementDecided
	digest string // empty: awaited
}

// authority is what a destruction rests on; empty as long as the acknowledgement is awaited.
func (v *versement) authority() string {
	if v.digest == "" {
		return ""
	}
	return v.Reference
}

// Versement is the versement decided, and the digest acknowledged, empty while it is awaited; false if none is.
func (s *State) Versement() (v VersementDecided, digest string, decided bool) {
	if s.versement == nil {
		return VersementDecided{}, "", false
	}
	return s.versement.VersementDecided, s.versement.digest, true
}

// DecideVersement has a livret kept for good by the archives. It prevails over a visa for its elimination.
type DecideVersement VersementDecided

// Decide refuses by "livret-inconnu", "visa-illisible", "versement-deja-decide" and "destruction-engagee".
func (c DecideVersement) Decide(s *State) ([]domain.Event, error) {
	if err := s.lacks(proclaimed...); err != nil {
		return nil, err
	}
	if err := legible(c.Reference); err != nil {
		return nil, err
	}
	switch {
	case s.versement != nil && s.versement.VersementDecided == VersementDecided(c):
		return nil, nil
	case s.versement != nil:
		return nil, domain.Refuse("versement-deja-decide", "Un autre versement de ce livret est déjà décidé.", "Attendez-en l’accusé de réception.")
	case s.ending():
		return nil, tooLate()
	}
	return []domain.Event{VersementDecided(c)}, nil
}

// AcknowledgeVersement records the receipt of the archives.
type AcknowledgeVersement VersementAcknowledged

// Decide refuses by "versement-inconnu", "empreinte-illisible" and "accuse-contradictoire".
func (c AcknowledgeVersement) Decide(s *State) ([]domain.Event, error) {
	switch {
	case s.versement == nil || s.versement.Versement != c.Versement:
		return nil, domain.Refuse("versement-inconnu", "Ce versement n’a pas été décidé pour ce livret.", "Vérifiez l’identifiant du versement.")
	case len(c.Digest) != 64 || strings.Trim(c.Digest, "0123456789abcdef") != "":
		return nil, domain.Refuse("empreinte-illisible", "L’accusé de réception porte l’empreinte SHA-256 de ce qui a été reçu : 64 chiffres hexadécimaux.", "Recopiez-la de l’accusé de réception.")
	case s.versement.digest == c.Digest:
		return nil, nil
	case s.versement.digest != "":
		return nil, domain.Refuse("accuse-contradictoire", "Un accusé de réception portant une autre empreinte est déjà enregistré.", "Comparez les deux avec l’empreinte de ce qui a été envoyé.")
	}
	return []domain.Event{VersementAcknowledged(c)}, nil
}
