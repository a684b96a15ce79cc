package nomenclature_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"livret/domain/nomenclature"
)

func TestUAI(t *testing.T) {
	for _, real := range []string{"0860038Z", "0951099D", "0382032C", "0000123J", " 0000123j\n"} {
		if _, err := nomenclature.ParseUAI(real); err != nil {
			t.Errorf("%s: %v", real, err)
		}
	}
	_, err := nomenclature.ParseUAI("0860038A")
	refused(t, err, "uai-lettre-fausse")
	for _, bad := range []string{"", "0860038", "0860038ZZ", "08600380", "086003ÉZ", "0860038I", "        ", "XXXXXXXX"} {
		_, err := nomenclature.ParseUAI(bad)
		refused(t, err, "uai-illisible")
	}
	// A school abroad: 123456X, (8×123456+1) mod 23 = 6, the letter G.
	if u, err := nomenclature.ParseUAI("123456XG"); err != nil || u.Departement() != "123" {
		t.Errorf("school abroad: %q, %v", u, err)
	}
	u, _ := nomenclature.ParseUAI("0000123J")
	if !u.Fictional() || nomenclature.UAI("0860038Z").Fictional() {
		t.Error("which school is fictional?")
	}
}

// Exactly one letter is right for seven digits.
func TestOneLetterChecksAUAI(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.IntRange(0, 9_999_999).Draw(t, "number")
		right := 0
		for letter := 'A'; letter <= 'Z'; letter++ {
			if _, err := nomenclature.ParseUAI(fmt.Sprintf("%07d%c", number, letter)); err == nil {
				right++
			}
		}
		if right != 1 {
			t.Fatalf("%d letters are right for %07d", right, number)
		}
	})
}

func TestAcademies(t *testing.T) {
	for _, c := range []struct {
		uai  nomenclature.UAI
		year int
		want string
	}{
		{"0860038Z", 2016, "Poitiers"}, {"0951099D", 2016, "Versailles"}, {"0382032C", 2016, "Grenoble"}, {"6200001G", 2016, "Corse"},
		{"0760001A", 2019, "Rouen"}, {"0760001A", 2020, "Normandie"}, {"0140001A", 2018, "Caen"}, {"9740001A", 2016, "La Réunion"},
		{"0000123J", 2016, ""}, {"", 2016, ""},
	} {
		if a, ok := nomenclature.AcademieOf(c.uai, c.year); a.Name != c.want || ok != (c.want != "") {
			t.Errorf("académie of %s in %d: %q, want %q", c.uai, c.year, a.Name, c.want)
		}
	}
	all := nomenclature.Academies()
	seen := map[string]string{}
	for _, year := range []int{2019, 2020} {
		clear(seen)
		for _, a := range all {
			if a.From > year || a.Until != 0 && a.Until < year {
				continue
			}
			for _, d := range a.Departements {
				if len(d) != 3 || seen[d] != "" {
					t.Errorf("département %s is in %s and %s", d, seen[d], a.Name)
				}
				seen[d] = a.Name
			}
		}
		if len(seen) != 96+11 {
			t.Errorf("%d départements in %d", len(seen), year)
		}
	}
	if len(all) != 36 || !slices.IsSortedFunc(all, func(a, b nomenclature.Academie) int { return strings.Compare(a.Code, b.Code) }) {
		t.Errorf("%d académies, or not in order", len(all))
	}
}

func TestCodes(t *testing.T) {
	for _, code := range []string{"S", "O", "F"} {
		if m, err := nomenclature.ParseModalite(code); err != nil || m.Label() == code {
			t.Errorf("%s: %v", code, err)
		}
	}
	for code, word := range map[string]string{"N": "laquelle", "X": "spécifique", "L": "académie", "R": "religieux"} {
		_, err := nomenclature.ParseModalite(code)
		refused(t, err, "modalite-hors-livret", word)
	}
	_, err := nomenclature.ParseModalite("s")
	refused(t, err, "modalite-inconnue")

	_, err = nomenclature.ParseMatiere("030C09")
	refused(t, err, "matiere-locale")
	for _, bad := range []string{"", "61300", "0613000", "000000", "06130é", "abcdef"} {
		_, err = nomenclature.ParseMatiere(bad)
		refused(t, err, "matiere-illisible")
	}
	for _, bad := range []string{"", "94", "00941", "009a", "-094"} {
		_, err = nomenclature.ParseCompetence(bad)
		refused(t, err, "competence-illisible")
	}
	for _, level := range []string{"0", "NE", "1", "2", "3", "4", "A1", "A2", "B1", "B2", "C1", "C2"} {
		m, err := nomenclature.ParseMastery(level)
		if err != nil || m.CECRL() != (len(level) == 2 && level != "NE") {
			t.Errorf("%s: %v, CECRL %v", level, err, m.CECRL())
		}
	}
	for _, bad := range []string{"", "5", " 1 ", "A3", "D1", "ne"} {
		_, err = nomenclature.ParseMastery(bad)
		refused(t, err, "niveau-de-maitrise-inconnu")
	}
	for text, want := range map[string]nomenclature.SchoolYear{"2015": 2015, "2015-2016": 2015, "9999": 9999} {
		if y, err := nomenclature.ParseSchoolYear(text); err != nil || y != want {
			t.Errorf("%s: %d, %v", text, y, err)
		}
	}
	for _, bad := range []string{"", "1999", "2015-2017", "2015-", "15", "20 15"} {
		_, err = nomenclature.ParseSchoolYear(bad)
		refused(t, err, "annee-illisible")
	}
	if got := nomenclature.SchoolYear(2015).Label(); got != "2015-2016" {
		t.Error(got)
	}
	refused(t, nomenclature.CheckStatut("AP"), "statut-hors-livret", "apprenti")
	refused(t, nomenclature.CheckStatut("FC"), "statut-hors-livret")
	if err := nomenclature.CheckStatut("ST"); err != nil {
		t.Error(err)
	}
	for label, want := range map[string]nomenclature.Serie{"1-STHR": "STHR", "TSTAV": "STAV", "TERMINALE TMD": "TMD", "1STMG": "", "PREMIERE S": ""} {
		if got, _ := nomenclature.SerieOf(label); got != want {
			t.Errorf("série of %q is %q", label, got)
		}
	}
}

func TestASchoolIsWithinItsAcademie(t *testing.T) {
	for _, c := range []struct {
		school   nomenclature.UAI
		academie string
		year     int
		rule     string
	}{
		{"0860038Z", "13", 2017, ""}, {"0860038Z", "08", 2017, "etablissement-autre-academie"}, {"0000123J", "08", 2017, ""},
		{"0760001A", "21", 2019, ""}, {"0760001A", "21", 2020, "etablissement-autre-academie"}, {"0760001A", "70", 2020, ""},
		{"123456XG", "08", 2017, "etablissement-autre-academie"},
	} {
		if err := c.school.Within(c.academie, c.year); c.rule != "" {
			refused(t, err, c.rule)
		} else if err != nil {
			t.Errorf("%s in %s: %v", c.school, c.academie, err)
		}
	}
}

func TestTheCalendar(t *testing.T) {
	calendar, err := nomenclature.LoadCalendar()
	if err != nil {
		t.Fatal(err)
	}
	n := load(t)
	file := strings.NewReader(`<nomenclaturesLsl><anneeScolaire millesime="2015"><mef codeMef="24799901331" niveau="Terminale" codeSerie="PRO-X"><matiere codeBcn="061300" discipline="M" modaliteElection="S" presenceEvaluationPeriodique="true"/></mef></anneeScolaire></nomenclaturesLsl>`)
	if n, err = n.Extend(file); err != nil {
		t.Fatal(err)
	}
	formation := func(mef nomenclature.MEF) nomenclature.Formation {
		p, err := n.Programme(2015, mef)
		if err != nil {
			t.Fatal(err)
		}
		return p.Formation
	}
	s, es, st2s, stmg, pro := formation("20211010110"), formation("20212005110"), formation("21233104110"), formation("21231017110"), formation("24799901331")
	const poitiers, grenoble, rouen, toulouse, rennes, fictional = "0860038Z", "0382032C", "0760001A", "0310001A", "0350001A", "0000123J"
	for _, c := range []struct {
		f       nomenclature.Formation
		school  nomenclature.UAI
		session nomenclature.SchoolYear
		rule    string // empty if open
	}{
		{st2s, rennes, 2015, ""}, {st2s, poitiers, 2015, "serie-non-deployee"}, {st2s, poitiers, 2016, ""},
		{stmg, grenoble, 2016, ""}, {stmg, rennes, 2016, "serie-non-deployee"}, {stmg, rennes, 2017, ""},
		{s, rouen, 2017, ""}, {es, toulouse, 2017, ""}, {s, poitiers, 2017, "serie-non-deployee"}, {s, poitiers, 2018, ""},
		{s, poitiers, 2021, "serie-eteinte"}, {st2s, poitiers, 2024, ""},
		{pro, poitiers, 2021, "serie-non-deployee"}, {pro, poitiers, 2022, ""},
		{s, fictional, 2016, ""}, {s, fictional, 2030, ""}, {pro, fictional, 2016, ""},
		{nomenclature.Formation{Serie: "STAV"}, fictional, 2018, "serie-hors-livret"}, {nomenclature.Formation{Serie: "TMD"}, poitiers, 2018, "serie-hors-livret"},
		{nomenclature.Formation{Serie: "STHR", MEF: "21100000000"}, poitiers, 2018, ""}, {nomenclature.Formation{Serie: "XYZ", MEF: "21100000000"}, poitiers, 2018, "serie-non-deployee"},
		{s, "123456XG", 2018, "etablissement-sans-academie"},
	} {
		err := calendar.Open(c.f, c.school, c.session)
		if c.rule != "" {
			refused(t, err, c.rule)
		} else if err != nil {
			t.Errorf("%s at %s in %d: %v", c.f.Serie, c.school, c.session, err)
		}
	}

	moved, err := calendar.Move("S", "13", 2017)
	if err != nil {
		t.Fatal(err)
	}
	later, err := moved.Move("S", "13", 2019)
	if err != nil {
		t.Fatal(err)
	}
	if moved.Open(s, poitiers, 2017) != nil || later.Open(s, poitiers, 2018) == nil || calendar.Open(s, poitiers, 2017) == nil {
		t.Error("an académie's move does not hold, or leaks into the calendar it came from")
	}
	if calendar.Version() == "" || moved.Version() == calendar.Version() {
		t.Errorf("versions %q and %q", calendar.Version(), moved.Version())
	}
	if got := moved.Series(); !slices.Equal(got, []nomenclature.Serie{"ES", "L", "PRO", "S", "ST2S", "STD2A", "STHR", "STI2D", "STL", "STMG"}) {
		t.Errorf("séries %v", got)
	}
	if last, ends := calendar.Last("S"); !ends || last != 2020 {
		t.Errorf("S ends %v in %d", ends, last)
	}
	_, err = calendar.Move("TMD", "13", 2017)
	refused(t, err, "serie-hors-livret")
	_, err = calendar.Move("S", "99", 2017)
	refused(t, err, "academie-inconnue")
	for _, bad := range []string{"", "version\tx", "2016\t*\tS", "version\tx\n2016\t99\tS", "version\tx\nseize\t*\tS", "version\tx\n2016 * S"} {
		_, err = nomenclature.ReadCalendar(strings.NewReader(bad))
		refused(t, err, "calendrier-illisible")
	}
}

func FuzzParsers(f *testing.F) {
	for _, seed := range []string{"0860038Z", "123456XG", "030201", "20211010110", "2015-2016", "NE", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if u, err := nomenclature.ParseUAI(text); err == nil && len(u) != 8 {
			t.Fatalf("%q read as UAI %q", text, u)
		}
		m, _ := nomenclature.ParseMatiere(text)
		_, _ = nomenclature.Matiere(text).Generic()
		_, _ = m.Language()
		_ = nomenclature.MEF(text).Voie()
		_, _ = nomenclature.SerieOf(text)
		_, _ = nomenclature.ParseSchoolYear(text)
		_, _ = nomenclature.ParseMastery(text)
		_, _ = nomenclature.ReadCalendar(strings.NewReader(text))
	})
}
