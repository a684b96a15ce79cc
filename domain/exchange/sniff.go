package exchange

import (
	"bytes"
	"fmt"
	"io"
	"slices"
)

// Kind is what a file is, by its first element: the names of files are free.
type Kind string

// The files that schools have at hand. Those that the livret does not read are known, so that a refusal can
// say what was given instead of what was expected.
const (
	LSL             Kind = "lsl"
	Eleves          Kind = "BEE_ELEVES"
	Responsables    Kind = "BEE_RESPONSABLES"
	Structures      Kind = "BEE_STRUCTURES"
	Nomenclature    Kind = "BEE_NOMENCLATURES"
	Communs         Kind = "BEE_COMMUNS"
	Etablissements  Kind = "BEE_ETABLISSEMENTS"
	Geographique    Kind = "BEE_GEOGRAPHIQUE"
	STS             Kind = "STS_EDT"
	EDT             Kind = "EDT_STS"
	LSLNomenclature Kind = "nomenclaturesLsl"
	LSU             Kind = "lsun-bilans"
	Unknown         Kind = ""
)

// Label names a kind of file, with its article.
func (k Kind) Label() string {
	switch k {
	case LSL:
		return "un fichier d’import du livret scolaire du lycée (LSL)"
	case Eleves:
		return "le fichier des élèves de SIECLE (ElevesSansAdresses ou ElevesAvecAdresses)"
	case Responsables:
		return "le fichier des responsables de SIECLE (ResponsablesAvecAdresses)"
	case Structures:
		return "le fichier des structures de SIECLE (Structures)"
	case Nomenclature:
		return "le fichier des nomenclatures de SIECLE (Nomenclature)"
	case Communs:
		return "le fichier des données communes de SIECLE (Communs)"
	case Etablissements:
		return "le fichier des établissements de SIECLE (Etablissements)"
	case Geographique:
		return "le fichier géographique de SIECLE (Geographique)"
	case STS:
		return "le fichier des enseignants et des services de STS-Web (sts_emp)"
	case EDT:
		return "le fichier qu’un logiciel d’emploi du temps envoie à STS-Web (EDT_STS)"
	case LSLNomenclature:
		return "la nomenclature du livret scolaire du lycée (nomenclaturesLsl)"
	case LSU:
		return "un fichier du livret scolaire unique de l’école et du collège (LSU)"
	}
	return "un fichier inconnu"
}

func kindOf(root Element) Kind {
	switch k := Kind(root.Name); k {
	case LSL, Eleves, Responsables, Structures, Nomenclature, Communs, Etablissements, Geographique, STS, EDT, LSLNomenclature, LSU:
		return k
	case "BEE_COMMUN":
		return Communs
	}
	return Unknown
}

// Sniff tells what a file is, and gives a reader of the same file from its beginning, of which r is then a
// part. A file that is no XML is a *FileRefused.
func Sniff(r io.Reader) (Kind, io.Reader, error) {
	var seen bytes.Buffer
	whole := io.MultiReader(&seen, r)
	x, err := Open(io.TeeReader(r, &seen))
	if err != nil {
		return Unknown, whole, err
	}
	root, err := x.Root()
	if err != nil {
		return Unknown, whole, err
	}
	return kindOf(root), whole, nil
}

// Expect goes to the root, which must be that of one of these kinds; of another one, the refusal says which.
func (x *Reader) Expect(kinds ...Kind) (Element, Kind, error) {
	root, err := x.Root()
	if err != nil {
		return root, Unknown, err
	}
	kind := kindOf(root)
	if slices.Contains(kinds, kind) {
		return root, kind, nil
	}
	return root, kind, x.Fail(Refuse(root.Line, "fichier-d-un-autre-genre",
		fmt.Sprintf("Ce fichier est %s, alors qu’on attend ici %s.", kind.Label(), kinds[0].Label()), kind.remedy()))
}

func (k Kind) remedy() string {
	switch k {
	case EDT:
		return "Ne donnez pas le fichier produit par le logiciel d’emploi du temps\u00a0: téléchargez sts_emp depuis STS-Web, menu «\u00a0Exports\u00a0», «\u00a0Emploi du temps\u00a0»."
	case LSU:
		return "Le livret scolaire unique s’arrête à la troisième\u00a0: demandez au logiciel un export pour le livret scolaire du lycée."
	case Unknown:
		return "Vérifiez que vous avez choisi le bon fichier."
	}
	return "Choisissez le fichier attendu, ou importez celui-ci à sa propre place."
}
