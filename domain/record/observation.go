package record

import (
	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/nomenclature"
)

// WriteObservation enters one of the three signed texts of a year. Another one of the same kind replaces it.
type WriteObservation struct {
	Kind   Observation
	Year   nomenclature.SchoolYear
	Text   string      // tidied here; 1 to 300 characters
	Author uuid.UUID   // staff id of who signs, who need not be who enters
	Dated  domain.Date // of the signature; zero if it bears none
}

// Decide grants it in an open year.
func (c WriteObservation) Decide(s *State) ([]domain.Event, error) {
	text := Tidy(c.Text)
	if was := s.Year(c.Year).Observation(c.Kind); text != "" && was.Value == text && was.Author == c.Author && was.Dated == c.Dated {
		return nil, nil
	}
	if err := checkWritable(s, c.Year); err != nil {
		return nil, err
	}
	if c.Kind.index() < 0 {
		return nil, domain.Refuse("observation-inconnue", "Cette observation n’existe pas dans le livret.",
			"Choisissez celle du CPE, de l’équipe pédagogique ou du chef d’établissement.")
	}
	if c.Author == uuid.Nil {
		return nil, domain.Refuse("auteur-manquant", "Une observation est signée : son auteur n’est pas identifié.", "Indiquez le nom et le prénom de l’auteur.")
	}
	if err := checkText(text); err != nil {
		return nil, err
	}
	return one(ObservationWritten{Kind: c.Kind, Year: c.Year, Text: text, Author: c.Author, Dated: c.Dated})
}
