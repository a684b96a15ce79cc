package sanction

import (
	"github.com/google/uuid"

	"livret/domain"
)

// OpenProceedings records that a candidate is before the commission. Nothing is said of why.
type OpenProceedings struct {
	Livret uuid.UUID
	On     domain.Date
	Today  domain.Date // in Europe/Paris
}

// Decide refuses by "sanction-sans-livret", "procedure-sans-date" and "procedure-close".
func (c OpenProceedings) Decide(s *Sanction) ([]domain.Event, error) {
	switch {
	case s.Opened == c.On && !c.On.IsZero():
		return nil, nil
	case c.On.IsZero() || c.Today.Before(c.On):
		return nil, domain.Refuse("procedure-sans-date", "Une procédure porte la date de son ouverture, qui n’est pas future.", "")
	case !s.Opened.IsZero() || s.IsPronounced():
		return nil, domain.Refuse("procedure-close", "Cette procédure est déjà ouverte à une autre date, ou s’est close.", "")
	}
	return s.with(ProceedingsOpened{On: c.On}, c.Livret)
}

// DropProceedings records that proceedings ended without a sanction.
type DropProceedings struct {
	On    domain.Date
	Today domain.Date // in Europe/Paris
}

// Decide refuses by "procedure-close", when there are none to drop, and "procedure-sans-date".
func (c DropProceedings) Decide(s *Sanction) ([]domain.Event, error) {
	switch {
	case !s.Dropped.IsZero():
		return nil, nil
	case !s.UnderWay():
		return nil, domain.Refuse("procedure-close", "Aucune procédure n’est en cours sous cet identifiant.", "Vérifiez l’identifiant dans la liste.")
	case c.On.Before(s.Opened) || c.Today.Before(c.On):
		return nil, domain.Refuse("procedure-sans-date", "La clôture porte une date, entre l’ouverture de la procédure et aujourd’hui.", "")
	}
	return []domain.Event{ProceedingsDropped{On: c.On}}, nil
}
