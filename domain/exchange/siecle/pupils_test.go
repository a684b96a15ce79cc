package siecle_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"livret/domain"
	"livret/domain/exchange"
	"livret/domain/exchange/siecle"
	"livret/domain/identity"
	"livret/domain/nomenclature"
	"livret/domain/record"
)

const parameters = `<PARAMETRES><UAJ>0000123J</UAJ><ANNEE_SCOLAIRE>2015</ANNEE_SCOLAIRE><DATE_EXPORT>15/09/2015</DATE_EXPORT><HORODATAGE>15/09/2015 10:32:11</HORODATAGE></PARAMETRES>
`

// eleves is a base with addresses, its values padded with blanks.
const eleves = `<?xml version="1.0" encoding="UTF-8"?>
<BEE_ELEVES VERSION="2.1">
` + parameters + `<DONNEES>
<ADRESSES><ADRESSE ADRESSE_ID="9"><LIGNE1_ADRESSE>1 RUE DES ESSAIS</LIGNE1_ADRESSE></ADRESSE></ADRESSES>
<ELEVES>
<ELEVE ELEVE_ID="101" ELENOET="31"><ID_NATIONAL>0000000001B  </ID_NATIONAL><INE_BEA>0000000001B</INE_BEA><INE_RNIE>000000001AA</INE_RNIE><NOM_DE_FAMILLE>LE   GOFF     </NOM_DE_FAMILLE><NOM_USAGE>LE GOFF</NOM_USAGE><PRENOM>Ysée </PRENOM><PRENOM2>Alma</PRENOM2><DATE_NAISS>05/12/1998</DATE_NAISS><CODE_PAYS>100</CODE_PAYS><CODE_COMMUNE_INSEE_NAISS>2A004</CODE_COMMUNE_INSEE_NAISS><DOUBLEMENT>1</DOUBLEMENT><DATE_ENTREE>01/09/2013</DATE_ENTREE><CODE_SEXE>2</CODE_SEXE><CODE_MEF>20211010110</CODE_MEF><CODE_STATUT>ST</CODE_STATUT><MEL>y@exemple.invalid</MEL><TEL_PORTABLE>0600000000</TEL_PORTABLE><SCOLARITE_AN_DERNIER><CODE_STRUCTURE>1S1  </CODE_STRUCTURE><CODE_RNE>0000123J</CODE_RNE><DENOM_PRINC>LYCEE </DENOM_PRINC><DENOM_COMPL>FICTIF</DENOM_COMPL><LL_COMMUNE_INSEE>VILLE-HAUTE</LL_COMMUNE_INSEE></SCOLARITE_AN_DERNIER></ELEVE>
<ELEVE ELEVE_ID="102" ELENOET="32"><NOM>ABEL</NOM><PRENOM>Tanguy</PRENOM><DATE_NAISS>01/01/1999</DATE_NAISS><VILLE_NAISS>LONDRES</VILLE_NAISS><CODE_SEXE>1</CODE_SEXE><CODE_MEF>20211010110</CODE_MEF></ELEVE>
</ELEVES>
<OPTIONS>
<OPTION ELEVE_ID="101" ELENOET="31"><OPTIONS_ELEVE><NUM_OPTION>1</NUM_OPTION><CODE_MODALITE_ELECT>O</CODE_MODALITE_ELECT><CODE_MATIERE>030201</CODE_MATIERE></OPTIONS_ELEVE><OPTIONS_ELEVE><NUM_OPTION>2</NUM_OPTION><CODE_MODALITE_ELECT>F</CODE_MODALITE_ELECT><CODE_MATIERE>030C09</CODE_MATIERE></OPTIONS_ELEVE></OPTION>
</OPTIONS>
<STRUCTURES>
<STRUCTURES_ELEVE ELEVE_ID="101" ELENOET="31"><STRUCTURE><CODE_STRUCTURE>T S 1  </CODE_STRUCTURE><TYPE_STRUCTURE>D</TYPE_STRUCTURE></STRUCTURE><STRUCTURE><CODE_STRUCTURE>61</CODE_STRUCTURE><TYPE_STRUCTURE>G</TYPE_STRUCTURE></STRUCTURE><STRUCTURE><CODE_STRUCTURE>ZZ</CODE_STRUCTURE><TYPE_STRUCTURE>Z</TYPE_STRUCTURE></STRUCTURE></STRUCTURES_ELEVE>
<STRUCTURES_ELEVE ELENOET="32"><STRUCTURE><CODE_STRUCTURE>61</CODE_STRUCTURE><TYPE_STRUCTURE>D</TYPE_STRUCTURE></STRUCTURE></STRUCTURES_ELEVE>
</STRUCTURES>
</DONNEES>
</BEE_ELEVES>
`

func TestReadPupils(t *testing.T) {
	f, err := siecle.ReadPupils(strings.NewReader(eleves))
	if err != nil {
		t.Fatal(err)
	}
	if f.Header != (siecle.Header{UAI: "0000123J", Year: 2015, Exported: domain.NewDate(2015, 9, 15), Version: "2.1"}) || len(f.Pupils) != 2 || f.Findings != nil {
		t.Fatalf("%+v, %d pupils, %v", f.Header, len(f.Pupils), f.Findings)
	}
	first, second := f.Pupils[0], f.Pupils[1]
	for name, ok := range map[string]bool{
		"numbers":  first.ID == 101 && first.Number == "31" && first.INE == "000000001AA" && slices.Equal(first.FormerINE, []string{"0000000001B"}),
		"names":    first.FamilyName == "LE GOFF" && first.UsageName == "" && slices.Equal(first.FirstNames, []string{"Ysée", "Alma"}),
		"birth":    first.Birth == domain.NewDate(1998, 12, 5) && first.BirthCommune == "2A004" && first.BirthTown == "" && first.Sex == "2",
		"school":   first.MEF == "20211010110" && first.Repeating && first.Division == "T S 1" && slices.Equal(first.Groups, []string{"61"}) && first.Entered == domain.NewDate(2013, 9, 1),
		"options":  slices.Equal(first.Options, []siecle.Option{{Matiere: "030201", Modalite: "O"}, {Matiere: "030C09", Modalite: "F"}}),
		"before":   first.Before == siecle.School{UAI: "0000123J", Name: "LYCEE FICTIF", Town: "VILLE-HAUTE", Division: "1S1"},
		"taken":    !first.Refused && first.Findings == nil && first.Line == 7,
		"the last": second.FamilyName == "ABEL" && second.BirthTown == "LONDRES" && second.Division == "61" && !second.Refused && !second.Repeating,
		"no INE":   second.INE == "" && len(second.Findings) == 1 && second.Findings[0].Rule == "ine-absent",
	} {
		if !ok {
			t.Errorf("%s is not as in the file", name)
		}
	}
	if said := fmt.Sprintf("%v %+v %#v", first, f.Pupils, first); strings.Contains(said, "GOFF") || strings.Contains(said, "Tanguy") {
		t.Errorf("printed: %s", said)
	}
}

// ruleOf is the rule and line of a refused file.
func ruleOf(err error) string {
	if refused, ok := errors.AsType[*exchange.FileRefused](err); ok {
		return fmt.Sprint("file ", refused.Refusal.Rule, " ", refused.Line)
	}
	return fmt.Sprint(err)
}

func verdicts(findings ...exchange.Finding) (all []string) {
	for _, f := range findings {
		all = append(all, fmt.Sprint([...]string{"warning", "line", "year", "pupil"}[f.Severity], " ", f.Rule, " ", f.Line))
	}
	return all
}

// The findings on a base when one thing in it changes; the second pupil has no INE.
func TestWhichPupilsAreLeftOut(t *testing.T) {
	const usual = "warning ine-absent 8"
	for name, c := range map[string]struct{ old, new, want string }{
		"nothing":                     {"LONDRES", "PARIS", usual},
		"gone":                        {`<DOUBLEMENT>1</DOUBLEMENT>`, `<DATE_SORTIE>04/09/2015</DATE_SORTIE><CODE_MOTIF_SORTIE>10</CODE_MOTIF_SORTIE>`, "pupil eleve-sorti 7," + usual},
		"gone, who knows when":        {`<DOUBLEMENT>1</DOUBLEMENT>`, `<DATE_SORTIE>bientôt</DATE_SORTIE>`, "pupil date-sortie-illisible 7," + usual},
		"not gone":                    {`<DOUBLEMENT>1</DOUBLEMENT>`, `<DATE_SORTIE>   </DATE_SORTIE>`, usual},
		"without division":            {`<TYPE_STRUCTURE>D</TYPE_STRUCTURE></STRUCTURE><STRUCTURE>`, `<TYPE_STRUCTURE>G</TYPE_STRUCTURE></STRUCTURE><STRUCTURE>`, "pupil division-absente 7," + usual},
		"inactive":                    {`T S 1  `, `Inactifs `, "pupil eleve-inactif 7," + usual},
		"in two divisions":            {`<TYPE_STRUCTURE>Z<`, `<TYPE_STRUCTURE>D<`, "warning deux-divisions 14," + usual},
		"in one division twice":       {`ZZ</CODE_STRUCTURE><TYPE_STRUCTURE>Z<`, `T S 1</CODE_STRUCTURE><TYPE_STRUCTURE>D<`, usual},
		"an apprentice":               {`>ST<`, `>AP<`, "pupil statut-hors-livret 7," + usual},
		"a formation of ten":          {`<CODE_MEF>20211010110</CODE_MEF><CODE_STATUT>`, `<CODE_MEF>2021101011</CODE_MEF><CODE_STATUT>`, "pupil mef-illisible 7," + usual},
		"no name":                     {`<NOM>ABEL</NOM>`, ``, usual + ",pupil nom-absent 8"},
		"only a usage name":           {`<NOM>ABEL</NOM>`, `<NOM_USAGE>ABEL</NOM_USAGE>`, usual},
		"no identifier":               {`<ELEVE ELEVE_ID="101"`, `<ELEVE ELEVE_ID=""`, "pupil identifiant-illisible 7," + usual + ",warning eleve-absent 0"},
		"one identifier":              {`<ELEVE ELEVE_ID="102"`, `<ELEVE ELEVE_ID="101"`, usual + ",pupil eleve-en-double 8,warning eleve-absent 0"},
		"one INE":                     {`<NOM>ABEL</NOM>`, `<NOM>ABEL</NOM><INE_RNIE>000000001AA</INE_RNIE>`, "pupil ine-en-double 7,pupil ine-en-double 8"},
		"one INE with one gone":       {`<NOM>ABEL</NOM>`, `<NOM>ABEL</NOM><INE_RNIE>000000001AA</INE_RNIE><DATE_SORTIE>04/09/2015</DATE_SORTIE>`, "pupil eleve-sorti 8"},
		"a birth date of no calendar": {`05/12/1998`, `31/02/1998`, "warning date-naissance-illisible 7," + usual},
		"a wrong UAI of last year":    {`<CODE_RNE>0000123J`, `<CODE_RNE>0000123K`, "warning etablissement-precedent-illisible 7," + usual},
		"text between pupils":         {`<ELEVES>`, `<ELEVES>texte`, usual},
		"text between structures":     {`<STRUCTURES>`, `<STRUCTURES>texte`, usual},
		"text between options":        {`<OPTIONS>`, `<OPTIONS>texte`, usual},
		"an unknown section":          {`<OPTIONS>`, `<BOURSES><BOURSE/></BOURSES><OPTIONS>`, usual},
	} {
		if strings.Count(eleves, c.old) != 1 {
			t.Errorf("%s: the change is not at one place", name)
			continue
		}
		f, err := siecle.ReadPupils(strings.NewReader(strings.Replace(eleves, c.old, c.new, 1)))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var findings []exchange.Finding
		for _, p := range f.Pupils {
			findings = append(findings, p.Findings...)
			if refused := slices.ContainsFunc(p.Findings, exchange.Finding.Refused); refused != p.Refused {
				t.Errorf("%s: refused is %v", name, p.Refused)
			}
		}
		if got := strings.Join(verdicts(append(findings, f.Findings...)...), ","); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, c.want)
		}
	}
}

func TestTheINEIsTheNewestOne(t *testing.T) {
	for _, c := range []struct{ inside, ine, former string }{
		{"<ID_NATIONAL>A</ID_NATIONAL>", "A", ""},
		{"<INE_BEA>B</INE_BEA>", "B", ""},
		{"<INE_BEA>B</INE_BEA><ID_NATIONAL>A</ID_NATIONAL>", "A", "B"},
		{"<INE_BEA>B</INE_BEA><ID_NATIONAL>A</ID_NATIONAL><INE_RNIE>C</INE_RNIE>", "C", "A B"},
		{"<INE_BEA>B</INE_BEA><ID_NATIONAL>C</ID_NATIONAL><INE_RNIE>C</INE_RNIE>", "C", "B"},
	} {
		f, err := siecle.ReadPupils(strings.NewReader(strings.Replace(eleves, "<NOM>ABEL</NOM>", "<NOM>ABEL</NOM>"+c.inside, 1)))
		if err != nil {
			t.Fatal(err)
		}
		if p := f.Pupils[1]; p.INE != c.ine || strings.Join(p.FormerINE, " ") != c.former {
			t.Errorf("%s: %s, %v", c.inside, p.INE, p.FormerINE)
		}
	}
}

func TestNamesHaveAnOrder(t *testing.T) {
	for _, c := range []struct{ inside, family, usage string }{
		{"<NOM>A</NOM>", "A", ""},
		{"<NOM>A</NOM><NOM_DE_FAMILLE>B</NOM_DE_FAMILLE>", "B", ""},
		{"<NOM_DE_FAMILLE>B</NOM_DE_FAMILLE><NOM_USAGE>C</NOM_USAGE>", "B", "C"},
		{"<NOM_USAGE>C</NOM_USAGE>", "C", ""},
	} {
		f, err := siecle.ReadPupils(strings.NewReader(strings.Replace(eleves, "<NOM>ABEL</NOM>", c.inside, 1)))
		if err != nil {
			t.Fatal(err)
		}
		if p := f.Pupils[1]; p.FamilyName != c.family || p.UsageName != c.usage {
			t.Errorf("%s is not %s, %s", c.inside, c.family, c.usage)
		}
	}
}

func TestSectionsMayComeInAnyOrder(t *testing.T) {
	at, end := strings.Index(eleves, "<ELEVES>"), strings.Index(eleves, "<OPTIONS>")
	moved := eleves[:at] + eleves[end:strings.Index(eleves, "</DONNEES>")] + eleves[at:end] + eleves[strings.Index(eleves, "</DONNEES>"):]
	f, err := siecle.ReadPupils(strings.NewReader(moved))
	if err != nil || len(f.Findings) != 0 || f.Pupils[0].Division != "T S 1" || f.Pupils[1].Division != "61" || len(f.Pupils[0].Options) != 2 {
		t.Errorf("%v", err)
	}
}

func TestFilesRefused(t *testing.T) {
	for name, c := range map[string]struct{ file, want string }{
		"another file":  {strings.ReplaceAll(eleves, "BEE_ELEVES", "BEE_STRUCTURES"), "file fichier-d-un-autre-genre 2"},
		"no parameters": {strings.Replace(eleves, parameters, "\n", 1), "file donnees-absentes 2"},
		"no data":       {"<BEE_ELEVES>" + parameters + "</BEE_ELEVES>", "file donnees-absentes 1"},
		"a wrong UAI":   {strings.Replace(eleves, "<UAJ>0000123J", "<UAJ>0000123A", 1), "file uai-lettre-fausse 3"},
		"no UAI":        {strings.Replace(eleves, "<UAJ>0000123J</UAJ>", "", 1), "file uai-illisible 3"},
		"no year":       {strings.Replace(eleves, "<ANNEE_SCOLAIRE>2015", "<ANNEE_SCOLAIRE>", 1), "file annee-illisible 3"},
		"cut":           {eleves[:len(eleves)/2], "file fichier-tronque 7"},
	} {
		_, err := siecle.ReadPupils(strings.NewReader(c.file))
		if got := ruleOf(err); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	for kind, label := range map[string]string{"BEE_RESPONSABLES": "responsables", "BEE_COMMUNS": "communes", "lsl": "LSL", "EDT_STS": "EDT_STS", "html": "inconnu"} {
		_, err := siecle.ReadPupils(strings.NewReader("<" + kind + "/>"))
		refusal, ok := errors.AsType[*domain.Refusal](err)
		if !ok || !strings.Contains(refusal.Reason, label) || !strings.Contains(refusal.Reason, "élèves") || refusal.Remedy == "" {
			t.Errorf("%s: %v, %+v", kind, err, refusal)
		}
	}
}

// A file without end is refused before it fills the memory.
func TestAFileWithoutEndIsRefused(t *testing.T) {
	head, tail, _ := strings.Cut(eleves, "<ELEVES>")
	for name, endless := range map[string]string{"of records": "<ELEVES>" + strings.Repeat("<ELEVE/>\n", 100_001), "of blanks": strings.Repeat("<X/>"+strings.Repeat(" ", 1<<16), 1100)} {
		if testing.Short() && name == "of blanks" {
			continue // it has to be as long as what is refused
		}
		if _, err := siecle.ReadPupils(strings.NewReader(head + endless + tail)); !strings.Contains(ruleOf(err), "demesure") {
			t.Errorf("%s: %s", name, ruleOf(err))
		}
	}
}

func TestProposals(t *testing.T) {
	f, err := siecle.ReadPupils(strings.NewReader(eleves))
	if err != nil {
		t.Fatal(err)
	}
	g := &siecle.Guardians{ByPupil: map[uint64][]siecle.Guardian{101: {{PersonID: 700, Name: "ABEL", Legal: 1, Parente: "2"}}}}
	c := f.Pupils[0].Identity(f.Header, g)
	if !c.GuardiansComplete || len(c.Guardians) != 1 || c.Guardians[0].Legal != 1 || c.INE != "000000001AA" || c.Civil.BirthDate != "1998-12-05" || len(c.Schools) != 2 || c.Schools[1].Year != 2014 {
		t.Error("the identity is not that of the file")
	}
	if events, err := c.Decide(new(identity.Pupil)); err != nil || len(events) != 6 {
		t.Errorf("%d events, %v", len(events), err)
	}
	if c := f.Pupils[1].Identity(f.Header, nil); c.GuardiansComplete || c.Guardians != nil || len(c.Schools) != 1 {
		t.Error("something is said of guardians or of last year")
	}
	n := &siecle.Nomenclature{
		Formations: []siecle.Formation{{MEF: "20211010110", Base: "20211010112", Formation: "TS"}},
		Matieres:   []siecle.Matiere{{Code: "030C09", Local: true, National: "030209"}},
	}
	if got := f.Pupils[0].Schooling(f.Header, n); got != (record.RecordSchooling{Year: 2015, UAI: "0000123J", MEF: "20211010112", Division: "T S 1", Repeating: true}) {
		t.Errorf("%+v", got)
	}
	if got := f.Pupils[0].Schooling(f.Header, nil); got.MEF != "20211010110" {
		t.Errorf("%+v", got)
	}
	codes := func(asked []nomenclature.Asked) (all string) {
		for _, a := range asked {
			all += string(a.Matiere + "/" + nomenclature.Matiere(a.Modalite) + " ")
		}
		return all
	}
	if got := codes(f.Pupils[0].Matieres(n)); got != "030201/O 030209/F " {
		t.Errorf("%s", got)
	}
	if got := codes(f.Pupils[0].Matieres(nil)); got != "030201/O " {
		t.Errorf("%s", got)
	}
}
