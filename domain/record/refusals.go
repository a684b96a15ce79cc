package record

import (
	"livret/domain"
	"livret/domain/nomenclature"
)

// How every Decide of this package goes: what is already so yields nothing, even where it could no longer
// be changed; then the rules of the livret say no; then those of the value; then the event.

// cycleYears is how many school years before the exam a livret may speak of: two, and the repeated ones.
const cycleYears = 5

// checkOpened refuses to act on a livret that was not opened.
func checkOpened(s *State) error {
	if !s.Opened() {
		return domain.Refuse("livret-non-ouvert", "Ce livret n’est pas encore ouvert.", "Ouvrez-le en indiquant la session d’examen préparée.")
	}
	return nil
}

// checkOpen refuses to write in a livret that was not opened, or that is in quarantine.
func checkOpen(s *State) error {
	if err := checkOpened(s); err != nil {
		return err
	}
	if s.Restricted() {
		return domain.Refuse("traitement-limite", "Le traitement de ce livret est limité : rien ne peut y être modifié.",
			"Attendez que le chef d’établissement lève la limitation.")
	}
	return nil
}

// checkYear refuses a year outside the cycle terminal of the livret.
func checkYear(s *State, year nomenclature.SchoolYear) error {
	if err := checkOpen(s); err != nil {
		return err
	}
	if year >= s.Session || year < s.Session-cycleYears {
		return domain.Refuse("annee-hors-cycle", "Cette année scolaire n’appartient pas au cycle terminal de ce livret.",
			"Vérifiez l’année scolaire et la session d’examen.")
	}
	return nil
}

// checkUnlocked refuses to change what a lock closes; see State.Locked for period 0.
func checkUnlocked(s *State, year nomenclature.SchoolYear, period uint8) error {
	if s.Locked(year, period) {
		return domain.Refuse("periode-verrouillee", "Cette période est verrouillée.",
			"Demandez au chef d’établissement de la déverrouiller, en indiquant le motif.")
	}
	return nil
}

// checkWritable refuses to change a year's page: closed, or not of this livret.
func checkWritable(s *State, year nomenclature.SchoolYear) error {
	if err := checkYear(s, year); err != nil {
		return err
	}
	return checkUnlocked(s, year, 0)
}

// checkCycleWritable refuses to change what belongs to the whole cycle, which the terminale's lock closes.
func checkCycleWritable(s *State) error {
	if err := checkOpen(s); err != nil {
		return err
	}
	return checkUnlocked(s, s.Terminale(), 0)
}

// checkPeriod refuses a period that the year does not have.
func checkPeriod(s *State, year nomenclature.SchoolYear, period uint8) error {
	if err := checkYear(s, year); err != nil {
		return err
	}
	y := s.Year(year)
	if y == nil || y.Periods == 0 {
		return domain.Refuse("decoupage-inconnu", "Le découpage de l’année, en trimestres ou en semestres, n’est pas connu.",
			"Indiquez d’abord si l’année compte trois trimestres ou deux semestres.")
	}
	if period < 1 || period > y.Periods {
		return domain.Refuse("periode-inconnue", "Cette période n’existe pas dans le découpage de l’année.",
			"Vérifiez le numéro de la période et le découpage de l’année.")
	}
	return nil
}

// one is the usual end of a Decide.
func one(event domain.Event) ([]domain.Event, error) { return []domain.Event{event}, nil }
