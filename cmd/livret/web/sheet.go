package web

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/nomenclature"
	"livret/domain/record"
	"livret/projections/wording"
)

// sheet is a form on which a whole division is filled, a line for each pupil and a column for each field.
type sheet struct {
	slug    string
	title   string
	about   string
	columns []column
	cycle   bool // of the last page of the cycle, which is filled in terminale
}

type column struct {
	field field
	short string // at the head of the column
	label string // in full; empty: the same
}

// sheets are what is written of a division besides its grids: by the professeur principal, the CPE and the head.
var sheets = [...]sheet{
	{slug: "avis", title: "Avis en vue de l’examen", cycle: true,
		about:   "L’avis est porté au nom de l’équipe pédagogique, une fois pour le cycle terminal ; un autre avis le remplace jusqu’au verrouillage.",
		columns: []column{{fieldAvis, "Avis de l’équipe", ""}, {fieldB2i, "B2i lycée délivré", ""}}},
	{slug: "engagements", title: "Engagements",
		about: "Chaque engagement se déclare une seule fois, en première ou en terminale, et reste au livret. L’observation du CPE est facultative et valorise l’élève.",
		columns: []column{{"C", "Classe", wording.Engagement("C")}, {"V", "CVL", wording.Engagement("V")}, {"A", "CA", wording.Engagement("A")},
			{"E", "CESC", wording.Engagement("E")}, {"S", "AS", wording.Engagement("S")}, {fieldOther, "Autre engagement", ""}, {fieldCPE, "Observation du CPE", ""}}},
	{slug: "investissement", title: "Avis sur l’investissement",
		about:   "L’avis de l’équipe et du CPE sur l’investissement de l’élève et sa participation à la vie du lycée, rédigé par le professeur principal.",
		columns: []column{{fieldTeam, "Avis de l’équipe", ""}}},
	{slug: "direction", title: "Observations du chef d’établissement",
		about:   "Les observations en vue de l’examen sont facultatives.",
		columns: []column{{fieldHead, "Observations", ""}}},
}

// open tells whether a role ever writes on the sheet.
func (s sheet) open(role string) bool {
	for _, c := range s.columns {
		if everMay(role, c.field.attempt(access.Actor{}, entry{}, domain.Date{}).act) {
			return true
		}
	}
	return false
}

// sheetPage is a sheet of a division.
type sheetPage struct {
	Order    uuid.UUID // drawn anew each time the sheet is shown
	Title    string
	About    string
	Year     nomenclature.SchoolYear
	Division string
	Columns  []sheetColumn
	Rows     []*sheetRow
	Notes    notes
	Writable bool
	Saved    int
	Problems []gridProblem
	HasText  bool
}

// sheetColumn is the heading of a column.
type sheetColumn struct {
	Short, Label string
	Text         bool
}

// sheetRow is one pupil.
type sheetRow struct {
	Number int // in the form
	Livret uuid.UUID
	Name   string
	Cells  []*gridCell
}

// sheetOf is the sheet of the address.
func sheetOf(r *http.Request) (sheet, error) {
	for _, s := range sheets {
		if s.slug == r.PathValue("sheet") {
			return s, nil
		}
	}
	return sheet{}, errNoPage
}

func (s *Site) sheet(r *http.Request) (view, error) {
	actor, err := s.actor(r)
	if err != nil {
		return view{}, err
	}
	page, err := s.showSheet(r, actor)
	if err != nil {
		return view{}, err
	}
	page.Saved, _ = number(r.URL.Query().Get("enregistre"), 10_000)
	return page.view(), nil
}

func (p *sheetPage) view() view {
	return view{Template: "feuille", Title: p.Title + ", " + p.Division, Data: p,
		Crumbs: []link{{"Accueil", "/"}, {"Classes", "/classes"}, {p.Division, divisionHref(p.Year, p.Division)}, {p.Title, ""}}}
}

// showSheet makes a sheet of those pupils whose livret the actor may read whole.
func (s *Site) showSheet(r *http.Request, actor access.Actor) (*sheetPage, error) {
	of, err := sheetOf(r)
	if err != nil {
		return nil, err
	}
	year, division, err := divisionOf(r)
	if err != nil {
		return nil, err
	}
	pupils, err := s.roster(r.Context(), actor, year, division)
	if err != nil {
		return nil, err
	}
	p := &sheetPage{Order: uuid.New(), Title: of.title, About: of.about, Year: year, Division: division}
	for _, c := range of.columns {
		p.Columns = append(p.Columns, sheetColumn{c.short, c.label, c.field.free()})
		p.HasText = p.HasText || c.field.free()
	}
	readable := false
	for _, pupil := range pupils {
		if access.May(actor, access.ReadFamilyView, s.latest(pupil.book), s.Today()) != nil {
			continue
		}
		if readable = true; of.cycle && pupil.State.Terminale() != year {
			continue
		}
		row := &sheetRow{Number: len(p.Rows) + 1, Livret: pupil.ID, Name: pupil.Name}
		for _, c := range of.columns {
			row.Cells = append(row.Cells, s.sheetCell(p, row, actor, pupil.book, c))
		}
		p.Rows = append(p.Rows, row)
	}
	if !readable {
		return nil, access.May(actor, access.ReadFamilyView, access.Target{}, s.Today())
	}
	if len(p.Rows) == 0 {
		return nil, errNoPage
	}
	return p, nil
}

func (s *Site) sheetCell(p *sheetPage, row *sheetRow, actor access.Actor, b book, of column) *gridCell {
	c := cell{Livret: b.ID, Enseignement: record.Enseignement{Year: p.Year}, Field: of.field}
	stands := c.in(b.State)
	out := &gridCell{Field: fmt.Sprintf("%s.%d", of.field, row.Number), Label: cmp.Or(of.label, of.short), Value: stands.Text, Was: stands.Text, Recorded: stands.Text != "", cell: c}
	if out.IsBox() && out.Recorded {
		return out // nothing unticks it
	}
	_, err := s.probe(actor, b, c)
	switch refusal, refused := asRefusal(err); {
	case err == nil:
		out.Editable, p.Writable = true, true
	case refused && !strings.HasPrefix(refusal.Rule, "acces-"):
		out.Note = p.Notes.add(*refusal)
	}
	return out
}

// IsBox, IsAvis and IsText tell how a cell of a sheet is written.
func (c *gridCell) IsBox() bool { return !c.IsAvis() && !c.IsText() }

// IsAvis tells whether one of the four avis is chosen.
func (c *gridCell) IsAvis() bool { return c.cell.Field == fieldAvis }

// IsText tells whether a free text is typed.
func (c *gridCell) IsText() bool { return c.cell.free() }

// shown is a value of the cell as a person reads it.
func (c *gridCell) shown(value string) string {
	if c.IsAvis() {
		return wording.Avis(record.Avis(value))
	}
	return value
}

// Shown is what the cell holds, as a person reads it.
func (c *gridCell) Shown() string { return c.shown(c.Was) }

// Avis lists those to choose from.
func (*sheetPage) Avis() []record.Avis {
	return []record.Avis{record.TresFavorable, record.Favorable, record.AssezFavorable, record.FaireSesPreuves}
}

// notes are reasons, numbered from 1.
type notes []domain.Refusal

// add numbers a reason, once.
func (n *notes) add(why domain.Refusal) int {
	for i, known := range *n {
		if known.Rule == why.Rule {
			return i + 1
		}
	}
	*n = append(*n, why)
	return len(*n)
}
