package lsl_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"livret/domain"
	"livret/domain/exchange"
	"livret/domain/exchange/lsl"
	"livret/domain/mark"
	"livret/domain/nomenclature"
	"livret/domain/record"
)

// full is a file that says of one pupil all that a file can say; its lines are numbered by the tests.
const full = `<?xml version="1.0" encoding="UTF-8"?>
<lsl:lsl xmlns:lsl="urn:ac-grenoble.fr:lsl:import" schemaVersion="1.0">
<entete><editeur>ESSAI</editeur><application>Notes 1</application><etablissement>0000123J</etablissement></entete>
<donnees>
<eleve id="7">
<engagements><engagement code="C"/><engagement code="S"/><engagement-autre>Tutorat</engagement-autre></engagements>
<avisExamen code="F"/>
<scolarites>
<scolarite annee-scolaire="2015" code-periode="T">
<avisEngagement date="2016-05-30" nom="MORVAN" prenom="Ysée">Déléguée active.</avisEngagement>
<avisInvestissement nom="LE GOFF" prenom="Tanguy">Une part entière.</avisInvestissement>
<avisChefEtab nom="DORN" prenom="Alma">Vu.</avisChefEtab>
<evaluation modalite-election="S" code-matiere="061300" date="2016-05-28">
<structure effectif="32" moyenne="12.79" repar-moins-huit="10" repar-huit-douze="45" repar-plus-douze="45"/>
<annuelle>Une bonne année.</annuelle>
<periodiques><periode numero="1" moyenne="11.00"/><periode numero="2" moyenne="-1"/></periodiques>
<competences><competence code="0094">3</competence><competence code="0105">NE</competence></competences>
<enseignants><enseignant nom="ABEL" prenom="Ondine"/></enseignants>
</evaluation>
<evaluation modalite-election="O" code-matiere="030201">
<structure/><annuelle>Des progrès.</annuelle>
<competences><competence code="0032">B1</competence></competences>
<enseignants><enseignant nom="ABEL"/></enseignants>
</evaluation>
</scolarite>
</scolarites>
</eleve>
</donnees>
</lsl:lsl>
`

// read answers the pupils of a file, and what is wrong with it as "verdict rule line", in order.
func read(file string) (pupils []lsl.Pupil, verdicts []string) {
	fail := func(err error) {
		if refused, ok := errors.AsType[*exchange.FileRefused](err); ok {
			verdicts = append(verdicts, fmt.Sprint("file ", refused.Refusal.Rule, " ", refused.Line))
		} else if err != nil {
			verdicts = append(verdicts, "error "+err.Error())
		}
	}
	f, err := lsl.Read(strings.NewReader(file))
	if err != nil {
		fail(err)
		return nil, verdicts
	}
	for p, err := range f.Pupils() {
		if err != nil {
			fail(err)
			continue
		}
		pupils = append(pupils, p)
		for _, finding := range p.Findings {
			severity := [...]string{"warning", "line", "year", "pupil"}[finding.Severity]
			verdicts = append(verdicts, fmt.Sprint(severity, " ", finding.Rule, " ", finding.Line))
		}
	}
	return pupils, verdicts
}

func TestAFullFile(t *testing.T) {
	pupils, verdicts := read(full)
	if len(pupils) != 1 || verdicts != nil {
		t.Fatalf("%d pupils, %v", len(pupils), verdicts)
	}
	p := pupils[0]
	y := p.Years[0]
	maths, english := y.Evaluations[0], y.Evaluations[1]
	h := func(n int) mark.Mark { return mark.Must(mark.Hundredths(n)) }
	switch {
	case p.ID != 7 || p.Line != 5 || p.Refused || !slices.Equal(p.Engagements, []record.Engagement{"C", "S"}) || p.OtherEngagement != "Tutorat" || p.Avis != "F":
		t.Errorf("%+v", p)
	case y.Year != 2015 || y.Periods != 3 || len(y.Observations) != 3 || y.Observations[0].Date != domain.NewDate(2016, 5, 30):
		t.Errorf("%+v", y)
	case y.Observations[2].Kind != "head" || y.Observations[2].Text != "Vu." || y.Observations[1].Author != lsl.Person{Name: "LE GOFF", First: "Tanguy"}:
		t.Errorf("%+v", y.Observations)
	case maths.Matiere != "061300" || maths.Modalite != "S" || maths.Ordinal != 1 || maths.Line != 13 || maths.Appreciation != "Une bonne année.":
		t.Errorf("%+v", maths)
	case maths.Group.Headcount != 32 || maths.Group.Mean != h(1279) || *maths.Group.Shares != mark.Shares{Below8: 1000, From8: 4500, From12: 4500}:
		t.Errorf("%+v", maths.Group)
	case !slices.Equal(maths.Averages, []lsl.Average{{Period: 1, Mark: h(1100)}, {Period: 2}}):
		t.Errorf("%+v", maths.Averages)
	case !slices.Equal(english.Competences, []lsl.Competence{{Code: "0032", Mastery: "B1"}}) || english.Group != lsl.Group{} || english.Teachers[0].First != "":
		t.Errorf("%+v", english)
	}
}

// evaluations counts those that were taken.
func evaluations(p lsl.Pupil) (n int) {
	for _, y := range p.Years {
		n += len(y.Evaluations)
	}
	return n
}

// The verdicts on each case of the schema's table: what is left of the file is what the change did not touch.
func TestVerdicts(t *testing.T) {
	const (
		maths = `<structure effectif="32" moyenne="12.79" repar-moins-huit="10" repar-huit-douze="45" repar-plus-douze="45"/>`
		long  = "<annuelle>Une bonne année.</annuelle>"
	)
	three := func(n int) string { return "<annuelle>" + strings.Repeat("é", n) + "</annuelle>" }
	for name, c := range map[string]struct {
		old, new string
		want     string               // verdicts, joined by a comma
		holds    func(lsl.Pupil) bool // nil: nothing more to check
	}{
		// The root and the header.
		"version 1":                   {`schemaVersion="1.0"`, `schemaVersion="1"`, "", nil},
		"version 1.00":                {`schemaVersion="1.0"`, `schemaVersion=" +01.00 "`, "", nil},
		"version 2.0":                 {`schemaVersion="1.0"`, `schemaVersion="2.0"`, "file version-inconnue 2", nil},
		"version 1.01":                {`schemaVersion="1.0"`, `schemaVersion="1.01"`, "file version-inconnue 2", nil},
		"version 11":                  {`schemaVersion="1.0"`, `schemaVersion="11"`, "file version-inconnue 2", nil},
		"no version":                  {` schemaVersion="1.0"`, ``, "file version-inconnue 2", nil},
		"no namespace":                {`xmlns:lsl="urn:ac-grenoble.fr:lsl:import"`, `xmlns:lsl=""`, "file espace-de-noms 2", nil},
		"another namespace":           {`urn:ac-grenoble.fr:lsl:import`, `urn:ac-grenoble.fr:lsl:export`, "file espace-de-noms 2", nil},
		"children in the namespace":   {`xmlns:lsl="urn:`, `xmlns="urn:ac-grenoble.fr:lsl:import" xmlns:lsl="urn:`, "file espace-de-noms 3", nil},
		"a pupil in the namespace":    {`<eleve id="7">`, `<eleve xmlns="urn:ac-grenoble.fr:lsl:import" id="7">`, "file espace-de-noms 5", nil},
		"another prefix":              {`lsl:lsl xmlns:lsl="urn:ac-grenoble.fr:lsl:import"`, `x:lsl xmlns:lsl="u" xmlns:x="urn:ac-grenoble.fr:lsl:import"`, "file xml-mal-forme 29", nil}, // the end tag keeps the other one
		"a hint of where the schema":  {`schemaVersion="1.0"`, `schemaVersion="1.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="urn:x C:\dev\x.xsd"`, "", nil},
		"an attribute of the root":    {`schemaVersion="1.0"`, `schemaVersion="1.0" variante="2"`, "file attribut-inconnu 2", nil},
		"another root":                {`lsl:lsl xmlns`, `lsl:livrets xmlns`, "file fichier-d-un-autre-genre 2", nil},
		"empty software":              {`<editeur>ESSAI</editeur><application>Notes 1</application>`, `<application/><editeur/>`, "", nil},
		"a long software name":        {`Notes 1`, strings.Repeat("é", 51), "file entete-illisible 3", nil},
		"no editor":                   {`<editeur>ESSAI</editeur>`, ``, "file entete-incomplet 3", nil},
		"two editors":                 {`<editeur>ESSAI</editeur>`, `<editeur/><editeur/>`, "file element-inconnu 3", nil},
		"an unknown header":           {`<editeur>`, `<logo/><editeur>`, "file element-inconnu 3", nil},
		"data before the header":      {`<entete>`, `<donnees/><entete>`, "file element-inconnu 3", nil},
		"a wrong UAI letter":          {`0000123J`, `0000123K`, "file uai-lettre-fausse 3", nil},
		"eight blanks for a UAI":      {`0000123J`, `        `, "file uai-illisible 3", nil},
		"a short UAI":                 {`0000123J`, `000123J`, "file entete-illisible 3", nil},
		"no pupil":                    {full[strings.Index(full, "<eleve"):strings.Index(full, "</donnees>")], ``, "file aucun-eleve 0", nil},
		"something after the data":    {`</donnees>`, `</donnees><fin/>`, "file element-inconnu 28", nil},
		"something among the pupils":  {`</eleve>`, `</eleve><classe/>`, "file element-inconnu 27", nil},
		"a text among the pupils":     {`</eleve>`, `</eleve>fin`, "file texte-inattendu 27", nil},
		"a byte that is no text":      {`</scolarites>`, "\x00</scolarites>", "file xml-mal-forme 26", nil},
		"the end tag of a pupil lost": {`</eleve>`, ``, "file xml-mal-forme 28", nil},
		"a DTD":                       {`<lsl:lsl`, `<!DOCTYPE lsl><lsl:lsl`, "file dtd-interdite 2", nil},

		// The pupil.
		"id 007":                    {`id="7"`, `id="007"`, "", func(p lsl.Pupil) bool { return p.ID == 7 }},
		"id +5":                     {`id="7"`, `id="+5"`, "", func(p lsl.Pupil) bool { return p.ID == 5 }},
		"id between blanks":         {`id="7"`, `id=" 5 "`, "", func(p lsl.Pupil) bool { return p.ID == 5 }},
		"id 0":                      {`id="7"`, `id="0"`, "pupil identifiant-illisible 5,file aucun-eleve 0", nil},
		"id -7":                     {`id="7"`, `id="-7"`, "pupil identifiant-illisible 5,file aucun-eleve 0", nil},
		"id of letters":             {`id="7"`, `id="E7"`, "pupil identifiant-illisible 5,file aucun-eleve 0", nil},
		"an id beyond all":          {`id="7"`, `id="99999999999999999999"`, "pupil identifiant-illisible 5,file aucun-eleve 0", nil},
		"no id":                     {` id="7"`, ``, "pupil attribut-absent 5,file aucun-eleve 0", nil},
		"an attribute of the pupil": {`id="7"`, `id="7" ine="0"`, "pupil attribut-inconnu 5", func(p lsl.Pupil) bool { return p.Refused && p.Years == nil && p.Avis == "" }},
		"an element of the pupil":   {`<scolarites>`, "<pfmp/><scolarites>", "pupil element-inconnu 8", func(p lsl.Pupil) bool { return p.Refused && p.Years == nil && p.ID == 7 }},
		"a text in the pupil":       {`<scolarites>`, "texte<scolarites>", "pupil texte-inattendu 8", nil},
		"no schooling":              {full[strings.Index(full, "<scolarites>"):strings.Index(full, "</eleve>")], ``, "pupil scolarite-absente 5", nil},
		"an empty schooling":        {full[strings.Index(full, "<scolarite annee"):strings.Index(full, "</scolarites>")], ``, "pupil scolarite-absente 5", nil},
		"two schoolings":            {`</scolarites>`, `</scolarites><scolarites/>`, "line ordre-des-elements 26", func(p lsl.Pupil) bool { return evaluations(p) == 2 }},

		// Engagements and avis.
		"no engagement at all":      {`<engagements><engagement code="C"/><engagement code="S"/><engagement-autre>Tutorat</engagement-autre></engagements>`, `<engagements/>`, "", nil},
		"an engagement twice":       {`code="S"/><engagement-a`, `code="C"/><engagement-a`, "line engagement-en-double 6", func(p lsl.Pupil) bool { return len(p.Engagements) == 1 }},
		"an unknown engagement":     {`code="S"/><engagement-a`, `code="Z"/><engagement-a`, "line engagement-inconnu 6", func(p lsl.Pupil) bool { return len(p.Engagements) == 1 }},
		"the other one first":       {`<engagement code="C"/><engagement code="S"/><engagement-autre>Tutorat</engagement-autre>`, `<engagement-autre>Tutorat</engagement-autre><engagement code="C"/>`, "line ordre-des-elements 6", func(p lsl.Pupil) bool { return p.Engagements == nil && p.OtherEngagement == "Tutorat" }},
		"two other ones":            {`</engagement-autre>`, `</engagement-autre><engagement-autre>x</engagement-autre>`, "line ordre-des-elements 6", func(p lsl.Pupil) bool { return p.OtherEngagement == "Tutorat" }},
		"a long other one":          {`Tutorat`, strings.Repeat("a", 301), "line texte-trop-long 6", func(p lsl.Pupil) bool { return p.OtherEngagement == "" && len(p.Engagements) == 2 }},
		"a blank other one":         {`Tutorat`, " \u00a0\n", "", func(p lsl.Pupil) bool { return p.OtherEngagement == "" }},
		"engagements after avis":    {`<avisExamen code="F"/>`, `<avisExamen code="F"/><engagements/>`, "line ordre-des-elements 7", nil},
		"an unknown engagement tag": {`<engagement code="C"/>`, `<mandat/>`, "line element-inconnu 6", func(p lsl.Pupil) bool { return p.Engagements == nil && p.Avis == "F" }},
		"avis A":                    {`<avisExamen code="F"/>`, `<avisExamen code="A"></avisExamen>`, "", func(p lsl.Pupil) bool { return p.Avis == "A" }},
		"an unknown avis":           {`<avisExamen code="F"/>`, `<avisExamen code="X"/>`, "line avis-inconnu 7", func(p lsl.Pupil) bool { return p.Avis == "" && evaluations(p) == 2 }},
		"avis without code":         {`<avisExamen code="F"/>`, `<avisExamen/>`, "line attribut-absent 7", nil},
		"avis after schooling":      {`</scolarites>`, `</scolarites><avisExamen code="F"/>`, "line ordre-des-elements 26", func(p lsl.Pupil) bool { return p.Avis == "F" && evaluations(p) == 2 }},

		// The year.
		"semesters":                 {`code-periode="T"`, `code-periode="S"`, "", func(p lsl.Pupil) bool { return p.Years[0].Periods == 2 }},
		"an unknown division":       {`code-periode="T"`, `code-periode="Q"`, "year decoupage-inconnu 9", func(p lsl.Pupil) bool { return len(p.Years) == 0 && p.Avis == "F" && !p.Refused }},
		"a year of letters":         {`"2015"`, `"2015-2016"`, "year annee-illisible 9", nil},
		"year 1999":                 {`"2015"`, `"1999"`, "year annee-illisible 9", nil},
		"year +02015":               {`"2015"`, `" +02015 "`, "", nil},
		"an attribute of the year":  {`code-periode="T"`, `code-periode="T" classe="TS1"`, "year attribut-inconnu 9", nil},
		"an element of the year":    {`<avisChefEtab`, `<absences/><avisChefEtab`, "year element-inconnu 12", func(p lsl.Pupil) bool { return len(p.Years) == 0 }},
		"no evaluation":             {full[strings.Index(full, "<evaluation"):strings.Index(full, "</scolarite>")], ``, "year evaluation-absente 9", nil},
		"the same year twice":       {`</scolarite>`, `</scolarite><scolarite annee-scolaire="2015" code-periode="T"><evaluation/></scolarite>`, "year annee-en-double 25", func(p lsl.Pupil) bool { return len(p.Years) == 1 && evaluations(p) == 2 }},
		"avis without name":         {` nom="DORN"`, ``, "line attribut-absent 12", func(p lsl.Pupil) bool { return len(p.Years[0].Observations) == 2 }},
		"avis with an empty name":   {`nom="DORN"`, `nom=""`, "warning auteur-sans-nom 12", func(p lsl.Pupil) bool { return len(p.Years[0].Observations) == 3 }},
		"avis of a long name":       {`DORN`, strings.Repeat("D", 66), "line nom-trop-long 12", nil},
		"avis of 65 characters":     {`DORN`, strings.Repeat("É", 65), "", nil},
		"a blank avis":              {`Vu.`, "\n ", "warning observation-vide 12", func(p lsl.Pupil) bool { return len(p.Years[0].Observations) == 2 }},
		"an avis twice":             {`<avisChefEtab`, `<avisInvestissement nom="" prenom="">x</avisInvestissement><avisChefEtab`, "line ordre-des-elements 12", nil},
		"avis in another order":     {`<avisEngagement date="2016-05-30" nom="MORVAN" prenom="Ysée">Déléguée active.</avisEngagement>` + "\n" + `<avisInvestissement nom="LE GOFF" prenom="Tanguy">Une part entière.</avisInvestissement>`, `<avisInvestissement nom="LE GOFF" prenom="Tanguy">Une part entière.</avisInvestissement><avisEngagement nom="M" prenom="Y">x</avisEngagement>`, "line ordre-des-elements 10", func(p lsl.Pupil) bool { return len(p.Years[0].Observations) == 2 && evaluations(p) == 2 }},
		"avis after evaluations":    {`</scolarite>`, `<avisChefEtab nom="" prenom="">x</avisChefEtab></scolarite>`, "line ordre-des-elements 25", nil},
		"a date of avis in French":  {`"2016-05-30"`, `"30/05/2016"`, "line date-illisible 10", nil},
		"a date of avis with zone":  {`"2016-05-30"`, `"2016-05-30+02:00"`, "", func(p lsl.Pupil) bool { return p.Years[0].Observations[0].Date == domain.NewDate(2016, 5, 30) }},
		"a zone beyond fourteen":    {`"2016-05-30"`, `"2016-05-30+14:30"`, "line date-illisible 10", nil},
		"a day of no calendar":      {`"2016-05-30"`, `"2015-02-29"`, "line date-illisible 10", nil},
		"a line break inside":       {`Vu.`, "Vu.\nMerci.", "", func(p lsl.Pupil) bool { return p.Years[0].Observations[2].Text == "Vu.\nMerci." }},
		"an element inside a text":  {`Vu.`, "Vu <b>bien</b>.", "line element-inconnu 12", nil},
		"the windows of a mistake":  {`Vu.`, "Vu\u0092.", "line texte-illisible 12", nil},
		"an attribute of a comment": {`nom="DORN"`, `nom="DORN" role="chef"`, "line attribut-inconnu 12", nil},

		// The evaluation.
		"no appreciation":             {long, ``, "warning appreciation-absente 13", func(p lsl.Pupil) bool { return evaluations(p) == 2 }},
		"an empty appreciation":       {long, `<annuelle/>`, "warning appreciation-absente 13", func(p lsl.Pupil) bool { return evaluations(p) == 2 }},
		"a no-break space":            {long, "<annuelle>\u00a0</annuelle>", "warning appreciation-absente 13", func(p lsl.Pupil) bool { return p.Years[0].Evaluations[0].Appreciation == "" }},
		"300 characters":              {long, three(300), "", func(p lsl.Pupil) bool { return len(p.Years[0].Evaluations[0].Appreciation) == 600 }},
		"301 characters":              {long, three(301), "line texte-trop-long 15", func(p lsl.Pupil) bool { return evaluations(p) == 1 }},
		"two appreciations":           {long, long + long, "line element-inconnu 15", func(p lsl.Pupil) bool { return evaluations(p) == 1 }},
		"no structure":                {maths, ``, "line element-absent 13", func(p lsl.Pupil) bool { return evaluations(p) == 1 }},
		"headcount 0":                 {`"32"`, `"0"`, "line effectif-illisible 14", nil},
		"headcount 1e1":               {`"32"`, `"1e1"`, "line effectif-illisible 14", nil},
		"headcount 99999":             {`"32"`, `"99999"`, "warning effectif-invraisemblable 14", func(p lsl.Pupil) bool { return p.Years[0].Evaluations[0].Group.Headcount == 0 }},
		"group mean -1":               {`"12.79"`, `"-1"`, "warning moyenne-de-groupe-hors-bornes 14", func(p lsl.Pupil) bool { return !p.Years[0].Evaluations[0].Group.Mean.IsMarked() }},
		"group mean 25.5":             {`"12.79"`, `"25.5"`, "warning moyenne-de-groupe-hors-bornes 14", nil},
		"group mean 12.345":           {`"12.79"`, `"12.345"`, "line note-illisible 14", nil},
		"group mean with a comma":     {`"12.79"`, `"12,5"`, "line note-illisible 14", nil},
		"an empty group mean":         {`"12.79"`, `""`, "line note-illisible 14", nil},
		"a group mean out of shares":  {`"12.79"`, `"19.5"`, "warning groupe-incoherent 14", func(p lsl.Pupil) bool { return p.Years[0].Evaluations[0].Group.Mean.IsMarked() }},
		"a negative share":            {`"10"`, `"-10"`, "warning repartition-incoherente 14", func(p lsl.Pupil) bool { return p.Years[0].Evaluations[0].Group.Shares == nil }},
		"shares of 300 %":             {`"10" repar-huit-douze="45" repar-plus-douze="45"`, `"100" repar-huit-douze="100" repar-plus-douze="100"`, "warning repartition-incoherente 14", nil},
		"shares of 99.9 %":            {`"10" repar`, `"9.9" repar`, "", nil},
		"shares of 99.8 %":            {`"10" repar`, `"9.8" repar`, "warning repartition-incoherente 14", nil},
		"a share of three decimals":   {`"10" repar`, `"9.999" repar`, "line part-illisible 14", nil},
		"a share missing":             {`repar-moins-huit="10" `, ``, "warning repartition-incomplete 14", nil},
		"nobody is marked":            {maths, `<structure effectif="32" moyenne="0" repar-moins-huit="0" repar-huit-douze="0" repar-plus-douze="100"/>`, "warning groupe-sans-note 14", func(p lsl.Pupil) bool { return p.Years[0].Evaluations[0].Group == lsl.Group{Headcount: 32} }},
		"an unknown share":            {`effectif="32"`, `effectif="32" mediane="12"`, "line attribut-inconnu 14", nil},
		"period mean 25.5":            {`"11.00"`, `"25.5"`, "line note-hors-bornes 16", func(p lsl.Pupil) bool { return evaluations(p) == 1 }},
		"period mean -7":              {`"11.00"`, `"-7"`, "line note-hors-bornes 16", nil},
		"period mean -1.00":           {`"11.00"`, `"-1.00"`, "", func(p lsl.Pupil) bool { return p.Years[0].Evaluations[0].Averages[0].Mark == mark.NotMarked() }},
		"period mean 12.345":          {`"11.00"`, `"12.345"`, "line note-illisible 16", nil},
		"period mean 12.340":          {`"11.00"`, `"12.340"`, "", func(p lsl.Pupil) bool { return p.Years[0].Evaluations[0].Averages[0].Mark.String() == "12,34" }},
		"period mean 12,5":            {`"11.00"`, `"12,5"`, "line note-illisible 16", nil},
		"period mean 1e1":             {`"11.00"`, `"1e1"`, "line note-illisible 16", nil},
		"an empty period mean":        {`"11.00"`, `""`, "line note-illisible 16", nil},
		"no period mean":              {` moyenne="11.00"`, ``, "line attribut-absent 16,line note-illisible 16", nil},
		"period 9":                    {`numero="2"`, `numero="9"`, "line periode-hors-decoupage 16", nil},
		"period 3 of a semester":      {`code-periode="T"`, `code-periode="S"`, "", nil},
		"period 0":                    {`numero="2"`, `numero="0"`, "line periode-illisible 16", nil},
		"a period twice":              {`numero="2"`, `numero="1"`, "line periode-en-double 16", func(p lsl.Pupil) bool { return evaluations(p) == 1 }},
		"no period":                   {`<periode numero="1" moyenne="11.00"/><periode numero="2" moyenne="-1"/>`, ``, "line element-vide 16", nil},
		"no competence":               {`<competence code="0032">B1</competence>`, ``, "line element-vide 22", nil},
		"no competences at all":       {`<competences><competence code="0032">B1</competence></competences>`, ``, "", nil},
		"a competence without code":   {` code="0032"`, ``, "warning competence-sans-code 22", func(p lsl.Pupil) bool { return len(p.Years[0].Evaluations[1].Competences) == 0 }},
		"a competence of three":       {`"0032"`, `"032"`, "line competence-illisible 22", nil},
		"level 5":                     {`>3<`, `>5<`, "line niveau-de-maitrise-inconnu 17", nil},
		"level 0":                     {`>3<`, `>0<`, "", func(p lsl.Pupil) bool { return p.Years[0].Evaluations[0].Competences[0].Mastery == "0" }},
		"a level between blanks":      {`>3<`, `> 1 <`, "line niveau-de-maitrise-inconnu 17", nil},
		"level A1 in maths":           {`>3<`, `>A1<`, "warning niveau-de-langue 17", func(p lsl.Pupil) bool { return evaluations(p) == 2 }},
		"a competence twice":          {`"0105"`, `"0094"`, "line competence-en-double 17", nil},
		"no teacher":                  {`<enseignant nom="ABEL"/>`, ``, "line element-vide 23", nil},
		"no teachers":                 {`<enseignants><enseignant nom="ABEL"/></enseignants>`, ``, "line element-absent 20", nil},
		"a nameless teacher":          {`<enseignant nom="ABEL"/>`, `<enseignant/>`, "warning enseignant-sans-nom 23", func(p lsl.Pupil) bool { return evaluations(p) == 2 }},
		"a teacher twice":             {`<enseignant nom="ABEL"/>`, `<enseignant nom="ABEL"/><enseignant nom=" ABEL "/>`, "warning enseignant-en-double 23", func(p lsl.Pupil) bool { return len(p.Years[0].Evaluations[1].Teachers) == 1 }},
		"a matière of the school":     {`061300`, `030C09`, "line matiere-locale 13", nil},
		"matière 000000":              {`061300`, `000000`, "warning matiere-inconnue 13", func(p lsl.Pupil) bool { return p.Years[0].Evaluations[0].Matiere == "000000" }},
		"an empty matière":            {`061300`, ``, "line matiere-illisible 13", nil},
		"a matière between blanks":    {`"061300"`, `" 061300"`, "line matiere-illisible 13", nil},
		"modalité N":                  {`modalite-election="O"`, `modalite-election="N"`, "line modalite-hors-livret 20", nil},
		"modalité Z":                  {`modalite-election="O"`, `modalite-election="Z"`, "line modalite-inconnue 20", nil},
		"no modalité":                 {`modalite-election="O" `, ``, "line attribut-absent 20", nil},
		"a date with zone":            {`"2016-05-28"`, `"2016-05-28Z"`, "", func(p lsl.Pupil) bool { return p.Years[0].Evaluations[0].Date == domain.NewDate(2016, 5, 28) }},
		"a date in French":            {`"2016-05-28"`, `"28/05/2016"`, "line date-illisible 13", nil},
		"an attribute of the line":    {`code-matiere="061300"`, `code-matiere="061300" coefficient="7"`, "line attribut-inconnu 13", nil},
		"an element of the line":      {maths, maths + "<rang>3</rang>", "line element-inconnu 14", func(p lsl.Pupil) bool { return evaluations(p) == 1 }},
		"an element in the namespace": {`<annuelle>Des`, `<annuelle xmlns="urn:ac-grenoble.fr:lsl:import">Des`, "line espace-de-noms 21", nil},
		"content in an empty element": {`<structure/>`, `<structure><x/></structure>`, "line element-inconnu 21", nil},
		"a text in the line":          {`<structure/>`, `x<structure/>`, "line texte-inattendu 21", nil},
		"two problems of one line":    {`"11.00"/><periode numero="2"`, `"21"/><periode numero="9"`, "line note-hors-bornes 16,line periode-hors-decoupage 16", nil},
		"the same matière twice": {`modalite-election="O" code-matiere="030201"`, `modalite-election="S" code-matiere="061300"`, "warning niveau-de-langue 22", func(p lsl.Pupil) bool {
			e := p.Years[0].Evaluations
			return len(e) == 2 && e[0].Ordinal == 1 && e[1].Ordinal == 2
		}},
		"one of two twins is refused": {`<enseignant nom="ABEL" prenom="Ondine"/></enseignants>` + "\n</evaluation>\n" + `<evaluation modalite-election="O" code-matiere="030201">`, `</enseignants></evaluation>` + "\n\n" + `<evaluation modalite-election="S" code-matiere="061300">`, "line element-vide 18,warning niveau-de-langue 22,line ligne-jumelle-refusee 20", func(p lsl.Pupil) bool { return evaluations(p) == 0 }},
	} {
		if strings.Count(full, c.old) != 1 && name != "another namespace" {
			t.Errorf("%s: the change is not at one place", name)
			continue
		}
		pupils, verdicts := read(strings.Replace(full, c.old, c.new, 1))
		if got := strings.Join(verdicts, ","); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, c.want)
		}
		if c.holds != nil && (len(pupils) != 1 || !c.holds(pupils[0])) {
			t.Errorf("%s: %+v", name, pupils)
		}
	}
}

func TestThePrefixIsFree(t *testing.T) {
	for _, prefix := range []string{"x", "LSL", "é"} {
		file := strings.NewReplacer("lsl:lsl", prefix+":lsl", "xmlns:lsl", "xmlns:"+prefix).Replace(full)
		if pupils, verdicts := read(file); len(pupils) != 1 || verdicts != nil {
			t.Errorf("%s: %v", prefix, verdicts)
		}
	}
}

func TestTheShortestFile(t *testing.T) {
	const shortest = `<l:lsl xmlns:l="urn:ac-grenoble.fr:lsl:import" schemaVersion="1"><entete><editeur/><application/><etablissement>0000123J</etablissement></entete><donnees><eleve id="1"><scolarites><scolarite annee-scolaire="2015" code-periode="T"><evaluation modalite-election="S" code-matiere="020700"><structure/><annuelle>x</annuelle><enseignants><enseignant/></enseignants></evaluation></scolarite></scolarites></eleve></donnees></l:lsl>`
	if pupils, verdicts := read(shortest); len(pupils) != 1 || evaluations(pupils[0]) != 1 || strings.Join(verdicts, ",") != "warning enseignant-sans-nom 1" {
		t.Errorf("%v", verdicts)
	}
}

func TestAPupilTwice(t *testing.T) {
	pupil := full[strings.Index(full, "<eleve"):strings.Index(full, "</donnees>")]
	pupils, verdicts := read(strings.Replace(full, pupil, pupil+strings.Replace(pupil, `"7"`, `"8"`, 1)+strings.Replace(pupil, `"7"`, `" 07"`, 1), 1))
	if strings.Join(verdicts, ",") != "pupil eleve-en-double 51" || len(pupils) != 3 {
		t.Fatalf("%d pupils, %v", len(pupils), verdicts)
	}
	if first, other, second := pupils[0], pupils[1], pupils[2]; first.Refused || other.Refused || !second.Refused || second.ID != 7 || second.Years != nil {
		t.Errorf("%+v", pupils)
	}
}

func TestATruncatedFileGivesThePupilsBeforeTheCut(t *testing.T) {
	pupil := full[strings.Index(full, "<eleve"):strings.Index(full, "</donnees>")]
	file := strings.Replace(full, pupil, pupil+strings.Replace(pupil, `"7"`, `"8"`, 1), 1)
	for cut := range len(file) - 1 {
		pupils, verdicts := read(file[:cut])
		if len(verdicts) != 1 || !strings.HasPrefix(verdicts[0], "file ") && !strings.HasPrefix(verdicts[0], "pupil") {
			if rest := strings.TrimSpace(file[cut:]); rest != "" {
				t.Fatalf("cut at %d: %v", cut, verdicts)
			}
		}
		whole := strings.Count(file[:cut], "</eleve>")
		if len(pupils) != whole {
			t.Fatalf("cut at %d: %d pupils of %d", cut, len(pupils), whole)
		}
	}
}

func TestABlockBeyondAllMeasureIsRefused(t *testing.T) {
	line := full[strings.Index(full, "<evaluation"):strings.Index(full, "<evaluation modalite-election=\"O\"")]
	if _, verdicts := read(strings.Replace(full, line, strings.Repeat(line, 4000), 1)); len(verdicts) != 1 || !strings.HasPrefix(verdicts[0], "file element-demesure") {
		t.Errorf("%d verdicts, %.200v", len(verdicts), verdicts)
	}
}

func TestFindingsQuoteNoMarkAndNoText(t *testing.T) {
	f, err := lsl.Read(strings.NewReader(strings.NewReplacer(`"11.00"`, `"20.37"`, "Vu.", strings.Repeat("Zoé ", 100), "B1", "B7").Replace(full)))
	if err != nil {
		t.Fatal(err)
	}
	for p := range f.Pupils() {
		if len(p.Findings) != 3 {
			t.Errorf("%d findings", len(p.Findings))
		}
		for _, finding := range p.Findings {
			if said := finding.Reason + finding.Remedy; strings.Contains(said, "20.37") || strings.Contains(said, "20,37") || strings.Contains(said, "Zoé") || finding.Reason == "" || finding.Remedy == "" {
				t.Errorf("%+v", finding)
			}
		}
	}
}

func TestUnknownCodesAreKeptAndSaid(t *testing.T) {
	n, err := nomenclature.Load()
	if err != nil {
		t.Fatal(err)
	}
	pupils, _ := read(strings.NewReplacer("061300", "999999", "0032", "9999").Replace(full))
	var rules []string
	for _, finding := range pupils[0].Unknown(n) {
		rules = append(rules, fmt.Sprint(finding.Rule, finding.Line))
	}
	if got := strings.Join(rules, ","); got != "matiere-inconnue13,competence-inconnue20" || evaluations(pupils[0]) != 2 {
		t.Errorf("%s", got)
	}
	if pupils, _ := read(full); len(pupils[0].Unknown(n)) != 0 {
		t.Errorf("%v", pupils[0].Unknown(n))
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(full))
	f.Add([]byte(strings.Replace(full, "UTF-8", "ISO-8859-15", 1)))
	f.Add([]byte(strings.NewReplacer(`"11.00"`, `"25"`, `code="F"`, ``, "<structure/>", "").Replace(full)))
	f.Fuzz(func(t *testing.T, content []byte) {
		file, err := lsl.Read(bytes.NewReader(content))
		if err != nil {
			return
		}
		for p, err := range file.Pupils() {
			if _, ok := errors.AsType[*exchange.FileRefused](err); err != nil && !ok {
				t.Fatalf("error of another kind: %v", err)
			}
			if err == nil {
				checkPupil(t, p)
			}
		}
	})
}

// checkPupil is what the types promise.
func checkPupil(t *testing.T, p lsl.Pupil) {
	if p.Refused != slices.ContainsFunc(p.Findings, func(f exchange.Finding) bool { return f.Severity == exchange.PupilRefused }) {
		t.Fatal("refused without reason, or not refused")
	}
	if p.Refused && (p.Years != nil || p.Avis != "" || p.Engagements != nil) || !p.Refused && p.ID == 0 {
		t.Fatalf("%+v", p)
	}
	years := map[nomenclature.SchoolYear]bool{}
	for _, y := range p.Years {
		if years[y.Year] || y.Periods != 2 && y.Periods != 3 {
			t.Fatalf("%+v", y)
		}
		years[y.Year] = true
		for _, e := range y.Evaluations {
			if len([]rune(e.Appreciation)) > 300 || len(e.Matiere) != 6 || e.Ordinal == 0 || e.Group.Shares != nil && !e.Group.Shares.AddUp() {
				t.Fatalf("%+v", e)
			}
			for _, a := range e.Averages {
				if a.Period < 1 || a.Period > y.Periods {
					t.Fatalf("%+v", e.Averages)
				}
			}
		}
	}
}
