package lycee_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode"

	"livret/domain/exchange/lsl"
	"livret/domain/exchange/siecle"
	"livret/domain/exchange/sts"
	"livret/domain/mark"
	"livret/domain/nomenclature"
)

// Each group's figures are those of the pupils of the file who sit in it, by the arithmetic of marks software,
// done here over again: the headcount of those who have an annual mean, their mean, half up, and the three
// bins, of which the third is what is missing to 100 %. Where nobody has a mark no figure is given.
func TestGroupFiguresAddUp(t *testing.T) {
	for _, school := range []struct {
		pupils int
		seed   uint64
	}{{1, 1}, {12, 3}, {40, 7}, {175, 2018}} {
		files := generate(t, school.pupils, school.seed)
		bases := map[nomenclature.SchoolYear]base{2016: readBase(t, files, 2016), 2017: readBase(t, files, 2017)}
		annual, said := map[string][]int{}, map[string][]lsl.Group{}
		for _, p := range readLivrets(t, files) {
			for _, y := range p.Years {
				for _, e := range y.Evaluations {
					if len(e.Averages) == 0 {
						if e.Group != (lsl.Group{}) {
							t.Errorf("livret %d, %s: figures of an enseignement without marks: %+v", p.ID, e.Matiere, e.Group)
						}
						continue
					}
					seat := fmt.Sprint(y.Year, " ", seatOf(t, bases[y.Year], p.ID, e), " ", e.Matiere)
					said[seat] = append(said[seat], e.Group)
					sum, count := 0, 0
					for _, a := range e.Averages {
						if h, marked := a.Mark.Hundredths(); marked {
							sum, count = sum+h, count+1
						}
					}
					if count > 0 {
						annual[seat] = append(annual[seat], halfUp(sum, count))
					}
				}
			}
		}
		for seat, groups := range said {
			want := figures(annual[seat])
			for _, g := range groups {
				if g.Headcount != want.Headcount || g.Mean != want.Mean || (g.Shares == nil) != (want.Shares == nil) || g.Shares != nil && *g.Shares != *want.Shares {
					t.Errorf("%d pupils: %s: %+v %v, want %+v %v", school.pupils, seat, g, g.Shares, want, want.Shares)
					break
				}
			}
		}
		if t.Logf("%d pupils: %d groups", school.pupils, len(said)); school.pupils == 175 && len(said) < 130 {
			t.Errorf("only %d groups", len(said))
		}
	}
}

// seatOf finds the group in which a pupil follows an enseignement, or his division, as the base and sts_emp
// tell it. A group's code ends in the letter of the modalité, the rank in the programme and a number. A
// spécialité may be of the same matière and modalité as what the whole class follows: it comes second.
func seatOf(t *testing.T, b base, id uint64, e lsl.Evaluation) string {
	t.Helper()
	teaches := func(services []sts.Service) bool {
		return slices.ContainsFunc(services, func(s sts.Service) bool { return s.Matiere == string(e.Matiere) })
	}
	pupil := b.pupils.Pupils[slices.IndexFunc(b.pupils.Pupils, func(p siecle.Pupil) bool { return p.ID == id })]
	var found []string
	for _, d := range b.staff.Divisions {
		if e.Modalite == nomenclature.TroncCommun && d.Code == pupil.Division && teaches(d.Services) {
			found = append(found, d.Code)
		}
	}
	for _, g := range b.staff.Groups {
		if slices.Contains(pupil.Groups, g.Code) && strings.HasSuffix(strings.TrimRightFunc(g.Code, unicode.IsDigit), string(e.Modalite)) && teaches(g.Services) {
			found = append(found, g.Code)
		}
	}
	if e.Ordinal == 0 || int(e.Ordinal) > len(found) || len(found) > 2 {
		t.Fatalf("pupil %d follows %s %s, no. %d, in %v", id, e.Matiere, e.Modalite, e.Ordinal, found)
	}
	return found[e.Ordinal-1]
}

func halfUp(n, d int) int { return (2*n + d) / (2 * d) }

func figures(annual []int) lsl.Group {
	count, sum := len(annual), 0
	if count == 0 {
		return lsl.Group{}
	}
	var bins [2]int
	for _, h := range annual {
		sum += h
		switch {
		case h < 800:
			bins[0]++
		case h < 1200:
			bins[1]++
		}
	}
	first, second := halfUp(10000*bins[0], count), halfUp(10000*bins[1], count)
	second = min(second, 10000-first)
	return lsl.Group{
		Headcount: uint16(count), Mean: mark.Must(mark.Hundredths(halfUp(sum, count))),
		Shares: &mark.Shares{Below8: uint16(first), From8: uint16(second), From12: uint16(10000 - first - second)},
	}
}
