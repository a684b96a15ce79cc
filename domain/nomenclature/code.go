package nomenclature

import (
	"fmt"
	"strings"

	"livret/domain"
)

// SchoolYear is named by the year of its September: 2015 is 2015-2016. A session of the baccalauréat has the
// same type and is named by its own year: session 2016 ends the school year 2015.
type SchoolYear int16

// ParseSchoolYear reads "2015" or "2015-2016".
func ParseSchoolYear(text string) (SchoolYear, error) {
	first, second, both := strings.Cut(text, "-")
	y, ok := digits(first, 4)
	if next, second := digits(second, 4); !ok || y < 2000 || both && (!second || next != y+1) {
		return 0, domain.Refuse("annee-illisible", "Une année scolaire s’écrit « 2015-2016 », ou 2015 pour l’année qui commence en septembre 2015.", "Corrigez l’année scolaire.")
	}
	return SchoolYear(y), nil
}

// Label is the school year as a page shows it: « 2015-2016 ».
func (y SchoolYear) Label() string { return fmt.Sprintf("%d-%d", y, y+1) }

// Modalite tells how a matière was chosen: S tronc commun, O option obligatoire, F option facultative.
type Modalite string

// The modalités of a livret.
const (
	TroncCommun       Modalite = "S"
	OptionObligatoire Modalite = "O"
	OptionFacultative Modalite = "F"
)

// ParseModalite reads a modalité d’élection. The four others that SIECLE knows have no place in a livret:
// they are refused by rule "modalite-hors-livret", with the reason.
func ParseModalite(code string) (Modalite, error) {
	const remedy = "Dans SIECLE, donnez à cette matière la modalité « tronc commun », « option obligatoire » ou « option facultative », ou laissez-la hors du livret."
	switch code {
	case "S", "O", "F":
		return Modalite(code), nil
	case "N":
		return "", domain.Refuse("modalite-hors-livret", "La modalité N, « obligatoire ou facultative », ne dit pas laquelle des deux : le livret demande l’une ou l’autre.", remedy)
	case "X":
		return "", domain.Refuse("modalite-hors-livret", "La modalité X est une mesure spécifique, qui n’est pas un enseignement du livret.", remedy)
	case "L":
		return "", domain.Refuse("modalite-hors-livret", "La modalité L est un ajout de l’académie au programme ; le livret n’a que les enseignements nationaux.", remedy)
	case "R":
		return "", domain.Refuse("modalite-hors-livret", "L’enseignement religieux (modalité R) ne figure pas au livret.", "Laissez cette matière hors du livret.")
	}
	return "", domain.Refuse("modalite-inconnue", "La modalité d’élection est S, O ou F.", "Corrigez la modalité dans le logiciel d’origine.")
}

// Label is the modalité in full.
func (m Modalite) Label() string {
	switch m {
	case TroncCommun:
		return "tronc commun"
	case OptionObligatoire:
		return "option obligatoire"
	case OptionFacultative:
		return "option facultative"
	}
	return string(m)
}

// Competence is the four-digit code of a skill expected by a programme; its label depends on the year.
type Competence string

// ParseCompetence checks the form of a code; whether a programme expects it is for Line.Expects.
func ParseCompetence(code string) (Competence, error) {
	if _, ok := digits(code, 4); !ok {
		return "", domain.Refuse("competence-illisible", "Le code d’une compétence est formé de quatre chiffres.", "Corrigez le code dans le logiciel d’origine.")
	}
	return Competence(code), nil
}

// Mastery is the level reached in a compétence: 0, NE, 1 to 4, or A1 to C2 for languages.
type Mastery string

// ParseMastery reads a level of the exchange schema.
func ParseMastery(code string) (Mastery, error) {
	if Mastery(code).Label() == "" {
		return "", domain.Refuse("niveau-de-maitrise-inconnu", "Le niveau d’une compétence est 1, 2, 3, 4 ou NE, ou de A1 à C2 pour les langues.", "Corrigez le niveau dans le logiciel d’origine.")
	}
	return Mastery(code), nil
}

// CECRL tells whether the level is one of the European framework for languages.
func (m Mastery) CECRL() bool {
	return len(m) == 2 && m[0] >= 'A' && m[0] <= 'C' && (m[1] == '1' || m[1] == '2')
}

// Label is the wording of the paper model for the four levels; it is empty for what is not a level.
func (m Mastery) Label() string {
	switch m {
	case "0":
		return "non renseignée"
	case "NE":
		return "non évaluée"
	case "1":
		return "non maîtrisée"
	case "2":
		return "insuffisamment maîtrisée"
	case "3":
		return "maîtrisée"
	case "4":
		return "bien maîtrisée"
	}
	if m.CECRL() {
		return "niveau " + string(m)
	}
	return ""
}

// digits reads exactly n decimal digits.
func digits(text string, n int) (int, bool) {
	if len(text) != n {
		return 0, false
	}
	value := 0
	for i := range n {
		if text[i] < '0' || text[i] > '9' {
			return 0, false
		}
		value = value*10 + int(text[i]-'0')
	}
	return value, true
}
