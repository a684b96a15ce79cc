package jury

import (
	"encoding/json"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/deliberation"
)

// candidateRow is the fold of a candidate stream. The link to the livret stays in here: sealed, and in no
// dossier.
type candidateRow struct{ *deliberation.Candidate }

// Apply adds a fact about the candidate.
func (r *candidateRow) Apply(f domain.Fact) error {
	r.Candidate = deliberation.CandidateDecider.Evolve(r.Candidate, f)
	return nil
}

// Marshal gives the row's canonical CBOR.
func (r *candidateRow) Marshal() ([]byte, error) { return cbor.Marshal(r.Candidate) }

// Unmarshal reads what Marshal wrote.
func (r *candidateRow) Unmarshal(plain []byte) error { return cbor.Unmarshal(plain, &r.Candidate) }

// Labels finds a candidate by his number or his livret, all candidates of a session, and those before a jury.
func (r *candidateRow) Labels() [][]string {
	if r.Number == "" {
		return nil
	}
	labels := [][]string{numberLabel(r.Session, r.Number), sessionLabel(r.Session), livretLabel(r.Session, r.Livret)}
	if r.Jury != uuid.Nil {
		labels = append(labels, juryLabel(r.Jury))
	}
	return labels
}

func numberLabel(session deliberation.ExamSession, number string) []string {
	return []string{"number", session.String(), number}
}

func sessionLabel(session deliberation.ExamSession) []string {
	return []string{"session", session.String()}
}

func livretLabel(session deliberation.ExamSession, livret uuid.UUID) []string {
	return []string{"livret", session.String(), livret.String()}
}

func juryLabel(jury uuid.UUID) []string { return []string{"jury", jury.String()} }

// juryRow is the fold of a jury stream, in clear as the stream is: it names nobody.
type juryRow struct{ *deliberation.Jury }

// Apply adds a fact about the jury.
func (r *juryRow) Apply(f domain.Fact) error {
	r.Jury = deliberation.JuryDecider.Evolve(r.Jury, f)
	return nil
}

// Marshal gives the row's JSON, which knows dates.
func (r *juryRow) Marshal() ([]byte, error) { return json.Marshal(r.Jury) }

// Unmarshal reads what Marshal wrote.
func (r *juryRow) Unmarshal(plain []byte) error { return json.Unmarshal(plain, r.Jury) }

// Labels finds the juries of a session.
func (r *juryRow) Labels() [][]string {
	if r.Number == "" {
		return nil
	}
	return [][]string{juriesLabel(r.Session)}
}

func juriesLabel(session deliberation.ExamSession) []string {
	return []string{"juries", session.String()}
}
