package sanction

import (
	"slices"

	"livret/domain"
)

// Scope is how much of an exam a sanction takes away (art. D. 334-33).
type Scope string

// The scopes. A paper is always voided; a group of papers or a session, if the commission says so.
const (
	Paper        Scope = "epreuve"
	GroupPapers  Scope = "groupe-d-epreuves"
	WholeSession Scope = "session"
)

// Scopes lists them, in the order in which forms offer them.
func Scopes() []Scope { return []Scope{Paper, GroupPapers, WholeSession} }

// Label is the French name of the scope.
func (s Scope) Label() string {
	switch s {
	case Paper:
		return "l’épreuve concernée"
	case GroupPapers:
		return "le groupe d’épreuves"
	case WholeSession:
		return "la session d’examen"
	}
	return string(s)
}

// VoidPaper records what the sanction voids.
type VoidPaper struct{ Scope Scope }

// Decide refuses by "portee-inconnue", and as inForce does.
func (c VoidPaper) Decide(s *Sanction) ([]domain.Event, error) {
	if err := s.inForce(); err != nil {
		return nil, err
	}
	switch {
	case !slices.Contains(Scopes(), c.Scope):
		return nil, domain.Refuse("portee-inconnue", "Une annulation porte sur l’épreuve, sur le groupe d’épreuves ou sur la session.", "")
	case slices.Contains(s.Voided, c.Scope):
		return nil, nil
	}
	return []domain.Event{PaperVoided(c)}, nil
}
