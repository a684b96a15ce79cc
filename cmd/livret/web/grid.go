package web

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"livret/domain/access"
	"livret/domain/nomenclature"
	"livret/domain/record"
	"livret/projections/wording"
)

// gridPage is one enseignement of a division: a line for each pupil who follows it, a cell for each period
// and one for the appreciation. It is one form, which works without a script.
type gridPage struct {
	Order    uuid.UUID `json:"-"` // drawn anew each time the grid is shown
	Year     nomenclature.SchoolYear
	Division string
	Label    string
	Teaching record.Enseignement
	Columns  []string // names of the periods
	Rows     []*gridRow
	Notes    notes // why some cells cannot be written
	Writable bool
	Corrects bool // the reader corrects averages, with a reason, and does not record them
	Saved    int
	Problems []gridProblem
}

// gridRow is one pupil.
type gridRow struct {
	Number  int // in the form
	Livret  uuid.UUID
	Name    string
	Version uint64 // of the record, as it is shown
	Href    string // of the livret, if it is open to the reader
	Marks   []*gridCell
	Text    *gridCell
}

// gridCell is one cell. Value is what stands, or what was typed and not taken; Was is what stands.
type gridCell struct {
	Field    string
	Label    string // for those who do not see the column
	Value    string
	Was      string
	Recorded bool
	Imported bool
	Editable bool
	Note     int    // why it is not editable; 0: it is, or nobody expects it
	Reason   string // typed, of a correction
	Error    string
	Suspect  []string // passages that the screening draws attention to
	Other    *other   // somebody else wrote meanwhile

	cell cell
}

// other is what stands in a cell instead of what its writer saw.
type other struct {
	Value string
	Role  string
	At    time.Time
}

// gridProblem is one line of the summary of what was not taken.
type gridProblem struct {
	Field, Pupil, What string
	Reason, Remedy     string

	conflict bool // somebody else wrote there meanwhile
}

// problem adds a line to the summary, and tells whether somebody else wrote there meanwhile.
func (p *gridPage) problem(one gridProblem) (conflict bool) {
	p.Problems = append(p.Problems, one)
	return one.conflict
}

func (s *Site) grid(r *http.Request) (view, error) {
	actor, err := s.actor(r)
	if err != nil {
		return view{}, err
	}
	page, err := s.showGrid(r, actor)
	if err != nil {
		return view{}, err
	}
	page.Saved, _ = number(r.URL.Query().Get("enregistre"), 10_000)
	return page.view(), nil
}

func (p *gridPage) view() view {
	return view{
		Template: "grille", Title: p.Label + ", " + p.Division, Data: p,
		Crumbs: []link{{"Accueil", "/"}, {"Classes", "/classes"}, {p.Division, divisionHref(p.Year, p.Division)}, {p.Label, ""}},
	}
}

// enseignement is that of the address.
func enseignement(r *http.Request) (e record.Enseignement, err error) {
	year, err := number(r.PathValue("year"), 9999)
	if err != nil {
		return e, err
	}
	rank, err := number(r.PathValue("rank"), 9)
	if err != nil {
		return e, err
	}
	matiere, err := nomenclature.ParseMatiere(r.PathValue("matiere"))
	if err != nil {
		return e, errNoPage
	}
	modalite, err := nomenclature.ParseModalite(r.PathValue("modalite"))
	if err != nil {
		return e, errNoPage
	}
	return record.Enseignement{Year: nomenclature.SchoolYear(year), Matiere: matiere, Modalite: modalite, Rank: uint8(rank)}, nil
}

// showGrid makes the grid of those pupils whom the actor may read in this enseignement.
func (s *Site) showGrid(r *http.Request, actor access.Actor) (*gridPage, error) {
	e, err := enseignement(r)
	if err != nil {
		return nil, err
	}
	p := &gridPage{Order: uuid.New(), Year: e.Year, Division: r.PathValue("division"), Teaching: e}
	pupils, err := s.roster(r.Context(), actor, e.Year, p.Division)
	if err != nil {
		return nil, err
	}
	today := s.Today()
	periods, marked := uint8(0), false
	for _, pupil := range pupils {
		line := pupil.State.Line(e)
		if line == nil || access.May(actor, access.ReadTeaching, s.line(pupil.book, e), today) != nil {
			continue
		}
		if p.Label == "" {
			p.Label = s.teaching(pupil.book, e, p.Division).Label
		}
		if year := pupil.State.Year(e.Year); year != nil {
			periods = max(periods, year.Periods)
		}
		row := &gridRow{Number: len(p.Rows) + 1, Livret: pupil.ID, Name: pupil.Name, Version: uint64(pupil.Version)}
		if access.May(actor, access.ReadFamilyView, s.latest(pupil.book), today) == nil {
			row.Href = "/livrets/" + pupil.ID.String()
		}
		for period := uint8(1); period <= 3; period++ {
			row.Marks = append(row.Marks, s.gridCell(p, row, actor, pupil.book, cell{Livret: pupil.ID, Enseignement: e, Period: period}))
		}
		row.Text = s.gridCell(p, row, actor, pupil.book, cell{Livret: pupil.ID, Enseignement: e})
		p.Rows = append(p.Rows, row)
	}
	if len(p.Rows) == 0 {
		return nil, access.May(actor, access.ReadTeaching, access.Target{}, today)
	}
	for _, row := range p.Rows {
		for _, c := range row.Marks {
			marked = marked || c.Recorded || c.Editable || c.Note != 0 && p.Notes[c.Note-1].Rule != "enseignement-non-note"
		}
	}
	if !marked {
		periods = 0
	}
	for _, row := range p.Rows {
		row.Marks = row.Marks[:periods]
	}
	for period := range periods {
		p.Columns = append(p.Columns, wording.PeriodName(period+1, periods))
	}
	p.dropUnusedNotes()
	return p, nil
}

// gridCell makes a cell as it stands.
func (s *Site) gridCell(p *gridPage, row *gridRow, actor access.Actor, b book, c cell) *gridCell {
	stands := c.in(b.State)
	out := &gridCell{Field: fmt.Sprintf("t%d.%d", c.Period, row.Number), Recorded: stands.Sequence != 0, Imported: stands.Imported, cell: c}
	out.Label = "Appréciation"
	if out.Was = stands.Text; c.Period != 0 {
		out.Label = "Moyenne"
		if year := b.State.Year(c.Enseignement.Year); year != nil {
			out.Label = wording.PeriodName(c.Period, year.Periods)
		}
		if out.Recorded {
			out.Was = writeMark(stands.Mark)
		}
	}
	out.Value = out.Was
	corrects, err := s.probe(actor, b, c)
	switch refusal, refused := asRefusal(err); {
	case err == nil:
		out.Editable, p.Writable, p.Corrects = true, true, p.Corrects || corrects
	case refused && !strings.HasPrefix(refusal.Rule, "acces-"):
		out.Note = p.Notes.add(*refusal)
	}
	return out
}

// dropUnusedNotes leaves the reasons that cells still point at, in the order of the page.
func (p *gridPage) dropUnusedNotes() {
	var kept notes
	p.eachCell(func(_ *gridRow, c *gridCell) {
		if c.Note != 0 {
			c.Note = kept.add(p.Notes[c.Note-1])
		}
	})
	p.Notes = kept
}

func (p *gridPage) eachCell(do func(*gridRow, *gridCell)) {
	for _, row := range p.Rows {
		for _, c := range row.Marks {
			do(row, c)
		}
		do(row, row.Text)
	}
}
