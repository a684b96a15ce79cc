package record

import (
	"livret/domain"
	"livret/domain/mark"
	"livret/domain/nomenclature"
)

// RecordAverage enters a pupil's average for a period, or that he is not marked. It may change what was
// typed, not what was imported: that is CorrectAverage, for the head alone (requirements of the téléservice).
type RecordAverage struct {
	Enseignement Enseignement
	Period       uint8 // from 1
	Mark         mark.Mark
	Nomenclature *nomenclature.Nomenclature // nil: only the form of codes is checked

	imported bool // ImportLivret sets it, nobody else can
}

// Decide grants it in an open period.
func (c RecordAverage) Decide(s *State) ([]domain.Event, error) {
	was := s.Line(c.Enseignement).Average(c.Period)
	if was.Recorded() && was.Mark == c.Mark {
		return nil, nil
	}
	if err := checkPeriod(s, c.Enseignement.Year, c.Period); err != nil {
		return nil, err
	}
	if err := checkUnlocked(s, c.Enseignement.Year, c.Period); err != nil {
		return nil, err
	}
	if was.Reason != "" {
		return nil, domain.Refuse("moyenne-corrigee", "Cette moyenne a été corrigée par le chef d’établissement.",
			"Corrigez-la aussi dans le logiciel d’origine, ou demandez au chef d’établissement une nouvelle correction.")
	}
	if was.Imported && !c.imported {
		return nil, domain.Refuse("moyenne-importee", "Cette moyenne a été importée : seul le chef d’établissement peut la corriger.",
			"Corrigez-la dans le logiciel d’origine et importez de nouveau, ou demandez une correction au chef d’établissement.")
	}
	if err := checkMark(s, c.Nomenclature, c.Enseignement, c.Mark.IsMarked()); err != nil {
		return nil, err
	}
	return one(AverageRecorded{Enseignement: c.Enseignement, Period: c.Period, Mark: c.Mark, Imported: c.imported})
}

// CorrectAverage is the head of school correcting the average of a period, with his reason.
type CorrectAverage struct {
	Enseignement Enseignement
	Period       uint8 // from 1
	Mark         mark.Mark
	Reason       string
}

// Decide grants it where there is an average to correct, in an open period.
func (c CorrectAverage) Decide(s *State) ([]domain.Event, error) {
	was := s.Line(c.Enseignement).Average(c.Period)
	if was.Recorded() && was.Mark == c.Mark {
		return nil, nil
	}
	if err := checkPeriod(s, c.Enseignement.Year, c.Period); err != nil {
		return nil, err
	}
	if !was.Recorded() {
		return nil, domain.Refuse("moyenne-absente", "Aucune moyenne n’est enregistrée pour cette période.", "Saisissez la moyenne au lieu de la corriger.")
	}
	if err := checkUnlocked(s, c.Enseignement.Year, c.Period); err != nil {
		return nil, err
	}
	reason, err := checkReason(c.Reason)
	if err != nil {
		return nil, err
	}
	return one(AverageCorrected{Enseignement: c.Enseignement, Period: c.Period, Mark: c.Mark, Reason: reason})
}

// RecordAnnualAverage enters an annual average given as such. Without it, Line.Annual computes one.
type RecordAnnualAverage struct {
	Enseignement Enseignement
	Mark         mark.Mark
	Nomenclature *nomenclature.Nomenclature // nil: only the form of codes is checked
}

// Decide grants it in an open year.
func (c RecordAnnualAverage) Decide(s *State) ([]domain.Event, error) {
	if l := s.Line(c.Enseignement); l != nil && l.AnnualGiven.Recorded() && l.AnnualGiven.Mark == c.Mark {
		return nil, nil
	}
	if err := checkWritable(s, c.Enseignement.Year); err != nil {
		return nil, err
	}
	if err := checkMark(s, c.Nomenclature, c.Enseignement, c.Mark.IsMarked()); err != nil {
		return nil, err
	}
	return one(AnnualAverageRecorded{Enseignement: c.Enseignement, Mark: c.Mark})
}

// checkReason tidies the reason of an exceptional act, and refuses to do without.
func checkReason(reason string) (string, error) {
	reason = Tidy(reason)
	if reason == "" {
		return "", domain.Refuse("motif-manquant", "Le motif est obligatoire.", "Indiquez en quelques mots pourquoi.")
	}
	return reason, checkText(reason)
}
