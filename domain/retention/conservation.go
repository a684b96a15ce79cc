package retention

import (
	"slices"

	"github.com/google/uuid"

	"livret/domain"
)

// ConservationCategory is the stream category of what an académie decides once about keeping and eliminating, in
// clear: one stream per ledger.
const ConservationCategory = "conservation"

// conservations is the namespace of the ids of those streams.
var conservations = uuid.MustParse("c2a3e7f4-51f0-4f7b-9f0e-6d5a1f3f8a20")

// ConservationStream is the id of an académie's decisions, by its code. It is computed, not drawn: it names a
// public thing.
func ConservationStream(academie string) uuid.UUID {
	return uuid.NewSHA1(conservations, []byte(ConservationCategory+academie))
}

// EliminationAuthorised is a standing authorisation to eliminate what belongs to categories that it lists
// limitatively (Code du patrimoine, art. R. 212-14).
type EliminationAuthorised struct {
	Reference  string `json:"reference"`
	Categories []Rule `json:"categories"` // in the order of Rules
}

// AuthorisationRevoked ends a standing authorisation: what is not destroyed yet needs another visa.
type AuthorisationRevoked struct {
	Reference string `json:"reference"`
}

// SanctionHoldsDecided says whether a hold may keep a sanction beyond its term. The arrêté of 8 February 2016 has
// the exception of a recours for livrets and their log (art. 9, 3° and 5°) and does not repeat it for sanctions (4°).
type SanctionHoldsDecided struct {
	Allowed   bool   `json:"allowed"`
	Reference string `json:"reference"` // of the decision of the controller
}

// EventType is the name on disk.
func (EliminationAuthorised) EventType() string { return "conservation.EliminationAuthorised" }

// EventType is the name on disk.
func (AuthorisationRevoked) EventType() string { return "conservation.AuthorisationRevoked" }

// EventType is the name on disk.
func (SanctionHoldsDecided) EventType() string { return "conservation.SanctionHoldsDecided" }

// Conservation is an académie's decisions as they stand.
type Conservation struct {
	Authorisations []EliminationAuthorised // that stand, oldest first
	SanctionHolds  SanctionHoldsDecided    // the last; zero: none, and holds keep no sanction
	revoked        map[string]bool
}

// ConservationDecider is that of the streams of an académie's decisions.
var ConservationDecider = domain.Decider[*Conservation]{
	Category: ConservationCategory,
	Initial:  func() *Conservation { return &Conservation{revoked: make(map[string]bool)} },
	Evolve: func(s *Conservation, fact domain.Fact) *Conservation {
		switch e := fact.Event.(type) {
		case EliminationAuthorised:
			s.Authorisations = append(s.Authorisations, e)
		case AuthorisationRevoked:
			s.Authorisations = slices.DeleteFunc(s.Authorisations, func(a EliminationAuthorised) bool { return a.Reference == e.Reference })
			s.revoked[e.Reference] = true
		case SanctionHoldsDecided:
			s.SanctionHolds = e
		}
		return s
	},
}

// Authorised are the categories that may be eliminated, each with the reference of its oldest authorisation.
func (s *Conservation) Authorised() Authorised {
	by := make(Authorised)
	for _, a := range s.Authorisations {
		for _, category := range a.Categories {
			if by[category] == "" {
				by[category] = a.Reference
			}
		}
	}
	return by
}

// AuthoriseElimination records a standing authorisation.
type AuthoriseElimination EliminationAuthorised

// Decide refuses by "visa-illisible", "categorie-inconnue", "autorisation-revoquee" and "autorisation-contradictoire".
func (c AuthoriseElimination) Decide(s *Conservation) ([]domain.Event, error) {
	if err := legible(c.Reference); err != nil {
		return nil, err
	}
	wanted := make(map[Rule]bool)
	for _, category := range c.Categories {
		if !slices.Contains(Rules(), category) {
			return nil, domain.Refuse("categorie-inconnue", "Une autorisation permanente porte sur des catégories limitativement définies ; celle-ci n’en est pas une.",
				"Indiquez livret, consultations, sanction, sanction-etablissement, gel ou demande.")
		}
		wanted[category] = true
	}
	if len(wanted) == 0 {
		return nil, domain.Refuse("categorie-inconnue", "Une autorisation permanente nomme les catégories sur lesquelles elle porte.",
			"Indiquez livret, consultations, sanction, sanction-etablissement, gel ou demande.")
	}
	e := EliminationAuthorised{Reference: c.Reference, Categories: slices.DeleteFunc(Rules(), func(r Rule) bool { return !wanted[r] })}
	if s.revoked[c.Reference] {
		return nil, domain.Refuse("autorisation-revoquee", "Cette autorisation a été révoquée.", "Enregistrez une nouvelle autorisation sous sa propre référence.")
	}
	for _, a := range s.Authorisations {
		switch {
		case a.Reference == e.Reference && slices.Equal(a.Categories, e.Categories):
			return nil, nil
		case a.Reference == e.Reference:
			return nil, domain.Refuse("autorisation-contradictoire", "Cette référence est déjà celle d’une autorisation qui porte sur d’autres catégories.", "Vérifiez la référence, ou révoquez d’abord l’autorisation.")
		}
	}
	return []domain.Event{e}, nil
}

// RevokeAuthorisation ends a standing authorisation.
type RevokeAuthorisation AuthorisationRevoked

// Decide refuses by "autorisation-inconnue".
func (c RevokeAuthorisation) Decide(s *Conservation) ([]domain.Event, error) {
	for _, a := range s.Authorisations {
		if a.Reference == c.Reference {
			return []domain.Event{AuthorisationRevoked(c)}, nil
		}
	}
	if s.revoked[c.Reference] {
		return nil, nil
	}
	return nil, domain.Refuse("autorisation-inconnue", "Aucune autorisation permanente ne porte cette référence.", "Vérifiez la référence.")
}

// DecideSanctionHolds says whether holds may keep sanctions.
type DecideSanctionHolds SanctionHoldsDecided

// Decide refuses by "visa-illisible".
func (c DecideSanctionHolds) Decide(s *Conservation) ([]domain.Event, error) {
	if err := legible(c.Reference); err != nil {
		return nil, err
	}
	if s.SanctionHolds == SanctionHoldsDecided(c) {
		return nil, nil
	}
	return []domain.Event{SanctionHoldsDecided(c)}, nil
}
