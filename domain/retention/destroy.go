package retention

import (
	"github.com/google/uuid"

	"livret/domain"
)

// RequestDestruction asks that the keys whose term is reached be destroyed.
type RequestDestruction struct {
	Lot        uuid.UUID
	On         domain.Date // day in Europe/Paris by which the term must be reached
	Authorised Authorised  // standing authorisations, as they are when it is asked
}

// Decide refuses by the first thing that is missing: "livret-inconnu", "destruction-deja-demandee",
// "sans-horloge", "echeance-non-atteinte", "gel-en-cours", "versement-attendu", "visa-manquant". Keys that different
// references allow to destroy go with different requests, one after the other.
func (c RequestDestruction) Decide(s *State) ([]domain.Event, error) {
	if err := s.lacks(Rules()...); err != nil {
		return nil, err
	}
	due := s.due(c.On)
	switch {
	case !s.alive(), s.request != nil && s.request.Lot == c.Lot:
		return nil, nil
	case s.request != nil:
		return nil, domain.Refuse("destruction-deja-demandee", "La destruction de ce livret est déjà demandée avec un autre lot.", "Menez d’abord cet autre lot à son terme.")
	case len(s.clocks) == 0:
		return nil, domain.Refuse("sans-horloge", "Aucune proclamation de résultats ne fixe l’échéance de ce livret.",
			"Enregistrez la proclamation de sa session. Sans proclamation, les durées courent du 31 décembre de l’année de l’examen.")
	case len(due) == 0:
		return nil, domain.Refuse("echeance-non-atteinte", "La durée de conservation de ce livret n’est pas écoulée.", "Attendez l’échéance.")
	case s.Held():
		return nil, domain.Refuse("gel-en-cours", "Une procédure en cours impose de conserver ce livret.", "Levez le gel à la fin de la procédure.")
	case s.awaits():
		return nil, domain.Refuse("versement-attendu", "Ce livret est versé aux archives, qui n’en ont pas encore accusé réception.", "Enregistrez l’accusé de réception et son empreinte.")
	}
	visa, keys := s.allowed(due, c.Authorised)
	if visa == "" {
		return nil, domain.Refuse("visa-manquant", "Échéance atteinte, visa manquant : aucune archive publique ne s’élimine sans visa (Code du patrimoine, art. R. 212-14).",
			"Demandez le visa du bordereau d’élimination, puis enregistrez-le.")
	}
	return []domain.Event{DestructionRequested{Lot: c.Lot, Visa: visa, Keys: keys}}, nil
}

// allowed are those of the keys due that the first reference found allows to destroy.
func (s *State) allowed(due []dueKey, by Authorised) (visa string, keys []Key) {
	for _, key := range due {
		reference := s.VisaFor(key.rule, by)
		if visa == "" {
			visa = reference
		}
		if reference != "" && reference == visa {
			keys = append(keys, key.Key)
		}
	}
	return visa, keys
}

// BeginDestruction passes the point of no return: whoever fences a key has this on record first.
type BeginDestruction struct{ Lot uuid.UUID }

// Decide refuses by "destruction-annulee", when a hold came in between.
func (c BeginDestruction) Decide(s *State) ([]domain.Event, error) {
	switch {
	case s.request != nil && s.request.Lot == c.Lot && s.request.begun, s.destroyedWith(c.Lot):
		return nil, nil
	case s.request == nil || s.request.Lot != c.Lot:
		return nil, domain.Refuse("destruction-annulee", "Cette destruction n’est pas demandée, ou un gel l’a annulée.", "")
	}
	return []domain.Event{DestructionBegun(c)}, nil
}

// RecordDestruction records that the keys requested are destroyed and their bytes purged. Whoever asks has seen it.
type RecordDestruction struct {
	Lot    uuid.UUID
	Events int // sealed under these keys
}

// Decide refuses by "destruction-non-engagee".
func (c RecordDestruction) Decide(s *State) ([]domain.Event, error) {
	switch {
	case s.destroyedWith(c.Lot):
		return nil, nil
	case s.request == nil || s.request.Lot != c.Lot || !s.request.begun:
		return nil, domain.Refuse("destruction-non-engagee", "La destruction de ces clés n’a pas été engagée.", "")
	}
	return []domain.Event{KeysDestroyed{Lot: c.Lot, Visa: s.request.Visa, Keys: s.request.Keys, Events: c.Events}}, nil
}

func (s *State) destroyedWith(lot uuid.UUID) bool {
	for _, done := range s.done {
		if done.Lot == lot {
			return true
		}
	}
	return false
}
