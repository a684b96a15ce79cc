package web

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/masking"
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
	Notes    []domain.Refusal // why some cells cannot be written, numbered from 1
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
			row.Marks = append(row.Marks, s.gridCell(p, row, actor, pupil.book, cell{pupil.ID, e, period}))
		}
		row.Text = s.gridCell(p, row, actor, pupil.book, cell{pupil.ID, e, 0})
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
		out.Note = p.note(*refusal)
	}
	return out
}

// note numbers a reason, once.
func (p *gridPage) note(why domain.Refusal) int {
	for i, n := range p.Notes {
		if n.Rule == why.Rule {
			return i + 1
		}
	}
	p.Notes = append(p.Notes, why)
	return len(p.Notes)
}

// dropUnusedNotes leaves the reasons that cells still point at, in the order of the page.
func (p *gridPage) dropUnusedNotes() {
	var kept gridPage
	p.eachCell(func(_ *gridRow, c *gridCell) {
		if c.Note != 0 {
			c.Note = kept.note(p.Notes[c.Note-1])
		}
	})
	p.Notes = kept.Notes
}

func (p *gridPage) eachCell(do func(*gridRow, *gridCell)) {
	for _, row := range p.Rows {
		for _, c := range row.Marks {
			do(row, c)
		}
		do(row, row.Text)
	}
}

// saveGrid writes what was changed in the form. What is taken stands, cell by cell; what is not comes back
// as it was typed, with the reason.
func (s *Site) saveGrid(r *http.Request) (view, error) {
	actor, err := s.actor(r)
	if err != nil {
		return view{}, err
	}
	form, err := readForm(r)
	if err != nil {
		return view{}, err
	}
	before, err := s.showGrid(r, actor)
	if err != nil {
		return view{}, err
	}
	saved, failed, err := s.takeAll(r.Context(), actor, form.entries(before.Teaching))
	if saved > 0 {
		s.catchUp(r)
	}
	if err != nil {
		return view{}, err
	}
	if len(failed) == 0 {
		return view{Location: fmt.Sprintf("%s?enregistre=%d", r.URL.EscapedPath(), saved)}, nil
	}
	page, err := s.showGrid(r, actor)
	if err != nil {
		return view{}, err
	}
	page.Saved = saved
	v := page.view()
	v.Status = http.StatusUnprocessableEntity
	page.eachCell(func(row *gridRow, c *gridCell) {
		if f, ok := failed[c.cell]; ok {
			if s.giveBack(r.Context(), page, row, c, f) {
				v.Status = http.StatusConflict
			}
		}
	})
	return v, nil
}

// takeAll writes what it can, and answers the entries that were refused. A failure of ours ends it.
func (s *Site) takeAll(ctx context.Context, actor access.Actor, entries []formEntry) (saved int, failed map[cell]failure, err error) {
	failed = make(map[cell]failure)
	for _, e := range entries {
		err := e.err
		if err == nil {
			err = s.take(ctx, actor, e.entry)
		}
		switch {
		case err == nil:
			saved++
		case s.known(err).Status == 0:
			return saved, failed, err
		default:
			failed[e.cell] = failure{e, err}
		}
	}
	return saved, failed, nil
}

// take writes one entry. A form that comes back late, after others wrote, is not said to have been saved.
func (s *Site) take(ctx context.Context, actor access.Actor, e entry) error {
	result, err := s.write(ctx, actor, e)
	if err != nil || !result.Replay {
		return err
	}
	b, err := s.load(ctx, e.Livret)
	if err != nil {
		return err
	}
	if stands := e.in(b.State); stands.Mark != e.Mark || stands.Text != record.Tidy(e.Text) {
		return errMoved
	}
	return nil
}

// catchUp shows what was written. It is written all the same if that fails: the views will catch up later.
func (s *Site) catchUp(r *http.Request) {
	if err := s.CatchUp(r.Context()); err != nil {
		s.log.Error("views did not catch up", "route", r.Pattern, "error", err.Error())
	}
}

// failure is an entry that was not taken.
type failure struct {
	formEntry
	err error
}

// giveBack puts what was typed back into its cell, with the reason. It tells whether somebody else wrote
// there meanwhile: then both values are shown, and the writer decides.
func (s *Site) giveBack(ctx context.Context, page *gridPage, row *gridRow, c *gridCell, f failure) (conflict bool) {
	p := s.known(f.err)
	problem := gridProblem{Field: c.Field, Pupil: row.Name, What: c.Label, Reason: p.Detail, Remedy: p.Remedy}
	c.Value, c.Reason, c.Error = f.typed, f.Reason, p.Detail
	if suspect, is := f.err.(*suspectText); is {
		c.Suspect = passages(record.Tidy(f.typed), suspect.passages)
	}
	if p.Code == replaced.Code {
		conflict = true
		c.Other = s.other(ctx, c)
		problem.Reason = "Quelqu’un d’autre a écrit ici pendant votre saisie."
		problem.Remedy = "Comparez les deux valeurs : enregistrez de nouveau pour mettre la vôtre, ou rétablissez l’autre."
		c.Error = problem.Reason
	}
	if !c.Editable {
		c.Editable, page.Writable = true, true // so that nothing typed is lost; it is refused again as long as it must
	}
	page.Problems = append(page.Problems, problem)
	return conflict
}

// other tells what somebody else wrote, in what role and when.
func (s *Site) other(ctx context.Context, c *gridCell) *other {
	o := &other{Value: c.Was}
	shown, err := s.Family.Show(ctx, c.cell.Livret)
	if err != nil {
		return o
	}
	for _, y := range shown.Years {
		for _, g := range y.Groups {
			for _, l := range g.Lines {
				if e := c.cell.Enseignement; y.Year != e.Year || l.Matiere != e.Matiere || l.Modalite != e.Modalite || l.Rank != e.Rank {
					continue
				}
				switch period := int(c.cell.Period); {
				case period == 0 && l.Appreciation != nil:
					o.Role, o.At = l.Appreciation.By.RoleLabel, l.Appreciation.By.At
				case period > 0 && period <= len(l.Periods) && l.Periods[period-1] != nil:
					o.Role, o.At = l.Periods[period-1].By.RoleLabel, l.Periods[period-1].By.At
				}
			}
		}
	}
	return o
}

func passages(text string, warnings []masking.Warning) []string {
	runes := []rune(text)
	var all []string
	for _, w := range warnings {
		if w.Span.From >= 0 && w.Span.From < w.Span.To && w.Span.To <= len(runes) {
			all = append(all, string(runes[w.Span.From:w.Span.To]))
		}
	}
	return all
}
