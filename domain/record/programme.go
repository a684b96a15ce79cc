package record

import (
	"livret/domain"
	"livret/domain/nomenclature"
)

// checkLine refuses an enseignement that is malformed, or that the programme of the pupil's formation in
// that year does not hold. With known false, nothing more can be said of it: there is no nomenclature at
// hand (nil), or the pupil's formation in that year is not recorded.
func checkLine(s *State, n *nomenclature.Nomenclature, e Enseignement) (line nomenclature.Line, known bool, err error) {
	if len(e.Matiere) != 6 || !digits(string(e.Matiere)) {
		return line, false, domain.Refuse("matiere-mal-formee", "Le code de la matière ne comporte pas six chiffres.",
			"Rattachez la matière à la nomenclature nationale dans le logiciel d’origine.")
	}
	if _, err := nomenclature.ParseModalite(string(e.Modalite)); err != nil {
		return line, false, err
	}
	if e.Rank < 1 {
		return line, false, domain.Refuse("rang-manquant", "L’enseignement n’a pas de rang parmi ceux de même matière.", "Numérotez-les à partir de 1.")
	}
	schooling, ok := s.Year(e.Year).Schooling()
	if n == nil || !ok {
		return line, false, nil
	}
	programme, err := n.Programme(e.Year, schooling.MEF)
	if err != nil {
		return line, false, err
	}
	if line, ok = programme.Line(e.Matiere, e.Modalite, e.Rank); ok {
		return line, true, nil
	}
	if found := programme.Match([]nomenclature.Asked{{Matiere: e.Matiere, Modalite: e.Modalite}}); found[0].Err != nil {
		return line, false, found[0].Err // it says why better than we can
	}
	return line, false, domain.Refuse("rang-hors-programme", "Le programme ne contient pas cette matière autant de fois.", "Vérifiez la matière et la modalité.")
}

// checkMark refuses a mark where the programme gives none.
func checkMark(s *State, n *nomenclature.Nomenclature, e Enseignement, marked bool) error {
	line, known, err := checkLine(s, n, e)
	if err == nil && known && marked && !line.Marked {
		err = domain.Refuse("enseignement-non-note", "Cet enseignement ne donne pas lieu à une moyenne.",
			"Évaluez les compétences et écrivez une appréciation.")
	}
	return err
}

// checkCompetence refuses a compétence that the programme does not expect.
func checkCompetence(s *State, n *nomenclature.Nomenclature, e Enseignement, code nomenclature.Competence) error {
	if len(code) != 4 || !digits(string(code)) {
		return domain.Refuse("competence-mal-formee", "Le code de la compétence ne comporte pas quatre chiffres.",
			"Rattachez la compétence à la nomenclature nationale dans le logiciel d’origine.")
	}
	line, known, err := checkLine(s, n, e)
	if err == nil && known && !line.Expects(code) {
		err = domain.Refuse("competence-hors-programme", "Cette compétence n’est pas attendue dans cet enseignement cette année-là.",
			"Vérifiez le code dans la nomenclature de l’année scolaire.")
	}
	return err
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}
