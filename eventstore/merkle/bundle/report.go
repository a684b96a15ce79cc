package bundle

// Outcome is what a check concludes, in the vocabulary of EN 319 102-1: what could not be established is neither
// valid nor invalid.
type Outcome string

// The outcomes, the better first. NotRequired is that of a check which the verifier's policy does not ask for.
const (
	NotRequired   Outcome = "NOT-REQUIRED"
	Valid         Outcome = "VALID"
	Indeterminate Outcome = "INDETERMINATE"
	Invalid       Outcome = "INVALID"
)

var severity = map[Outcome]int{NotRequired: 0, Valid: 1, Indeterminate: 2, Invalid: 3}

// Label is the outcome in French.
func (o Outcome) Label() string {
	switch o {
	case Valid:
		return "VALIDE"
	case Invalid:
		return "NON VALIDE"
	case Indeterminate:
		return "INDÉTERMINÉ"
	}
	return "NON EXIGÉ"
}

// Family is what a check is about, after the relevé de valeur probante of the State's archives.
type Family string

// The families.
const (
	LocalIntegrity  Family = "LOCAL_INTEGRITY"
	MerkleIntegrity Family = "MERKLE_INTEGRITY"
	Timestamps      Family = "TIMESTAMP_CHECKING"
	Chain           Family = "CHAIN"
	Completeness    Family = "COMPLETENESS"
	Jury            Family = "JURY"
)

// Label is the family in French.
func (f Family) Label() string {
	switch f {
	case LocalIntegrity:
		return "Intégrité de l’archive"
	case MerkleIntegrity:
		return "Appartenance au registre"
	case Timestamps:
		return "Horodatage par un tiers"
	case Chain:
		return "Continuité du registre"
	case Completeness:
		return "Complétude"
	case Jury:
		return "Ce que le jury a vu et signé"
	}
	return string(f)
}

// Check is one thing that was looked at.
type Check struct {
	Family  Family  `json:"family"`
	Outcome Outcome `json:"outcome"`
	Said    string  `json:"said"` // in French, for a magistrate
}

// Report is a relevé de valeur probante: all checks, and the worst of them.
type Report struct {
	Outcome Outcome `json:"outcome"`
	Checks  []Check `json:"checks"`
}

func (r *Report) add(f Family, o Outcome, said string) {
	r.Checks = append(r.Checks, Check{f, o, said})
	if severity[o] > severity[r.Outcome] {
		r.Outcome = o
	}
}
