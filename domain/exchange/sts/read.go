package sts

import (
	"livret/domain"
	"livret/domain/exchange"
	"livret/domain/nomenclature"
)

// reader is a file being read.
type reader struct {
	*exchange.Reader
	file      File
	uai, year string
	known     map[Ref]bool
}

func (r *reader) text() string {
	text, _ := r.Text()
	return exchange.Tidy(text)
}

func attr(e exchange.Element, name string) string {
	value, _ := e.Attr(name)
	return exchange.Tidy(value)
}

func (r *reader) parametres() {
	for e := range r.Children() {
		switch e.Name {
		case "UAJ":
			r.uai = attr(e, "CODE")
			var name, more string
			for e := range r.Children() {
				switch e.Name {
				case "DENOM_PRINC":
					name = r.text()
				case "DENOM_COMPL":
					more = r.text()
				case "COMMUNE":
					r.file.Town = r.text()
				case "ACADEMIE":
					for e := range r.Children() {
						if e.Name == "CODE" {
							r.file.Academie = r.text()
						}
					}
				}
			}
			r.file.SchoolName = exchange.Tidy(name + " " + more)
		case "ANNEE_SCOLAIRE":
			r.year = attr(e, "ANNEE")
		}
	}
}

func (r *reader) donnees() {
	for section := range r.Children() {
		switch section.Name {
		case "INDIVIDUS", "SUPPLEANTS":
			for e := range r.Children() {
				if e.Name == "INDIVIDU" || e.Name == "SUPPLEANT" {
					r.staff(e)
				}
			}
		case "STRUCTURE":
			for e := range r.Children() {
				switch e.Name {
				case "DIVISIONS":
					for e := range r.Children() {
						r.division(e)
					}
				case "GROUPES":
					for e := range r.Children() {
						r.group(e)
					}
				}
			}
		}
	}
}

func (r *reader) staff(e exchange.Element) {
	s := Staff{Line: e.Line, ID: attr(e, "ID"), Type: attr(e, "TYPE"), Substitute: e.Name == "SUPPLEANT"}
	var usage, family string
	for e := range r.Children() {
		switch e.Name {
		case "CIVILITE":
			s.Civility = civility(r.text())
		case "NOM_USAGE":
			usage = r.text()
		case "NOM_PATRONYMIQUE":
			family = r.text()
		case "PRENOM":
			s.First = r.text()
		case "FONCTION":
			s.Function = r.text()
		case "PROFS_PRINC":
			for e := range r.Children() {
				if p := r.principal(); e.Name == "PROF_PRINC" && p.Division != "" {
					s.Principal = append(s.Principal, p)
				}
			}
		}
	}
	if s.Name = usage; s.Name == "" {
		s.Name = family
	}
	ref := Ref{s.ID, s.Type}
	switch {
	case s.ID == "" || s.Name == "":
		r.warn(e.Line, "personnel-illisible", "Un membre du personnel n’a pas d’identifiant ou pas de nom\u00a0: il est laissé de côté.", "Complétez sa fiche dans STS-Web, puis refaites l’export.")
	case r.known[ref]:
		r.warn(e.Line, "personnel-en-double", "Un membre du personnel est donné deux fois\u00a0: la première est retenue.", "Refaites l’export depuis STS-Web.")
	default:
		r.known[ref] = true
		r.file.Staff = append(r.file.Staff, s)
	}
}

func (r *reader) warn(line int, rule, reason, remedy string) {
	r.file.Findings = append(r.file.Findings, exchange.Finding{Line: line, Rule: rule, Reason: reason, Remedy: remedy})
}

// civility is that of letters: « Mademoiselle » is no longer one (circular 5575/SG of 21 February 2012).
func civility(code string) string {
	switch code {
	case "1":
		return "M."
	case "2", "3":
		return "Mme"
	}
	return ""
}

func (r *reader) principal() (p Principal) {
	for e := range r.Children() {
		switch e.Name {
		case "CODE_STRUCTURE":
			p.Division = r.text()
		case "DATE_DEBUT":
			p.From, _ = domain.ParseDate(r.text()) // unbounded if unreadable
		case "DATE_FIN":
			p.Until, _ = domain.ParseDate(r.text())
		}
	}
	return p
}

func (r *reader) division(e exchange.Element) {
	d := Division{Code: attr(e, "CODE")}
	for e := range r.Children() {
		switch e.Name {
		case "LIBELLE_LONG":
			d.Label = r.text()
		case "MEFS_APPARTENANCE":
			for e := range r.Children() {
				if mef, err := nomenclature.ParseMEF(attr(e, "CODE")); err == nil {
					d.MEFs = append(d.MEFs, mef)
				}
			}
		case "SERVICES":
			d.Services = r.services()
		}
	}
	if d.Code != "" {
		r.file.Divisions = append(r.file.Divisions, d)
	}
}

func (r *reader) group(e exchange.Element) {
	g := Group{Code: attr(e, "CODE")}
	for e := range r.Children() {
		switch e.Name {
		case "LIBELLE_LONG":
			g.Label = r.text()
		case "DIVISIONS_APPARTENANCE":
			for e := range r.Children() {
				if code := attr(e, "CODE"); code != "" {
					g.Divisions = append(g.Divisions, code)
				}
			}
		case "SERVICES":
			g.Services = r.services()
		}
	}
	if g.Code != "" {
		r.file.Groups = append(r.file.Groups, g)
	}
}

func (r *reader) services() (all []Service) {
	for e := range r.Children() {
		s := Service{Matiere: attr(e, "CODE_MATIERE"), Mode: attr(e, "CODE_MOD_COURS")}
		for e := range r.Children() {
			if e.Name != "ENSEIGNANTS" {
				continue
			}
			for e := range r.Children() {
				if ref := (Ref{attr(e, "ID"), attr(e, "TYPE")}); ref.ID != "" {
					s.Teachers = append(s.Teachers, ref)
				}
			}
		}
		if e.Name == "SERVICE" && s.Matiere != "" {
			all = append(all, s)
		}
	}
	return all
}
