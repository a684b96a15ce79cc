package nomenclature

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/encoding/charmap"

	"livret/domain"
)

// MaxFile bounds a nomenclature file, in bytes; the real one of 2016 is 364 kB.
const MaxFile = 32 << 20

// Extend reads a nomenclature file of the ministry (root nomenclaturesLsl, no namespace, no published
// schema) and gives the nomenclature with its school years: a formation takes the place of the one it had in
// the same year, the rest stays. The file is read as a stream of at most 32 MiB, in UTF-8, ISO-8859-1,
// ISO-8859-15 or windows-1252; a DTD is refused. Nothing of a faulty file is taken: what is wrong is refused
// by rule "nomenclature-illisible" with its line, and a série without livret by "serie-hors-livret".
func (n Nomenclature) Extend(file io.Reader) (Nomenclature, error) {
	more, _, err := n.ExtendBy(file)
	return more, err
}

// ExtendBy does as Extend, and lists the programmes that the file holds, by millésime and then by MEF.
func (n Nomenclature) ExtendBy(file io.Reader) (Nomenclature, []Programme, error) {
	limited := &io.LimitedReader{R: file, N: MaxFile + 1}
	r := &reader{dec: xml.NewDecoder(limited), years: map[SchoolYear]*millesime{}}
	r.dec.CharsetReader = charset
	err := r.read()
	if limited.N <= 0 {
		err = errors.New("le fichier dépasse 32 Mio")
	}
	if err == nil {
		err = r.check(n)
	}
	if refusal, ok := errors.AsType[*domain.Refusal](err); ok {
		return n, nil, refusal
	}
	if err != nil {
		line, _ := r.dec.InputPos()
		return n, nil, domain.Refuse("nomenclature-illisible",
			fmt.Sprintf("Ce fichier n’est pas une nomenclature du livret (ligne %d) : %s.", line, err),
			"Demandez à l’académie le fichier de nomenclature remis aux éditeurs.")
	}
	read := Nomenclature{}
	for _, year := range slices.Backward(slices.Sorted(maps.Keys(r.years))) { // the latest names matières
		n, read = n.with(*r.years[year]), read.with(*r.years[year])
	}
	return n, read.Programmes(), nil
}

func charset(label string, input io.Reader) (io.Reader, error) {
	switch strings.ToLower(label) {
	case "iso-8859-1":
		return charmap.ISO8859_1.NewDecoder().Reader(input), nil
	case "iso-8859-15":
		return charmap.ISO8859_15.NewDecoder().Reader(input), nil
	case "windows-1252":
		return charmap.Windows1252.NewDecoder().Reader(input), nil
	}
	return nil, errors.New("codage de caractères inconnu")
}

// reader walks the file; path is where it stands, "nomenclaturesLsl/anneeScolaire/mef".
type reader struct {
	dec   *xml.Decoder
	path  string
	text  strings.Builder
	years map[SchoolYear]*millesime

	year       *millesime
	line       Line
	competence Competence
	labelYear  *millesime
}

func (r *reader) read() error {
	for {
		token, err := r.dec.Token()
		if err == io.EOF && r.path == "" && len(r.years) > 0 {
			return nil
		}
		if err != nil {
			return errors.New("le XML est mal formé ou vide")
		}
		switch t := token.(type) {
		case xml.Directive:
			return errors.New("une DTD n’est pas admise")
		case xml.StartElement:
			r.path = strings.TrimPrefix(r.path+"/"+t.Name.Local, "/")
			r.text.Reset()
			err = r.open(attributes(t))
		case xml.EndElement:
			err = r.close(strings.TrimSpace(r.text.String()))
			r.path = r.path[:max(0, strings.LastIndexByte(r.path, '/'))]
		case xml.CharData:
			r.text.Write(t)
		}
		if err != nil {
			return err
		}
	}
}

func attributes(t xml.StartElement) map[string]string {
	all := make(map[string]string, len(t.Attr))
	for _, a := range t.Attr {
		all[a.Name.Local] = a.Value
	}
	return all
}

const (
	pathLabel      = "nomenclaturesLsl/competences/competence"
	pathYear       = "nomenclaturesLsl/anneeScolaire"
	pathMEF        = pathYear + "/mef"
	pathMatiere    = pathMEF + "/matiere"
	pathCompetence = pathMatiere + "/competences/competence"
)

func (r *reader) open(a map[string]string) (err error) {
	switch r.path {
	case "nomenclaturesLsl", "nomenclaturesLsl/competences", pathMatiere + "/competences", pathCompetence:
	case pathLabel:
		if r.competence, err = ParseCompetence(a["code"]); err == nil {
			r.labelYear, err = r.at(a["annee"])
		}
	case pathYear:
		r.year, err = r.at(a["millesime"])
	case pathMEF:
		return r.openMEF(a)
	case pathMatiere:
		return r.openMatiere(a)
	default:
		return errors.New("l’élément n’est pas connu à cet endroit")
	}
	return reason(err)
}

func (r *reader) openMEF(a map[string]string) error {
	mef, err := ParseMEF(a["codeMef"])
	serie := Serie(a["codeSerie"])
	niveau := Niveau(a["niveau"])
	switch {
	case err != nil:
		return reason(err)
	case niveau != Premiere && niveau != Terminale:
		return errors.New("le niveau d’une formation est Première ou Terminale")
	case serie == "" || len(serie) > 40:
		return errors.New("une formation n’a pas de série")
	case serie.Excluded() != nil:
		return serie.Excluded()
	}
	for _, p := range r.year.programmes {
		if p.MEF.Root() == mef.Root() {
			return errors.New("une formation est donnée deux fois dans la même année")
		}
	}
	r.year.programmes = append(r.year.programmes, Programme{Formation: Formation{
		MEF: mef, Niveau: niveau, Serie: serie, SerieName: serieName(serie, a["serie"]), Speciality: typographic(a["specialite"]),
	}})
	return nil
}

func (r *reader) openMatiere(a map[string]string) error {
	matiere, err := ParseMatiere(a["codeBcn"])
	if err != nil {
		return reason(err)
	}
	modalite, err := ParseModalite(a["modaliteElection"])
	if err != nil {
		return reason(err)
	}
	marked, err := strconv.ParseBool(a["presenceEvaluationPeriodique"])
	if err != nil {
		return errors.New("presenceEvaluationPeriodique vaut true ou false")
	}
	if strings.TrimSpace(a["discipline"]) == "" {
		return errors.New("une matière n’a pas de discipline")
	}
	r.line = Line{
		Regroupement: typographic(a["regroupement"]), Discipline: typographic(a["discipline"]),
		Matiere: matiere, Modalite: modalite, Marked: marked,
	}
	return nil
}

func (r *reader) close(text string) error {
	switch r.path {
	case pathLabel:
		if text == "" {
			return errors.New("une compétence n’a pas de libellé")
		}
		r.labelYear.labels[r.competence] = dated{r.labelYear.year, typographic(text)}
	case pathMatiere:
		p := &r.year.programmes[len(r.year.programmes)-1]
		if len(p.Lines) == 255 {
			return errors.New("une formation a plus de 255 matières")
		}
		p.add(r.line)
	case pathCompetence:
		c, err := ParseCompetence(text)
		if err != nil {
			return reason(err)
		}
		r.line.Competences = append(r.line.Competences, c)
	}
	r.text.Reset()
	return nil
}

// at gives the millésime of a school year, made when first met.
func (r *reader) at(text string) (*millesime, error) {
	y, err := ParseSchoolYear(text)
	if err != nil {
		return nil, err
	}
	if r.years[y] == nil {
		r.years[y] = &millesime{year: y, labels: map[Competence]dated{}}
	}
	return r.years[y], nil
}

// check refuses a file whose programmes are empty or name a compétence without wording, here or in n.
func (r *reader) check(n Nomenclature) error {
	found := false
	for _, m := range r.years {
		for _, p := range m.programmes {
			found = true
			if len(p.Lines) == 0 {
				return fmt.Errorf("la formation %s n’a aucune matière", p.MEF)
			}
			for _, l := range p.Lines {
				for _, c := range l.Competences {
					if _, here := m.labels[c]; !here && len(n.labels[c]) == 0 {
						return fmt.Errorf("la compétence %s n’a pas de libellé", c)
					}
				}
			}
		}
	}
	if !found {
		return errors.New("il ne contient aucune formation")
	}
	return nil
}

// reason keeps of a refusal what can be said within another one.
func reason(err error) error {
	if refusal, ok := errors.AsType[*domain.Refusal](err); ok {
		r := strings.TrimSuffix(refusal.Reason, ".")
		return errors.New(r)
	}
	return err
}
