package web

import (
	"fmt"
	"net/http"
	"strconv"

	"livret/domain/access"
	"livret/domain/nomenclature"
	"livret/projections/statistics"
)

// statisticsPage is the publication in force of one session. A session without publication has none.
type statisticsPage struct {
	Session     nomenclature.SchoolYear
	Sessions    []nomenclature.SchoolYear // that have one, latest first
	Publication *statistics.Publication
	All         []statistics.Publication // of the session, oldest first
}

// Results are the pictures of the fourth table.
func (p statisticsPage) Results() []chart {
	return charts("resultats", "results", p.Publication.Results)
}

// Orientations are those of the fifth table.
func (p statisticsPage) Orientations() []chart {
	return charts("orientations", "orientations", p.Publication.Orientations)
}

func (s *Site) statistics(r *http.Request) (view, error) {
	v := view{Template: "statistiques", Title: "Statistiques publiées", Crumbs: []link{{"Accueil", "/"}, {"Statistiques", ""}}}
	actor, err := s.actor(r)
	if err != nil {
		return v, err
	}
	v.Data, err = s.showStatistics(r, actor)
	return v, err
}

func (s *Site) showStatistics(r *http.Request, actor access.Actor) (statisticsPage, error) {
	var page statisticsPage
	if asked := r.PathValue("session"); asked != "" {
		year, err := number(asked, 9999)
		if err != nil {
			return page, errNoPage
		}
		page.Session = nomenclature.SchoolYear(year)
	}
	// A livret prepares an exam of this year or of one of the next two; earlier sessions stay published.
	now := nomenclature.SchoolYear(s.Ledger.Now().Year())
	for session := now + 2; session > now-10; session-- {
		all, err := s.Publications(r.Context(), actor, session)
		if err != nil {
			return page, err
		}
		if len(all) == 0 {
			continue
		}
		page.Sessions = append(page.Sessions, session)
		if page.Session == 0 || page.Session == session {
			page.Session, page.All, page.Publication = session, all, &all[len(all)-1]
		}
	}
	if page.Session == 0 {
		page.Session = now
	}
	return page, nil
}

// number reads a number of an address: decimal digits, from 1 to limit.
func number(text string, limit int) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > limit || strconv.Itoa(n) != text {
		return 0, errNoPage
	}
	return n, nil
}

// Marks is the first table, cut by school year and level, then by enseignement.
func (p statisticsPage) Marks() []marksTable {
	var tables []marksTable
	for _, row := range p.Publication.Marks {
		last := len(tables) - 1
		if year := row.Year.Label(); last < 0 || tables[last].Year != year || tables[last].Niveau != row.Niveau {
			tables = append(tables, marksTable{ID: fmt.Sprintf("moyennes-%d", len(tables)+1), Year: year, Niveau: row.Niveau})
			last++
		}
		t := &tables[last]
		if n := len(t.Courses); n == 0 || t.Courses[n-1].Course != row.Course {
			t.Courses = append(t.Courses, courseRows{Label: row.Label, Course: row.Course, Secret: true})
		}
		c := &t.Courses[len(t.Courses)-1]
		c.Rows = append(c.Rows, row)
		c.Secret = c.Secret && row.Withheld
	}
	return tables
}

type marksTable struct {
	ID      string
	Year    string
	Niveau  nomenclature.Niveau
	Courses []courseRows
}

// courseRows is one enseignement in all séries; Secret if nothing of it may be shown.
type courseRows struct {
	statistics.Course
	Label  string
	Secret bool
	Rows   []statistics.MarksRow
}

// Matrices is the second table: for each série the lower half of a square, which says everything.
func (p statisticsPage) Matrices() []matrix {
	var all []matrix
	for _, c := range p.Publication.Correlations {
		m := matrix{ID: fmt.Sprintf("correlations-%d", len(all)+1), Serie: c.Serie}
		for i, course := range c.Courses {
			m.Rows = append(m.Rows, matrixRow{courseLabel(course, c.Courses), make([]matrixCell, i)})
		}
		for _, pair := range c.Pairs {
			m.Rows[max(pair.A, pair.B)].Cells[min(pair.A, pair.B)] = matrixCell{thousandths(pair.Coefficient), max(pair.Coefficient, -pair.Coefficient) / 250}
		}
		all = append(all, m)
	}
	return all
}

type matrix struct {
	ID    string
	Serie nomenclature.Serie
	Rows  []matrixRow // each with as many cells as there are rows before it
}

// Columns is all rows but the last.
func (m matrix) Columns() []matrixRow { return m.Rows[:max(0, len(m.Rows)-1)] }

type matrixRow struct {
	Label string
	Cells []matrixCell
}

// matrixCell is a coefficient, and how strong it is, from 0 to 4, to shade it.
type matrixCell struct {
	Text     string
	Strength int
}
