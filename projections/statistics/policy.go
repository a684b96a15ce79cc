package statistics

import (
	"fmt"

	"livret/domain"
)

// Thresholds of a Policy, in pupils. The statisticians of the State blur under 11 households; no rule for
// pupils was found.
const (
	DefaultThreshold = 11
	LowestThreshold  = 5
)

// Policy is how few pupils are too few. The zero value is the default.
type Policy struct{ threshold int }

// NewPolicy makes a policy of a threshold. Under LowestThreshold it refuses by rule "seuil-trop-bas".
func NewPolicy(threshold int) (Policy, error) {
	if threshold < LowestThreshold {
		return Policy{}, domain.Refuse("seuil-trop-bas",
			fmt.Sprintf("Une statistique ne peut pas être publiée pour moins de %d élèves.", LowestThreshold),
			fmt.Sprintf("Choisissez un seuil d’au moins %d ; il est de %d par défaut.", LowestThreshold, DefaultThreshold))
	}
	return Policy{threshold}, nil
}

// Threshold is the number of pupils under which nothing is shown.
func (p Policy) Threshold() int {
	if p.threshold < LowestThreshold {
		return DefaultThreshold
	}
	return p.threshold
}
