package record

import (
	"livret/domain"
	"livret/domain/nomenclature"
)

// WriteAppreciation enters the teacher's general appreciation of the year.
type WriteAppreciation struct {
	Enseignement Enseignement
	Text         string                     // tidied here; 1 to 300 characters
	Nomenclature *nomenclature.Nomenclature // nil: only the form of codes is checked
}

// Decide grants it in an open year.
func (c WriteAppreciation) Decide(s *State) ([]domain.Event, error) {
	text := Tidy(c.Text)
	if l := s.Line(c.Enseignement); l != nil && l.Appreciation.Value == text && text != "" {
		return nil, nil
	}
	if err := checkWritable(s, c.Enseignement.Year); err != nil {
		return nil, err
	}
	if err := checkText(text); err != nil {
		return nil, err
	}
	if _, _, err := checkLine(s, c.Nomenclature, c.Enseignement); err != nil {
		return nil, err
	}
	return one(AppreciationWritten{Enseignement: c.Enseignement, Text: text})
}
