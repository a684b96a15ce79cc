package retention

import (
	"github.com/google/uuid"

	"livret/domain"
)

// HoldPlaced keeps a livret and its log beyond their term, as long as a procedure lasts. Its id is random: who
// asked and why is sealed under the hold's own key.
type HoldPlaced struct {
	Hold uuid.UUID `json:"hold"`
}

// HoldReleased ends a hold. Others may remain.
type HoldReleased struct {
	Hold uuid.UUID `json:"hold"`
}

// EventType is the name on disk.
func (HoldPlaced) EventType() string { return "retention.HoldPlaced" }

// EventType is the name on disk.
func (HoldReleased) EventType() string { return "retention.HoldReleased" }

// PlaceHold keeps a livret beyond its term (arrêté of 8 February 2016, art. 9; RGPD, art. 18(1)(c)). It cancels a
// destruction that was requested and has not begun.
type PlaceHold struct {
	Hold          uuid.UUID // random
	SanctionHolds bool      // the académie decided that holds may keep sanctions: see SanctionHoldsDecided
}

// Decide refuses by "livret-inconnu", "gel-sans-sanction", "gel-deja-leve" and "destruction-engagee".
func (c PlaceHold) Decide(s *State) ([]domain.Event, error) {
	if err := s.lacks(Livret, Consultations, Sanction, SchoolSanction); err != nil {
		return nil, err
	}
	stands, placed := s.holds[c.Hold]
	switch {
	case stands:
		return nil, nil
	case s.lacks(proclaimed...) != nil && !c.SanctionHolds:
		return nil, domain.Refuse("gel-sans-sanction", "L’exception du recours n’est prévue que pour le livret et le journal de ses consultations : une sanction s’efface à son terme.",
			"Le responsable de traitement peut en décider autrement : voir « livret retention sanction-holds ».")
	case placed:
		return nil, domain.Refuse("gel-deja-leve", "Ce gel a été levé ; un gel levé ne se rétablit pas.", "Posez un nouveau gel.")
	case !s.alive(), s.request != nil && s.request.begun:
		return nil, tooLate()
	}
	events := []domain.Event{HoldPlaced{c.Hold}}
	if s.request != nil {
		events = append(events, DestructionCancelled{Lot: s.request.Lot, Hold: c.Hold})
	}
	return events, nil
}

func tooLate() error {
	return domain.Refuse("destruction-engagee", "La destruction de ce livret est faite ou engagée : il ne peut plus être conservé.",
		"Le certificat de destruction en dit la date, la règle et le visa.")
}

// ReleaseHold ends a hold, when the procedure is over. The last one out lets the clock decide again.
type ReleaseHold struct {
	Hold uuid.UUID
}

// Decide refuses by "gel-inconnu".
func (c ReleaseHold) Decide(s *State) ([]domain.Event, error) {
	stands, placed := s.holds[c.Hold]
	switch {
	case !placed:
		return nil, domain.Refuse("gel-inconnu", "Aucun gel de cet identifiant n’a été posé sur ce livret.", "Vérifiez l’identifiant du gel.")
	case !stands:
		return nil, nil
	}
	return []domain.Event{HoldReleased(c)}, nil
}
