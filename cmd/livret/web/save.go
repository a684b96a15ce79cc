package web

import (
	"context"
	"fmt"
	"net/http"

	"livret/domain/access"
	"livret/domain/masking"
	"livret/domain/record"
)

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
			page.Writable = true
			if page.problem(s.giveBack(r.Context(), row.Name, c, f)) {
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

// giveBack puts what was typed back into its cell, with the reason. If somebody else wrote there meanwhile, both
// values are shown, and the writer decides.
func (s *Site) giveBack(ctx context.Context, pupil string, c *gridCell, f failure) gridProblem {
	p := s.known(f.err)
	problem := gridProblem{Field: c.Field, Pupil: pupil, What: c.Label, Reason: p.Detail, Remedy: p.Remedy}
	c.Value, c.Reason, c.Error = f.typed, f.Reason, p.Detail
	if suspect, is := f.err.(*suspectText); is {
		c.Suspect = passages(record.Tidy(f.typed), suspect.passages)
	}
	if p.Code == replaced.Code {
		problem.conflict = true
		c.Other = s.other(ctx, c)
		problem.Reason = "Quelqu’un d’autre a écrit ici pendant votre saisie."
		problem.Remedy = "Comparez les deux valeurs : enregistrez de nouveau pour mettre la vôtre, ou rétablissez l’autre."
		c.Error = problem.Reason
	}
	c.Editable = true // so that nothing typed is lost; it is refused again as long as it must
	return problem
}

// other tells what somebody else wrote, in what role and when.
func (s *Site) other(ctx context.Context, c *gridCell) *other {
	o := &other{Value: c.shown(c.Was)}
	shown, err := s.Family.Show(ctx, c.cell.Livret)
	if err != nil {
		return o
	}
	if c.cell.Field != "" {
		if by := c.cell.Field.by(shown, c.cell.Enseignement.Year); by != nil {
			o.Role, o.At = by.RoleLabel, by.At
		}
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
