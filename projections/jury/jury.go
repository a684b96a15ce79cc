// Package jury is the view of the jury: a pseudonymous dossier under a candidate number. Nothing it is built
// from can name a pupil: it imports no room that knows names, is never handed their events, and may open no
// key of theirs.
package jury

import (
	"github.com/fxamacker/cbor/v2"
	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/deliberation"
	"livret/domain/record"
	"livret/eventstore/keyvault"
	"livret/projections"
)

// Projection folds the jury's view.
func Projection() projections.Projection {
	return projections.Projection{
		Name:       "jury.v1",
		Categories: []string{deliberation.Category, record.Category},
		Classes:    []keyvault.Class{keyvault.Candidate, keyvault.Record},
		New: func(category string) projections.Folder {
			if category == deliberation.Category {
				return new(candidateRow)
			}
			return new(recordRow)
		},
	}
}

// candidateRow is the fold of a candidate stream. The link to the livret stays in here: sealed, and in no
// dossier.
type candidateRow struct {
	_       struct{} `cbor:",toarray"`
	Livret  uuid.UUID
	Session deliberation.ExamSession
	Number  string
}

// Apply adds a fact about the candidate.
func (r *candidateRow) Apply(f domain.Fact) error {
	if e, ok := f.Event.(deliberation.CandidateRegistered); ok {
		r.Livret, r.Number = e.Livret, e.Number
		r.Session = deliberation.ExamSession{Year: e.Session, Round: e.Round}
	}
	return nil
}

// Marshal gives the row's canonical CBOR.
func (r *candidateRow) Marshal() ([]byte, error) { return cbor.Marshal(r) }

// Unmarshal reads what Marshal wrote.
func (r *candidateRow) Unmarshal(plain []byte) error { return cbor.Unmarshal(plain, r) }

// Labels finds a candidate by his number, and all candidates of a session.
func (r *candidateRow) Labels() [][]string {
	if r.Number == "" {
		return nil
	}
	return [][]string{numberLabel(r.Session, r.Number), sessionLabel(r.Session)}
}

func numberLabel(session deliberation.ExamSession, number string) []string {
	return []string{"number", session.String(), number}
}

func sessionLabel(session deliberation.ExamSession) []string {
	return []string{"session", session.String()}
}
