package web

import (
	"errors"
	"fmt"
	"html/template"
	"strings"
	"time"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/deliberation"
	"livret/domain/identity"
	"livret/domain/mark"
	"livret/domain/masking"
	"livret/projections/family"
	"livret/projections/jury"
	"livret/projections/wording"
)

// functions are what templates may call; none of them decides anything.
func (s *Site) functions() template.FuncMap {
	return template.FuncMap{
		"typo":        typo,
		"day":         func(t time.Time) string { return frenchDay(t.In(s.paris)) },
		"moment":      func(t time.Time) string { return frenchMoment(t.In(s.paris)) },
		"date":        func(d domain.Date) string { return isoDate(d.String()) },
		"isoDate":     isoDate,
		"percent":     percent[uint16],
		"share":       percent[int],
		"whole":       func(hundredths int) string { return fmt.Sprintf("%d\u202f%%", (hundredths+50)/100) },
		"points":      points,
		"masked":      masked,
		"add":         func(a, b int) int { return a + b },
		"periods":     wording.Periods,
		"period":      wording.PeriodName,
		"plural":      plural,
		"lines":       func(text string) int { return min(8, 2+len([]rune(text))/60) },
		"guardian":    guardian,
		"int":         func(n uint16) int { return int(n) },
		"avis":        wording.Avis,
		"ground":      wording.Ground,
		"at":          wording.At[family.Mark],
		"juryAt":      wording.At[mark.Mark],
		"shares":      shares,
		"juryShares":  juryShares,
		"cell":        func(row *gridRow, c *gridCell) namedCell { return namedCell{Name: row.Name, Cell: c} },
		"sheetCell":   func(p *sheetPage, row *sheetRow, c *gridCell) namedCell { return namedCell{row.Name, c, p} },
		"breakable":   breakable,
		"kept":        kept,
		"stage":       stageOf,
		"stageOfHold": stageOfHold,
		"originOf":    originOf,
		"session":     sessionName,
		"streamName":  streamName,
		"second":      func(t time.Time) string { return frenchDay(t.In(s.paris)) + " à " + t.In(s.paris).Format("15:04:05") },
		"short":       func(t time.Time) string { return t.In(s.paris).Format("02/01/2006 15:04") },
		"plural64":    func(n int64, one, many string) string { return plural(int(n), one, many) },
		"instantForm": func(livret uuid.UUID, instant, view, round string) instantForm {
			return instantForm{livret, instant, view, round}
		},
		"action": func(page rightsPage, act, label string) rightsAction { return rightsAction{page, act, label} },
		"pair":   func(page rightsPage, demand demandRow) rightsAnswer { return rightsAnswer{page, demand} },
	}
}

// streamName is what a reader of a history calls a stream.
func streamName(category string) string {
	switch category {
	case identity.Category:
		return "Identité"
	case deliberation.Category:
		return "Candidat"
	}
	return "Livret"
}

var months = [...]string{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"}

// frenchDay is « 1er juin 2018 ».
func frenchDay(t time.Time) string {
	day := fmt.Sprint(t.Day())
	if t.Day() == 1 {
		day = "1er"
	}
	return day + "\u00a0" + months[t.Month()-1] + "\u00a0" + fmt.Sprint(t.Year())
}

// frenchMoment is « 1er juin 2018 à 9 h 05 ».
func frenchMoment(t time.Time) string {
	return fmt.Sprintf("%s à\u00a0%d\u00a0h\u00a0%02d", frenchDay(t), t.Hour(), t.Minute())
}

// isoDate shows an ISO 8601 day in French, and anything else as it is.
func isoDate(text string) string {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return text
	}
	return frenchDay(t)
}

// percent shows hundredths of a per cent: « 45 % », « 33,33 % ».
func percent[N uint16 | int](hundredths N) string {
	text := fmt.Sprintf("%d,%02d", hundredths/100, hundredths%100)
	return strings.TrimSuffix(text, ",00") + "\u202f%"
}

// thousandths shows a coefficient: « 0,512 », « −0,080 ».
func thousandths(n int) string {
	sign := ""
	if n < 0 {
		sign, n = "−", -n
	}
	return fmt.Sprintf("%s%d,%03d", sign, n/1000, n%1000)
}

// points shows hundredths of a point: « 3,07 ».
func points(hundredths int64) string { return fmt.Sprintf("%d,%02d", hundredths/100, hundredths%100) }

func plural(n int, one, many string) string {
	if n < 2 {
		return fmt.Sprintf("%d\u00a0%s", n, one)
	}
	return fmt.Sprintf("%d\u00a0%s", n, many)
}

// masked sets masked passages apart, for those who see the page and those who hear it.
func masked(text string) template.HTML {
	escaped := template.HTMLEscapeString(text)
	return template.HTML(strings.ReplaceAll(escaped, masking.Replacement, `<span class="masked">`+masking.Replacement+`</span>`))
}

func guardian(g family.Guardian) string {
	if g.Legal == 0 {
		return "personne à contacter"
	}
	return fmt.Sprintf("responsable légal\u00a0%d", g.Legal)
}

func asRefusal(err error) (*domain.Refusal, bool) { return errors.AsType[*domain.Refusal](err) }

// namedCell is a cell, the pupil it is of, and the sheet it is in if it is in one.
type namedCell struct {
	Name string
	Cell *gridCell
	Page *sheetPage
}

// bins is how averages are shared among the three categories of a group, as it is shown.
type bins struct{ A, B, C string }

func shares(s *mark.Shares) bins {
	return bins{percent(s.Below8), percent(s.From8), percent(s.From12)}
}

func juryShares(s *jury.Shares) bins {
	return bins{percent(100 * s.Below8), percent(100 * s.From8), percent(100 * s.From12)}
}

// breakable lets a long address break at its slashes.
func breakable(path string) template.HTML {
	return template.HTML(strings.ReplaceAll(template.HTMLEscapeString(path), "/", "<wbr>/"))
}
