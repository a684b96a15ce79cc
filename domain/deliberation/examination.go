package deliberation

import (
	"bytes"

	"github.com/google/uuid"

	"livret/domain"
)

// Group is a group of tests, after each of which the jury deliberates and the president has his place to sign.
type Group string

// The groups.
const (
	Premier Group = "premier"
	Second  Group = "second" // only for whom the jury sent there
)

var groups = [...]Group{Premier, Second}

// Groups lists them in order.
func Groups() []Group { return groups[:] }

func (g Group) index() int {
	for i, known := range groups {
		if known == g {
			return i
		}
	}
	return -1
}

// Label is the French name of the group.
func (g Group) Label() string {
	switch g {
	case Premier:
		return "premier groupe"
	case Second:
		return "second groupe"
	}
	return string(g)
}

// LivretExamined says that a jury examined a livret, and which: the version of the record, the view that showed
// it, and a hash of what was shown. The hash is an HMAC under a salt of its own, so that who holds the page and the
// salt can prove what the jury saw, and who holds the hash alone cannot guess marks until one fits.
type LivretExamined struct {
	Jury          uuid.UUID `json:"jury"`
	Deliberation  uint8     `json:"deliberation"`
	Group         Group     `json:"group"`
	RecordVersion uint64    `json:"recordVersion"` // sequence of the last fact shown
	Projection    string    `json:"projection"`    // "jury.v2"
	Salt          []byte    `json:"salt"`
	ViewHash      []byte    `json:"viewHash"` // HMAC-SHA-256 of the view's canonical bytes under Salt
}

// EventType is the name on disk.
func (LivretExamined) EventType() string { return "candidate.LivretExamined" }

// PresidentVisaGiven is the mention of the examination under the president's signature (Code de l'éducation,
// art. D. 334-10), without which an ajournement was annulled (TA Melun, 3 March 2020, n° 1907538).
type PresidentVisaGiven struct {
	Jury          uuid.UUID `json:"jury"`
	Deliberation  uint8     `json:"deliberation"`
	Group         Group     `json:"group"`
	RecordVersion uint64    `json:"recordVersion"`
	Projection    string    `json:"projection"`
	ViewHash      []byte    `json:"viewHash"`
	Paper         bool      `json:"paper,omitempty"` // signed on the printed dossier, and entered by somebody else
}

// EventType is the name on disk.
func (PresidentVisaGiven) EventType() string { return "candidate.PresidentVisaGiven" }

// ExamineLivret records that the jury examined the livret as the view shows it now.
type ExamineLivret struct {
	Jury          uuid.UUID
	Group         Group
	RecordVersion uint64
	Projection    string
	Salt          []byte
	ViewHash      []byte
}

// Decide refuses by "candidat-inconnu", "jury-non-saisi", "aucun-livret-produit", "groupe-inconnu",
// "second-groupe-sans-objet", "resultat-deja-enregistre" and "vue-sans-empreinte".
func (c ExamineLivret) Decide(known *Candidate) ([]domain.Event, error) {
	if err := known.before(c.Jury); err != nil {
		return nil, err
	}
	slot := known.Slot(c.Group)
	if slot.Examined.RecordVersion == c.RecordVersion && slot.Examined.Projection == c.Projection &&
		bytes.Equal(slot.Examined.ViewHash, c.ViewHash) && !slot.Stale && c.RecordVersion != 0 {
		return nil, nil
	}
	if err := known.deliberates(c.Group); err != nil {
		return nil, err
	}
	switch {
	case known.Transmitted == 0:
		return nil, noLivret()
	case c.RecordVersion == 0 || c.Projection == "" || len(c.Salt) < minSalt || len(c.ViewHash) != hashSize:
		return nil, domain.Refuse("vue-sans-empreinte", "Ce qui a été montré au jury n’est pas identifié.", "Affichez de nouveau le dossier.")
	}
	return []domain.Event{LivretExamined{
		Jury: c.Jury, Deliberation: known.Deliberation, Group: c.Group,
		RecordVersion: c.RecordVersion, Projection: c.Projection, Salt: c.Salt, ViewHash: c.ViewHash,
	}}, nil
}

const (
	minSalt  = 16 // bytes
	hashSize = 32 // bytes of SHA-256
)

func noLivret() error {
	return domain.Refuse("aucun-livret-produit", "Aucun livret n’est produit pour ce candidat.", "Le candidat est jugé sans livret : aucun visa n’est nécessaire.")
}

// deliberates refuses by "groupe-inconnu", "second-groupe-sans-objet" and "resultat-deja-enregistre" what no
// deliberation of that group may do.
func (c *Candidate) deliberates(g Group) error {
	switch {
	case g.index() < 0:
		return domain.Refuse("groupe-inconnu", "Ce groupe d’épreuves n’existe pas.", "Indiquez « premier » ou « second ».")
	case g == Second && c.Slot(Premier).Result != SecondGroupe:
		return domain.Refuse("second-groupe-sans-objet", "Le jury n’a pas autorisé ce candidat à se présenter au second groupe.", "Enregistrez d’abord le résultat du premier groupe.")
	case c.Slot(g).Result != "":
		return domain.Refuse("resultat-deja-enregistre", "Le jury a déjà rendu son résultat pour ce groupe.", "Une nouvelle délibération suppose une décision qui la rouvre.")
	}
	return nil
}

// GivePresidentVisa signs the examination of the livret as it is now.
type GivePresidentVisa struct {
	Jury          uuid.UUID
	Group         Group
	RecordVersion uint64 // of what the jury is shown now
	ViewHash      []byte // of what the jury is shown now
	Paper         bool
}

// Decide refuses by "candidat-inconnu", "jury-non-saisi", "aucun-livret-produit", "livret-non-examine" and
// "examen-depasse" beside the rules of the group.
func (c GivePresidentVisa) Decide(known *Candidate) ([]domain.Event, error) {
	if err := known.before(c.Jury); err != nil {
		return nil, err
	}
	slot := known.Slot(c.Group)
	if slot.VisaStands(c.RecordVersion) && bytes.Equal(slot.Visa.ViewHash, c.ViewHash) {
		return nil, nil
	}
	if err := known.deliberates(c.Group); err != nil {
		return nil, err
	}
	switch {
	case known.Transmitted == 0:
		return nil, noLivret()
	case slot.Examined.RecordVersion == 0:
		return nil, domain.Refuse("livret-non-examine", "L’examen du livret n’a pas été enregistré pour ce groupe.", "Enregistrez l’examen, puis apposez le visa.")
	case slot.Stale || slot.Examined.RecordVersion != c.RecordVersion || !bytes.Equal(slot.Examined.ViewHash, c.ViewHash):
		return nil, domain.Refuse("examen-depasse", "Le livret a changé depuis que le jury l’a examiné.", "Examinez de nouveau le livret, puis apposez le visa.")
	}
	return []domain.Event{PresidentVisaGiven{
		Jury: c.Jury, Deliberation: known.Deliberation, Group: c.Group, RecordVersion: c.RecordVersion,
		Projection: slot.Examined.Projection, ViewHash: c.ViewHash, Paper: c.Paper,
	}}, nil
}
