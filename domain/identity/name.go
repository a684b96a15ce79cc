package identity

import (
	"strings"

	"livret/domain/nomenclature"
)

// DisplayName is how a pupil is called: usual first name, then usage name, or family name without one.
func (e CivilIdentityRecorded) DisplayName() string {
	return joined(e.firstName(), e.surname())
}

// ListName is the same with the surname first, as class lists are ordered.
func (e CivilIdentityRecorded) ListName() string {
	return joined(e.surname(), e.firstName())
}

func (e CivilIdentityRecorded) surname() string {
	if e.UsageName != "" {
		return e.UsageName
	}
	return e.FamilyName
}

func (e CivilIdentityRecorded) firstName() string {
	if len(e.FirstNames) == 0 {
		return ""
	}
	return e.FirstNames[0]
}

// DisplayName is civility, first name, name.
func (e GuardianRecorded) DisplayName() string {
	return joined(civility(e.Civility), e.First, e.Name)
}

// HasAuthority tells a guardian with parental authority from a mere contact.
func (e GuardianRecorded) HasAuthority() bool { return e.Legal == 1 || e.Legal == 2 }

// DisplayName is civility, first name, name.
func (e StaffIdentified) DisplayName() string {
	return joined(civility(e.Civility), e.First, e.Name)
}

// civility writes SIECLE's capitals as they are written in a sentence.
func civility(code string) string {
	switch strings.ToUpper(code) {
	case "MME":
		return "Mme"
	case "MLLE": // abolished in 2012, still in old bases
		return "Mme"
	}
	return code
}

func joined(parts ...string) string {
	return strings.Join(clean(parts), " ")
}

// clean trims each text, as SIECLE pads them, mends what is not UTF-8, which JSON would otherwise mend
// behind our back, and leaves out those that are empty.
func clean(texts []string) []string {
	var kept []string
	for _, text := range texts {
		if text = cleanText(text); text != "" {
			kept = append(kept, text)
		}
	}
	return kept
}

func cleanText(text string) string {
	return strings.TrimSpace(strings.ToValidUTF8(text, "\uFFFD"))
}

func cleanUAI(uai nomenclature.UAI) nomenclature.UAI {
	return nomenclature.UAI(cleanText(string(uai)))
}

// firstOf is the first text that is not empty.
func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}
