package record

import (
	"slices"

	"livret/domain"
	"livret/domain/nomenclature"
)

// Programme answers what the State's nomenclature of a year expects of an enseignement in a formation, or a
// *domain.Refusal if it does not know it. It is pure. A command without Programme checks the form of codes
// only, and so does any command as long as the pupil's formation in that year is not known.
type Programme func(year nomenclature.SchoolYear, mef nomenclature.MEF, matiere nomenclature.Matiere, modalite nomenclature.Modalite) (Expected, error)

// Expected is what a programme expects of an enseignement.
type Expected struct {
	Marked      bool                      // by averages; atelier artistique, EMC or TPE are not
	Competences []nomenclature.Competence // to be assessed; all are allowed if there are none
}

// check refuses an enseignement that is malformed or that the programme does not know. With known false,
// nothing can be said of it.
func (p Programme) check(s *State, e Enseignement) (expected Expected, known bool, err error) {
	if len(e.Matiere) != 6 || !digits(string(e.Matiere)) {
		return Expected{}, false, domain.Refuse("matiere-mal-formee", "Le code de la matière ne comporte pas six chiffres.",
			"Rattachez la matière à la nomenclature nationale dans le logiciel d’origine.")
	}
	if e.Modalite != "S" && e.Modalite != "O" && e.Modalite != "F" {
		return Expected{}, false, domain.Refuse("modalite-inconnue", "La modalité d’élection n’est ni S, ni O, ni F.",
			"Indiquez tronc commun (S), option obligatoire (O) ou option facultative (F).")
	}
	if e.Rank < 1 {
		return Expected{}, false, domain.Refuse("rang-manquant", "L’enseignement n’a pas de rang.", "Numérotez à partir de 1.")
	}
	schooling, ok := s.Year(e.Year).Schooling()
	if p == nil || !ok {
		return Expected{}, false, nil
	}
	expected, err = p(e.Year, schooling.MEF, e.Matiere, e.Modalite)
	return expected, err == nil, err
}

// checkMark refuses a mark where the programme gives none.
func (p Programme) checkMark(s *State, e Enseignement, marked bool) error {
	expected, known, err := p.check(s, e)
	if err == nil && known && marked && !expected.Marked {
		err = domain.Refuse("enseignement-non-note", "Cet enseignement ne donne pas lieu à une moyenne.",
			"Évaluez les compétences et écrivez une appréciation.")
	}
	return err
}

// checkCompetence refuses a compétence that the programme does not expect.
func (p Programme) checkCompetence(s *State, e Enseignement, code nomenclature.Competence) error {
	if len(code) != 4 || !digits(string(code)) {
		return domain.Refuse("competence-mal-formee", "Le code de la compétence ne comporte pas quatre chiffres.",
			"Rattachez la compétence à la nomenclature nationale dans le logiciel d’origine.")
	}
	expected, known, err := p.check(s, e)
	if err == nil && known && len(expected.Competences) > 0 && !slices.Contains(expected.Competences, code) {
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
