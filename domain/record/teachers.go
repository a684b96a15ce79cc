package record

import (
	"bytes"
	"slices"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/nomenclature"
)

// NameTeachers says who taught, by random staff id, in any order; the list replaces the one before.
type NameTeachers struct {
	Enseignement Enseignement
	Staff        []uuid.UUID
	Nomenclature *nomenclature.Nomenclature // nil: only the form of codes is checked
}

// Decide grants it in an open year.
func (c NameTeachers) Decide(s *State) ([]domain.Event, error) {
	staff := slices.SortedFunc(slices.Values(c.Staff), func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
	staff = slices.Compact(staff)
	if l := s.Line(c.Enseignement); l != nil && len(staff) > 0 && slices.Equal(l.Teachers, staff) {
		return nil, nil
	}
	if err := checkWritable(s, c.Enseignement.Year); err != nil {
		return nil, err
	}
	if len(staff) == 0 || staff[0] == uuid.Nil {
		return nil, domain.Refuse("enseignant-manquant", "Aucun enseignant n’est désigné, ou l’un d’eux n’est pas identifié.", "Désignez au moins un enseignant de l’établissement.")
	}
	if _, _, err := checkLine(s, c.Nomenclature, c.Enseignement); err != nil {
		return nil, err
	}
	return one(TeachersNamed{Enseignement: c.Enseignement, Staff: staff})
}
