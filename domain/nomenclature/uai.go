package nomenclature

import (
	"strings"

	"livret/domain"
)

// UAI identifies a school: seven digits and a letter that checks them (ex-RNE). Schools abroad have six
// digits and an X instead.
type UAI string

// lettersUAI has no I, O nor Q; the letter of a number is the one at its remainder by 23.
const lettersUAI = "ABCDEFGHJKLMNPRSTUVWXYZ"

// ParseUAI reads a UAI in either case and checks its letter. What is not of that form is refused by rule
// "uai-illisible", a wrong letter by "uai-lettre-fausse".
func ParseUAI(text string) (UAI, error) {
	u := strings.ToUpper(strings.Trim(text, " \t\r\n"))
	var number int
	var ok bool
	if len(u) == 8 {
		if number, ok = digits(u[:7], 7); !ok && u[6] == 'X' {
			number, ok = digits(u[:6], 6)
			number = 8*number + 1
		}
	}
	if !ok || strings.IndexByte(lettersUAI, u[7]) < 0 {
		return "", domain.Refuse("uai-illisible", "Le numéro UAI d’un établissement est formé de sept chiffres et d’une lettre.", "Vérifiez le numéro UAI (ancien numéro RNE) de l’établissement.")
	}
	if lettersUAI[number%23] != u[7] {
		return "", domain.Refuse("uai-lettre-fausse", "La lettre de contrôle de ce numéro UAI ne correspond pas à ses chiffres.", "Vérifiez le numéro UAI (ancien numéro RNE) de l’établissement.")
	}
	return UAI(u), nil
}

// Departement is the first three digits: 075 for Paris, 620 and 720 for Corse-du-Sud and Haute-Corse.
func (u UAI) Departement() string { return string(u[:min(3, len(u))]) }

// Fictional tells a school of examples and tests, in the département 000 that does not exist. It is accepted
// in every académie, and bound by no calendar.
func (u UAI) Fictional() bool { return u.Departement() == "000" }

// Academie is the district of a recteur.
type Academie struct {
	Code         string // two digits
	Name         string
	Departements []string // first three digits of the UAI of its schools
	From, Until  int      // calendar years in which it exists; zero where unbounded
}

// academies is the table of the ministry. Normandie took the place of Caen and Rouen on 1 January 2020.
var academies = [...]Academie{
	{Code: "01", Name: "Paris", Departements: list("075")},
	{Code: "02", Name: "Aix-Marseille", Departements: list("004 005 013 084")},
	{Code: "03", Name: "Besançon", Departements: list("025 039 070 090")},
	{Code: "04", Name: "Bordeaux", Departements: list("024 033 040 047 064")},
	{Code: "05", Name: "Caen", Departements: list("014 050 061"), Until: 2019},
	{Code: "06", Name: "Clermont-Ferrand", Departements: list("003 015 043 063")},
	{Code: "07", Name: "Dijon", Departements: list("021 058 071 089")},
	{Code: "08", Name: "Grenoble", Departements: list("007 026 038 073 074")},
	{Code: "09", Name: "Lille", Departements: list("059 062")},
	{Code: "10", Name: "Lyon", Departements: list("001 042 069")},
	{Code: "11", Name: "Montpellier", Departements: list("011 030 034 048 066")},
	{Code: "12", Name: "Nancy-Metz", Departements: list("054 055 057 088")},
	{Code: "13", Name: "Poitiers", Departements: list("016 017 079 086")},
	{Code: "14", Name: "Rennes", Departements: list("022 029 035 056")},
	{Code: "15", Name: "Strasbourg", Departements: list("067 068")},
	{Code: "16", Name: "Toulouse", Departements: list("009 012 031 032 046 065 081 082")},
	{Code: "17", Name: "Nantes", Departements: list("044 049 053 072 085")},
	{Code: "18", Name: "Orléans-Tours", Departements: list("018 028 036 037 041 045")},
	{Code: "19", Name: "Reims", Departements: list("008 010 051 052")},
	{Code: "20", Name: "Amiens", Departements: list("002 060 080")},
	{Code: "21", Name: "Rouen", Departements: list("027 076"), Until: 2019},
	{Code: "22", Name: "Limoges", Departements: list("019 023 087")},
	{Code: "23", Name: "Nice", Departements: list("006 083")},
	{Code: "24", Name: "Créteil", Departements: list("077 093 094")},
	{Code: "25", Name: "Versailles", Departements: list("078 091 092 095")},
	{Code: "27", Name: "Corse", Departements: list("620 720")},
	{Code: "28", Name: "La Réunion", Departements: list("974")},
	{Code: "31", Name: "Martinique", Departements: list("972")},
	{Code: "32", Name: "Guadeloupe", Departements: list("971 977 978")},
	{Code: "33", Name: "Guyane", Departements: list("973")},
	{Code: "40", Name: "Nouvelle-Calédonie", Departements: list("988")},
	{Code: "41", Name: "Polynésie française", Departements: list("987")},
	{Code: "42", Name: "Wallis-et-Futuna", Departements: list("986")},
	{Code: "43", Name: "Mayotte", Departements: list("976")},
	{Code: "44", Name: "Saint-Pierre-et-Miquelon", Departements: list("975")},
	{Code: "70", Name: "Normandie", Departements: list("014 027 050 061 076"), From: 2020},
}

func list(text string) []string { return strings.Fields(text) }

// Academies lists all académies, those of the past included, in the order of their codes.
func Academies() []Academie { return append([]Academie(nil), academies[:]...) }

// AcademieByCode finds an académie by its two digits.
func AcademieByCode(code string) (Academie, bool) {
	for _, a := range academies {
		if a.Code == code {
			return a, true
		}
	}
	return Academie{}, false
}

// AcademieOf finds the académie of a school in a calendar year. A fictional school, one abroad, or one whose
// département is in no académie has none.
func AcademieOf(u UAI, year int) (Academie, bool) {
	for _, a := range academies {
		if a.From > year || a.Until != 0 && a.Until < year {
			continue
		}
		for _, d := range a.Departements {
			if d == u.Departement() {
				return a, true
			}
		}
	}
	return Academie{}, false
}

// Within answers nil if a school belongs to an académie in a calendar year, or is fictional; another one is
// refused by rule "etablissement-autre-academie".
func (u UAI) Within(academie string, year int) error {
	if a, ok := AcademieOf(u, year); u.Fictional() || ok && a.Code == academie {
		return nil
	}
	return domain.Refuse("etablissement-autre-academie",
		"L’établissement "+string(u)+" n’est pas du ressort de l’académie de ce registre.",
		"Vérifiez le numéro UAI, ou adressez-vous à son académie, qui tient un autre registre.")
}

// FictionalNotice is what a page or a report says wherever a fictional school appears.
const FictionalNotice = "Établissement fictif (département 000) : il n’est soumis à aucun calendrier."
