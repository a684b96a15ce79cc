package record

import (
	"cmp"
	"unicode/utf8"

	"livret/domain"
	"livret/domain/nomenclature"
)

// RecordSchooling says where and in what formation the pupil spends a year. A pupil who moves has several
// for one year, and the last one stands.
type RecordSchooling struct {
	Year         nomenclature.SchoolYear
	UAI          nomenclature.UAI
	MEF          nomenclature.MEF
	Division     string
	Repeating    bool
	Nomenclature *nomenclature.Nomenclature // nil: only the form of codes is checked
}

// Decide grants it unless it is where he already is. A formation without nomenclature is refused by name:
// nothing could be evaluated in it.
func (c RecordSchooling) Decide(s *State) ([]domain.Event, error) {
	event := SchoolingRecorded{Year: c.Year, UAI: c.UAI, MEF: c.MEF, Division: c.Division, Repeating: c.Repeating}
	if now, ok := s.Year(c.Year).Schooling(); ok && now == event {
		return nil, nil
	}
	if err := checkWritable(s, c.Year); err != nil {
		return nil, err
	}
	if uai, err := nomenclature.ParseUAI(string(c.UAI)); err != nil || uai != c.UAI {
		return nil, cmp.Or(err, domain.Refuse("uai-illisible", "Le numéro UAI s’écrit sans espace et en majuscule.", "Vérifiez le numéro UAI de l’établissement."))
	}
	if _, err := nomenclature.ParseMEF(string(c.MEF)); err != nil {
		return nil, err
	}
	if c.Nomenclature != nil {
		if _, err := c.Nomenclature.Programme(c.Year, c.MEF); err != nil {
			return nil, err
		}
	}
	if utf8.RuneCountInString(c.Division) > 30 || !utf8.ValidString(c.Division) {
		return nil, domain.Refuse("division-invalide", "Le nom de la division est trop long ou illisible.", "Indiquez le code de la division.")
	}
	return one(event)
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
