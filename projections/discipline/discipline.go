// Package discipline is the view of the decisions of the discipline commission: for the exams division, all of
// them with the names of those sanctioned; for a pupil and his family, what is entered in their livret.
//
// An entry and its subject are rows of their own, under keys of their own, and end on the same day, which has
// nothing to do with that of a livret. Past its term, an entry is shown to nobody, destroyed or not.
package discipline

import (
	"encoding/json"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/identity"
	"livret/domain/nomenclature"
	"livret/domain/retention"
	"livret/domain/sanction"
	"livret/eventstore/keyvault"
	"livret/projections"
)

// Projection folds the view.
func Projection() projections.Projection {
	return projections.Projection{
		Name:       "discipline.v1",
		Categories: []string{sanction.Category, sanction.SchoolCategory, identity.SubjectCategory},
		Classes:    []keyvault.Class{keyvault.Sanction, keyvault.SchoolSanction, keyvault.Subject},
		New: func(category string) projections.Folder {
			switch category {
			case identity.SubjectCategory:
				return new(subjectRow)
			case sanction.SchoolCategory:
				return new(schoolRow)
			}
			return new(entryRow)
		},
	}
}

// entryRow is the fold of a sanction stream.
type entryRow struct{ sanction.Sanction }

// Apply adds a fact about the sanction.
func (r *entryRow) Apply(f domain.Fact) error {
	r.Sanction.Apply(f.Event)
	return nil
}

// Marshal gives the row's JSON.
func (r *entryRow) Marshal() ([]byte, error) { return json.Marshal(r.Sanction) }

// Unmarshal reads what Marshal wrote.
func (r *entryRow) Unmarshal(plain []byte) error { return json.Unmarshal(plain, &r.Sanction) }

// Labels finds all sanctions, and those of a livret.
func (r *entryRow) Labels() [][]string {
	labels := [][]string{everyLabel()}
	for _, livret := range r.Livrets {
		labels = append(labels, livretLabel(livret))
	}
	return labels
}

func everyLabel() []string { return []string{"every"} }

func livretLabel(livret uuid.UUID) []string { return []string{"livret", livret.String()} }

// term is the day from which the entry is shown to nobody; zero as long as there is none.
func (r *entryRow) term() domain.Date {
	pronounced, ends, ok := r.Clock()
	if !ok {
		return domain.Date{}
	}
	return retention.SanctionTerm(pronounced, ends)
}

// over tells whether the term is reached on a day.
func (r *entryRow) over(on domain.Date) bool {
	term := r.term()
	return !term.IsZero() && !on.Before(term)
}

// subjectRow is the fold of a subject stream.
type subjectRow struct{ identity.SubjectIdentified }

// Apply adds the fact that identifies the subject.
func (r *subjectRow) Apply(f domain.Fact) error {
	if e, ok := f.Event.(identity.SubjectIdentified); ok {
		r.SubjectIdentified = e
	}
	return nil
}

// Marshal gives the row's JSON.
func (r *subjectRow) Marshal() ([]byte, error) { return json.Marshal(r.SubjectIdentified) }

// Unmarshal reads what Marshal wrote.
func (r *subjectRow) Unmarshal(plain []byte) error {
	return json.Unmarshal(plain, &r.SubjectIdentified)
}

// Labels is none: a subject is found through his sanction.
func (r *subjectRow) Labels() [][]string { return nil }

// Entry is a sanction as it stands. A date that is left out did not come.
type Entry struct {
	Sanction   uuid.UUID          `json:"sanction"`
	Subject    *Subject           `json:"subject,omitempty"` // for the exams division only
	Opened     domain.Date        `json:"opened,omitzero"`   // of the proceedings
	Kind       sanction.Kind      `json:"kind,omitempty"`    // empty while they are under way
	KindLabel  string             `json:"kindLabel,omitempty"`
	Ends       domain.Date        `json:"ends,omitzero"`
	Suspended  bool               `json:"suspended,omitempty"`
	Authority  sanction.Authority `json:"authority,omitempty"`
	Pronounced domain.Date        `json:"pronounced,omitzero"`
	Entered    bool               `json:"entered,omitempty"` // in the livret
	Amended    domain.Date        `json:"amended,omitzero"`
	Revoked    domain.Date        `json:"revoked,omitzero"`
	Voided     []sanction.Scope   `json:"voided,omitempty"`
	Term       domain.Date        `json:"term,omitzero"`
	Livrets    []uuid.UUID        `json:"livrets,omitempty"` // for the exams division only
	Incomplete bool               `json:"incomplete,omitempty"`
}

// Subject is who was sanctioned.
type Subject struct {
	ListName   string                  `json:"listName"`
	FamilyName string                  `json:"familyName"`
	FirstNames []string                `json:"firstNames"`
	BirthDate  string                  `json:"birthDate,omitempty"`
	INE        string                  `json:"ine,omitempty"`
	Session    nomenclature.SchoolYear `json:"session"`
}

func (r *entryRow) entry(id uuid.UUID) Entry {
	e := Entry{
		Sanction: id, Opened: r.Opened, Kind: r.Kind, Ends: r.Ends, Suspended: r.Suspended, Authority: r.Decision.Authority,
		Pronounced: r.Decision.Pronounced, Entered: r.Entered(), Amended: r.Amended, Revoked: r.Revoked, Voided: r.Voided, Term: r.term(),
	}
	if e.Kind != "" {
		e.KindLabel = e.Kind.Label()
	}
	return e
}

func (r *subjectRow) subject() *Subject {
	return &Subject{
		ListName: r.ListName(), FamilyName: r.FamilyName, FirstNames: r.FirstNames, BirthDate: r.BirthDate, INE: r.INE, Session: r.Session,
	}
}
