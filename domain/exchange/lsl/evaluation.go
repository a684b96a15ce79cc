package lsl

import (
	"fmt"
	"slices"
	"strings"

	"livret/domain/exchange"
	"livret/domain/mark"
	"livret/domain/nomenclature"
)

// line is an evaluation and whether it is refused.
type line struct {
	Evaluation
	refused bool
}

// twins numbers the evaluations of a year that share matière and modalité, and gives those that are taken.
// When one of them is refused, which line of the programme the others are can not be told any more: they are
// refused with it.
func twins(b *block, lines []line) (taken []Evaluation) {
	type key struct {
		nomenclature.Matiere
		nomenclature.Modalite
	}
	count, lost := map[key]uint8{}, map[key]bool{}
	for _, l := range lines {
		if l.refused {
			lost[key{l.Matiere, l.Modalite}] = true
		}
	}
	for _, l := range lines {
		k := key{l.Matiere, l.Modalite}
		count[k] = min(count[k], 254) + 1
		l.Ordinal = count[k]
		switch {
		case l.refused:
		case lost[k]:
			where(b, l.Evaluation).refuse(l.Line, "ligne-jumelle-refusee",
				"Cette matière est donnée deux fois avec la même modalité, et l’autre ligne est refusée\u00a0: on ne peut plus dire laquelle des deux est la spécialité.", "Corrigez l’autre ligne, puis refaites l’export.")
		default:
			taken = append(taken, l.Evaluation)
		}
	}
	return taken
}

func where(year *block, e Evaluation) *block {
	return year.pupil.block(exchange.LineRefused, fmt.Sprintf("%s, matière %s (%s)", year.where, e.Matiere, e.Modalite))
}

func (f *File) evaluation(p *Pupil, evaluation exchange.Element, y *Year) line {
	l := line{Evaluation: Evaluation{Line: evaluation.Line}}
	b := p.block(exchange.LineRefused, y.Year.Label())
	b.check(evaluation, "modalite-election", "code-matiere", "date")
	l.codes(b, evaluation)
	l.Date = date(b, evaluation)
	var seen []string
	for e := range f.x.Children() {
		if slices.Contains(seen, e.Name) {
			b.unknown(e)
			continue
		}
		seen = append(seen, e.Name)
		switch e.Name {
		case "structure":
			l.Group = f.structure(b, e)
		case "annuelle":
			b.check(e)
			l.Appreciation = f.text(b, e)
		case "periodiques":
			b.check(e)
			l.Averages = f.periodiques(b, e, y.Periods)
		case "competences":
			b.check(e)
			l.Competences = f.competences(b, e, strings.HasPrefix(string(l.Matiere), "03"))
		case "enseignants":
			b.check(e)
			l.Teachers = f.enseignants(b, e)
		default:
			b.unknown(e)
		}
	}
	for _, name := range []string{"structure", "enseignants"} {
		if !slices.Contains(seen, name) {
			b.refuse(evaluation.Line, "element-absent", fmt.Sprintf("L’évaluation n’a pas d’élément «\u00a0%s\u00a0».", name), reexport)
		}
	}
	if l.Appreciation == "" && !b.refused {
		b.warn(evaluation.Line, "appreciation-absente", "La matière n’a pas d’appréciation annuelle.", "Complétez-la avant le verrouillage de l’année.")
	}
	l.refused = b.refused
	return l
}

func (l *line) codes(b *block, e exchange.Element) {
	modalite, chosen := e.Attr("modalite-election")
	code, taught := e.Attr("code-matiere")
	b.where += fmt.Sprintf(", matière %s (%s)", quoted(code), quoted(modalite))
	b.required(e, "modalite-election")
	b.required(e, "code-matiere")
	var err error
	switch {
	case code == "000000": // of the right form; some software gives it to a service without matière
		l.Matiere = nomenclature.Matiere(code)
		b.warn(e.Line, "matiere-inconnue", "Le code 000000 n’est celui d’aucune matière.", "Rattachez le service à une matière de la nomenclature nationale, puis refaites l’export.")
	case taught:
		l.Matiere, err = nomenclature.ParseMatiere(code)
		b.refusal(e.Line, err)
	}
	if chosen {
		l.Modalite, err = nomenclature.ParseModalite(modalite)
		b.refusal(e.Line, err)
	}
}

// structure reads the figures of the group. Those that are not of the schema's form refuse the evaluation;
// those that are but can not be true are left out, with a warning, since they are not the pupil's.
func (f *File) structure(b *block, e exchange.Element) (g Group) {
	b.check(e, "effectif", "moyenne", "repar-moins-huit", "repar-huit-douze", "repar-plus-douze")
	f.empty(b)
	if text, ok := e.Attr("effectif"); ok {
		switch n, ok := exchange.Positive(text); {
		case !ok:
			b.refuse(e.Line, "effectif-illisible", "L’effectif du groupe n’est pas un nombre entier positif.", correct)
		case n > 9999:
			b.warn(e.Line, "effectif-invraisemblable", "L’effectif du groupe est invraisemblable\u00a0: il est laissé de côté.", correct)
		default:
			g.Headcount = uint16(n)
		}
	}
	if text, ok := e.Attr("moyenne"); ok {
		mean, err := mark.Parse(text)
		switch {
		case err == nil:
			g.Mean = mean
		case isDecimal(text):
			b.warn(e.Line, "moyenne-de-groupe-hors-bornes", "La moyenne du groupe n’est pas comprise entre 0 et 20\u00a0: elle est laissée de côté.", correct)
		default:
			b.refusal(e.Line, err)
		}
	}
	g.Shares = shares(b, e)
	g.checkTogether(b, e.Line)
	return g
}

func shares(b *block, e exchange.Element) *mark.Shares {
	var percents [3]uint16
	given, possible, readable := 0, true, true
	for i, name := range [...]string{"repar-moins-huit", "repar-huit-douze", "repar-plus-douze"} {
		text, ok := e.Attr(name)
		if !ok {
			continue
		}
		given++
		percent, err := mark.ParsePercent(text)
		switch {
		case err == nil:
			percents[i] = percent
		case isDecimal(text):
			possible = false
		default:
			readable = false
			b.refusal(e.Line, err)
		}
	}
	s := mark.Shares{Below8: percents[0], From8: percents[1], From12: percents[2]}
	switch {
	case given == 0 || !readable:
		return nil
	case given < 3:
		b.warn(e.Line, "repartition-incomplete", "La répartition des moyennes du groupe est incomplète\u00a0: elle est laissée de côté.", correct)
		return nil
	case !possible || !s.AddUp():
		b.warn(e.Line, "repartition-incoherente", "La répartition des moyennes du groupe ne totalise pas 100\u00a0%, ou sort de 0 à 100\u00a0%\u00a0: elle est laissée de côté.", correct)
		return nil
	}
	return &s
}

// checkTogether looks at whether the mean is one that the shares allow. Of a group where nobody is marked,
// some software writes a mean of 0 and that all are above 12, for the third share is what the others leave.
func (g *Group) checkTogether(b *block, line int) {
	h, marked := g.Mean.Hundredths()
	if g.Shares == nil || !marked {
		return
	}
	s := *g.Shares
	if h == 0 && s.From12 == 10000 {
		g.Mean, g.Shares = mark.NotMarked(), nil
		b.warn(line, "groupe-sans-note", "Les chiffres du groupe sont ceux d’un groupe où personne n’est noté\u00a0: ils sont laissés de côté.", "")
		return
	}
	const slack = 10 // hundredths of a point, for what was rounded
	least := (int(s.From8)*800 + int(s.From12)*1200) / 10000
	most := (int(s.Below8)*800 + int(s.From8)*1200 + int(s.From12)*mark.Max) / 10000
	if h < least-slack || h > most+slack {
		b.warn(line, "groupe-incoherent", "La moyenne du groupe est impossible avec la répartition qui l’accompagne.", correct)
	}
}

// isDecimal tells a number that is out of range from what is no number.
func isDecimal(text string) bool {
	text = strings.Trim(text, xmlBlanks)
	text = strings.TrimPrefix(strings.TrimPrefix(text, "+"), "-")
	whole, fraction, _ := strings.Cut(text, ".")
	return whole+fraction != "" && strings.Trim(whole+fraction, "0123456789") == "" && len(strings.TrimRight(fraction, "0")) <= 2
}

func (f *File) periodiques(b *block, periodiques exchange.Element, periods uint8) (all []Average) {
	given := 0
	for e := range f.x.Children() {
		if e.Name != "periode" {
			b.unknown(e)
			continue
		}
		given++
		b.check(e, "numero", "moyenne")
		f.empty(b)
		n, ok := exchange.Positive(b.required(e, "numero"))
		average, err := mark.ParsePeriod(b.required(e, "moyenne"))
		switch {
		case !ok:
			b.refuse(e.Line, "periode-illisible", "Le numéro de la période n’est pas un nombre entier positif.", correct)
		case n > uint64(periods):
			b.refuse(e.Line, "periode-hors-decoupage", fmt.Sprintf("L’année est découpée en %d périodes, et une moyenne est donnée pour une autre.", periods), correct)
		case slices.ContainsFunc(all, func(a Average) bool { return a.Period == uint8(n) }):
			b.refuse(e.Line, "periode-en-double", fmt.Sprintf("La période %d est donnée deux fois\u00a0: on ne peut pas dire quelle moyenne est la bonne.", n), correct)
		case !b.refusal(e.Line, err):
			all = append(all, Average{Period: uint8(n), Mark: average})
		}
	}
	needs(b, periodiques, given)
	return all
}

func (f *File) competences(b *block, competences exchange.Element, language bool) (all []Competence) {
	given := 0
	for e := range f.x.Children() {
		if e.Name != "competence" {
			b.unknown(e)
			continue
		}
		given++
		b.check(e, "code")
		text, only := f.x.Text()
		mastery, err := nomenclature.ParseMastery(text)
		if !only {
			b.unknown(e)
		}
		b.refusal(e.Line, err)
		code, ok := e.Attr("code")
		if !ok {
			b.warn(e.Line, "competence-sans-code", "Une compétence n’a pas de code\u00a0: elle est laissée de côté.", correct)
			continue
		}
		competence, err := nomenclature.ParseCompetence(code)
		switch {
		case b.refusal(e.Line, err):
		case slices.ContainsFunc(all, func(c Competence) bool { return c.Code == competence }):
			b.refuse(e.Line, "competence-en-double", fmt.Sprintf("La compétence %s est donnée deux fois\u00a0: on ne peut pas dire quel niveau est le bon.", competence), correct)
		default:
			if mastery.CECRL() && !language {
				b.warn(e.Line, "niveau-de-langue", fmt.Sprintf("La compétence %s a un niveau de langue, de A1 à C2, alors que la matière n’est pas une langue.", competence), correct)
			}
			all = append(all, Competence{Code: competence, Mastery: mastery})
		}
	}
	needs(b, competences, given)
	return all
}

func (f *File) enseignants(b *block, enseignants exchange.Element) (all []Person) {
	given := 0
	for e := range f.x.Children() {
		if e.Name != "enseignant" {
			b.unknown(e)
			continue
		}
		given++
		b.check(e, "nom", "prenom")
		f.empty(b)
		switch p := person(b, e); {
		case p == Person{}:
			b.warn(e.Line, "enseignant-sans-nom", "Un enseignant n’a ni nom ni prénom\u00a0: il est laissé de côté.", correct)
		case slices.Contains(all, p):
			b.warn(e.Line, "enseignant-en-double", "Un enseignant est nommé deux fois\u00a0: il l’est une fois au livret.", "")
		default:
			all = append(all, p)
		}
	}
	needs(b, enseignants, given)
	return all
}

// needs refuses an element that must not be empty.
func needs(b *block, e exchange.Element, given int) {
	if given == 0 {
		b.refuse(e.Line, "element-vide", fmt.Sprintf("L’élément «\u00a0%s\u00a0» est vide.", e.Name), reexport)
	}
}
