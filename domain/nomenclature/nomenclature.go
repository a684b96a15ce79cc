// Package nomenclature holds the State's lists that a livret refers to, as they stood each school year:
// académies, schools (UAI), voies, séries, MEF, matières, modalités, compétences.
package nomenclature

// SchoolYear is named by the year of its September: 2015 is 2015-2016.
type SchoolYear int16

// UAI identifies a school: seven digits and a letter that checks them (ex-RNE).
type UAI string

// MEF identifies a formation: eleven characters; the eleventh is a variant of the school or académie.
type MEF string

// Matiere is the BCN code of a school subject: six digits, leading zeros kept.
type Matiere string

// Modalite tells how a matière was chosen: S tronc commun, O option obligatoire, F option facultative.
type Modalite string

// Competence is the four-digit code of a skill expected by a programme; its label depends on the year.
type Competence string

// Mastery is the level reached in a compétence: 0, NE, 1 to 4, or A1 to C2 for languages.
type Mastery string

// Serie is the code of a série of the baccalauréat: "S", "STMG", "ST2S".
type Serie string
