package deliberation

import (
	"slices"

	"livret/domain"
)

// Orientation is a kind of formation after the baccalauréat.
type Orientation string

// The kinds.
const (
	Licence           Orientation = "licence"
	CPGE              Orientation = "cpge"
	DUT               Orientation = "dut"
	BTS               Orientation = "bts"
	Ecole             Orientation = "ecole"
	AutreOrientation  Orientation = "autre"
	AucuneOrientation Orientation = "aucune"
)

var orientations = []struct {
	kind  Orientation
	label string
}{
	{Licence, "licence"},
	{CPGE, "classe préparatoire aux grandes écoles"},
	{DUT, "DUT"},
	{BTS, "BTS"},
	{Ecole, "école spécialisée"},
	{AutreOrientation, "autre formation"},
	{AucuneOrientation, "aucune"},
}

// Orientations lists them in the order in which documents name them.
func Orientations() []Orientation {
	all := make([]Orientation, len(orientations))
	for i, o := range orientations {
		all[i] = o.kind
	}
	return all
}

// Label is the French name of the kind.
func (o Orientation) Label() string {
	for _, known := range orientations {
		if known.kind == o {
			return known.label
		}
	}
	return string(o)
}

// OrientationProposed says what kind of formation was proposed to a candidate. It is kept for the statistics
// that the arrêté of 8 February 2016 announces, and no jury is shown it.
type OrientationProposed struct {
	Orientation Orientation `json:"orientation"`
}

// EventType is the name on disk.
func (OrientationProposed) EventType() string { return "candidate.OrientationProposed" }

// ProposeOrientation records a proposal; a later one takes its place.
type ProposeOrientation struct{ Orientation Orientation }

// Decide refuses by "candidat-inconnu" and "orientation-inconnue".
func (c ProposeOrientation) Decide(known *Candidate) ([]domain.Event, error) {
	if err := known.registered(); err != nil {
		return nil, err
	}
	switch {
	case !slices.Contains(Orientations(), c.Orientation):
		return nil, domain.Refuse("orientation-inconnue", "Cette orientation n’existe pas.", "Indiquez « licence », « cpge », « dut », « bts », « ecole », « autre » ou « aucune ».")
	case known.Orientation == c.Orientation:
		return nil, nil
	}
	return []domain.Event{OrientationProposed(c)}, nil
}
