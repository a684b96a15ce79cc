package nomenclature_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"livret/domain"
	"livret/domain/nomenclature"
)

func load(t testing.TB) nomenclature.Nomenclature {
	t.Helper()
	n, err := nomenclature.Load()
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// refused fails unless err is a refusal by the rule that says every one of the words.
func refused(t testing.TB, err error, rule string, words ...string) {
	t.Helper()
	refusal, ok := errors.AsType[*domain.Refusal](err)
	if !ok || refusal.Rule != rule {
		t.Errorf("got %v, want a refusal by %s", err, rule)
		return
	}
	for _, w := range words {
		if !strings.Contains(refusal.Reason, w) {
			t.Errorf("%s: %q does not say %q", rule, refusal.Reason, w)
		}
	}
}

func competences(codes string) (all []nomenclature.Competence) {
	for c := range strings.FieldsSeq(codes) {
		all = append(all, nomenclature.Competence(c))
	}
	return all
}

// The figures are those of the ministry's file of 20 May 2016, and the three languages of Terminale ES that
// it forgets.
func TestTheBuiltInListsAreWhole(t *testing.T) {
	n := load(t)
	if got := n.Millesimes(); !slices.Equal(got, []nomenclature.SchoolYear{2014, 2015}) {
		t.Fatalf("millésimes %v", got)
	}
	lines, unmarked, modalites, matieres := 0, 0, map[nomenclature.Modalite]int{}, map[nomenclature.Matiere]bool{}
	formations := n.Formations(2015)
	if len(formations) != 29 || len(n.Formations(2014)) != 13 {
		t.Errorf("%d formations in 2015, %d in 2014", len(formations), len(n.Formations(2014)))
	}
	for _, f := range formations {
		years := []nomenclature.SchoolYear{2015}
		if f.Niveau == nomenclature.Premiere {
			years = append(years, 2014)
		}
		for _, year := range years {
			p, err := n.Programme(year, f.MEF)
			if err != nil || p.Millesime != year {
				t.Fatalf("programme of %s in %d: %v", f.MEF, year, err)
			}
			for i, l := range p.Lines {
				lines++
				modalites[l.Modalite]++
				matieres[l.Matiere] = true
				if !l.Marked {
					unmarked++
				}
				if l.Position != i+1 || l.Regroupement == "" || len(l.Competences) < 3 || len(l.Competences) > 8 {
					t.Errorf("%s line %d: %+v", f.MEF, i+1, l)
				}
				for _, c := range l.Competences {
					if label, ok := n.CompetenceLabel(year, c); !ok || label == "" {
						t.Errorf("%s expects %s, which has no wording", f.MEF, c)
					}
				}
				if got, ok := p.Line(l.Matiere, l.Modalite, l.Rank); !ok || got.Position != l.Position {
					t.Errorf("%s: line %d found as %d", f.MEF, l.Position, got.Position)
				}
			}
		}
	}
	if lines != 883+3 || unmarked != 85 || len(matieres) != 66 || modalites["S"] != 343 || modalites["O"] != 111+2 || modalites["F"] != 429+1 {
		t.Errorf("%d lines, %d unmarked, %d matières, %v", lines, unmarked, len(matieres), modalites)
	}
}

// A file written from the built-in lists, read by Extend into an empty nomenclature, gives the same lists.
func TestTheMinistrysFormatSaysTheSameAsTheBuiltInLists(t *testing.T) {
	n := load(t)
	var file bytes.Buffer
	text := func(s string) string {
		var b bytes.Buffer
		_ = xml.EscapeText(&b, []byte(s))
		return b.String()
	}
	file.WriteString("<nomenclaturesLsl><competences>")
	for code := 1; code <= 183; code++ {
		for year := nomenclature.SchoolYear(2014); year <= 2015; year++ {
			c := nomenclature.Competence(fmt.Sprintf("%04d", code))
			if label, ok := n.CompetenceLabel(year, c); ok {
				fmt.Fprintf(&file, `<competence code="%s" annee="%d">%s</competence>`, c, year, text(label))
			}
		}
	}
	file.WriteString("</competences>")
	for _, year := range n.Millesimes() {
		fmt.Fprintf(&file, `<anneeScolaire millesime="%d">`, year)
		for _, f := range n.Formations(year) {
			p, err := n.Programme(year, f.MEF)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&file, `<mef codeMef="%s" niveau="%s" codeSerie="%s" serie="%s" specialite="%s">`, f.MEF, f.Niveau, f.Serie, text(f.SerieName), text(f.Speciality))
			for _, l := range p.Lines {
				fmt.Fprintf(&file, `<matiere regroupement="%s" discipline="%s" codeBcn="%s" presenceEvaluationPeriodique="%v" modaliteElection="%s"><competences>`,
					text(l.Regroupement), text(l.Discipline), l.Matiere, l.Marked, l.Modalite)
				for _, c := range l.Competences {
					fmt.Fprintf(&file, "<competence>%s</competence>", c)
				}
				file.WriteString("</competences></matiere>")
			}
			file.WriteString("</mef>")
		}
		file.WriteString("</anneeScolaire>")
	}
	file.WriteString("</nomenclaturesLsl>")
	read, err := nomenclature.Nomenclature{}.Extend(&file)
	if err != nil {
		t.Fatal(err)
	}
	for _, year := range n.Millesimes() {
		for _, f := range n.Formations(year) {
			want, _ := n.Programme(year, f.MEF)
			if got, err := read.Programme(year, f.MEF); err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%s in %d: %v\n%+v\nwant\n%+v", f.MEF, year, err, got, want)
			}
		}
	}
}

func TestWhichListIsInForce(t *testing.T) {
	n := load(t)
	for _, c := range []struct {
		year, millesime nomenclature.SchoolYear
		mef             nomenclature.MEF
	}{
		{2015, 2015, "20111010110"},
		{2014, 2014, "20111010110"},
		{2018, 2015, "20211010110"}, // after the last list: the last one
		{2013, 2014, "21133104110"}, // before the first list: the first one, in Première
		{2015, 2015, "20111010112"}, // European section: same programme
	} {
		if p, err := n.Programme(c.year, c.mef); err != nil || p.Millesime != c.millesime {
			t.Errorf("%s in %d: list of %d, %v; want %d", c.mef, c.year, p.Millesime, err, c.millesime)
		}
	}
	_, err := n.Programme(2014, "21233104110")
	refused(t, err, "nomenclature-anterieure", "Terminale ST2S", "2014-2015")
	_, err = n.Programme(2015, "24799901321")
	refused(t, err, "serie-sans-nomenclature", "baccalauréat professionnel", "24799901321")
	_, err = n.Programme(2015, "21133499110") // no such list: as STHR would be
	refused(t, err, "serie-sans-nomenclature", "technologique")
	for _, mef := range []nomenclature.MEF{"20010014110", "31131406210", "24799901311", "", "2"} {
		_, err = n.Programme(2015, mef)
		refused(t, err, "formation-hors-livret")
	}
}

// In Terminale S, mathématiques, physique-chimie and SVT stand twice with the same code and modalité.
func TestTheTrapOfTerminaleS(t *testing.T) {
	n := load(t)
	const ts = "20211010110"
	common, speciality := competences("0151 0144 0136 0026 0042 0008 0181"), competences("0101 0014 0130")
	for name, c := range map[string]struct {
		competences []nomenclature.Competence
		rank        uint8
	}{
		"common": {common, 1}, "speciality": {speciality, 2}, "one of the speciality": {speciality[:1], 2},
		"without": {nil, 1}, "unknown": {competences("9999"), 1}, "merged in one line": {slices.Concat(speciality, common), 1},
	} {
		if l, err := n.Find(2015, ts, "062300", "S", c.competences); err != nil || l.Rank != c.rank {
			t.Errorf("%s: rank %d, %v; want %d", name, l.Rank, err, c.rank)
		}
	}
	p, err := n.Programme(2015, ts)
	if err != nil {
		t.Fatal(err)
	}
	maths := competences("0094 0105 0097 0018 0177 0022") // the same for both lines
	ranks := func(asked ...nomenclature.Asked) (all []int) {
		for _, f := range p.Match(asked) {
			if f.Err != nil {
				refused(t, f.Err, "matiere-en-double")
			}
			all = append(all, int(f.Line.Rank))
		}
		return all
	}
	physics := func(c []nomenclature.Competence) nomenclature.Asked {
		return nomenclature.Asked{Matiere: "062300", Modalite: "S", Competences: c}
	}
	mathematics := nomenclature.Asked{Matiere: "061300", Modalite: "S", Competences: maths}
	for _, c := range []struct{ got, want []int }{
		{ranks(mathematics, mathematics), []int{1, 2}},
		{ranks(mathematics, mathematics, mathematics), []int{1, 2, 0}},
		{ranks(physics(speciality), physics(common)), []int{2, 1}},
		{ranks(physics(nil), physics(common)), []int{2, 1}}, // what the second is decides what the first can be
		{ranks(physics(speciality), physics(nil)), []int{2, 1}},
		{ranks(physics(common), physics(common)), []int{1, 0}},
		{ranks(physics(nil), mathematics, physics(nil)), []int{1, 1, 2}},
	} {
		if !slices.Equal(c.got, c.want) {
			t.Errorf("ranks %v, want %v", c.got, c.want)
		}
	}
}

func TestLanguages(t *testing.T) {
	n := load(t)
	const tes = "20212005110" // where the ministry's list has no language
	for code, want := range map[nomenclature.Matiere]string{
		"030201": "030001", "031402": "030002", "031012": "030002", "030001": "030001", "999702": "",
	} {
		l, err := n.Find(2015, tes, code, "O", nil)
		if string(l.Matiere) != want {
			t.Errorf("%s is line %q, %v; want %q", code, l.Matiere, err, want)
		}
	}
	if l, err := n.Find(2015, tes, "031413", "F", nil); err != nil || l.Matiere != "030003" {
		t.Errorf("LV3 by correspondence: %q, %v", l.Matiere, err)
	}
	p, _ := n.Programme(2015, tes)
	two := p.Match([]nomenclature.Asked{{Matiere: "030602", Modalite: "O"}, {Matiere: "030902", Modalite: "O"}})
	if two[0].Err != nil || two[1].Err != nil || two[1].Line.Rank != 1 {
		t.Errorf("two languages on one generic line: %+v", two)
	}
	_, err := n.Find(2015, tes, "030209", "O", nil)
	refused(t, err, "matiere-hors-programme", "section européenne")
	_, err = n.Find(2015, tes, "030201", "S", nil)
	refused(t, err, "modalite-hors-programme", "ANGLAIS", "tronc commun")
	_, err = n.Find(2015, tes, "307600", "S", nil)
	refused(t, err, "matiere-hors-programme", "307600")
	for code, want := range map[nomenclature.Matiere]string{
		"030201": "LANGUE ÉTUDIÉE\u00a0: ANGLAIS (LV1)", "030608": "LITTÉRATURE ÉTRANGÈRE EN ESPAGNOL",
		"031512": "LANGUE ÉTUDIÉE\u00a0: LANGUE 15 (LV2)", "061300": "MATHÉMATIQUES",
	} {
		if got, ok := n.MatiereLabel(code); !ok || got != want {
			t.Errorf("label of %s is %q, want %q", code, got, want)
		}
	}
}

func TestAFictionalBacPro(t *testing.T) {
	n := load(t)
	file, err := os.ReadFile("testdata/bac-pro-fictif.xml")
	if err != nil {
		t.Fatal(err)
	}
	more, err := n.Extend(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	_, err = n.Programme(2016, "24799901331")
	refused(t, err, "serie-sans-nomenclature")
	p, err := more.Programme(2017, "24799901331")
	if err != nil || p.Serie != "PRO-HORLOGERIE" || p.Voie() != nomenclature.VoieProfessionnelle || p.Niveau != nomenclature.Terminale {
		t.Fatalf("%+v, %v", p.Formation, err)
	}
	if l := p.Lines[1]; l.Marked || l.Discipline != "CHEF-D’ŒUVRE" || l.Position != 2 {
		t.Errorf("%+v", l)
	}
	for year, want := range map[nomenclature.SchoolYear]string{2015: "Maîtriser les connaissances exigibles", 2016: "Maîtriser l’essentiel des connaissances"} {
		if got, _ := more.CompetenceLabel(year, "0094"); got != want {
			t.Errorf("0094 in %d: %q", year, got)
		}
	}
	// A later list of other formations does not hide those of the général séries.
	if p, err := more.Programme(2016, "20211010110"); err != nil || p.Millesime != 2015 {
		t.Errorf("%v, %v", p.Millesime, err)
	}
	if got := len(more.Formations(2016)); got != 31 {
		t.Errorf("%d formations in 2016", got)
	}
	_, held, err := n.ExtendBy(bytes.NewReader(file))
	if err != nil || len(held) != 2 || held[0].MEF != "24799901321" || held[1].MEF != "24799901331" || held[1].Millesime != 2016 || len(held[1].Lines) != 2 {
		t.Errorf("the file holds %+v, %v", held, err)
	}
	if got := len(more.Programmes()) - len(n.Programmes()); got != len(held) {
		t.Errorf("%d programmes more", got)
	}
	latin1 := bytes.Replace(file, []byte("UTF-8"), []byte("ISO-8859-15"), 1)
	for from, to := range map[string]string{"è": "\xe8", "É": "\xc9", "Œ": "\xbc", "î": "\xee", "é": "\xe9"} {
		latin1 = bytes.ReplaceAll(latin1, []byte(from), []byte(to))
	}
	again, err := n.Extend(bytes.NewReader(latin1))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(again, more) {
		t.Error("the same file in ISO-8859-15 is read otherwise")
	}
}

func TestAFaultyNomenclatureFile(t *testing.T) {
	n := load(t)
	file, err := os.ReadFile("testdata/bac-pro-fictif.xml")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ old, replacement, rule, says string }{
		"DTD":            {"<nomenclaturesLsl>", `<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><nomenclaturesLsl>`, "nomenclature-illisible", "DTD"},
		"entity":         {"Organiser", "&e;", "nomenclature-illisible", "mal formé"},
		"MEF":            {"24799901321", "247999", "nomenclature-illisible", "onze caractères"},
		"twice":          {"24799901331", "24799901320", "nomenclature-illisible", "deux fois"},
		"modalité":       {`modaliteElection="S"`, `modaliteElection="R"`, "nomenclature-illisible", "religieux"},
		"matière":        {"999902", "99990", "nomenclature-illisible", "six chiffres"},
		"level":          {"Terminale", "Seconde", "nomenclature-illisible", "niveau"},
		"no wording":     {"<competence>9002</competence>", "<competence>9009</competence>", "nomenclature-illisible", "9009"},
		"other root":     {"nomenclaturesLsl>", "nomenclatures>", "nomenclature-illisible", "pas connu"},
		"truncated":      {"</nomenclaturesLsl>", "", "nomenclature-illisible", "mal formé"},
		"year":           {`millesime="2016"`, `millesime="16"`, "nomenclature-illisible", "année"},
		"excluded série": {"PRO-HORLOGERIE", "STAV", "serie-hors-livret", "agriculture"},
	} {
		t.Run(name, func(t *testing.T) {
			bad := strings.ReplaceAll(string(file), c.old, c.replacement)
			got, err := n.Extend(strings.NewReader(bad))
			refused(t, err, c.rule, c.says)
			if !reflect.DeepEqual(got, n) {
				t.Error("something of a faulty file was taken")
			}
		})
	}
	if _, err := n.Extend(io.MultiReader(strings.NewReader("<nomenclaturesLsl>"), endless{})); err == nil {
		t.Error("an endless file was read")
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return copy(p, "<!--           -->"), nil }

func FuzzExtend(f *testing.F) {
	file, err := os.ReadFile("testdata/bac-pro-fictif.xml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(file)
	f.Add([]byte(`<nomenclaturesLsl><anneeScolaire millesime="2015"><mef codeMef="20211010110"/></anneeScolaire></nomenclaturesLsl>`))
	f.Add([]byte("<!DOCTYPE a>"))
	n, err := nomenclature.Load()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		more, err := n.Extend(bytes.NewReader(data))
		if err != nil {
			if _, ok := errors.AsType[*domain.Refusal](err); !ok {
				t.Fatalf("not a refusal: %v", err)
			}
			return
		}
		if len(more.Formations(9999)) < len(n.Formations(9999)) {
			t.Fatal("extending lost a formation")
		}
	})
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if _, err := nomenclature.Load(); err != nil {
			b.Fatal(err)
		}
	}
}
