package lycee_test

import (
	"slices"
	"testing"

	"livret/cmd/livret/lycee"
	"livret/domain"
	"livret/domain/exchange/lsl"
	"livret/domain/exchange/siecle"
	"livret/domain/masking"
)

// list gives the cases by name.
func list(c lycee.Cases) map[string]uint64 {
	return map[string]uint64{
		"minor": c.Minor, "adult": c.Adult, "contact only": c.ContactOnly, "repeater": c.Repeater, "newcomer": c.Newcomer, "switched": c.Switched,
		"new INE": c.NewINE, "no INE": c.NoINE, "away": c.Away, "left": c.Left, "screened 0": c.Screened[0], "screened 1": c.Screened[1], "screened 2": c.Screened[2],
	}
}

func TestCasesAreDifferentPupilsInASchoolOfAnySize(t *testing.T) {
	for pupils := 1; pupils < 410; pupils++ {
		seen := map[uint64]string{}
		for name, id := range list(lycee.CasesOf(pupils, 1)) {
			if pupils < 12 {
				if id != 0 {
					t.Errorf("%d pupils: %s is %d", pupils, name, id)
				}
			} else if other, taken := seen[id]; taken || id == 0 {
				t.Errorf("%d pupils: %s is %d, as is %s", pupils, name, id, other)
			}
			seen[id] = name
		}
	}
}

// The files say of each case what Cases says of him.
func TestCasesAreWhatTheyAreCalled(t *testing.T) {
	for _, school := range []struct {
		pupils int
		seed   uint64
	}{{12, 1}, {13, 5}, {40, 7}, {175, 2018}} {
		files, c := generate(t, school.pupils, school.seed), lycee.CasesOf(school.pupils, school.seed)
		before, after := readBase(t, files, 2016), readBase(t, files, 2017)
		livrets := map[uint64]lsl.Pupil{}
		for _, p := range readLivrets(t, files) {
			livrets[p.ID] = p
		}
		if len(livrets) != school.pupils {
			t.Errorf("%d livrets for %d pupils", len(livrets), school.pupils)
		}
		first := func(id uint64) siecle.Pupil { return find(before, id) }
		last := func(id uint64) siecle.Pupil { return find(after, id) }
		day := domain.NewDate(2018, 6, 11)
		ofAge := func(id uint64) bool { return !day.Before(last(id).Birth.Anniversary(18)) }
		holders := func(id uint64) (n int) {
			for _, g := range after.guardians.ByPupil[id] {
				n += count(g.Legal != 0)
			}
			return n
		}
		for name, holds := range map[string]bool{
			"minor":        !ofAge(c.Minor) && holders(c.Minor) == 2,
			"adult":        ofAge(c.Adult) && holders(c.Adult) == 2,
			"contact only": !ofAge(c.ContactOnly) && holders(c.ContactOnly) == 0 && len(after.guardians.ByPupil[c.ContactOnly]) == 1,
			"repeater":     first(c.Repeater).Repeating && first(c.Repeater).Before.Division[0] == '1' && !last(c.Repeater).Repeating,
			"newcomer":     first(c.Newcomer).ID == 0 && last(c.Newcomer).Before.UAI != lycee.UAI && len(livrets[c.Newcomer].Years) == 1,
			"switched":     first(c.Switched).MEF[:5] == "20111" && last(c.Switched).MEF == "20212005110",
			"new INE":      first(c.NewINE).INE != last(c.NewINE).INE && slices.Contains(last(c.NewINE).FormerINE, first(c.NewINE).INE),
			"no INE":       first(c.NoINE).INE == "" && last(c.NoINE).INE == "",
			"away":         !marked(livrets[c.Away], 2017, 2) && marked(livrets[c.Away], 2017, 1) && marked(livrets[c.Away], 2016, 2),
			"left":         first(c.Left).ID == 0 && last(c.Left).Refused && last(c.Left).Left.Before(domain.NewDate(2017, 7, 1)) && livrets[c.Left].ID == 0,
			"screened":     screens(livrets[c.Screened[0]]) == 1 && screens(livrets[c.Screened[1]]) == 1 && screens(livrets[c.Screened[2]]) == 1,
		} {
			if !holds {
				t.Errorf("%d pupils: %s is not", school.pupils, name)
			}
		}
	}
}

// find gives the zero pupil if the base does not know him.
func find(b base, id uint64) siecle.Pupil {
	for _, p := range b.pupils.Pupils {
		if p.ID == id {
			return p
		}
	}
	return siecle.Pupil{}
}

func marked(p lsl.Pupil, year, period int) bool {
	for _, y := range p.Years {
		for _, e := range y.Evaluations {
			for _, a := range e.Averages {
				if int(y.Year) == year && int(a.Period) == period && a.Mark.IsMarked() {
					return true
				}
			}
		}
	}
	return false
}

func screens(p lsl.Pupil) (n int) {
	for _, y := range p.Years {
		for _, e := range y.Evaluations {
			n += count(len(masking.Screen(e.Appreciation)) > 0)
		}
	}
	return n
}
