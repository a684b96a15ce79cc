package record

import (
	"slices"

	"livret/domain/nomenclature"
)

// Again is what follows a pupil who prepares his exam once more into the new livret, as a file would say it: the
// page of that year, which is that of his première if he repeats the terminale and none (0) if he repeats the
// première; his engagements, and his B2i. The avis does not follow: the team gives another one.
func (s *State) Again(year nomenclature.SchoolYear) ImportLivret {
	again := ImportLivret{Engagements: slices.Clone(s.Engagements), Other: s.Other.Value, B2i: s.B2i}
	y := s.Year(year)
	if y == nil {
		return again
	}
	page := ImportedYear{Year: year, Periods: y.Periods}
	if at, ok := y.Schooling(); ok {
		page.Schooling = &RecordSchooling{UAI: at.UAI, MEF: at.MEF, Division: at.Division, Repeating: at.Repeating}
	}
	for _, kind := range []Observation{ObservationCPE, ObservationTeam, ObservationHead} {
		if o := y.Observation(kind); o.Sequence != 0 {
			page.Observations = append(page.Observations, ImportedObservation{Kind: kind, Text: o.Value, Author: o.Author, Dated: o.Dated})
		}
	}
	for line := range s.LinesOf(year) {
		page.Evaluations = append(page.Evaluations, line.again())
	}
	again.Years = []ImportedYear{page}
	return again
}

func (l *Line) again() Evaluation {
	v := Evaluation{
		Matiere: l.Enseignement.Matiere, Modalite: l.Enseignement.Modalite, Headcount: l.Group.Headcount, Mean: l.Group.Mean, Shares: l.Group.Shares,
		Competences: slices.Clone(l.Competences), Appreciation: l.Appreciation.Value, Teachers: slices.Clone(l.Teachers),
	}
	for i, a := range l.Averages {
		if a.Recorded() {
			v.Averages = append(v.Averages, PeriodAverage{Period: uint8(i + 1), Mark: a.Mark})
		}
	}
	return v
}
