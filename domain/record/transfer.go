package record

import (
	"livret/domain"
	"livret/domain/nomenclature"
)

// TransferOrdered lets another school take the livret of a pupil who leaves for it: his exeat. The livret is the
// same one, with all that was written in it; it changes hands when the other school records him.
type TransferOrdered struct {
	To nomenclature.UAI `json:"to"`
}

// EventType is the name on disk.
func (TransferOrdered) EventType() string { return "record.TransferOrdered" }

// OrderTransfer is the order of the head whom the pupil leaves, or of the exams division. Without it a school takes
// over no livret, whatever it knows of the pupil: knowing an INE is not a right to read.
type OrderTransfer struct {
	To nomenclature.UAI
}

// Decide grants it to another school than the one where the pupil is. Another order replaces it.
func (c OrderTransfer) Decide(s *State) ([]domain.Event, error) {
	to, err := nomenclature.ParseUAI(string(c.To))
	if err != nil {
		return nil, err
	}
	if err := checkOpen(s); err != nil {
		return nil, err
	}
	switch {
	case s.TransferTo == to:
		return nil, nil
	case s.School() == to:
		return nil, domain.Refuse("eleve-deja-present", "L’élève est déjà dans cet établissement.", "Vérifiez le numéro UAI de l’établissement d’accueil.")
	}
	return one(TransferOrdered{To: to})
}

// School is where the pupil is, or last was; empty if nothing says so.
func (s *State) School() (school nomenclature.UAI) {
	for i := range s.Years {
		if schooling, ok := s.Years[i].Schooling(); ok {
			school = schooling.UAI
		}
	}
	return school
}

// OpenTo tells whether a school may take the livret up: the pupil is there, or was let go to it.
func (s *State) OpenTo(school nomenclature.UAI) bool {
	return s.School() == school || s.TransferTo == school
}
