package sanction

import "livret/domain"

// Amend records the measure that a recours put in the place of the one pronounced.
type Amend struct {
	Measure
	On    domain.Date
	Today domain.Date // in Europe/Paris
}

// Decide refuses as inForce and dated do, by "sanction-inconnue", and as a measure is refused: see checked. The
// longest it may last still counts from the day the sanction was pronounced.
func (c Amend) Decide(s *Sanction) ([]domain.Event, error) {
	if err := s.inForce(); err != nil {
		return nil, err
	}
	if s.Measure == c.Measure {
		return nil, nil
	}
	if err := s.dated(c.On, c.Today); err != nil {
		return nil, err
	}
	text, _ := TextOn(s.Decision.Pronounced)
	article, listed := text.Article(c.Kind)
	if !listed {
		return nil, unknownKind()
	}
	if err := article.checked(c.Measure, s.Decision.Pronounced); err != nil {
		return nil, err
	}
	return []domain.Event{SanctionAmended{Measure: c.Measure, On: c.On}}, nil
}

// RevokeSursis makes a suspended ban one to be carried out, until its end.
type RevokeSursis struct {
	On    domain.Date
	Ends  domain.Date
	Today domain.Date // in Europe/Paris
}

// Decide refuses as inForce and dated do, and by "sans-sursis" and "fin-d-interdiction". The ban is carried out from
// the day of the revocation: that is what its longest duration counts from then.
func (c RevokeSursis) Decide(s *Sanction) ([]domain.Event, error) {
	if err := s.inForce(); err != nil {
		return nil, err
	}
	if s.Revoked == c.On && s.Ends == c.Ends && !c.On.IsZero() {
		return nil, nil
	}
	if !s.Suspended || !c.On.Before(s.Ends) {
		return nil, domain.Refuse("sans-sursis", "Cette sanction n’est pas assortie d’un sursis, ou il est arrivé à son terme.", "")
	}
	if err := s.dated(c.On, c.Today); err != nil {
		return nil, err
	}
	text, _ := TextOn(s.Decision.Pronounced)
	article, _ := text.Article(s.Kind)
	if err := article.checked(Measure{Kind: s.Kind, Ends: c.Ends}, c.On); err != nil {
		return nil, err
	}
	return []domain.Event{SursisRevoked{On: c.On, Ends: c.Ends}}, nil
}

// Annul records that a recours took the sanction away.
type Annul struct {
	On    domain.Date
	Today domain.Date // in Europe/Paris
}

// Decide refuses by "sanction-sans-prononce", and as dated does.
func (c Annul) Decide(s *Sanction) ([]domain.Event, error) {
	if !s.Annulled.IsZero() {
		return nil, nil
	}
	if err := s.inForce(); err != nil {
		return nil, err
	}
	if err := s.dated(c.On, c.Today); err != nil {
		return nil, err
	}
	return []domain.Event{SanctionAnnulled{On: c.On}}, nil
}

// inForce refuses what can only be done to a sanction that stands: "sanction-sans-prononce", "sanction-annulee".
func (s *Sanction) inForce() error {
	switch {
	case !s.IsPronounced():
		return domain.Refuse("sanction-sans-prononce", "Aucune sanction n’a été prononcée sous cet identifiant.", "Vérifiez l’identifiant dans la liste.")
	case !s.Annulled.IsZero():
		return domain.Refuse("sanction-annulee", "Cette sanction a été annulée.", "")
	}
	return nil
}

// dated refuses a day that is not between the day the sanction was pronounced and today: "date-du-recours".
func (s *Sanction) dated(on, today domain.Date) error {
	if on.IsZero() || on.Before(s.Decision.Pronounced) || today.Before(on) {
		return domain.Refuse("date-du-recours", "Cette décision porte une date, entre celle du prononcé de la sanction et aujourd’hui.", "Vérifiez la date de la décision.")
	}
	return nil
}
