package deployment

import (
	"strings"

	"livret/domain"
)

// SchoolSanctionsEnabled says that the controller of the ledger has schools record their disciplinary sanctions,
// under a legal act that it names: no text that could be read lists them among what a livret holds.
type SchoolSanctionsEnabled struct {
	LegalAct string `json:"legalAct"` // « arrêté du 12 mars 2027 (NOR MENE2701234A) »
}

// SchoolSanctionsRevoked says that they are recorded no more, and that those recorded are to be destroyed: nothing
// justifies keeping them.
type SchoolSanctionsRevoked struct {
	On domain.Date `json:"on"`
}

// EventType is the name on disk.
func (SchoolSanctionsEnabled) EventType() string { return "deployment.SchoolSanctionsEnabled" }

// EventType is the name on disk.
func (SchoolSanctionsRevoked) EventType() string { return "deployment.SchoolSanctionsRevoked" }

// EnableSchoolSanctions turns them on.
type EnableSchoolSanctions SchoolSanctionsEnabled

// maxLegalAct is how long the name of a legal act may be, in bytes.
const maxLegalAct = 160

// Decide refuses by "acte-illisible" and "acte-deja-enregistre".
func (c EnableSchoolSanctions) Decide(s *State) ([]domain.Event, error) {
	named := strings.TrimSpace(c.LegalAct)
	kind, _, _ := strings.Cut(strings.ToLower(named), " ")
	switch {
	case len(named) > maxLegalAct || strings.ContainsAny(named, "\r\n\x00") || !strings.ContainsAny(named, "0123456789") ||
		!strings.Contains(" loi ordonnance décret arrêté ", " "+kind+" "):
		return nil, domain.Refuse("acte-illisible", "L’acte qui autorise ces sanctions est une loi, une ordonnance, un décret ou un arrêté, désigné par son numéro ou sa date.",
			"Indiquez-le comme dans « arrêté du 8 février 2016 (NOR MENE1526207A) ».")
	case s.Sanctions == named:
		return nil, nil
	case s.Sanctions != "":
		return nil, domain.Refuse("acte-deja-enregistre", "Un autre acte autorise déjà ces sanctions.", "Révoquez d’abord cette décision.")
	}
	return []domain.Event{SchoolSanctionsEnabled{LegalAct: named}}, nil
}

// RevokeSchoolSanctions turns them off.
type RevokeSchoolSanctions SchoolSanctionsRevoked

// Decide never refuses.
func (c RevokeSchoolSanctions) Decide(s *State) ([]domain.Event, error) {
	if s.Sanctions == "" {
		return nil, nil
	}
	return []domain.Event{SchoolSanctionsRevoked(c)}, nil
}
