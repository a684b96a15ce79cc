package record

import (
	"livret/domain"
	"livret/domain/nomenclature"
)

// LockPeriod closes a period of a year to changes; period 0 is the whole year, and of the terminale the
// whole livret.
type LockPeriod struct {
	Year   nomenclature.SchoolYear
	Period uint8
}

// Decide grants it once.
func (c LockPeriod) Decide(s *State) ([]domain.Event, error) {
	y := s.Year(c.Year)
	if y != nil && y.Locks.Has(c.Period) {
		return nil, nil
	}
	if err := checkLockable(s, c.Year, c.Period); err != nil {
		return nil, err
	}
	return one(PeriodLocked(c))
}

// UnlockPeriod opens it again, for a reason that stays in the livret. Once the livret has left for a jury, what is
// wrong in it is put right by a rectification, of which the jury is told: nothing is opened again.
type UnlockPeriod struct {
	Year        nomenclature.SchoolYear
	Period      uint8
	Reason      string
	Transmitted bool // the livret has left for a jury
}

// Decide grants it where the lock to take away is that very one: the year's lock also closes its periods.
func (c UnlockPeriod) Decide(s *State) ([]domain.Event, error) {
	if err := checkLockable(s, c.Year, c.Period); err != nil {
		return nil, err
	}
	locks := s.Year(c.Year).Locks
	if c.Period != 0 && locks.Has(0) {
		return nil, domain.Refuse("annee-verrouillee", "L’année entière est verrouillée.", "Déverrouillez d’abord l’année.")
	}
	if !locks.Has(c.Period) {
		return nil, nil
	}
	if c.Transmitted {
		return nil, domain.Refuse("livret-transmis", "Le livret a été transmis au jury : il ne se déverrouille plus.",
			"Accordez une demande de rectification : elle corrige le livret, et le jury en est averti.")
	}
	reason, err := checkReason(c.Reason)
	if err != nil {
		return nil, err
	}
	return one(PeriodUnlocked{Year: c.Year, Period: c.Period, Reason: reason})
}

// checkLockable refuses a period that does not exist; period 0 needs a year of which something is known.
func checkLockable(s *State, year nomenclature.SchoolYear, period uint8) error {
	if period != 0 {
		return checkPeriod(s, year, period)
	}
	if err := checkYear(s, year); err != nil {
		return err
	}
	if s.Year(year) == nil {
		return domain.Refuse("annee-vide", "Rien n’est enregistré pour cette année scolaire.", "Vérifiez l’année scolaire.")
	}
	return nil
}
