package siecle_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"livret/domain"
	"livret/domain/exchange/siecle"
	"livret/domain/nomenclature"
)

const responsables = `<BEE_RESPONSABLES VERSION="3.1">
` + parameters + `<DONNEES><PERSONNES>
<PERSONNE PERSONNE_ID="700"><NOM_DE_FAMILLE>ABEL</NOM_DE_FAMILLE><NOM_USAGE>LE GOFF </NOM_USAGE><PRENOM>Alma</PRENOM><LC_CIVILITE>MME</LC_CIVILITE><TEL_PERSONNEL>0100000000</TEL_PERSONNEL><CODE_PROFESSION>99</CODE_PROFESSION></PERSONNE>
<PERSONNE PERSONNE_ID="701"><NOM>DORN</NOM><PRENOM>Tanguy</PRENOM><LC_CIVILITE>M.</LC_CIVILITE></PERSONNE>
<PERSONNE PERSONNE_ID="700"><NOM_DE_FAMILLE>ABEL</NOM_DE_FAMILLE><NOM_USAGE>LE GOFF</NOM_USAGE><PRENOM>Alma</PRENOM><LC_CIVILITE>MME</LC_CIVILITE></PERSONNE>
</PERSONNES><RESPONSABLES>
<RESPONSABLE_ELEVE><ELEVE_ID>101</ELEVE_ID><PERSONNE_ID>700</PERSONNE_ID><RESP_LEGAL>1</RESP_LEGAL><CODE_PARENTE>2</CODE_PARENTE></RESPONSABLE_ELEVE>
<RESPONSABLE><ELEVE_ID>101</ELEVE_ID><PERSONNE_ID>701</PERSONNE_ID><RESP_LEGAL>0</RESP_LEGAL><CODE_PARENTE>4</CODE_PARENTE></RESPONSABLE>
<RESPONSABLE_ELEVE><ELEVE_ID>102</ELEVE_ID><PERSONNE_ID>700</PERSONNE_ID><RESP_LEGAL>2</RESP_LEGAL><CODE_PARENTE>2</CODE_PARENTE></RESPONSABLE_ELEVE>
</RESPONSABLES><ADRESSES><ADRESSE ADRESSE_ID="1"><CODE_POSTAL>00000</CODE_POSTAL></ADRESSE></ADRESSES></DONNEES></BEE_RESPONSABLES>
`

func TestReadGuardians(t *testing.T) {
	g, err := siecle.ReadGuardians(strings.NewReader(responsables))
	if err != nil || g.Findings != nil || len(g.ByPupil) != 2 || len(g.ByPupil[101]) != 2 {
		t.Fatalf("%v, %v", err, g)
	}
	mother, contact, again := g.ByPupil[101][0], g.ByPupil[101][1], g.ByPupil[102][0]
	if mother.Name != "LE GOFF" || mother.Legal != 1 || mother.Parente != "2" || mother.Civility != "MME" || contact.Name != "DORN" || contact.Legal != 0 || again.PersonID != 700 || again.Legal != 2 {
		t.Error("the responsables are not those of the file")
	}
	for name, c := range map[string]struct{ old, new, want string }{
		"unknown authority":   {"<RESP_LEGAL>1<", "<RESP_LEGAL>3<", "warning responsabilite-inconnue 8"},
		"unknown person":      {"<PERSONNE_ID>701<", "<PERSONNE_ID>702<", "warning responsable-inconnu 9"},
		"unknown pupil":       {"<ELEVE_ID>102<", "<ELEVE_ID><", "warning responsable-inconnu 10"},
		"no identifier":       {`PERSONNE_ID="701"`, ``, "warning responsable-sans-identifiant 5,warning responsable-inconnu 9"},
		"two persons as one":  {`PERSONNE_ID="701"`, `PERSONNE_ID="700"`, "warning responsable-en-double 5,warning responsable-inconnu 9"},
		"a person twice":      {"<PERSONNE_ID>701<", "<PERSONNE_ID>700<", "warning responsable-en-double 9"},
		"the same link twice": {"<ELEVE_ID>102</ELEVE_ID><PERSONNE_ID>700</PERSONNE_ID><RESP_LEGAL>2<", "<ELEVE_ID>101</ELEVE_ID><PERSONNE_ID>700</PERSONNE_ID><RESP_LEGAL>1<", ""},
	} {
		g, err := siecle.ReadGuardians(strings.NewReader(strings.Replace(responsables, c.old, c.new, 1)))
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(verdicts(g.Findings...), ","); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
		if name == "unknown authority" || name == "a person twice" {
			if g.ByPupil[101][0].Legal != 0 {
				t.Errorf("%s: a doubt opens a livret", name)
			}
		}
	}
}

func TestReadStructures(t *testing.T) {
	const file = `<BEE_STRUCTURES>` + parameters + `<DONNEES><DIVISIONS>x
<DIVISION CODE_STRUCTURE="T S 1  "><LIBELLE_LONG>TERMINALE </LIBELLE_LONG><MEFS_APPARTENANCE>x<MEF_APPARTENANCE><CODE_MEF>20211010110</CODE_MEF></MEF_APPARTENANCE><MEF_APPARTENANCE><CODE_MEF>2021101111A</CODE_MEF></MEF_APPARTENANCE><MEF_APPARTENANCE><CODE_MEF>court</CODE_MEF></MEF_APPARTENANCE></MEFS_APPARTENANCE></DIVISION>
</DIVISIONS><GROUPES><GROUPE CODE_STRUCTURE="61"><LIBELLE_LONG>ANGLAIS</LIBELLE_LONG><DIVISIONS_APPARTENANCE><DIVISION_APPARTENANCE><CODE_STRUCTURE>T S 1</CODE_STRUCTURE></DIVISION_APPARTENANCE></DIVISIONS_APPARTENANCE></GROUPE></GROUPES></DONNEES></BEE_STRUCTURES>`
	s, err := siecle.ReadStructures(strings.NewReader(file))
	if err != nil || len(s.Divisions) != 1 || len(s.Groups) != 1 {
		t.Fatalf("%v, %+v", err, s)
	}
	if d := s.Divisions[0]; d.Code != "T S 1" || d.Label != "TERMINALE" || !slices.Equal(d.MEFs, []nomenclature.MEF{"20211010110", "2021101111A"}) {
		t.Errorf("%+v", d)
	}
	if g := s.Groups[0]; g.Code != "61" || g.Label != "ANGLAIS" || !slices.Equal(g.Divisions, []string{"T S 1"}) {
		t.Errorf("%+v", g)
	}
	if got := strings.Join(verdicts(s.Findings...), ","); got != "warning mef-illisible 3" {
		t.Error(got)
	}
}

const nomenclatures = `<BEE_NOMENCLATURES VERSION="1.9">
` + parameters + `<DONNEES><MEFS>
<MEF CODE_MEF="20211010112"><FORMATION>TS   </FORMATION><LIBELLE_LONG>TERMINALE S</LIBELLE_LONG><STATUT_MEF>1</STATUT_MEF><MEF_RATTACHEMENT>20211010110</MEF_RATTACHEMENT></MEF>
<MEF CODE_MEF="7419990B11A"><FORMATION>TSTAV</FORMATION><LIBELLE_EDITION>Terminale STAV</LIBELLE_EDITION><MEF_RATTACHEMENT></MEF_RATTACHEMENT></MEF>
<MEF CODE_MEF="x"/>
</MEFS><MATIERES>
<MATIERE CODE_MATIERE="061300"><LIBELLE_EDITION>Mathématiques</LIBELLE_EDITION><MATIERE_ETP>0</MATIERE_ETP></MATIERE>
<MATIERE CODE_MATIERE="030C09"><LIBELLE_LONG>ANGLAIS EUROPEEN</LIBELLE_LONG><MATIERE_ETP>1</MATIERE_ETP><CODE_MATIERE_NATIONALE>030209</CODE_MATIERE_NATIONALE></MATIERE>
<MATIERE CODE_MATIERE="040B00"><MATIERE_ETP>1</MATIERE_ETP></MATIERE>
</MATIERES><PROFESSIONS><PROFESSION CODE_PROFESSION="10"/></PROFESSIONS></DONNEES></BEE_NOMENCLATURES>
`

func TestReadNomenclature(t *testing.T) {
	n, err := siecle.ReadNomenclature(strings.NewReader(nomenclatures))
	if err != nil || len(n.Formations) != 2 || len(n.Matieres) != 3 {
		t.Fatalf("%v, %+v", err, n)
	}
	if n.BaseOf("20211010112") != "20211010110" || n.BaseOf("7419990B11A") != "7419990B11A" || n.BaseOf("21233104110") != "21233104110" {
		t.Errorf("%+v", n.Formations)
	}
	if serie, ok := nomenclature.SerieOf(n.LabelOf("7419990B11A")); !ok || serie != "STAV" || n.LabelOf("x") != "" {
		t.Errorf("%s", serie)
	}
	for code, want := range map[string]nomenclature.Matiere{"061300": "061300", "030C09": "030209", "040B00": "", "020700": "020700"} {
		if got, ok := n.National(code); got != want || ok != (want != "") {
			t.Errorf("%s is %s, %v", code, got, ok)
		}
	}
	if !n.Matieres[1].Local || n.Matieres[0].Local || n.Matieres[1].Label != "ANGLAIS EUROPEEN" {
		t.Errorf("%+v", n.Matieres)
	}
	if got := strings.Join(verdicts(n.Findings...), ","); got != "warning mef-illisible 6" {
		t.Error(got)
	}
}

var (
	anyText = rapid.Map(rapid.StringOfN(rapid.RuneFrom([]rune("Aeéœ’'& <")), 1, 20, -1), func(s string) string { return strings.Join(strings.Fields("x"+s), " ") })
	anyCode = rapid.SampledFrom([]string{"TS1", "61", "T S 2", "4e 1"})
	anyMEF  = rapid.SampledFrom([]nomenclature.MEF{"20211010110", "2021101111A"})
	anyDay  = rapid.Custom(func(t *rapid.T) domain.Date {
		return domain.NewDate(rapid.IntRange(1990, 2016).Draw(t, "year"), 2, rapid.IntRange(0, 28).Draw(t, "day"))
	})
	header = siecle.Header{UAI: "0000123J", Year: 2015, Exported: domain.NewDate(2015, 9, 15), Version: "2.1"}
)

var anyPupil = rapid.Custom(func(t *rapid.T) siecle.Pupil {
	p := siecle.Pupil{
		ID: rapid.Uint64Range(1, 1<<40).Draw(t, "id"), FamilyName: anyText.Draw(t, "family"), FirstNames: rapid.SliceOfN(anyText, 1, 3).Draw(t, "first"),
		Birth: anyDay.Draw(t, "birth"), Entered: anyDay.Draw(t, "entered"), Sex: rapid.SampledFrom([]string{"", "1", "2"}).Draw(t, "sex"),
		BirthTown: rapid.OneOf(rapid.Just(""), anyText).Draw(t, "town"), Repeating: rapid.Bool().Draw(t, "repeating"), MEF: anyMEF.Draw(t, "mef"),
		Division: anyCode.Draw(t, "division"), Groups: rapid.SliceOfNDistinct(anyCode, 0, 2, rapid.ID).Draw(t, "groups"),
	}
	p.Number = "n" + string(rune('a'+p.ID%26))
	if usage := anyText.Draw(t, "usage"); usage != p.FamilyName {
		p.UsageName = usage
	}
	if numbers := rapid.SliceOfNDistinct(rapid.StringMatching(`[0-9]{9}[A-H]{2}`), 0, 3, rapid.ID).Draw(t, "ine"); len(numbers) > 0 {
		p.INE, p.FormerINE = numbers[0], numbers[1:]
	}
	for range rapid.IntRange(0, 3).Draw(t, "options") {
		p.Options = append(p.Options, siecle.Option{Matiere: rapid.SampledFrom([]string{"030201", "030C09"}).Draw(t, "matiere"), Modalite: "O"})
	}
	if rapid.Bool().Draw(t, "before") {
		p.Before = siecle.School{UAI: "0000123J", Name: anyText.Draw(t, "school"), Town: anyText.Draw(t, "town"), Division: anyCode.Draw(t, "class")}
	}
	if rapid.IntRange(0, 9).Draw(t, "gone") == 0 {
		p.Left, p.Refused = domain.NewDate(2015, 9, 4), true
	}
	return p
})

var same = cmp.Options{
	cmpopts.EquateEmpty(), cmp.Comparer(func(a, b domain.Date) bool { return a == b }),
	cmpopts.IgnoreFields(siecle.Pupil{}, "Line", "Findings", "Redacted"), cmpopts.IgnoreFields(siecle.Guardian{}, "Line", "Redacted"),
}

// Every reader gives back what its writer wrote.
func TestReadersGiveBackWhatWritersWrote(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var file bytes.Buffer
		check := func(want, got any, err error) {
			if diff := cmp.Diff(want, got, same); err != nil || diff != "" {
				t.Fatalf("%v\n%s", err, diff)
			}
			file.Reset()
		}
		write := func(err error) {
			if err != nil {
				t.Fatal(err)
			}
		}
		pupils := &siecle.Pupils{Header: header, Pupils: rapid.SliceOfNDistinct(anyPupil, 1, 4, func(p siecle.Pupil) uint64 { return p.ID }).Draw(t, "pupils")}
		seen := map[string]bool{}
		for i := range pupils.Pupils { // an INE is one pupil's
			if p := &pupils.Pupils[i]; seen[p.INE] {
				p.INE, p.FormerINE = "", nil
			} else {
				seen[p.INE] = true
			}
		}
		write(siecle.WritePupils(&file, pupils))
		gotPupils, err := siecle.ReadPupils(&file)
		check(pupils, gotPupils, err)

		guardians := &siecle.Guardians{Header: header, ByPupil: map[uint64][]siecle.Guardian{}}
		for _, pupil := range rapid.SliceOfNDistinct(rapid.Uint64Range(1, 1000), 1, 3, rapid.ID).Draw(t, "of") {
			for _, id := range rapid.SliceOfNDistinct(rapid.Uint64Range(1, 5), 1, 3, rapid.ID).Draw(t, "persons") {
				name := strings.Repeat("É", int(id)) // a person has one name
				guardians.ByPupil[pupil] = append(guardians.ByPupil[pupil], siecle.Guardian{
					PersonID: id, Civility: "MME", Name: name, First: name, Legal: rapid.Uint8Range(0, 2).Draw(t, "legal"), Parente: "1",
				})
			}
		}
		write(siecle.WriteGuardians(&file, guardians))
		gotGuardians, err := siecle.ReadGuardians(&file)
		check(guardians, gotGuardians, err)

		structures := &siecle.Structures{
			Header:    header,
			Divisions: []siecle.Division{{Code: anyCode.Draw(t, "code"), Label: anyText.Draw(t, "label"), MEFs: rapid.SliceOfN(anyMEF, 0, 3).Draw(t, "mefs")}},
			Groups:    []siecle.Group{{Code: anyCode.Draw(t, "code"), Label: anyText.Draw(t, "label"), Divisions: rapid.SliceOfN(anyCode, 0, 3).Draw(t, "divisions")}},
		}
		write(siecle.WriteStructures(&file, structures))
		gotStructures, err := siecle.ReadStructures(&file)
		check(structures, gotStructures, err)

		nomenclatures := &siecle.Nomenclature{
			Header:     header,
			Formations: []siecle.Formation{{MEF: anyMEF.Draw(t, "mef"), Label: anyText.Draw(t, "label"), Formation: "TS", Base: anyMEF.Draw(t, "base")}},
			Matieres:   []siecle.Matiere{{Code: "030C09", Label: anyText.Draw(t, "label"), Local: true, National: "030209"}, {Code: "061300"}},
		}
		write(siecle.WriteNomenclature(&file, nomenclatures))
		gotNomenclatures, err := siecle.ReadNomenclature(&file)
		check(nomenclatures, gotNomenclatures, err)
	})
}

func TestFilesAreWrittenAsSIECLEDoes(t *testing.T) {
	var file bytes.Buffer
	if err := siecle.WritePupils(&file, &siecle.Pupils{Header: header, Pupils: []siecle.Pupil{{ID: 1, FamilyName: "LÉ"}}}); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(file.String(), `<?xml version="1.0" encoding="ISO-8859-15"?>`) || !strings.Contains(file.String(), "<NOM_DE_FAMILLE>L\xc9") || !strings.Contains(file.String(), "  </NOM_DE_FAMILLE>") {
		t.Errorf("%q", file.String())
	}
}

// Any file is read by all readers or refused by them, and nothing panics.
func FuzzReaders(f *testing.F) {
	for _, seed := range []string{eleves, responsables, nomenclatures, "<BEE_STRUCTURES>" + parameters + "<DONNEES><DIVISIONS><DIVISION CODE_STRUCTURE='a'><MEFS_APPARTENANCE/></DIVISION></DIVISIONS></DONNEES></BEE_STRUCTURES>"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		pupils, pupilsErr := siecle.ReadPupils(bytes.NewReader(file))
		guardians, guardiansErr := siecle.ReadGuardians(bytes.NewReader(file))
		structures, structuresErr := siecle.ReadStructures(bytes.NewReader(file))
		nomenclatures, nomenclaturesErr := siecle.ReadNomenclature(bytes.NewReader(file))
		read := 0
		for _, r := range []struct {
			given bool
			err   error
		}{{pupils != nil, pupilsErr}, {guardians != nil, guardiansErr}, {structures != nil, structuresErr}, {nomenclatures != nil, nomenclaturesErr}} {
			if r.given == (r.err != nil) {
				t.Fatalf("neither a file nor an error, or both: %v", r.err)
			}
			if r.err == nil {
				read++
			} else if !strings.HasPrefix(ruleOf(r.err), "file ") {
				t.Fatalf("error of another kind: %v", r.err)
			}
		}
		if read > 1 {
			t.Fatal("one file is of two kinds")
		}
		if pupils != nil {
			for _, p := range pupils.Pupils {
				if !p.Refused && (p.ID == 0 || p.FamilyName == "" || p.Division == "") {
					t.Fatal("a pupil who can not be found again is taken")
				}
			}
		}
	})
}
