package access_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"livret/domain/access"
)

var update = flag.Bool("update", false, "write the golden file of the policy anew")

const golden = "testdata/politique-d-acces.md"

// The policy is kept as a page that a data protection officer can read and that a change of code can not
// change in silence. Its grid is what May answers for every role and act, to an actor who stands in every
// relation: a blank is a refusal to everybody of that role.
func TestThePolicyIsTheOnePublished(t *testing.T) {
	got := page()
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the policy is not that of %s; if it is meant to change, run with -update and have it read:\n%s", golden, got)
	}
}

func TestThePolicyIsWellFormed(t *testing.T) {
	seen, used := map[string]bool{}, map[access.Act]bool{}
	for _, line := range access.Policy() {
		key := fmt.Sprint(line.Act, line.Role, line.Relation)
		if seen[key] || line.Source == "" || line.Relation.String() == "aucune" {
			t.Errorf("line %+v stands twice, or lacks its source or relation", line)
		}
		seen[key], used[line.Act] = true, true
		if !slices.Contains(access.Roles(), line.Role) || !slices.Contains(access.Acts(), line.Act) {
			t.Errorf("line %+v names a role or an act that nobody knows", line)
		}
	}
	for _, act := range access.Acts() {
		if !used[act] {
			t.Errorf("%s is allowed to nobody", act)
		}
	}
	changed := access.Policy()
	changed[0].Role = access.Statisticien
	if access.Policy()[0].Role == access.Statisticien {
		t.Error("a caller can change the policy")
	}
}

func page() string {
	var b strings.Builder
	b.WriteString(`# Politique d’accès

Ce qui n’est pas écrit ici est refusé. Cette page est produite par le programme et vérifiée à chaque essai.

L’arrêté du 8 février 2016 a remplacé celui du 13 octobre 2014 et l’élargit ; les articles cités sont ceux de 2014, dont le texte
intégral a pu être lu. « Choix du registre » signale ce qu’aucun texte ne fixe : c’est au responsable de traitement d’en décider.

## Qui peut faire ou voir quoi

| acte | qui | sur quoi | source |
|---|---|---|---|
`)
	last := access.Act("")
	for _, line := range access.Policy() {
		label := line.Act.Label()
		if line.Act == last {
			label = ""
		}
		last = line.Act
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", label, access.RoleLabel(line.Role), line.Relation, line.Source)
	}
	b.WriteString("\n## La même chose en un tableau\n\nUn point : permis à qui remplit la condition ci-dessus. Une case vide : refusé à tous.\n\n| acte |")
	for _, role := range access.Roles() {
		fmt.Fprintf(&b, " %s |", access.RoleLabel(role))
	}
	b.WriteString("\n|---|" + strings.Repeat(":-:|", len(access.Roles())) + "\n")
	for _, act := range access.Acts() {
		fmt.Fprintf(&b, "| %s |", act.Label())
		for _, role := range access.Roles() {
			mark := " "
			if access.May(related(role), act, target(), today) == nil || access.May(related(role), act, adult(), today) == nil {
				mark = " • "
			}
			b.WriteString(mark + "|")
		}
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, `
## Les dates

* Le livret s’ouvre à l’élève et à ses responsables légaux à la fin de la classe de première. Aucun texte ne fixe le jour ; choix du
  registre : le 1er juin de l’année qui précède l’examen (pour la session %d, le %s).
* L’accès des responsables légaux prend fin le jour des dix-huit ans de l’élève, sans que personne n’ait à agir. Pour un élève né un
  29 février, c’est le 1er mars d’une année commune : les dix-huit ans ne sont accomplis qu’une fois le 28 février écoulé.
* Si la date de naissance n’est pas enregistrée, la minorité n’est pas établie et les responsables légaux n’ont pas accès.
* S’opposer à la transmission et refuser le livret en ligne appartiennent aux responsables légaux d’un élève mineur, puis à l’élève
  dès le jour de ses dix-huit ans. Prendre connaissance du livret et demander une rectification appartiennent à l’élève à tout âge, et
  à ses responsables légaux tant qu’il est mineur.

## L’établissement qui ne propose pas le téléservice

Le téléservice est facultatif. Tant qu’un établissement ne le propose pas, le livret ne s’ouvre en ligne ni à l’élève ni à ses
responsables légaux, qui le demandent sur papier ; rien ne change pour les personnels de l’établissement ni pour le jury. Il en va de
même de la famille qui refuse le service, et qui peut à tout moment l’accepter de nouveau. Un livret sur papier leur est dû à la
proclamation des résultats.

## La limitation du traitement

Un livret dont le traitement est limité (RGPD, art. 18) n’est ni lu ni modifié par quiconque, sauf par le chef d’établissement et par
la division des examens, pour en décider. La famille en est avertie ; elle peut toujours demander une rectification, s’opposer à la
transmission et refuser le livret en ligne. Le registre continue de compter les durées de conservation.
`, target().Session, access.OpenToFamilyFrom(target().Session))
	return b.String()
}
