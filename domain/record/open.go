package record

import (
	"livret/domain"
	"livret/domain/nomenclature"
)

// OpenLivret starts the livret of one preparation of one exam. Who prepares it again opens another one.
type OpenLivret struct {
	Session nomenclature.SchoolYear // calendar year of the exam
}

// Decide grants it once.
func (c OpenLivret) Decide(s *State) ([]domain.Event, error) {
	switch {
	case s.Session == c.Session && s.Opened():
		return nil, nil
	case s.Opened():
		return nil, domain.Refuse("livret-deja-ouvert", "Ce livret est déjà ouvert pour une autre session d’examen.",
			"Ouvrez un autre livret : chaque préparation d’un examen a le sien.")
	case c.Session < 2000 || c.Session > 9999:
		return nil, domain.Refuse("session-invalide", "L’année de la session d’examen n’est pas plausible.",
			"Indiquez l’année civile de l’examen, sur quatre chiffres.")
	}
	return one(LivretOpened(c))
}
