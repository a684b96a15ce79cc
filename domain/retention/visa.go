package retention

import (
	"slices"
	"strings"

	"livret/domain"
)

// EliminationVisaGiven is the authorisation without which nothing is destroyed, for the livrets of one exam
// session. The reference is that of the bordereau d'élimination.
type EliminationVisaGiven struct {
	Reference string `json:"reference"`
	Session   string `json:"session"` // empty where no proclamation ends the keys: a sanction, the file of a hold
}

// EventType is the name on disk.
func (EliminationVisaGiven) EventType() string { return "retention.EliminationVisaGiven" }

// maxReference is how long the reference of a visa may be.
const maxReference = 60

// GiveEliminationVisa records that the person in charge of the State's control over archives allows the
// elimination of the livrets of one exam session (Code du patrimoine, art. R. 212-14).
type GiveEliminationVisa struct {
	Reference string // of the bordereau: no name
	Session   string // "2018-juin"
}

// Decide refuses by "livret-inconnu", "visa-illisible" and "visa-hors-perimetre".
func (c GiveEliminationVisa) Decide(s *State) ([]domain.Event, error) {
	if err := s.lacks(Rules()...); err != nil {
		return nil, err
	}
	if err := legible(c.Reference); err != nil {
		return nil, err
	}
	if clock, runs := s.main(); !runs || clock.Session != c.Session {
		return nil, domain.Refuse("visa-hors-perimetre", "Les résultats de ce livret n’ont pas été proclamés à cette session : le visa ne le couvre pas.",
			"Indiquez la session que nomme le bordereau.")
	}
	if slices.Contains(s.visas, EliminationVisaGiven(c)) || !s.alive() {
		return nil, nil // so already, or too late to allow what was done
	}
	return []domain.Event{EliminationVisaGiven(c)}, nil
}

// legible refuses a reference that may not stand in clear for ever: it must look like a number, not like a person.
func legible(reference string) error {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	if len(reference) <= maxReference && strings.ContainsAny(reference, "0123456789") &&
		strings.Trim(reference, letters+"0123456789./-_") == "" && !strings.ContainsAny(reference, "\n\x00") {
		return nil
	}
	return domain.Refuse("visa-illisible",
		"La référence d’un visa se compose de chiffres, de lettres sans accent et des signes . / - _, dont au moins un chiffre.",
		"Indiquez le numéro du bordereau ou de la décision, sans aucun nom.")
}

// Authorised is the standing authorisations, by the category they cover, as Conservation tells them.
type Authorised map[Rule]string

// VisaFor is the reference on which keys that a rule ends may be destroyed: that of the versement acknowledged, of
// the visa for the session, or of the standing authorisation; empty if there is none.
func (s *State) VisaFor(rule Rule, by Authorised) string {
	if s.versement != nil {
		return s.versement.authority()
	}
	if clock, runs := s.clocks[rule]; runs {
		for _, visa := range s.visas {
			if visa.Session == clock.Session {
				return visa.Reference
			}
		}
	}
	return by[rule]
}
