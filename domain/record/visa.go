package record

import (
	"livret/domain"
	"livret/domain/nomenclature"
)

// GiveHeadVisa is the visa of the chef d'établissement on a year's page as it is now. A later change to the
// page voids it, and it may then be given again; a lock does not, and does not prevent it.
type GiveHeadVisa struct {
	Year nomenclature.SchoolYear
	Seen uint64 // version of the record that the head read: what changed since is not visaed unread; 0: as it is now
}

// Decide grants it on a page with something on it; on that of the terminale, which bears the avis, once the
// avis is issued: the head validates after the team (paper model of 30 March 2012).
func (c GiveHeadVisa) Decide(s *State) ([]domain.Event, error) {
	if err := checkYear(s, c.Year); err != nil {
		return nil, err
	}
	if s.Year(c.Year).VisaStands() {
		return nil, nil
	}
	empty := true
	for range s.LinesOf(c.Year) {
		empty = false
		break
	}
	if empty {
		return nil, domain.Refuse("annee-vide", "Aucun enseignement n’est évalué pour cette année scolaire.", "Attendez les évaluations avant de viser la page.")
	}
	if c.Year == s.Terminale() && s.Avis == "" {
		return nil, domain.Refuse("avis-manquant", "L’avis de l’équipe pédagogique en vue de l’examen n’est pas porté.",
			"Portez d’abord l’avis du conseil de classe.")
	}
	if c.Seen != 0 && s.Year(c.Year).ChangedAt > c.Seen {
		return nil, domain.Refuse("page-modifiee", "La page a changé depuis que vous l’avez lue.", "Relisez-la, puis visez-la.")
	}
	return one(HeadVisaGiven{Year: c.Year})
}
