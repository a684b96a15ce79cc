package nomenclature

import (
	"strings"

	"livret/domain"
)

// Matiere is the BCN code of a school subject: six digits, leading zeros kept.
type Matiere string

// ParseMatiere reads a code. A code with a letter, such as 030C09, is a matière of the school itself, which
// no nomenclature holds: it is refused by rule "matiere-locale"; 000000 and the rest by "matiere-illisible".
func ParseMatiere(code string) (Matiere, error) {
	if number, ok := digits(code, 6); ok && number != 0 {
		return Matiere(code), nil
	}
	if len(code) == 6 && strings.Trim(code, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "" && code != "000000" {
		return "", domain.Refuse("matiere-locale", "Ce code désigne une matière propre à l’établissement, qui n’a pas de place au livret.", "Rattachez le service à une matière de la nomenclature nationale.")
	}
	return "", domain.Refuse("matiere-illisible", "Le code d’une matière est formé de six chiffres.", "Corrigez le code dans le logiciel d’origine.")
}

// Language tells a matière that is a real language, 03LLRR, where LL is the language and RR how it is
// followed; the generic codes 0300RR are not.
func (m Matiere) language() (ll, rr string, ok bool) {
	if len(m) != 6 || m[:2] != "03" || m[2:4] == "00" {
		return "", "", false
	}
	return string(m[2:4]), string(m[4:6]), true
}

// Generic gives the code under which a programme lists the matière: 0300RR for a language, with the
// courses by correspondence 12 and 13 as LV2 and LV3, and the code itself for the others. It answers false
// for a discipline taught in a foreign language by a European section (RR 09), which has no line of its own.
func (m Matiere) Generic() (Matiere, bool) {
	_, rr, ok := m.language()
	if !ok {
		return m, true
	}
	switch rr {
	case "09":
		return "", false
	case "12":
		rr = "02"
	case "13":
		rr = "03"
	}
	return Matiere("0300" + rr), true
}

// Language is the French name of a real language, « anglais »; a language we have no name for is « langue
// 15 », by its number, and a matière that is not a language answers false.
func (m Matiere) Language() (string, bool) {
	ll, _, ok := m.language()
	if !ok {
		return "", false
	}
	switch ll {
	case "01":
		return "allemand", true
	case "02":
		return "anglais", true
	case "03":
		return "arabe", true
	case "04":
		return "chinois", true
	case "06":
		return "espagnol", true
	case "09":
		return "italien", true
	case "10":
		return "japonais", true
	case "11":
		return "portugais", true
	case "12":
		return "néerlandais", true
	case "14":
		return "russe", true
	case "24":
		return "islandais", true
	case "31":
		return "turc", true
	case "97":
		return "français langue étrangère", true
	}
	return "langue " + ll, true
}

// title completes a discipline with the language: « LANGUE ÉTUDIÉE : ANGLAIS (LV1) », « LITTÉRATURE
// ÉTRANGÈRE EN ANGLAIS ».
func (m Matiere) title(discipline string) string {
	language, ok := m.Language()
	if !ok {
		return discipline
	}
	language = strings.ToUpper(language)
	generic, _ := m.Generic()
	switch generic {
	case "030001":
		language += " (LV1)"
	case "030002":
		language += " (LV2)"
	case "030003":
		language += " (LV3)"
	case "030004":
		language += " (LV approfondie)"
	case "030008":
		return discipline + " " + language
	}
	return discipline + "\u00a0: " + language
}
