package lsl

import (
	"fmt"
	"io"
	"iter"
	"math"
	"unicode/utf8"

	"livret/domain"
	"livret/domain/exchange"
	"livret/domain/nomenclature"
)

const (
	namespace = "urn:ac-grenoble.fr:lsl:import"
	maxPupil  = 1 << 20 // bytes of one element eleve; two years take 20,000
	maxPupils = 200_000 // elements eleve of one file; the largest lycée has 3,000
)

// File is an import file being read: its header is known, its pupils are to come.
type File struct {
	Header
	x    *exchange.Reader
	seen map[uint64]int // line of each ELEVE_ID
}

// Read reads the header of a file, which may be in a ZIP archive, and stops before its first pupil. It refuses
// a file that is not one of LSL 1.0 by a *exchange.FileRefused. Whether the school is the right one is for
// the caller.
func Read(r io.Reader) (*File, error) {
	x, err := exchange.Open(r)
	if err != nil {
		return nil, err
	}
	f := &File{x: x, seen: map[uint64]int{}}
	x.Bound(maxPupil)
	root, _, err := x.Expect(exchange.LSL)
	if err != nil {
		return nil, err
	}
	if err := f.root(root); err != nil {
		return nil, x.Fail(err)
	}
	return f, nil
}

func (f *File) root(root exchange.Element) error {
	if root.Space != namespace {
		return exchange.Refuse(root.Line, "espace-de-noms", "La racine du fichier n’est pas dans l’espace de noms de l’import du livret scolaire du lycée.", reexport)
	}
	version, _ := root.Attr("schemaVersion")
	if !isOne(version) {
		return exchange.Refuse(root.Line, "version-inconnue", "La version du schéma de ce fichier est absente, ou n’est pas la version 1.0, la seule dont le schéma soit public.",
			"Choisissez dans le logiciel de notes l’export «\u00a0LSL\u00a0» de version 1.0.")
	}
	root.Space = ""
	if problem, ok := unexpected(root, "schemaVersion"); ok {
		return &exchange.FileRefused{Line: root.Line, Refusal: problem}
	}
	headed := false
	for e := range f.x.Children() {
		if problem, ok := unexpected(e); ok {
			return &exchange.FileRefused{Line: e.Line, Refusal: problem}
		}
		switch {
		case e.Name == "entete" && !headed:
			if err := f.entete(e.Line); err != nil {
				return err
			}
			headed = true
		case e.Name == "donnees" && headed:
			return f.x.Err() // its pupils are for Pupils
		default:
			return &exchange.FileRefused{Line: e.Line, Refusal: unknown(e)}
		}
	}
	if f.x.Err() != nil {
		return f.x.Err()
	}
	return exchange.Refuse(root.Line, "donnees-absentes", "Le fichier n’a pas d’en-tête ou pas de données.", reexport)
}

func (f *File) entete(line int) error {
	texts := map[string]string{}
	for e := range f.x.Children() {
		if problem, ok := unexpected(e); ok {
			return &exchange.FileRefused{Line: e.Line, Refusal: problem}
		}
		_, twice := texts[e.Name]
		if twice || e.Name != "editeur" && e.Name != "application" && e.Name != "etablissement" {
			return &exchange.FileRefused{Line: e.Line, Refusal: unknown(e)}
		}
		text, only := f.x.Text()
		if !only && f.x.Err() == nil || e.Name == "application" && utf8.RuneCountInString(text) > 50 || e.Name == "etablissement" && utf8.RuneCountInString(text) != 8 {
			return exchange.Refuse(e.Line, "entete-illisible", fmt.Sprintf("L’élément «\u00a0%s\u00a0» de l’en-tête n’a pas la forme attendue.", e.Name), reexport)
		}
		texts[e.Name] = text
	}
	switch {
	case f.x.Err() != nil:
		return f.x.Err()
	case len(texts) < 3:
		return exchange.Refuse(line, "entete-incomplet", "L’en-tête doit nommer l’éditeur, l’application et l’établissement.", reexport)
	}
	uai, err := nomenclature.ParseUAI(texts["etablissement"])
	if refusal, ok := err.(*domain.Refusal); ok {
		return &exchange.FileRefused{Line: line, Refusal: *refusal}
	}
	f.Header = Header{Editeur: texts["editeur"], Application: texts["application"], UAI: uai}
	return nil
}

// Pupils goes through the pupils of the file, one at a time, once. An error is the last thing it gives: a
// *exchange.FileRefused if the file is refused from there on, or that of the io.Reader. The pupils before it
// were as the file says.
//
// Of two elements with one identifier, the first stands and the second is refused.
func (f *File) Pupils() iter.Seq2[Pupil, error] {
	return func(yield func(Pupil, error) bool) {
		for e := range f.x.Children() {
			if e.Name != "eleve" || e.Space != "" {
				problem, ok := unexpected(exchange.Element{Space: e.Space, Name: e.Name})
				if !ok {
					problem = unknown(e)
				}
				f.x.Fail(&exchange.FileRefused{Line: e.Line, Refusal: problem})
				break
			}
			f.x.Bound(maxPupil)
			if len(f.seen) == maxPupils {
				f.x.Fail(exchange.Refuse(e.Line, "fichier-demesure", "Le fichier contient plus d’élèves qu’aucun établissement.", "Partagez l’export en plusieurs fichiers."))
				break
			}
			if p := f.pupil(e); f.x.Err() == nil && !yield(p, nil) {
				return
			}
		}
		f.x.Bound(maxPupil)
		for e := range f.x.Children() { // after donnees
			f.x.Fail(&exchange.FileRefused{Line: e.Line, Refusal: unknown(e)})
		}
		err := f.x.Close()
		if err == nil && len(f.seen) == 0 {
			err = exchange.Refuse(0, "aucun-eleve", "Le fichier ne contient aucun élève dont l’identifiant soit lisible.", reexport)
		}
		if err != nil {
			yield(Pupil{}, err)
		}
	}
}

func (f *File) pupil(e exchange.Element) Pupil {
	p := Pupil{Line: e.Line}
	b := p.block(exchange.PupilRefused, "")
	id := b.required(e, "id")
	if n, ok := exchange.Positive(id); ok && n <= math.MaxInt64 {
		p.ID = n
	} else if !b.refused {
		b.refuse(e.Line, "identifiant-illisible", "L’identifiant SIECLE de l’élève n’est pas un nombre entier positif.",
			"Vérifiez que l’élève du logiciel de notes vient bien d’un import de SIECLE, puis refaites l’export.")
	}
	if first, twice := f.seen[p.ID]; twice && p.ID != 0 {
		b.refuse(e.Line, "eleve-en-double", fmt.Sprintf("L’élève est déjà donné à la ligne %d du fichier\u00a0: ce qui est dit de lui ici est laissé de côté.", first),
			"Réunissez les deux dans le logiciel de notes, puis refaites l’export.")
	} else if p.ID != 0 {
		f.seen[p.ID] = e.Line
	}
	b.check(e, "id")
	if !b.refused {
		f.eleve(b, e)
	}
	if b.refused {
		p = Pupil{ID: p.ID, Line: p.Line, Refused: true, Findings: p.Findings}
	}
	return p
}
