package retention

import (
	"github.com/google/uuid"

	"livret/domain"
)

// unknown refuses what is asked about a livret that has no key: it never existed in this ledger.
func (s *State) unknown() error {
	for class := range s.keys {
		if _, timed := ruleOf(class); timed {
			return nil
		}
	}
	return domain.Refuse("livret-inconnu", "Ce registre ne connaît pas de livret sous cet identifiant.",
		"Vérifiez l’identifiant du livret.")
}

// PlaceHold keeps a livret beyond its term (arrêté of 8 February 2016, art. 9; RGPD, art. 18(1)(c)). It cancels a
// destruction that was requested and has not begun.
type PlaceHold struct {
	Hold uuid.UUID // random
}

// Decide refuses by "livret-inconnu", "gel-deja-leve" and "destruction-engagee".
func (c PlaceHold) Decide(s *State) ([]domain.Event, error) {
	if err := s.unknown(); err != nil {
		return nil, err
	}
	stands, placed := s.holds[c.Hold]
	_, alive := s.due(domain.Date{})
	switch {
	case stands:
		return nil, nil
	case placed:
		return nil, domain.Refuse("gel-deja-leve", "Ce gel a été levé ; un gel levé ne se rétablit pas.", "Posez un nouveau gel.")
	case !alive, s.request != nil && s.request.begun:
		return nil, domain.Refuse("destruction-engagee", "La destruction de ce livret est faite ou engagée : il ne peut plus être conservé.",
			"Le certificat de destruction en dit la date, la règle et le visa.")
	}
	events := []domain.Event{HoldPlaced(c)}
	if s.request != nil {
		events = append(events, DestructionCancelled{Lot: s.request.Lot, Hold: c.Hold})
	}
	return events, nil
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
