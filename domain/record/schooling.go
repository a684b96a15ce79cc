package record

import (
	"unicode/utf8"

	"livret/domain"
	"livret/domain/nomenclature"
)

// RecordSchooling says where and in what formation the pupil spends a year. A pupil who moves has several
// for one year, and the last one stands.
type RecordSchooling struct {
	Year      nomenclature.SchoolYear
	UAI       nomenclature.UAI
	MEF       nomenclature.MEF
	Division  string
	Repeating bool
}

// Decide grants it unless it is where he already is.
func (c RecordSchooling) Decide(s *State) ([]domain.Event, error) {
	if now, ok := s.Year(c.Year).Schooling(); ok && now == SchoolingRecorded(c) {
		return nil, nil
	}
	if err := checkWritable(s, c.Year); err != nil {
		return nil, err
	}
	if len(c.UAI) != 8 {
		return nil, domain.Refuse("uai-mal-forme", "L’identifiant de l’établissement (UAI) ne comporte pas huit caractères.",
			"Vérifiez l’UAI : sept chiffres et une lettre.")
	}
	if len(c.MEF) != 11 {
		return nil, domain.Refuse("mef-mal-forme", "Le code de la formation (MEF) ne comporte pas onze caractères.",
			"Vérifiez le module élémentaire de formation de l’élève.")
	}
	if utf8.RuneCountInString(c.Division) > 30 || !utf8.ValidString(c.Division) {
		return nil, domain.Refuse("division-invalide", "Le nom de la division est trop long ou illisible.", "Indiquez le code de la division.")
	}
	return one(SchoolingRecorded(c))
}

// SetPeriods says how a year is cut: 3 trimesters or 2 semesters.
type SetPeriods struct {
	Year  nomenclature.SchoolYear
	Count uint8
}

// Decide grants it as long as no average is left out of the new cut.
func (c SetPeriods) Decide(s *State) ([]domain.Event, error) {
	y := s.Year(c.Year)
	if y != nil && y.Periods == c.Count && c.Count != 0 {
		return nil, nil
	}
	if err := checkWritable(s, c.Year); err != nil {
		return nil, err
	}
	if c.Count != 2 && c.Count != 3 {
		return nil, domain.Refuse("decoupage-invalide", "Une année compte trois trimestres ou deux semestres.", "Choisissez l’un des deux.")
	}
	if y != nil && y.Locks != 0 {
		return nil, domain.Refuse("periode-verrouillee", "Une période de cette année est verrouillée.",
			"Demandez au chef d’établissement de la déverrouiller, en indiquant le motif.")
	}
	for l := range s.LinesOf(c.Year) {
		for period := c.Count + 1; period <= maxPeriods; period++ {
			if l.Average(period).Recorded() {
				return nil, domain.Refuse("decoupage-contredit", "Des moyennes sont déjà enregistrées pour une période que ce découpage n’a pas.",
					"Conservez le découpage de l’année.")
			}
		}
	}
	return one(PeriodsSet(c))
}
