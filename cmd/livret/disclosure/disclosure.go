// Package disclosure writes the copy of all that is held on a pupil, which he may ask for (RGPD, art. 15): one page
// to read and one file for programs, in one archive.
package disclosure

import (
	"archive/zip"
	_ "embed"
	"encoding/json"
	"html/template"
	"io"
	"time"

	"github.com/google/uuid"

	"livret/cmd/livret/chronicle"
	"livret/domain"
	"livret/domain/record"
	"livret/projections/discipline"
	"livret/projections/family"
	"livret/projections/wording"
)

// Disclosure is all that the ledger holds on a pupil for one livret. What would tell of somebody else, such as who
// asked for a hold and why, is not in it.
type Disclosure struct {
	Livret        uuid.UUID                `json:"livret"`
	On            domain.Date              `json:"on"`
	Content       family.Livret            `json:"content"`
	Rights        record.Rights            `json:"rights"`
	Candidatures  []Candidature            `json:"candidatures"`
	Sanctions     []discipline.Entry       `json:"sanctions"`
	School        []discipline.SchoolEntry `json:"schoolSanctions"`
	Consultations []Consultation           `json:"consultations"`
	Clocks        []Clock                  `json:"clocks"`
	Holds         int                      `json:"holds"` // that keep the livret beyond its term
	History       []chronicle.Line         `json:"history"`
}

// Candidature is the pupil before the juries of a session.
type Candidature struct {
	Session     string   `json:"session"`
	Number      string   `json:"number,omitempty"` // for the family only: a school may not link it to a pupil
	Transmitted bool     `json:"transmitted"`
	Results     []string `json:"results,omitempty"` // once proclaimed
	Orientation string   `json:"orientation,omitempty"`
}

// Consultation is one reading of the livret.
type Consultation struct {
	At   time.Time `json:"at"`
	Role string    `json:"role"`
	Who  string    `json:"who,omitempty"` // of staff
}

// Clock is how long something is kept.
type Clock struct {
	What string      `json:"what"`
	From domain.Date `json:"from,omitzero"`
	Term domain.Date `json:"term"`
}

//go:embed disclosure.html
var page string

// Names of the files of the archive.
const (
	HTMLName = "donnees.html"
	JSONName = "donnees.json"
)

// Write writes the archive. Its file names and dates tell nothing of the pupil.
func (d Disclosure) Write(w io.Writer) error {
	t, err := template.New("disclosure").Funcs(template.FuncMap{
		"date":   wording.Date,
		"moment": func(at time.Time) string { return at.Format("02/01/2006 15:04:05") + " UTC" },
		"ground": wording.Ground,
	}).Parse(page)
	if err != nil {
		return err
	}
	archive := zip.NewWriter(w)
	human, err := archive.Create(HTMLName)
	if err == nil {
		err = t.Execute(human, d)
	}
	if err != nil {
		return err
	}
	machine, err := archive.Create(JSONName)
	if err != nil {
		return err
	}
	encoder := json.NewEncoder(machine)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(d); err != nil {
		return err
	}
	return archive.Close()
}
