package deliberation

import (
	"slices"

	"livret/domain"
)

// Ground is the kind of decision after which a jury deliberates again. What the decision reproaches anybody with
// is recorded nowhere.
type Ground string

// The grounds.
const (
	Commission     Ground = "commission"     // of discipline: a test was voided (Code de l'éducation, art. D. 334-34)
	Juridiction    Ground = "juridiction"    // a court annulled the deliberation
	Administration Ground = "administration" // a recours administratif was granted, or an error of fact found
)

// Grounds lists them.
func Grounds() []Ground { return []Ground{Commission, Juridiction, Administration} }

// Label is the French name of the ground.
func (g Ground) Label() string {
	switch g {
	case Commission:
		return "décision de la commission de discipline du baccalauréat"
	case Juridiction:
		return "décision d’une juridiction"
	case Administration:
		return "décision de l’administration"
	}
	return string(g)
}

// DeliberationReopened starts a new deliberation on a candidate: earlier results are past, and the livret is to be
// examined and signed anew.
type DeliberationReopened struct {
	Deliberation uint8  `json:"deliberation"` // the new one, from 2
	Ground       Ground `json:"ground"`
}

// EventType is the name on disk.
func (DeliberationReopened) EventType() string { return "candidate.DeliberationReopened" }

// ReopenDeliberation orders a new deliberation.
type ReopenDeliberation struct {
	Deliberation uint8 // the new one: ordered twice, it is one
	Ground       Ground
}

// Decide refuses by "candidat-inconnu", "motif-inconnu", "deliberation-en-cours" and "deliberation-depassee".
func (c ReopenDeliberation) Decide(known *Candidate) ([]domain.Event, error) {
	if err := known.registered(); err != nil {
		return nil, err
	}
	result, _ := known.Outcome()
	switch {
	case !slices.Contains(Grounds(), c.Ground):
		return nil, domain.Refuse("motif-inconnu", "Cette cause de nouvelle délibération n’existe pas.", "Indiquez « commission », « juridiction » ou « administration ».")
	case c.Deliberation > 1 && c.Deliberation == known.Deliberation:
		return nil, nil
	case c.Deliberation != known.Deliberation+1:
		return nil, domain.Refuse("deliberation-depassee", "Une autre délibération a eu lieu entre-temps.", "Relisez le dossier.")
	case result == "":
		return nil, domain.Refuse("deliberation-en-cours", "Le jury n’a pas encore rendu de résultat.", "Une délibération en cours n’a pas à être rouverte.")
	}
	return []domain.Event{DeliberationReopened(c)}, nil
}
