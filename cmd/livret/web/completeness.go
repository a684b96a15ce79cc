package web

import (
	"fmt"
	"net/http"

	"github.com/google/uuid"

	"livret/cmd/livret/board"
	"livret/domain/access"
	"livret/domain/nomenclature"
	"livret/domain/record"
)

// completenessPage is what the livrets of a division lack, as far as the reader may know.
type completenessPage struct {
	board.Board
	Whole bool // the reader reads whole livrets here, and not his own enseignements only
}

func (s *Site) completeness(r *http.Request) (view, error) {
	v := view{Template: "completude"}
	actor, err := s.actor(r)
	if err != nil {
		return v, err
	}
	page, err := s.showCompleteness(r, actor)
	v.Data, v.Title = page, "Complétude, "+page.Division
	v.Crumbs = []link{{"Accueil", "/"}, {"Classes", "/classes"}, {page.Division, divisionHref(page.Year, page.Division)}, {"Complétude", ""}}
	return v, err
}

func (s *Site) showCompleteness(r *http.Request, actor access.Actor) (page completenessPage, err error) {
	year, division, err := divisionOf(r)
	if err != nil {
		return page, err
	}
	pupils, err := s.roster(r.Context(), actor, year, division)
	if err != nil {
		return page, err
	}
	today := s.Today()
	whole := make(map[string]bool)
	var measured []board.Pupil
	for _, p := range pupils {
		m := board.Pupil{Livret: p.ID, Name: p.Name, State: p.State}
		if access.May(actor, access.ReadFamilyView, s.latest(p.book), today) == nil {
			whole[p.ID.String()], page.Whole = true, true
		} else {
			m.Sees = func(e record.Enseignement) bool {
				return access.May(actor, access.ReadTeaching, s.line(p.book, e), today) == nil
			}
		}
		measured = append(measured, m)
	}
	if page.Board, err = s.Board(r.Context(), year, division, measured); err != nil {
		return page, err
	}
	for n := range page.Pupils {
		row := &page.Pupils[n]
		if whole[row.Livret.String()] {
			row.Href = "/livrets/" + row.Livret.String()
		}
		for _, part := range append(row.Parts[:len(row.Parts):len(row.Parts)], row.Explained...) {
			for g := range part.Gaps {
				part.Gaps[g].Href = s.gapHref(actor, part.Gaps[g].Gap, row, division, pupils[n].book)
			}
		}
	}
	for _, t := range page.Teachings {
		if everMay(actor.Role, access.ReadTeaching) {
			t.Href = teachingHref(t.Enseignement, division)
		}
	}
	return page, nil
}

// gapHref is where a gap is filled: the cell of the grid. What has no line yet has no grid.
func (s *Site) gapHref(actor access.Actor, g record.Gap, row *board.Row, division string, b book) string {
	if b.State.Line(g.Enseignement) == nil || access.May(actor, access.ReadTeaching, s.line(b, g.Enseignement), s.Today()) != nil {
		return ""
	}
	return fmt.Sprintf("%s#%s", teachingHref(g.Enseignement, division), cellAnchor(row.Livret, g.Period))
}

// divisionOf is that of the address.
func divisionOf(r *http.Request) (nomenclature.SchoolYear, string, error) {
	year, err := number(r.PathValue("year"), 9999)
	return nomenclature.SchoolYear(year), r.PathValue("division"), err
}

// cellAnchor names the cell of a pupil in the page of a grid; period 0 is the appreciation.
func cellAnchor(livret uuid.UUID, period uint8) string { return fmt.Sprintf("c%d.%s", period, livret) }

// Anchor is where a link to the cell leads.
func (c *gridCell) Anchor() string { return cellAnchor(c.cell.Livret, c.cell.Period) }
