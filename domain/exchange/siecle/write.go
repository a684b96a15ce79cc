package siecle

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"livret/domain"
	"livret/domain/exchange"
)

// The writers write files as SIECLE exports them, in ISO-8859-15 and padded with blanks, for demonstrations
// and tests. The readers give back what they were given, provided that a refused pupil is refused for what is
// in the values.

// create starts an export up to the opening of DONNEES.
func create(w io.Writer, kind exchange.Kind, h Header) *exchange.Writer {
	const record = 3 // root, DONNEES and the section take a line each, and then each record
	x := exchange.Create(w, exchange.Latin9, record+1)
	x.Open(string(kind), "VERSION", h.Version)
	x.Open("PARAMETRES")
	x.Leaf("UAJ", string(h.UAI))
	x.Leaf("ANNEE_SCOLAIRE", strconv.Itoa(int(h.Year)))
	x.Leaf("DATE_EXPORT", french(h.Exported))
	x.Leaf("HORODATAGE", french(h.Exported)+" 10:32:11")
	x.Close()
	x.Open("DONNEES")
	return x
}

// WritePupils writes the file ElevesSansAdresses. A pupil has at most two former INE.
func WritePupils(w io.Writer, f *Pupils) error {
	x := create(w, exchange.Eleves, f.Header)
	x.Open("ELEVES")
	for _, p := range f.Pupils {
		writePupil(x, p)
	}
	x.Close()
	x.Open("OPTIONS")
	for _, p := range f.Pupils {
		if len(p.Options) == 0 {
			continue
		}
		x.Open("OPTION", "ELEVE_ID", number(p.ID), "ELENOET", p.Number)
		for i, o := range p.Options {
			x.Open("OPTIONS_ELEVE")
			x.Leaf("NUM_OPTION", strconv.Itoa(i+1))
			x.Leaf("CODE_MODALITE_ELECT", o.Modalite)
			x.Leaf("CODE_MATIERE", o.Matiere)
			x.Close()
		}
		x.Close()
	}
	x.Close()
	x.Open("STRUCTURES")
	for _, p := range f.Pupils {
		if p.Division == "" && len(p.Groups) == 0 {
			continue
		}
		x.Open("STRUCTURES_ELEVE", "ELEVE_ID", number(p.ID), "ELENOET", p.Number)
		if p.Division != "" {
			writeStructure(x, p.Division, "D")
		}
		for _, g := range p.Groups {
			writeStructure(x, g, "G")
		}
		x.Close()
	}
	return x.End()
}

func writePupil(x *exchange.Writer, p Pupil) {
	x.Open("ELEVE", "ELEVE_ID", number(p.ID), "ELENOET", p.Number)
	numbers := append([]string{p.INE}, p.FormerINE...)
	if len(numbers) == 1 {
		numbers = append(numbers, p.INE)
	}
	for i, name := range [...]string{"INE_RNIE", "ID_NATIONAL", "INE_BEA"} {
		if i < len(numbers) {
			padded(x, name, numbers[i])
		}
	}
	x.Leaf("ELENOET", p.Number)
	padded(x, "NOM_DE_FAMILLE", p.FamilyName)
	padded(x, "NOM_USAGE", p.UsageName)
	for i, name := range [...]string{"PRENOM", "PRENOM2", "PRENOM3"} {
		if i < len(p.FirstNames) {
			padded(x, name, p.FirstNames[i])
		}
	}
	leaf(x, "DATE_NAISS", french(p.Birth))
	x.Leaf("DOUBLEMENT", flag(p.Repeating))
	leaf(x, "CODE_COMMUNE_INSEE_NAISS", p.BirthCommune)
	padded(x, "VILLE_NAISS", p.BirthTown)
	leaf(x, "DATE_ENTREE", french(p.Entered))
	leaf(x, "DATE_SORTIE", french(p.Left))
	leaf(x, "CODE_SEXE", p.Sex)
	x.Leaf("CODE_MEF", string(p.MEF))
	x.Leaf("CODE_STATUT", "ST")
	if p.Before != (School{}) {
		x.Open("SCOLARITE_AN_DERNIER")
		padded(x, "CODE_STRUCTURE", p.Before.Division)
		leaf(x, "CODE_RNE", string(p.Before.UAI))
		padded(x, "DENOM_PRINC", p.Before.Name)
		padded(x, "LL_COMMUNE_INSEE", p.Before.Town)
		x.Close()
	}
	x.Close()
}

func writeStructure(x *exchange.Writer, code, kind string) {
	x.Open("STRUCTURE")
	padded(x, "CODE_STRUCTURE", code)
	x.Leaf("TYPE_STRUCTURE", kind)
	x.Close()
}

// WriteGuardians writes the file ResponsablesAvecAdresses, with no address in it.
func WriteGuardians(w io.Writer, f *Guardians) error {
	x := create(w, exchange.Responsables, f.Header)
	pupils := slices.Sorted(maps.Keys(f.ByPupil))
	written := map[uint64]bool{}
	x.Open("PERSONNES")
	for _, id := range pupils {
		for _, p := range f.ByPupil[id] {
			if written[p.PersonID] {
				continue
			}
			written[p.PersonID] = true
			x.Open("PERSONNE", "PERSONNE_ID", number(p.PersonID))
			padded(x, "NOM_DE_FAMILLE", p.Name)
			padded(x, "PRENOM", p.First)
			padded(x, "LC_CIVILITE", p.Civility)
			x.Close()
		}
	}
	x.Close()
	x.Open("RESPONSABLES")
	for _, id := range pupils {
		for _, p := range f.ByPupil[id] {
			x.Open("RESPONSABLE_ELEVE")
			x.Leaf("ELEVE_ID", number(id))
			x.Leaf("PERSONNE_ID", number(p.PersonID))
			x.Leaf("RESP_LEGAL", strconv.Itoa(int(p.Legal)))
			leaf(x, "CODE_PARENTE", p.Parente)
			x.Close()
		}
	}
	return x.End()
}

// WriteStructures writes the file Structures.
func WriteStructures(w io.Writer, f *Structures) error {
	x := create(w, exchange.Structures, f.Header)
	x.Open("DIVISIONS")
	for _, d := range f.Divisions {
		x.Open("DIVISION", "CODE_STRUCTURE", d.Code)
		padded(x, "LIBELLE_LONG", d.Label)
		x.Open("MEFS_APPARTENANCE")
		for _, mef := range d.MEFs {
			x.Open("MEF_APPARTENANCE")
			x.Leaf("CODE_MEF", string(mef))
			x.Close()
		}
		x.Close()
		x.Close()
	}
	x.Close()
	x.Open("GROUPES")
	for _, g := range f.Groups {
		x.Open("GROUPE", "CODE_STRUCTURE", g.Code)
		padded(x, "LIBELLE_LONG", g.Label)
		x.Open("DIVISIONS_APPARTENANCE")
		for _, code := range g.Divisions {
			x.Open("DIVISION_APPARTENANCE")
			padded(x, "CODE_STRUCTURE", code)
			x.Close()
		}
		x.Close()
		x.Close()
	}
	return x.End()
}

// WriteNomenclature writes the formations and matières of the file Nomenclature.
func WriteNomenclature(w io.Writer, f *Nomenclature) error {
	x := create(w, exchange.Nomenclature, f.Header)
	x.Open("MEFS")
	for _, m := range f.Formations {
		x.Open("MEF", "CODE_MEF", string(m.MEF))
		padded(x, "FORMATION", m.Formation)
		padded(x, "SPECIALITE", m.Speciality)
		padded(x, "LIBELLE_LONG", m.Label)
		x.Leaf("MEF_RATTACHEMENT", string(m.Base))
		x.Close()
	}
	x.Close()
	x.Open("MATIERES")
	for _, m := range f.Matieres {
		x.Open("MATIERE", "CODE_MATIERE", m.Code)
		padded(x, "LIBELLE_EDITION", m.Label)
		x.Leaf("MATIERE_ETP", flag(m.Local))
		leaf(x, "CODE_MATIERE_NATIONALE", string(m.National))
		x.Close()
	}
	return x.End()
}

// padded writes a text as SIECLE does, up to the next multiple of ten characters.
func padded(x *exchange.Writer, name, text string) {
	if text != "" {
		x.Leaf(name, text+strings.Repeat(" ", 10-len(text)%10))
	}
}

func leaf(x *exchange.Writer, name, text string) {
	if text != "" {
		x.Leaf(name, text)
	}
}

func number(n uint64) string { return strconv.FormatUint(n, 10) }

func flag(b bool) string {
	if b {
		return "1"
	}
	return "0"
}

// french is a day as SIECLE writes it, empty if unknown.
func french(day domain.Date) string {
	if day.IsZero() {
		return ""
	}
	iso := day.String()
	return fmt.Sprintf("%s/%s/%s", iso[8:], iso[5:7], iso[:4])
}
