// Package jury is the view of the jury: a pseudonymous dossier under a candidate number. Nothing it is built
// from can name a pupil: it imports no room that knows names, is never handed their events, and may open no
// key of theirs.
package jury

import (
	"livret/domain/deliberation"
	"livret/domain/record"
	"livret/domain/sanction"
	"livret/eventstore/keyvault"
	"livret/projections"
)

// Name is the view's, with its version: a visa says by which one the jury saw what it signed.
const Name = "jury.v2"

// Projection folds the jury's view.
func Projection() projections.Projection {
	return projections.Projection{
		Name:       Name,
		Categories: []string{deliberation.Category, deliberation.JuryCategory, record.Category, sanction.Category},
		Classes:    []keyvault.Class{keyvault.Candidate, keyvault.Record, keyvault.Sanction},
		New: func(category string) projections.Folder {
			switch category {
			case deliberation.Category:
				return &candidateRow{Candidate: deliberation.CandidateDecider.Initial()}
			case deliberation.JuryCategory:
				return &juryRow{Jury: deliberation.JuryDecider.Initial()}
			case sanction.Category:
				return new(sanctionRow)
			}
			return new(recordRow)
		},
	}
}
