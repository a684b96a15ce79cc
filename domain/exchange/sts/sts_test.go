package sts_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"livret/domain"
	"livret/domain/exchange"
	"livret/domain/exchange/sts"
	"livret/domain/identity"
	"livret/domain/nomenclature"
)

const full = `<?xml version="1.0" encoding="UTF-8"?>
<STS_EDT>
<PARAMETRES><UAJ CODE="0000123J"><SIGLE>LGT</SIGLE><DENOM_PRINC>LYCEE </DENOM_PRINC><DENOM_COMPL>FICTIF</DENOM_COMPL><ACADEMIE><CODE>08</CODE><LIBELLE>GRENOBLE</LIBELLE></ACADEMIE><ADRESSE>1 RUE DES ESSAIS</ADRESSE><COMMUNE>VILLE-HAUTE</COMMUNE></UAJ><ANNEE_SCOLAIRE ANNEE="2015"><DATE_DEBUT>2015-09-01</DATE_DEBUT></ANNEE_SCOLAIRE></PARAMETRES>
<NOMENCLATURES><MATIERES><MATIERE CODE="061300"><LIBELLE_LONG>MATHS</LIBELLE_LONG></MATIERE></MATIERES></NOMENCLATURES>
<DONNEES><INDIVIDUS>
<INDIVIDU ID="1001" TYPE="epp"><SEXE>2</SEXE><CIVILITE>3</CIVILITE><NOM_USAGE>LE  GOFF</NOM_USAGE><NOM_PATRONYMIQUE>ABEL</NOM_PATRONYMIQUE><PRENOM>Ysée</PRENOM><DATE_NAISSANCE>1970-01-01</DATE_NAISSANCE><GRADE>AGREGE</GRADE><FONCTION>ENS</FONCTION><PROFS_PRINC><PROF_PRINC><CODE_STRUCTURE>T S 1</CODE_STRUCTURE><DATE_DEBUT>2015-09-01</DATE_DEBUT><DATE_FIN>2016-08-31</DATE_FIN></PROF_PRINC><PROF_PRINC><CODE_STRUCTURE>61</CODE_STRUCTURE></PROF_PRINC></PROFS_PRINC></INDIVIDU>
<INDIVIDU ID="1002" TYPE="dir"><CIVILITE>1</CIVILITE><NOM_PATRONYMIQUE>DORN</NOM_PATRONYMIQUE><PRENOM>Tanguy</PRENOM><FONCTION>DIR</FONCTION></INDIVIDU>
<INDIVIDU ID="1001" TYPE="local"><NOM_USAGE>MORVAN</NOM_USAGE><FONCTION/></INDIVIDU>
</INDIVIDUS><SUPPLEANTS><SUPPLEANT ID="2001" TYPE="eppsup"><CIVILITE>1</CIVILITE><NOM_USAGE>ABEL</NOM_USAGE><PRENOM>Noé</PRENOM></SUPPLEANT></SUPPLEANTS>
<STRUCTURE><DIVISIONS><DIVISION CODE="T S 1"><LIBELLE_LONG>TERMINALE</LIBELLE_LONG><MEFS_APPARTENANCE><MEF CODE="20211010110"/></MEFS_APPARTENANCE><SERVICES><SERVICE CODE_MATIERE="061300" CODE_MOD_COURS="CG"><ENSEIGNANTS><ENSEIGNANT ID="1001" TYPE="epp"/><ENSEIGNANT ID="9999" TYPE="epp"/></ENSEIGNANTS></SERVICE></SERVICES></DIVISION></DIVISIONS>
<GROUPES><GROUPE CODE="61"><LIBELLE_LONG>ANGLAIS</LIBELLE_LONG><DIVISIONS_APPARTENANCE><DIVISION_APPARTENANCE CODE="T S 1"/></DIVISIONS_APPARTENANCE><SERVICES><SERVICE CODE_MATIERE="030C09" CODE_MOD_COURS="TD"/></SERVICES></GROUPE></GROUPES></STRUCTURE></DONNEES>
</STS_EDT>
`

func TestRead(t *testing.T) {
	f, err := sts.Read(strings.NewReader(full))
	if err != nil || f.Findings != nil {
		t.Fatalf("%v, %v", err, f)
	}
	if f.UAI != "0000123J" || f.SchoolName != "LYCEE FICTIF" || f.Town != "VILLE-HAUTE" || f.Academie != "08" || f.Year != 2015 || len(f.Staff) != 4 {
		t.Fatalf("%s %s %s %s %d %d", f.UAI, f.SchoolName, f.Town, f.Academie, f.Year, len(f.Staff))
	}
	teacher, head, local, substitute := f.Staff[0], f.Staff[1], f.Staff[2], f.Staff[3]
	for name, ok := range map[string]bool{
		"the teacher":    teacher.Name == "LE GOFF" && teacher.First == "Ysée" && teacher.Civility == "Mme" && teacher.Function == "ENS" && teacher.Line == 6,
		"the head":       head.Name == "DORN" && head.Civility == "M." && head.Function == "DIR" && head.Type == "dir",
		"the local one":  local.Name == "MORVAN" && local.Civility == "" && local.Function == "" && local.ID == "1001",
		"the substitute": substitute.Substitute && !teacher.Substitute && substitute.Name == "ABEL",
		"the division":   f.Divisions[0].Code == "T S 1" && f.Divisions[0].MEFs[0] == "20211010110" && f.Divisions[0].Services[0].Matiere == "061300",
		"the group":      f.Groups[0].Divisions[0] == "T S 1" && f.Groups[0].Services[0].Matiere == "030C09" && f.Groups[0].Services[0].Mode == "TD",
		"in September":   slices.Equal(teacher.PrincipalOn(domain.NewDate(2015, 9, 1)), []string{"T S 1", "61"}),
		"a year later":   slices.Equal(teacher.PrincipalOn(domain.NewDate(2016, 9, 1)), []string{"61"}),
		"the day before": slices.Equal(teacher.PrincipalOn(domain.NewDate(2015, 8, 31)), []string{"61"}),
	} {
		if !ok {
			t.Errorf("%s is not as in the file", name)
		}
	}
	taught := f.Divisions[0].Services[0].Teachers
	if s, ok := f.Find(taught[0]); !ok || s.Name != "LE GOFF" {
		t.Error("the teacher of a service is not found")
	}
	if _, ok := f.Find(taught[1]); ok {
		t.Error("a teacher who is not in the file is found")
	}
	if s, ok := f.Find(sts.Ref{ID: "1001", Type: "local"}); !ok || s.Name != "MORVAN" {
		t.Error("an ID is that of another type")
	}
	if s, ok := f.Find(sts.Ref{ID: "2001"}); !ok || s.Name != "ABEL" {
		t.Error("a reference without type is not found")
	}
	if events, err := teacher.Identity(f.UAI).Decide(new(identity.Staff)); err != nil || len(events) != 1 {
		t.Errorf("%d events, %v", len(events), err)
	}
	if said := fmt.Sprintf("%v %+v", teacher, f.Staff); strings.Contains(said, "GOFF") {
		t.Errorf("printed: %s", said)
	}
}

func TestFindingsAndRefusals(t *testing.T) {
	for name, c := range map[string]struct{ old, new, want string }{
		"timetable software":  {"STS_EDT>", "EDT_STS>", "file fichier-d-un-autre-genre 2"},
		"another file":        {"STS_EDT>", "BEE_STRUCTURES>", "file fichier-d-un-autre-genre 2"},
		"a wrong UAI":         {"0000123J", "0000123K", "file uai-lettre-fausse 2"},
		"no year":             {` ANNEE="2015"`, ``, "file annee-illisible 2"},
		"no parameters":       {"PARAMETRES>", "PARAMETRAGE>", "file uai-illisible 2"},
		"a cut":               {"</INDIVIDUS>", "</INDIVIDU", "file xml-mal-forme 9"},
		"nobody's name":       {"<NOM_PATRONYMIQUE>DORN</NOM_PATRONYMIQUE>", "", "warning personnel-illisible 7"},
		"no identifier":       {`ID="1002"`, ``, "warning personnel-illisible 7"},
		"one of a type twice": {`ID="1001" TYPE="local"`, `ID="1001" TYPE="epp"`, "warning personnel-en-double 8"},
		"text here and there": {`<DIVISIONS>`, `x<DIVISIONS>y`, ""},
	} {
		f, err := sts.Read(strings.NewReader(strings.ReplaceAll(full, c.old, c.new)))
		got := ""
		if refused, ok := errors.AsType[*exchange.FileRefused](err); ok {
			got = fmt.Sprint("file ", refused.Refusal.Rule, " ", refused.Line)
			if refused.Refusal.Reason == "" || refused.Refusal.Remedy == "" {
				t.Errorf("%s: nothing is explained", name)
			}
		} else if err == nil {
			for _, finding := range f.Findings {
				got += fmt.Sprint("warning ", finding.Rule, " ", finding.Line)
			}
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

var (
	anyText = rapid.Map(rapid.StringOfN(rapid.RuneFrom([]rune("Aeéœ’'& <")), 1, 20, -1), func(s string) string { return strings.Join(strings.Fields("x"+s), " ") })
	anyCode = rapid.SampledFrom([]string{"TS1", "61", "T S 2"})
	anyRef  = rapid.Custom(func(t *rapid.T) sts.Ref {
		return sts.Ref{ID: rapid.StringMatching(`[0-9]{4}`).Draw(t, "id"), Type: rapid.SampledFrom([]string{"epp", "local", "dir"}).Draw(t, "type")}
	})
	anyService = rapid.Custom(func(t *rapid.T) sts.Service {
		return sts.Service{Matiere: rapid.SampledFrom([]string{"061300", "030C09"}).Draw(t, "matiere"), Mode: "CG", Teachers: rapid.SliceOfN(anyRef, 0, 2).Draw(t, "teachers")}
	})
	anyStaff = rapid.Custom(func(t *rapid.T) sts.Staff {
		ref := anyRef.Draw(t, "ref")
		s := sts.Staff{
			ID: ref.ID, Type: ref.Type, Civility: rapid.SampledFrom([]string{"", "M.", "Mme"}).Draw(t, "civility"), Name: anyText.Draw(t, "name"), First: anyText.Draw(t, "first"),
			Function: rapid.SampledFrom([]string{"ENS", "EDU", "DIR", ""}).Draw(t, "function"),
		}
		for range rapid.IntRange(0, 2).Draw(t, "principal") {
			s.Principal = append(s.Principal, sts.Principal{Division: anyCode.Draw(t, "of"), From: domain.NewDate(2015, 9, 1), Until: domain.NewDate(2016, 8, rapid.IntRange(0, 31).Draw(t, "until"))})
		}
		return s
	})
)

func TestReadGivesBackWhatWriteWrote(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := &sts.File{
			UAI: "0000123J", Academie: "08", SchoolName: anyText.Draw(t, "school"), Town: anyText.Draw(t, "town"), Year: 2015,
			Staff: rapid.SliceOfNDistinct(anyStaff, 0, 4, func(s sts.Staff) sts.Ref { return sts.Ref{ID: s.ID, Type: s.Type} }).Draw(t, "staff"),
			Divisions: []sts.Division{{
				Code: anyCode.Draw(t, "code"), Label: anyText.Draw(t, "label"), MEFs: []nomenclature.MEF{"20211010110"}, Services: rapid.SliceOfN(anyService, 0, 3).Draw(t, "services"),
			}},
			Groups: []sts.Group{{
				Code: anyCode.Draw(t, "code"), Label: anyText.Draw(t, "label"), Divisions: rapid.SliceOfN(anyCode, 0, 2).Draw(t, "divisions"), Services: rapid.SliceOfN(anyService, 0, 3).Draw(t, "services"),
			}},
		}
		if len(want.Staff) > 2 {
			want.Staff[len(want.Staff)-1].Substitute = true // they come last
		}
		var file bytes.Buffer
		if err := sts.Write(&file, want); err != nil {
			t.Fatal(err)
		}
		got, err := sts.Read(&file)
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.IgnoreFields(sts.Staff{}, "Line", "Redacted"), cmp.Comparer(func(a, b domain.Date) bool { return a == b })); err != nil || diff != "" {
			t.Fatalf("%v\n%s", err, diff)
		}
	})
}

// Any file is read or refused, and nothing panics.
func FuzzRead(f *testing.F) {
	f.Add([]byte(full))
	f.Add([]byte(strings.ReplaceAll(full, "STS_EDT", "EDT_STS")))
	f.Fuzz(func(t *testing.T, content []byte) {
		file, err := sts.Read(bytes.NewReader(content))
		if _, ok := errors.AsType[*exchange.FileRefused](err); err != nil && !ok || (file == nil) == (err == nil) {
			t.Fatalf("%v, %v", file, err)
		}
		if err == nil {
			for _, s := range file.Staff {
				if s.ID == "" || s.Name == "" {
					t.Fatal("a member of staff who can not be found again is taken")
				}
			}
		}
	})
}
