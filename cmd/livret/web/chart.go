package web

import (
	"cmp"
	"fmt"
	"slices"

	"livret/domain/nomenclature"
	"livret/projections/statistics"
)

// chart is the picture of a table of outcomes for one série: a bar for each band of averages, cut as its pupils
// are shared. It is drawn in per cent of the width it is given, so that it stands on a phone as on a screen, and
// its table stands beside it.
type chart struct {
	ID      string
	Serie   nomenclature.Serie // empty: all
	Palette string             // class of its colours
	Height  int                // pixels
	Bars    []bar
	Legend  []part // each kind of part once, in the order of the categories
}

// bar is one row: a line of text, and under it the bar. Withheld ones are drawn empty, and say so.
type bar struct {
	statistics.OutcomeRow
	Text, Top, Middle int // places from the top of the picture, in pixels
	Parts             []part
}

// part is a category of a bar, or several put together because they are too small.
type part struct {
	statistics.Segment
	X, Width, Centre string // per cent of the width
	Wide             bool   // wide enough for its share to be written in it
}

const (
	barStep, barHeight = 54, 26
	widePart           = 1100 // hundredths of a per cent
)

// Together tells whether the part is several categories.
func (p part) Together() bool { return p.First != p.Last }

// charts are the pictures of a table, that of all séries first.
func charts(name, palette string, rows []statistics.OutcomeRow) []chart {
	var all []chart
	for _, row := range rows {
		i := slices.IndexFunc(all, func(c chart) bool { return c.Serie == row.Serie })
		if i < 0 {
			i = len(all)
			all = append(all, chart{Serie: row.Serie, Palette: palette})
		}
		all[i].add(row)
	}
	slices.SortFunc(all, func(a, b chart) int { return cmp.Compare(a.Serie, b.Serie) })
	for i := range all {
		all[i].ID = fmt.Sprintf("%s-%d", name, i+1)
	}
	return all
}

func (c *chart) add(row statistics.OutcomeRow) {
	top := len(c.Bars)*barStep + 22
	b := bar{OutcomeRow: row, Text: top - 6, Top: top, Middle: top + barHeight/2 + 4}
	x := 0
	for _, s := range row.Distribution {
		if s.Count == 0 {
			continue
		}
		p := part{Segment: s, X: hundredths(x), Width: hundredths(s.Share), Centre: hundredths(x + s.Share/2), Wide: s.Share >= widePart}
		x += s.Share
		b.Parts = append(b.Parts, p)
		if !slices.ContainsFunc(c.Legend, func(l part) bool { return l.Label == p.Label }) {
			c.Legend = append(c.Legend, p)
		}
	}
	slices.SortFunc(c.Legend, func(a, b part) int { return cmp.Or(a.First-b.First, a.Last-b.Last) })
	c.Bars = append(c.Bars, b)
	c.Height = len(c.Bars)*barStep + 4
}

// hundredths writes hundredths of a per cent as an attribute of SVG wants them: "12.50%".
func hundredths(n int) string { return fmt.Sprintf("%d.%02d%%", n/100, n%100) }

// scatter is the picture of the sixth table for one série: each enseignement's coefficients on a line from -1 to 1.
type scatter struct {
	ID         string
	Serie      nomenclature.Serie
	Height     int
	Rows       []scatterRow
	Indicators []statistics.Indicator // columns of the table
}

type scatterRow struct {
	Label      string
	Text, Line int         // places from the top of the picture, in pixels
	Points     []linkPoint // of the indicators that are drawn
	Cells      []linkCell  // one for each column
}

// linkPoint is a coefficient on its line: a disc for admission, a square for a mention.
type linkPoint struct {
	Indicator statistics.Indicator
	X         string
	Text      string
}

// linkCell is a coefficient in the table; empty if it is withheld.
type linkCell struct {
	Text       string
	Count, Yes int64
	Strength   int
}

// Scatters are the pictures of the sixth table.
func (p statisticsPage) Scatters() []scatter {
	var all []scatter
	for _, l := range p.Publication.Links {
		s := scatter{ID: fmt.Sprintf("liens-%d", len(all)+1), Serie: l.Serie}
		for _, link := range l.Links {
			if !slices.Contains(s.Indicators, link.Indicator) {
				s.Indicators = append(s.Indicators, link.Indicator)
			}
		}
		slices.SortFunc(s.Indicators, statistics.Indicator.Compare)
		for i, course := range l.Courses {
			row := scatterRow{Label: courseLabel(course, l.Courses), Text: i*52 + 40, Line: i*52 + 62, Cells: make([]linkCell, len(s.Indicators))}
			for _, link := range l.Links {
				if link.Course == i {
					row.add(link, slices.Index(s.Indicators, link.Indicator))
				}
			}
			s.Rows = append(s.Rows, row)
		}
		s.Height = len(s.Rows)*52 + 30
		all = append(all, s)
	}
	return all
}

func (r *scatterRow) add(link statistics.Link, column int) {
	text := thousandths(link.Coefficient)
	r.Cells[column] = linkCell{text, link.Count, link.Yes, max(link.Coefficient, -link.Coefficient) / 250}
	if link.Indicator == statistics.Admitted || link.Indicator == statistics.Honours {
		r.Points = append(r.Points, linkPoint{link.Indicator, hundredths((link.Coefficient + 1000) * 5), text})
	}
}

// courseLabel is the wording of a course, with its modalité where another has the same.
func courseLabel(course statistics.LabelledCourse, among []statistics.LabelledCourse) string {
	if slices.ContainsFunc(among, func(o statistics.LabelledCourse) bool {
		return o.Label == course.Label && o.Modalite != course.Modalite
	}) {
		return course.Label + " (" + course.Modalite.Label() + ")"
	}
	return course.Label
}
