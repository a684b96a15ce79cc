package record

import (
	"slices"

	"livret/domain"
	"livret/domain/nomenclature"
)

// AssessCompetence enters the level reached in a compétence of the programme.
type AssessCompetence struct {
	Enseignement Enseignement
	Competence   nomenclature.Competence
	Mastery      nomenclature.Mastery
	Nomenclature *nomenclature.Nomenclature // nil: only the form of codes is checked
}

// Masteries are the levels of the exchange schema: 0 nothing entered, NE not assessed, 1 to 4 from not
// mastered to well mastered, and those of the CECRL for languages.
func Masteries() []nomenclature.Mastery {
	return []nomenclature.Mastery{"0", "NE", "1", "2", "3", "4", "A1", "A2", "B1", "B2", "C1", "C2"}
}

// Decide grants it in an open year.
func (c AssessCompetence) Decide(s *State) ([]domain.Event, error) {
	if c.Mastery != "" && s.Line(c.Enseignement).Mastery(c.Competence) == c.Mastery {
		return nil, nil
	}
	if err := checkWritable(s, c.Enseignement.Year); err != nil {
		return nil, err
	}
	if !slices.Contains(Masteries(), c.Mastery) {
		return nil, domain.Refuse("niveau-inconnu", "Ce niveau de maîtrise n’existe pas.",
			"Choisissez NE, un degré de 1 à 4 ou, pour une langue, un niveau de A1 à C2.")
	}
	if err := checkCompetence(s, c.Nomenclature, c.Enseignement, c.Competence); err != nil {
		return nil, err
	}
	return one(CompetenceAssessed{Enseignement: c.Enseignement, Competence: c.Competence, Mastery: c.Mastery})
}
