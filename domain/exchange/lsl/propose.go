package lsl

import (
	"github.com/google/uuid"

	"livret/domain/record"
)

// Propose is the command by which what the file says of a pupil would enter his livret. The file names staff;
// staff gives the identifier of a person, or uuid.Nil for one who is not known, who is then left out. What
// the file does not hold, session, schooling and nomenclature, is for the caller to add.
func (p Pupil) Propose(staff func(Person) uuid.UUID) record.ImportLivret {
	c := record.ImportLivret{Engagements: p.Engagements, Other: p.OtherEngagement, Avis: p.Avis}
	for _, y := range p.Years {
		year := record.ImportedYear{Year: y.Year, Periods: y.Periods}
		for _, o := range y.Observations {
			year.Observations = append(year.Observations, record.ImportedObservation{Kind: o.Kind, Text: o.Text, Author: staff(o.Author), Dated: o.Date})
		}
		for _, e := range y.Evaluations {
			evaluation := record.Evaluation{
				Matiere: e.Matiere, Modalite: e.Modalite, Averages: e.Averages, Competences: e.Competences, Appreciation: e.Appreciation,
				Headcount: e.Group.Headcount, Mean: e.Group.Mean, Shares: e.Group.Shares,
			}
			for _, t := range e.Teachers {
				if id := staff(t); id != uuid.Nil {
					evaluation.Teachers = append(evaluation.Teachers, id)
				}
			}
			year.Evaluations = append(year.Evaluations, evaluation)
		}
		c.Years = append(c.Years, year)
	}
	return c
}
