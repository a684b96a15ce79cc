package record

import (
	"slices"

	"livret/domain"
)

// Engagements are the codes of the exchange schema.
func Engagements() []Engagement { return []Engagement{"C", "V", "A", "E", "S"} }

// DeclareEngagement enters a responsibility, once for the whole cycle terminal.
type DeclareEngagement struct {
	Code Engagement
}

// Decide grants it once.
func (c DeclareEngagement) Decide(s *State) ([]domain.Event, error) {
	if s.HasEngagement(c.Code) {
		return nil, nil
	}
	if err := checkCycleWritable(s); err != nil {
		return nil, err
	}
	if !slices.Contains(Engagements(), c.Code) {
		return nil, domain.Refuse("engagement-inconnu", "Ce code d’engagement n’existe pas.", "Choisissez C, V, A, E ou S, ou décrivez un autre engagement.")
	}
	return one(EngagementDeclared(c))
}

// DeclareOtherEngagement enters the free line of engagements. Another text replaces it.
type DeclareOtherEngagement struct {
	Text string // tidied here; 1 to 300 characters
}

// Decide grants it while the cycle is open.
func (c DeclareOtherEngagement) Decide(s *State) ([]domain.Event, error) {
	text := Tidy(c.Text)
	if s.Other.Value == text && text != "" {
		return nil, nil
	}
	if err := checkCycleWritable(s); err != nil {
		return nil, err
	}
	if err := checkText(text); err != nil {
		return nil, err
	}
	return one(OtherEngagementDeclared{Text: text})
}
