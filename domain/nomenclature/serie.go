package nomenclature

import (
	"strings"

	"livret/domain"
)

// Serie is the code of a série of the baccalauréat: "S", "STMG", "ST2S".
type Serie string

// Voie is one of the three voies of the lycée.
type Voie string

// The three voies, and none for what is not a formation of the lycée.
const (
	VoieGenerale        Voie = "générale"
	VoieTechnologique   Voie = "technologique"
	VoieProfessionnelle Voie = "professionnelle"
	SansVoie            Voie = ""
)

// Niveau is the year of the cycle terminal.
type Niveau string

// The two years of the cycle terminal.
const (
	Premiere  Niveau = "Première"
	Terminale Niveau = "Terminale"
)

// Name is the série in full, or its code for one we have no name for.
func (s Serie) Name() string {
	switch s {
	case "ES":
		return "Économique et sociale"
	case "L":
		return "Littéraire"
	case "S":
		return "Scientifique"
	case "ST2S":
		return "Sciences et technologies de la santé et du social"
	case "STD2A":
		return "Sciences et technologies du design et des arts appliqués"
	case "STHR":
		return "Sciences et technologies de l’hôtellerie et de la restauration"
	case "STI2D":
		return "Sciences et technologies de l’industrie et du développement durable"
	case "STL":
		return "Sciences et technologies de laboratoire"
	case "STMG":
		return "Sciences et technologies du management et de la gestion"
	case "STAV":
		return "Sciences et technologies de l’agronomie et du vivant"
	case "TMD":
		return "Techniques de la musique et de la danse"
	}
	return string(s)
}

// Excluded refuses by rule "serie-hors-livret" the two séries that the arrêté of 8 February 2016, article 1,
// does not name, and answers nil for the others.
func (s Serie) Excluded() error {
	switch s {
	case "STAV":
		return domain.Refuse("serie-hors-livret", "La série STAV relève du ministère chargé de l’agriculture : l’arrêté du 8 février 2016 ne lui ouvre pas le livret scolaire du lycée.", "Tenez le livret de cette série selon les règles du ministère chargé de l’agriculture.")
	case "TMD":
		return domain.Refuse("serie-hors-livret", "La série TMD (techniques de la musique et de la danse) n’a pas de livret scolaire.", "Aucun livret n’est à tenir pour cette série.")
	}
	return nil
}

// CheckStatut reads SIECLE's CODE_STATUT: only a pupil of initial schooling (ST, or nothing) has a livret
// scolaire. Apprentices and trainees are refused by rule "statut-hors-livret".
func CheckStatut(code string) error {
	switch code {
	case "ST", "":
		return nil
	case "AP":
		return domain.Refuse("statut-hors-livret", "Un apprenti a un livret de formation, et non un livret scolaire du lycée.", "Transmettez son livret de formation au jury.")
	}
	return domain.Refuse("statut-hors-livret", "Seuls les élèves sous statut scolaire ont un livret scolaire du lycée ; celui-ci suit une formation continue ou en alternance.", "Aucun livret n’est à tenir pour cette personne.")
}

// MEF identifies a formation: eleven characters; the eleventh is a variant of the school or académie.
type MEF string

// ParseMEF checks the form of a MEF.
func ParseMEF(code string) (MEF, error) {
	if len(code) != 11 || strings.Trim(code, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return "", domain.Refuse("mef-illisible", "Le code d’une formation (MEF) est formé de onze caractères.", "Corrigez le code MEF dans SIECLE.")
	}
	return MEF(code), nil
}

// Root is the MEF without its variant: the first ten characters, by which formations are compared.
func (m MEF) Root() string { return string(m[:min(10, len(m))]) }

// Voie reads the dispositif, the first three characters: 201 and 202 are the général cycle terminal, 211 and
// 212 the technologique one, 247 the baccalauréat professionnel in three years, whose tenth character is the
// year. The others are not of a cycle terminal.
func (m MEF) Voie() Voie {
	switch string(m[:min(3, len(m))]) {
	case "201", "202":
		return VoieGenerale
	case "211", "212":
		return VoieTechnologique
	case "247":
		if len(m) > 9 && m[9] != '1' {
			return VoieProfessionnelle
		}
	}
	return SansVoie
}

// refuse says why a formation has no programme, by naming it.
func (m MEF) refuse() error {
	const remedy = "Chargez la nomenclature du ministère qui contient cette formation, puis recommencez."
	switch m.Voie() {
	case VoieProfessionnelle:
		return domain.Refuse("serie-sans-nomenclature", "La spécialité de baccalauréat professionnel de MEF "+string(m)+" n’a pas encore de nomenclature.", remedy)
	case VoieGenerale, VoieTechnologique:
		return domain.Refuse("serie-sans-nomenclature", "La formation de la voie "+string(m.Voie())+" de MEF "+string(m)+" n’a pas encore de nomenclature.", remedy)
	}
	return domain.Refuse("formation-hors-livret", "La formation de MEF "+string(m)+" n’est pas une classe de Première ou de Terminale du lycée : elle n’a pas de livret scolaire.", "")
}

// SerieOf finds in the label that SIECLE gives a formation ("1-STHR", "T STAV", "TERMINALE TMD") the name of
// a série that has no nomenclature or no livret, so that a refusal can name it; for those of the
// nomenclature, the MEF is what counts.
func SerieOf(label string) (Serie, bool) {
	for word := range strings.FieldsFuncSeq(strings.ToUpper(label), func(r rune) bool { return r == ' ' || r == '-' || r == '.' }) {
		for _, s := range []Serie{"STHR", "STAV", "TMD"} {
			if rest, ok := strings.CutSuffix(word, string(s)); ok && (rest == "" || rest == "1" || rest == "T" || rest == "1E" || rest == "1RE") {
				return s, true
			}
		}
	}
	return "", false
}
