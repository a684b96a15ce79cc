package lycee_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"livret/cmd/livret/lycee"
	"livret/domain/exchange/lsl"
	"livret/domain/exchange/siecle"
	"livret/domain/exchange/sts"
	"livret/domain/masking"
	"livret/domain/nomenclature"
)

// generate makes a school and gives its files by their path.
func generate(t testing.TB, pupils int, seed uint64) map[string][]byte {
	dir := t.TempDir()
	if err := lycee.Generate(dir, pupils, seed); err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(filepath.Join(dir, path))
		files[path] = content
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// base is what the readers make of a year of a school.
type base struct {
	pupils    *siecle.Pupils
	guardians *siecle.Guardians
	staff     *sts.File
	formation *siecle.Nomenclature
}

func readBase(t testing.TB, files map[string][]byte, year int) (b base) {
	file := func(name string) *bytes.Reader {
		return bytes.NewReader(files[fmt.Sprintf("siecle/%d/%s", year, name)])
	}
	var errs [4]error
	b.pupils, errs[0] = siecle.ReadPupils(file("ElevesSansAdresses.xml"))
	b.guardians, errs[1] = siecle.ReadGuardians(file("ResponsablesAvecAdresses.xml"))
	b.staff, errs[2] = sts.Read(file(fmt.Sprintf("sts_emp_%s_%d.xml", lycee.UAI, year)))
	b.formation, errs[3] = siecle.ReadNomenclature(file("Nomenclature.xml"))
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := siecle.ReadStructures(file("Structures.xml")); err != nil {
		t.Fatal(err)
	}
	return b
}

func readLivrets(t testing.TB, files map[string][]byte) (all []lsl.Pupil) {
	f, err := lsl.Read(bytes.NewReader(files[fmt.Sprintf("lsl/LSL_%s.xml", lycee.UAI)]))
	if err != nil {
		t.Fatal(err)
	}
	for p, err := range f.Pupils() {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	return all
}

func TestTheSameSeedMakesTheSameSchool(t *testing.T) {
	a, b, other := generate(t, 40, 7), generate(t, 40, 7), generate(t, 40, 8)
	if len(a) != 11 {
		t.Errorf("%d files", len(a))
	}
	for name, content := range a {
		if !bytes.Equal(content, b[name]) {
			t.Errorf("%s differs from one run to the next", name)
		}
		if bytes.Equal(content, other[name]) && !strings.HasSuffix(name, "Nomenclature.xml") {
			t.Errorf("%s does not depend on the seed", name)
		}
	}
}

func TestSchoolsOfAnySize(t *testing.T) {
	for _, pupils := range []int{1, 2, 11, 12, 13, 60} {
		files := generate(t, pupils, uint64(pupils))
		b := readBase(t, files, 2017)
		if want := pupils + count(pupils >= 12); len(b.pupils.Pupils) != want {
			t.Errorf("%d pupils of %d", len(b.pupils.Pupils), want)
		}
	}
	if err := lycee.Generate(t.TempDir(), 0, 1); err == nil {
		t.Error("a school of nobody")
	}
}

// Everything in the files is what the readers and the nomenclature take, but for the pupil who has left
// and the one without INE.
func TestTheFilesAreTaken(t *testing.T) {
	files := generate(t, 175, 2018)
	n, err := nomenclature.Load()
	if err != nil {
		t.Fatal(err)
	}
	cases := lycee.CasesOf(175, 2018)
	mefs := map[uint64]map[nomenclature.SchoolYear]nomenclature.MEF{}
	divisions := map[uint64]map[int]string{}
	var left, repeating, renumbered, adults, withoutAuthority int
	for _, year := range []int{2016, 2017} {
		b := readBase(t, files, year)
		for _, p := range b.pupils.Pupils {
			for _, f := range p.Findings {
				if want := map[uint64]string{cases.Left: "eleve-sorti", cases.NoINE: "ine-absent"}; f.Rule != want[p.ID] {
					t.Errorf("%d, pupil %d: %s: %s", year, p.ID, f.Rule, f.Reason)
				}
			}
			if mefs[p.ID] == nil {
				mefs[p.ID], divisions[p.ID] = map[nomenclature.SchoolYear]nomenclature.MEF{}, map[int]string{}
			}
			mefs[p.ID][nomenclature.SchoolYear(year)] = p.MEF
			divisions[p.ID][year] = p.Division
			left += count(p.Refused)
			repeating += count(p.Repeating)
			renumbered += count(len(p.FormerINE) > 0)
			adults += count(year == 2017 && p.Birth.String() < "2000-06-11")
			if len(b.guardians.ByPupil[p.ID]) == 0 {
				t.Errorf("pupil %d has no guardian", p.ID)
			}
			for _, g := range b.guardians.ByPupil[p.ID] {
				withoutAuthority += count(g.Legal == 0)
			}
		}
		if len(b.pupils.Findings)+len(b.guardians.Findings)+len(b.staff.Findings) > 0 {
			t.Errorf("%d: findings %v %v %v", year, b.pupils.Findings, b.guardians.Findings, b.staff.Findings)
		}
		if year == 2017 {
			t.Logf("%d staff, %d divisions, %d groups", len(b.staff.Staff), len(b.staff.Divisions), len(b.staff.Groups))
			if s := len(b.staff.Staff); s < 45 || s > 65 {
				t.Errorf("%d staff", s)
			}
		}
	}
	if left != 1 || repeating != 1 || renumbered != 1 || adults < 30 || withoutAuthority < 20 {
		t.Errorf("left %d, repeating %d, renumbered %d, adults %d, guardians without authority %d", left, repeating, renumbered, adults, withoutAuthority)
	}
	evaluations, unmarked, empty := 0, 0, 0
	switched := 0
	for _, p := range readLivrets(t, files) {
		for _, f := range p.Findings {
			t.Errorf("livret %d: %s: %s", p.ID, f.Rule, f.Reason)
		}
		if p.Avis == "" {
			t.Errorf("livret %d: no avis", p.ID)
		}
		for _, y := range p.Years {
			programme, err := n.Programme(y.Year, mefs[p.ID][y.Year])
			if err != nil {
				t.Fatal(err)
			}
			var asked []nomenclature.Asked
			for _, e := range y.Evaluations {
				evaluations++
				a := nomenclature.Asked{Matiere: e.Matiere, Modalite: e.Modalite}
				for _, c := range e.Competences {
					a.Competences = append(a.Competences, c.Code)
				}
				asked = append(asked, a)
				empty += count(len(e.Averages) == 0)
				for _, m := range e.Averages {
					unmarked += count(!m.Mark.IsMarked())
				}
				if len(e.Teachers) == 0 || e.Appreciation == "" {
					t.Errorf("livret %d: a line without teacher or appréciation", p.ID)
				}
			}
			for i, found := range programme.Match(asked) {
				if found.Err != nil {
					t.Errorf("livret %d, %s in %d: %v", p.ID, asked[i].Matiere, y.Year, found.Err)
				} else if found.Line.Marked != (len(y.Evaluations[i].Averages) > 0) {
					t.Errorf("livret %d, %s: marked %v", p.ID, asked[i].Matiere, found.Line.Marked)
				}
			}
		}
		both := mefs[p.ID]
		if a, errA := n.Programme(2016, both[2016]); errA == nil {
			if b, errB := n.Programme(2017, both[2017]); errB == nil && a.Serie != b.Serie {
				switched++
			}
		}
	}
	t.Logf("%d evaluations, %d of them without marks, %d missing averages", evaluations, empty, unmarked)
	if evaluations < 3000 || unmarked < 50 || switched != 1 {
		t.Errorf("%d evaluations, %d missing averages, %d changes of série", evaluations, unmarked, switched)
	}
}

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}

// The texts are as varied as those of a school, and some name people and places.
func TestWhatTeachersWrite(t *testing.T) {
	files := generate(t, 175, 2018)
	b := readBase(t, files, 2017)
	var known masking.Names
	for _, p := range b.pupils.Pupils {
		known.People = append(known.People, masking.Person{Family: p.FamilyName, Usage: p.UsageName, First: p.FirstNames})
	}
	for _, s := range b.staff.Staff {
		known.People = append(known.People, masking.Person{Family: s.Name, First: []string{s.First}})
	}
	known.Schools, known.Towns = []string{lycee.Name}, []string{lycee.Town}
	matcher := masking.Compile(known)
	texts := map[string]int{}
	named, screened, total := 0, 0, 0
	for _, p := range readLivrets(t, files) {
		written := map[string]bool{}
		for _, y := range p.Years {
			for _, e := range y.Evaluations {
				if written[e.Appreciation] {
					t.Errorf("livret %d: twice %q", p.ID, e.Appreciation)
				}
				written[e.Appreciation] = true
				total++
				texts[e.Appreciation]++
				named += count(len(matcher.Mask(e.Appreciation)) > 0)
				screened += count(len(masking.Screen(e.Appreciation)) > 0)
				if strings.ContainsAny(e.Appreciation, "{}|") {
					t.Errorf("unfinished text %q", e.Appreciation)
				}
			}
			for _, o := range y.Observations {
				if strings.ContainsAny(o.Text, "{}|") {
					t.Errorf("unfinished text %q", o.Text)
				}
			}
		}
	}
	t.Logf("%d texts, %d different, %d name somebody or somewhere, %d give a warning", total, len(texts), named, screened)
	if len(texts)*10 < total*9 || named*20 < total || named*3 > total {
		t.Errorf("%d texts, %d different, %d with a name", total, len(texts), named)
	}
	if screened != 3 {
		t.Errorf("%d texts give a warning", screened)
	}
	if !slices.ContainsFunc(b.pupils.Pupils, func(p siecle.Pupil) bool { return p.FirstNames[0] == "Rose" }) {
		t.Error("nobody is called Rose")
	}
}

// What a jury would read, masked as the ledger masks, names neither a pupil nor the town nor the other lycée.
func TestMaskedTextsNameNobody(t *testing.T) {
	files := generate(t, 175, 2018)
	b := readBase(t, files, 2017)
	var known masking.Names
	first := map[string]bool{"Valombrey": true, "Lisse": true, "Marsac": true}
	for _, p := range b.pupils.Pupils {
		known.People = append(known.People, masking.Person{Family: p.FamilyName, Usage: p.UsageName, First: p.FirstNames})
		first[p.FirstNames[0]] = true
	}
	for _, s := range b.staff.Staff {
		known.People = append(known.People, masking.Person{Family: s.Name, First: []string{s.First}})
	}
	known.Schools, known.Towns = []string{lycee.Name}, []string{lycee.Town}
	matcher := masking.Compile(known)
	for _, p := range readLivrets(t, files) {
		for _, y := range p.Years {
			for _, e := range y.Evaluations {
				masked := masking.Apply(e.Appreciation, matcher.Mask(e.Appreciation))
				rest := strings.ReplaceAll(masked, "Grâce à", "") // the idiom, not the pupil
				for _, word := range strings.FieldsFunc(rest, func(r rune) bool { return !unicode.IsLetter(r) && r != '-' }) {
					if first[word] {
						t.Errorf("livret %d: %q is left in %q", p.ID, word, masked)
					}
				}
			}
		}
	}
}

func BenchmarkGenerate400(b *testing.B) {
	dir := b.TempDir()
	for b.Loop() {
		if err := lycee.Generate(dir, 400, 1); err != nil {
			b.Fatal(err)
		}
	}
}
