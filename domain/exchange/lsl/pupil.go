package lsl

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"livret/domain"
	"livret/domain/exchange"
	"livret/domain/nomenclature"
	"livret/domain/record"
)

// eleve reads the content of an element eleve into the pupil of its block.
func (f *File) eleve(b *block, eleve exchange.Element) {
	order := sequence{"engagements", "avisExamen", "scolarites"}
	last, schooled := -1, false
	for e := range f.x.Children() {
		at := order.place(b, e)
		switch {
		case at < 0:
		case at <= last:
			misplaced(b.pupil.block(exchange.LineRefused, ""), e)
		default:
			last = at
			switch e.Name {
			case "engagements":
				f.engagements(b.pupil, e)
			case "avisExamen":
				f.avisExamen(b.pupil, e)
			case "scolarites":
				b.check(e)
				schooled = f.scolarites(b)
			}
		}
	}
	if !schooled {
		b.refuse(eleve.Line, "scolarite-absente", "L’élève n’a aucune année de scolarité.", "Vérifiez que l’élève a des services notés dans le logiciel de notes, puis refaites l’export.")
	}
}

// sequence is the order of elements that the schema fixes.
type sequence []string

// place is where an element stands in the sequence; -1, and the block refused, for one that does not.
func (s sequence) place(b *block, e exchange.Element) int {
	at := slices.Index(s, e.Name)
	if at < 0 {
		b.unknown(e)
	}
	return at
}

func misplaced(b *block, e exchange.Element) {
	b.refuse(e.Line, "ordre-des-elements", fmt.Sprintf("L’élément «\u00a0%s\u00a0» est répété, ou vient après un élément qu’il doit précéder\u00a0: il est laissé de côté.", e.Name), reexport)
}

func (f *File) engagements(p *Pupil, engagements exchange.Element) {
	all := p.block(exchange.LineRefused, "engagements")
	all.check(engagements)
	var codes []record.Engagement
	other, hasOther := "", false
	for e := range f.x.Children() {
		b := p.block(exchange.LineRefused, "engagements")
		switch {
		case e.Name == "engagement" && hasOther, e.Name == "engagement-autre" && hasOther:
			misplaced(b, e)
		case e.Name == "engagement":
			b.check(e, "code")
			code := record.Engagement(b.required(e, "code"))
			f.empty(b)
			switch {
			case b.refused:
			case !slices.Contains(record.Engagements(), code):
				b.refuse(e.Line, "engagement-inconnu", "Le code de cet engagement n’est ni C, ni V, ni A, ni E, ni S.", correct)
			case slices.Contains(codes, code):
				b.refuse(e.Line, "engagement-en-double", fmt.Sprintf("L’engagement %s est donné deux fois\u00a0: il ne compte qu’une fois pour tout le cycle terminal.", code), correct)
			default:
				codes = append(codes, code)
			}
		case e.Name == "engagement-autre":
			hasOther = true
			b.check(e)
			if text := f.text(b, e); !b.refused {
				other = text
			}
		default:
			all.unknown(e)
		}
	}
	if !all.refused {
		p.Engagements, p.OtherEngagement = codes, other
	}
}

func (f *File) avisExamen(p *Pupil, e exchange.Element) {
	b := p.block(exchange.LineRefused, "avis en vue de l’examen")
	b.check(e, "code")
	code := b.required(e, "code")
	f.empty(b)
	switch avis := record.Avis(code); avis {
	case record.TresFavorable, record.Favorable, record.AssezFavorable, record.FaireSesPreuves:
		if !b.refused {
			p.Avis = avis
		}
	default:
		if !b.refused {
			b.refuse(e.Line, "avis-inconnu", "Le code de l’avis n’est ni T, ni F, ni A, ni D.", correct)
		}
	}
}

// scolarites reads the years, and tells whether there was any.
func (f *File) scolarites(b *block) (any bool) {
	lines := map[nomenclature.SchoolYear]int{}
	for e := range f.x.Children() {
		if e.Name != "scolarite" {
			b.unknown(e)
			continue
		}
		any = true
		if year, ok := f.scolarite(b.pupil, e, lines); ok {
			b.pupil.Years = append(b.pupil.Years, year)
		}
	}
	return any
}

func (f *File) scolarite(p *Pupil, scolarite exchange.Element, lines map[nomenclature.SchoolYear]int) (Year, bool) {
	y := Year{Line: scolarite.Line}
	b := p.block(exchange.YearRefused, "")
	b.check(scolarite, "annee-scolaire", "code-periode")
	number, ok := exchange.Positive(b.required(scolarite, "annee-scolaire"))
	if !ok || number < 2000 || number > 9999 {
		b.refuse(scolarite.Line, "annee-illisible", "L’année scolaire n’est pas celle d’un mois de septembre, de 2000 à 9999.", correct)
		return y, false
	}
	y.Year = nomenclature.SchoolYear(number)
	b.where = y.Year.Label()
	switch b.required(scolarite, "code-periode") {
	case "T":
		y.Periods = 3
	case "S":
		y.Periods = 2
	default:
		b.refuse(scolarite.Line, "decoupage-inconnu", "Le découpage de l’année n’est ni T (trimestres), ni S (semestres).", correct)
	}
	if first, twice := lines[y.Year]; twice {
		b.refuse(scolarite.Line, "annee-en-double", fmt.Sprintf("L’année %s est déjà donnée à la ligne %d pour cet élève\u00a0: ce qui en est dit ici est laissé de côté.", y.Year.Label(), first),
			"Réunissez les deux dans le logiciel de notes, puis refaites l’export.")
	} else {
		lines[y.Year] = scolarite.Line
	}
	if b.refused {
		return y, false
	}
	f.year(b, &y)
	return y, !b.refused
}

// year reads the content of an element scolarite.
func (f *File) year(b *block, y *Year) {
	order := sequence{"avisEngagement", "avisInvestissement", "avisChefEtab", "evaluation"}
	kinds := [...]record.Observation{record.ObservationCPE, record.ObservationTeam, record.ObservationHead}
	last := -1
	var lines []line
	for e := range f.x.Children() {
		at := order.place(b, e)
		switch {
		case at < 0:
		case at < last, at == last && at < len(kinds):
			misplaced(b.pupil.block(exchange.LineRefused, b.where), e)
		case at < len(kinds):
			last = at
			if o, ok := f.observation(b, e, kinds[at]); ok {
				y.Observations = append(y.Observations, o)
			}
		default:
			last = at
			lines = append(lines, f.evaluation(b.pupil, e, y))
		}
	}
	if len(lines) == 0 {
		b.refuse(y.Line, "evaluation-absente", "L’année n’a aucune évaluation.", "Vérifiez que l’élève a des services notés cette année-là, puis refaites l’export.")
	}
	y.Evaluations = twins(b, lines)
}

func (f *File) observation(year *block, e exchange.Element, kind record.Observation) (Observation, bool) {
	b := year.pupil.block(exchange.LineRefused, year.where)
	b.check(e, "date", "nom", "prenom")
	o := Observation{Line: e.Line, Kind: kind, Date: date(b, e)}
	b.required(e, "nom")
	b.required(e, "prenom")
	o.Author = person(b, e)
	o.Text = f.text(b, e)
	switch {
	case b.refused:
		return o, false
	case o.Text == "":
		b.warn(e.Line, "observation-vide", "L’observation ne contient que des blancs\u00a0: elle est tenue pour absente.", "")
		return o, false
	case o.Author.Name == "":
		b.warn(e.Line, "auteur-sans-nom", "L’observation n’est pas signée.", "Indiquez son auteur dans le logiciel de notes, puis refaites l’export.")
	}
	return o, true
}

func person(b *block, e exchange.Element) Person {
	name, _ := e.Attr("nom")
	first, _ := e.Attr("prenom")
	if utf8.RuneCountInString(name) > 65 || utf8.RuneCountInString(first) > 50 {
		b.refuse(e.Line, "nom-trop-long", "Un nom dépasse 65 caractères, ou un prénom 50.", correct)
	}
	return Person{Name: exchange.Tidy(name), First: exchange.Tidy(first)}
}

func date(b *block, e exchange.Element) (day domain.Date) {
	if text, ok := e.Attr("date"); ok {
		if day, ok = xsDate(text); !ok {
			b.refuse(e.Line, "date-illisible", "La date n’est pas un jour du calendrier, écrit par exemple 2016-05-30.", correct)
		}
	}
	return day
}

// text reads a free text: empty if it holds blanks only, the no-break space of some writers among them.
func (f *File) text(b *block, e exchange.Element) string {
	text, only := f.x.Text()
	if !only {
		b.refuse(e.Line, "element-inconnu", fmt.Sprintf("L’élément «\u00a0%s\u00a0» contient d’autres éléments, alors qu’il ne doit contenir que du texte.", e.Name), reexport)
	}
	text = record.Tidy(text)
	switch {
	case utf8.RuneCountInString(text) > record.MaxText:
		b.refuse(e.Line, "texte-trop-long", "Le texte dépasse 300\u00a0caractères\u00a0: il n’est pas coupé, et la ligne est laissée de côté.", "Raccourcissez-le dans le logiciel de notes, puis refaites l’export.")
	case strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) && r != '\n' }):
		b.refuse(e.Line, "texte-illisible", "Le texte contient des caractères invisibles\u00a0: il a sans doute été enregistré dans un autre encodage que celui qu’annonce le fichier.", reexport)
	}
	return text
}

// empty refuses what an element without content contains.
func (f *File) empty(b *block) {
	for e := range f.x.Children() {
		b.unknown(e)
	}
}
