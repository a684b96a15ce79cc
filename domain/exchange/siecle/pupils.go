package siecle

import (
	"fmt"
	"io"
	"slices"

	"livret/domain"
	"livret/domain/exchange"
	"livret/domain/identity"
	"livret/domain/nomenclature"
)

// Pupils is the file ElevesSansAdresses or ElevesAvecAdresses.
type Pupils struct {
	Header
	Pupils   []Pupil            // in the order of the file, those left out among them
	Findings []exchange.Finding // of the file; those of a pupil are with him
}

// Pupil is an element ELEVE, with his options and structures.
type Pupil struct {
	identity.Redacted
	Line         int
	Refused      bool // left out, as Findings say: gone, without division, not a pupil of a livret, or in doubt
	ID           uint64
	Number       string   // ELENOET, in the school
	INE          string   // the current one: INE_RNIE, else ID_NATIONAL, else INE_BEA; may be empty for a day or two
	FormerINE    []string // the other ones, by which an older file may know him
	FamilyName   string
	UsageName    string // empty if it is the family name
	FirstNames   []string
	Birth        domain.Date // zero if unknown
	BirthTown    string      // of those born abroad
	BirthCommune string      // INSEE code, of those born in France
	Sex          string      // "1" or "2"; empty if unknown
	Repeating    bool
	Entered      domain.Date
	Left         domain.Date
	MEF          nomenclature.MEF
	Division     string
	Groups       []string
	Options      []Option
	Before       School // last year
	Findings     []exchange.Finding
}

// Option is a matière that a pupil chose. Codes are raw: a matière may be one of the school itself, and the
// modalité one that a livret does not know.
type Option struct {
	Matiere, Modalite string
}

// School is where a pupil was last year; what is not known is empty.
type School struct {
	UAI      nomenclature.UAI
	Name     string
	Town     string
	Division string
}

// ReadPupils reads the pupils of a school. It refuses a file that is another one by a *exchange.FileRefused
// that names it.
func ReadPupils(r io.Reader) (*Pupils, error) {
	f, err := open(r, exchange.Eleves)
	if err != nil {
		return nil, err
	}
	b := base{export: f, byID: map[uint64]int{}, byNumber: map[string]int{}}
	err = f.sections(map[string]func(exchange.Element){"ELEVES": b.eleve, "OPTIONS": b.option, "STRUCTURES": b.structure})
	if err != nil {
		return nil, err
	}
	b.join()
	return &Pupils{Header: f.Header, Pupils: b.pupils, Findings: f.findings}, nil
}

// base is the pupils of a file, whose options and structures stand apart and may come first.
type base struct {
	*export
	pupils   []Pupil
	byID     map[uint64]int // index in pupils
	byNumber map[string]int
	options  []choice
	enrolled []enrolment
}

type choice struct {
	who
	options []Option
}

type enrolment struct {
	who
	kind, code string
}

// who is how the sections refer to a pupil.
type who struct {
	line   int
	id     uint64
	number string
}

func whose(e exchange.Element) who {
	id, _ := exchange.Positive(attr(e, "ELEVE_ID"))
	return who{line: e.Line, id: id, number: attr(e, "ELENOET")}
}

func (b *base) find(w who) *Pupil {
	if at, ok := b.byID[w.id]; ok && w.id != 0 {
		return &b.pupils[at]
	}
	if at, ok := b.byNumber[w.number]; ok && w.id == 0 && w.number != "" {
		return &b.pupils[at]
	}
	return nil
}

func (p *Pupil) refuse(line int, rule, reason, remedy string) {
	p.Refused = true
	p.Findings = append(p.Findings, exchange.Finding{Line: line, Severity: exchange.PupilRefused, Rule: rule, Reason: reason, Remedy: remedy})
}

func (p *Pupil) warn(line int, rule, reason string) {
	p.Findings = append(p.Findings, exchange.Finding{Line: line, Rule: rule, Reason: reason, Remedy: remedy})
}

func (p *Pupil) refusal(line int, err error) {
	if refusal, ok := err.(*domain.Refusal); ok {
		p.refuse(line, refusal.Rule, refusal.Reason, refusal.Remedy)
	}
}

func (b *base) eleve(e exchange.Element) {
	if e.Name != "ELEVE" {
		return
	}
	p := Pupil{Line: e.Line, Number: attr(e, "ELENOET")}
	var number, rnie, national, bea, nom, family, usage, first, second, third, birth, entered, left, mef, statut, doublement string
	b.fields(fields{
		"ELENOET": &number, "INE_RNIE": &rnie, "ID_NATIONAL": &national, "INE_BEA": &bea,
		"NOM": &nom, "NOM_DE_FAMILLE": &family, "NOM_USAGE": &usage, "PRENOM": &first, "PRENOM2": &second, "PRENOM3": &third,
		"DATE_NAISS": &birth, "VILLE_NAISS": &p.BirthTown, "CODE_COMMUNE_INSEE_NAISS": &p.BirthCommune, "CODE_SEXE": &p.Sex,
		"DOUBLEMENT": &doublement, "DATE_ENTREE": &entered, "DATE_SORTIE": &left, "CODE_MEF": &mef, "CODE_STATUT": &statut,
	}, b.lastYear(&p))
	p.Number = firstOf(p.Number, number)
	p.identify(e)
	for _, ine := range []string{rnie, national, bea} {
		switch {
		case ine == "" || ine == p.INE || slices.Contains(p.FormerINE, ine):
		case p.INE == "":
			p.INE = ine
		default:
			p.FormerINE = append(p.FormerINE, ine)
		}
	}
	if p.INE == "" {
		p.warn(p.Line, "ine-absent", "L’élève n’a pas d’INE\u00a0: celui d’un nouvel élève met un jour ou deux à paraître dans SIECLE.")
	}
	p.FamilyName = firstOf(family, nom, usage)
	if usage != p.FamilyName {
		p.UsageName = usage
	}
	for _, name := range []string{first, second, third} {
		if name != "" {
			p.FirstNames = append(p.FirstNames, name)
		}
	}
	if p.Sex != "1" && p.Sex != "2" {
		p.Sex = ""
	}
	p.Repeating = doublement == "1"
	p.dates(birth, entered, left)
	var err error
	p.MEF, err = nomenclature.ParseMEF(mef)
	p.refusal(p.Line, err)
	p.refusal(p.Line, nomenclature.CheckStatut(statut))
	if p.FamilyName == "" {
		p.refuse(p.Line, "nom-absent", "L’élève n’a pas de nom de famille.", remedy)
	}
	if first, twice := b.byID[p.ID]; twice && p.ID != 0 {
		p.refuse(p.Line, "eleve-en-double", fmt.Sprintf("L’élève est déjà donné à la ligne %d du fichier.", b.pupils[first].Line), "Refaites l’export depuis SIECLE.")
	} else if p.ID != 0 {
		b.byID[p.ID] = len(b.pupils)
		b.byNumber[p.Number] = len(b.pupils)
	}
	b.pupils = append(b.pupils, p)
}

func (p *Pupil) identify(e exchange.Element) {
	id, ok := exchange.Positive(attr(e, "ELEVE_ID"))
	if !ok {
		p.refuse(e.Line, "identifiant-illisible", "L’identifiant SIECLE de l’élève n’est pas un nombre entier positif.", "Refaites l’export depuis SIECLE.")
	}
	p.ID = id
}

func (p *Pupil) dates(birth, entered, left string) {
	var ok bool
	if p.Birth, ok = exchange.FrenchDate(birth); !ok {
		p.warn(p.Line, "date-naissance-illisible", "La date de naissance de l’élève n’est pas une date du calendrier\u00a0: elle est laissée de côté.")
	}
	p.Entered, _ = exchange.FrenchDate(entered) // it decides of nothing
	p.Left, ok = exchange.FrenchDate(left)
	switch {
	case !ok:
		p.refuse(p.Line, "date-sortie-illisible", "La date de sortie de l’élève n’est pas une date du calendrier\u00a0: on ne peut pas dire s’il est encore dans l’établissement.", remedy)
	case !p.Left.IsZero():
		p.refuse(p.Line, "eleve-sorti", "L’élève a quitté l’établissement.", "S’il y est encore, effacez sa date de sortie dans SIECLE, puis refaites l’export.")
	}
}

// lastYear reads the block of last year's school.
func (b *base) lastYear(p *Pupil) func(exchange.Element) bool {
	return func(e exchange.Element) bool {
		if e.Name != "SCOLARITE_AN_DERNIER" {
			return false
		}
		var uai, name, more string
		b.fields(fields{"CODE_STRUCTURE": &p.Before.Division, "CODE_RNE": &uai, "DENOM_PRINC": &name, "DENOM_COMPL": &more, "LL_COMMUNE_INSEE": &p.Before.Town})
		p.Before.Name = exchange.Tidy(name + " " + more)
		if uai != "" {
			var err error
			if p.Before.UAI, err = nomenclature.ParseUAI(uai); err != nil {
				p.warn(e.Line, "etablissement-precedent-illisible", "Le numéro UAI de l’établissement de l’an dernier est illisible\u00a0: il est laissé de côté.")
			}
		}
		return true
	}
}

func (b *base) option(e exchange.Element) {
	c := choice{who: whose(e)}
	b.fields(nil, func(e exchange.Element) bool {
		var o Option
		if e.Name == "OPTIONS_ELEVE" {
			if b.fields(fields{"CODE_MODALITE_ELECT": &o.Modalite, "CODE_MATIERE": &o.Matiere}); o.Matiere != "" {
				c.options = append(c.options, o)
			}
		}
		return true
	})
	if len(c.options) > 0 {
		b.options = append(b.options, c)
	}
}

func (b *base) structure(e exchange.Element) {
	w := whose(e)
	b.fields(nil, func(e exchange.Element) bool {
		if e.Name == "STRUCTURE" {
			s := enrolment{who: w}
			if b.fields(fields{"CODE_STRUCTURE": &s.code, "TYPE_STRUCTURE": &s.kind}); s.code != "" {
				b.enrolled = append(b.enrolled, s)
			}
		}
		return true
	})
}

// join gives the pupils their options and structures, then leaves out those who have no livret here.
func (b *base) join() {
	orphans := 0
	for _, c := range b.options {
		if p := b.find(c.who); p != nil {
			p.Options = append(p.Options, c.options...)
		} else {
			orphans++
		}
	}
	for _, s := range b.enrolled {
		p := b.find(s.who)
		switch {
		case p == nil:
			orphans++
		case s.kind == "G" && !slices.Contains(p.Groups, s.code):
			p.Groups = append(p.Groups, s.code)
		case s.kind != "D" || s.code == p.Division:
		case p.Division == "":
			p.Division = s.code
		default:
			p.warn(s.line, "deux-divisions", "L’élève est dans deux divisions à la fois\u00a0: la première est retenue.")
		}
	}
	if orphans > 0 {
		b.warn(0, "", "eleve-absent", fmt.Sprintf("%d lignes d’options ou de structures sont celles d’élèves qui ne sont pas dans le fichier\u00a0: elles sont laissées de côté.", orphans), "Refaites l’export depuis SIECLE.")
	}
	for i := range b.pupils {
		p := &b.pupils[i]
		switch {
		case p.Refused:
		case p.Division == "":
			p.refuse(p.Line, "division-absente", "L’élève n’est dans aucune division.", "Affectez-le à une division dans SIECLE, puis refaites l’export.")
		case inactive(p.Division):
			p.refuse(p.Line, "eleve-inactif", "L’élève est dans la division des inactifs.", "S’il suit encore les cours, affectez-le à sa division dans SIECLE, puis refaites l’export.")
		}
	}
	b.sameINE()
}

// sameINE leaves out those who share an INE: nobody can say whose it is.
func (b *base) sameINE() {
	holders := map[string][]int{}
	for i, p := range b.pupils {
		if !p.Refused && p.INE != "" {
			holders[p.INE] = append(holders[p.INE], i)
		}
	}
	for i := range b.pupils {
		p := &b.pupils[i]
		if same := holders[p.INE]; !p.Refused && len(same) > 1 {
			other := b.pupils[same[0]].Line
			if same[0] == i {
				other = b.pupils[same[1]].Line
			}
			p.refuse(p.Line, "ine-en-double", fmt.Sprintf("L’élève a le même INE que celui de la ligne %d\u00a0: on ne peut pas dire à qui il est.", other), "Demandez la correction de l’INE dans SIECLE, puis refaites l’export.")
		}
	}
}
