package web

import (
	"fmt"
	"net/http"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/nomenclature"
	"livret/domain/record"
)

// saveSheet writes what was changed in a sheet, as saveGrid does in a grid.
func (s *Site) saveSheet(r *http.Request) (view, error) {
	actor, err := s.actor(r)
	if err != nil {
		return view{}, err
	}
	form, err := readForm(r)
	if err != nil {
		return view{}, err
	}
	of, err := sheetOf(r)
	if err != nil {
		return view{}, err
	}
	before, err := s.showSheet(r, actor)
	if err != nil {
		return view{}, err
	}
	saved, failed, err := s.takeAll(r.Context(), actor, form.fields(of, before.Year))
	if saved > 0 {
		s.catchUp(r)
	}
	if err != nil {
		return view{}, err
	}
	if len(failed) == 0 {
		return view{Location: fmt.Sprintf("%s?enregistre=%d", r.URL.EscapedPath(), saved)}, nil
	}
	page, err := s.showSheet(r, actor)
	if err != nil {
		return view{}, err
	}
	page.Saved, page.Writable = saved, true
	v := page.view()
	v.Status = http.StatusUnprocessableEntity
	for _, row := range page.Rows {
		for _, c := range row.Cells {
			if f, ok := failed[c.cell]; ok {
				problem := s.giveBack(r.Context(), row.Name, c, f)
				page.Problems = append(page.Problems, problem)
				if problem.conflict {
					v.Status = http.StatusConflict
				}
			}
		}
	}
	return v, nil
}

// fields lists the fields of a sheet that their writer changed. Fresh is what he saw: was.avis.7 of avis.7.
func (f gridForm) fields(of sheet, year nomenclature.SchoolYear) []formEntry {
	var changed []formEntry
	for row := 1; row <= maxRows; row++ {
		livret, err := uuid.Parse(f.Get(fmt.Sprintf("livret.%d", row)))
		if err != nil {
			break
		}
		for _, c := range of.columns {
			name := fmt.Sprintf("%s.%d", c.field, row)
			was := f.Get("was." + name)
			if !f.Has(name) || same(f.Get(name), was) {
				continue
			}
			e := formEntry{typed: f.Get(name)}
			e.cell = cell{Livret: livret, Enseignement: record.Enseignement{Year: year}, Field: c.field}
			e.ID = orderID(f.order, e.cell, e.typed)
			e.Fresh = func(stands standing) bool {
				return stands.Text == record.Tidy(was) || stands.Text == record.Tidy(e.typed)
			}
			if f.screened(&e, name); record.Tidy(e.Text) == "" {
				e.err = domain.Refuse("champ-vide", "Vider un champ n’efface pas ce qui est inscrit.", "Remplacez-le, ou rétablissez ce qui était là.")
			}
			changed = append(changed, e)
		}
	}
	return changed
}
