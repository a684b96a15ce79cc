package sts

import (
	"io"
	"strconv"

	"livret/domain/exchange"
)

// Write writes a sts_emp as STS-Web does, in ISO-8859-15, for demonstrations and tests. Read gives back what
// it was given.
func Write(w io.Writer, f *File) error {
	x := exchange.Create(w, exchange.Latin9, 5)
	x.Open("STS_EDT")
	x.Open("PARAMETRES")
	x.Open("UAJ", "CODE", string(f.UAI))
	x.Open("ACADEMIE")
	x.Leaf("CODE", f.Academie)
	x.Close()
	x.Leaf("DENOM_PRINC", f.SchoolName)
	x.Leaf("COMMUNE", f.Town)
	x.Close()
	x.Open("ANNEE_SCOLAIRE", "ANNEE", strconv.Itoa(int(f.Year)))
	x.Close()
	x.Close()
	x.Open("DONNEES")
	x.Open("INDIVIDUS")
	for _, s := range f.Staff {
		if !s.Substitute {
			writeStaff(x, "INDIVIDU", s)
		}
	}
	x.Close()
	x.Open("SUPPLEANTS")
	for _, s := range f.Staff {
		if s.Substitute {
			writeStaff(x, "SUPPLEANT", s)
		}
	}
	x.Close()
	x.Open("STRUCTURE")
	x.Open("DIVISIONS")
	for _, d := range f.Divisions {
		x.Open("DIVISION", "CODE", d.Code)
		x.Leaf("LIBELLE_LONG", d.Label)
		x.Open("MEFS_APPARTENANCE")
		for _, mef := range d.MEFs {
			x.Empty("MEF", "CODE", string(mef))
		}
		x.Close()
		writeServices(x, d.Services)
		x.Close()
	}
	x.Close()
	x.Open("GROUPES")
	for _, g := range f.Groups {
		x.Open("GROUPE", "CODE", g.Code)
		x.Leaf("LIBELLE_LONG", g.Label)
		x.Open("DIVISIONS_APPARTENANCE")
		for _, code := range g.Divisions {
			x.Empty("DIVISION_APPARTENANCE", "CODE", code)
		}
		x.Close()
		writeServices(x, g.Services)
		x.Close()
	}
	return x.End()
}

func writeStaff(x *exchange.Writer, element string, s Staff) {
	attrs := []string{"ID", s.ID}
	if s.Type != "" {
		attrs = append(attrs, "TYPE", s.Type)
	}
	x.Open(element, attrs...)
	switch s.Civility {
	case "M.":
		x.Leaf("CIVILITE", "1")
	case "Mme":
		x.Leaf("CIVILITE", "2")
	}
	x.Leaf("NOM_USAGE", s.Name)
	x.Leaf("PRENOM", s.First)
	x.Leaf("FONCTION", s.Function)
	if len(s.Principal) > 0 {
		x.Open("PROFS_PRINC")
		for _, p := range s.Principal {
			x.Open("PROF_PRINC")
			x.Leaf("CODE_STRUCTURE", p.Division)
			x.Leaf("DATE_DEBUT", p.From.String())
			x.Leaf("DATE_FIN", p.Until.String())
			x.Close()
		}
		x.Close()
	}
	x.Close()
}

func writeServices(x *exchange.Writer, services []Service) {
	x.Open("SERVICES")
	for _, s := range services {
		x.Open("SERVICE", "CODE_MATIERE", s.Matiere, "CODE_MOD_COURS", s.Mode)
		x.Open("ENSEIGNANTS")
		for _, t := range s.Teachers {
			attrs := []string{"ID", t.ID}
			if t.Type != "" {
				attrs = append(attrs, "TYPE", t.Type)
			}
			x.Empty("ENSEIGNANT", attrs...)
		}
		x.Close()
		x.Close()
	}
	x.Close()
}
