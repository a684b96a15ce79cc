package retention

import (
	"strings"

	"github.com/google/uuid"

	"livret/domain"
)

// StartClock records the proclamation that a livret's clocks count from. A later proclamation, that of the
// September session, moves them; an earlier one does not.
type StartClock struct {
	Session    string // "2018-juin"
	Proclaimed domain.Date
}

// Decide refuses by "livret-inconnu" and "proclamation-sans-date".
func (c StartClock) Decide(s *State) ([]domain.Event, error) {
	if err := s.unknown(); err != nil {
		return nil, err
	}
	if c.Proclaimed.IsZero() || c.Session == "" {
		return nil, domain.Refuse("proclamation-sans-date", "Une proclamation a une session et une date.", "")
	}
	if s.request != nil || len(s.done) > 0 {
		return nil, nil // what the law bound to the former proclamation is being done
	}
	var events []domain.Event
	for _, rule := range Rules() {
		if clock, started := s.clocks[rule]; !started || clock.Proclaimed.Before(c.Proclaimed) {
			events = append(events, ClockStarted{Rule: rule, Session: c.Session, Proclaimed: c.Proclaimed})
		}
	}
	return events, nil
}

// maxReference is how long the reference of a visa may be.
const maxReference = 60

// GiveEliminationVisa records that the person in charge of the State's control over archives allows the
// elimination of the livrets of one exam session (Code du patrimoine, art. R. 212-14).
type GiveEliminationVisa struct {
	Reference string // of the bordereau or of the standing authorisation: no name
	Session   string // "2018-juin"
}

// Decide refuses by "livret-inconnu", "visa-illisible" and "visa-hors-perimetre".
func (c GiveEliminationVisa) Decide(s *State) ([]domain.Event, error) {
	if err := s.unknown(); err != nil {
		return nil, err
	}
	if !readable(c.Reference) {
		return nil, domain.Refuse("visa-illisible",
			"La référence d’un visa se compose de chiffres, de lettres sans accent et des signes . / - _, dont au moins un chiffre.",
			"Indiquez le numéro du bordereau d’élimination, sans aucun nom.")
	}
	if clock, started := s.clocks[Livret]; !started || clock.Session != c.Session {
		return nil, domain.Refuse("visa-hors-perimetre", "Les résultats de ce livret n’ont pas été proclamés à cette session : le visa ne le couvre pas.",
			"Indiquez la session que nomme le bordereau.")
	}
	for _, visa := range s.visas {
		if visa == EliminationVisaGiven(c) {
			return nil, nil
		}
	}
	if _, alive := s.due(domain.Date{}); !alive {
		return nil, nil // too late to allow what was done
	}
	return []domain.Event{EliminationVisaGiven(c)}, nil
}

// readable tells whether a reference may stand in clear for ever: it looks like a number and not like a person.
func readable(reference string) bool {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	return len(reference) <= maxReference && strings.ContainsAny(reference, "0123456789") &&
		strings.Trim(reference, letters+"0123456789./-_") == "" && !strings.ContainsAny(reference, "\n\x00")
}

// RequestDestruction asks that the keys whose term is reached be destroyed.
type RequestDestruction struct {
	Lot uuid.UUID
	On  domain.Date // day in Europe/Paris by which the term must be reached
}

// Decide refuses by the first thing that is missing: "livret-inconnu", "destruction-deja-demandee",
// "sans-horloge", "echeance-non-atteinte", "gel-en-cours", "visa-manquant".
func (c RequestDestruction) Decide(s *State) ([]domain.Event, error) {
	if err := s.unknown(); err != nil {
		return nil, err
	}
	due, alive := s.due(c.On)
	switch {
	case !alive, s.request != nil && s.request.Lot == c.Lot:
		return nil, nil
	case s.request != nil:
		return nil, domain.Refuse("destruction-deja-demandee", "La destruction de ce livret est déjà demandée avec un autre lot.", "Menez d’abord cet autre lot à son terme.")
	case len(s.clocks) == 0:
		return nil, domain.Refuse("sans-horloge", "Aucune proclamation de résultats ne fixe l’échéance de ce livret.",
			"Enregistrez la proclamation de sa session. Pour un élève qui n’a jamais été présenté, aucun texte ne fixe de terme.")
	case len(due) == 0:
		return nil, domain.Refuse("echeance-non-atteinte", "La durée de conservation de ce livret n’est pas écoulée.", "Attendez l’échéance.")
	case s.Held():
		return nil, domain.Refuse("gel-en-cours", "Une procédure en cours impose de conserver ce livret.", "Levez le gel à la fin de la procédure.")
	case s.Visa() == "":
		return nil, domain.Refuse("visa-manquant", "Échéance atteinte, visa manquant : aucune archive publique ne s’élimine sans visa (Code du patrimoine, art. R. 212-14).",
			"Demandez le visa du bordereau d’élimination, puis enregistrez-le.")
	}
	return []domain.Event{DestructionRequested{Lot: c.Lot, Visa: s.Visa(), Keys: due}}, nil
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
