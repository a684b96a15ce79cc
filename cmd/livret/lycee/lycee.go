// Package lycee invents a lycée: pupils, guardians, staff, and two years of livrets, written as the exchange
// files a real school would hand in. The demonstration imports them through the real importer, and the
// benchmarks make larger schools of them.
//
// Nobody in it exists. The school is in the département 000, its town and the neighbouring lycée are
// invented, and names are drawn from lists of common ones.
package lycee

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"livret/domain"
	"livret/domain/exchange"
	"livret/domain/exchange/lsl"
	"livret/domain/exchange/siecle"
	"livret/domain/exchange/sts"
	"livret/domain/nomenclature"
)

// The fictional school. The number of 000 is one that its letter checks.
const (
	UAI  = nomenclature.UAI("0000123J")
	Name = "LYCEE GENERAL ET TECHNOLOGIQUE AURORE DELMAS"
	Town = "VALOMBREY-SUR-LISSE"

	town         = "Valombrey-sur-Lisse"
	elsewhereUAI = nomenclature.UAI("0000456W")
	elsewhere    = "LYCEE HELENE MARSAC"
	elsewhereIn  = "PONT-AUBRIER"
	neighbour    = "lycée Hélène-Marsac"
)

// years are those of the cycle terminal for the session of 2018.
var years = [2]nomenclature.SchoolYear{2016, 2017}

// Generate writes the exchange files of a lycée where that many pupils prepare the session of 2018, into
// dir/siecle/2016, dir/siecle/2017 and dir/lsl. The same seed gives the same bytes.
//
// From a dozen pupils on there are special cases among them: see CasesOf. One of these, who left, comes on top
// of the number.
func Generate(dir string, pupils int, seed uint64) error {
	if pupils < 1 {
		return fmt.Errorf("lycee: %d pupils do not make a school", pupils)
	}
	n, err := nomenclature.Load()
	if err != nil {
		return err
	}
	s := enrolled(pupils, seed)
	s.nomenclature = n
	for y := range years {
		if err := s.open(y); err != nil {
			return err
		}
		s.grade(y)
	}
	for y, year := range years {
		folder := filepath.Join(dir, "siecle", fmt.Sprint(year))
		for name, write := range map[string]func(io.Writer) error{
			"ElevesSansAdresses.xml":                    func(w io.Writer) error { return siecle.WritePupils(w, s.pupilsFile(y)) },
			"ResponsablesAvecAdresses.xml":              func(w io.Writer) error { return siecle.WriteGuardians(w, s.guardiansFile(y)) },
			"Structures.xml":                            func(w io.Writer) error { return siecle.WriteStructures(w, s.structuresFile(y)) },
			"Nomenclature.xml":                          func(w io.Writer) error { return siecle.WriteNomenclature(w, s.nomenclatureFile(y)) },
			fmt.Sprintf("sts_emp_%s_%d.xml", UAI, year): func(w io.Writer) error { return sts.Write(w, s.staffFile(y)) },
		} {
			if err := writeFile(filepath.Join(folder, name), write); err != nil {
				return err
			}
		}
	}
	return writeFile(filepath.Join(dir, "lsl", fmt.Sprintf("LSL_%s.xml", UAI)), func(w io.Writer) error {
		return lsl.Write(w, exchange.UTF8, lsl.Header{Editeur: "FICTIF", Application: "notes-fictives 1.0", UAI: UAI}, s.livrets())
	})
}

func writeFile(name string, write func(io.Writer) error) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<16)
	err = write(w)
	if err == nil {
		err = w.Flush()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	return err
}

// header is that of an export made in the autumn of a school year.
func header(y int) siecle.Header {
	return siecle.Header{UAI: UAI, Year: years[y], Exported: domain.NewDate(int(years[y]), 11, 15), Version: "3.0"}
}

// known are the pupils that the base élèves knows in a year.
func (s *school) known(y int) (all []*pupil) {
	for _, p := range s.pupils {
		if p.class[y] != nil {
			all = append(all, p)
		}
	}
	if y == 1 && s.gone != nil {
		all = append(all, s.gone)
	}
	return all
}

func (s *school) pupilsFile(y int) *siecle.Pupils {
	f := &siecle.Pupils{Header: header(y)}
	for _, p := range s.known(y) {
		out := siecle.Pupil{
			ID: p.id, Number: p.number, INE: p.ine[y], FamilyName: p.family, UsageName: p.usage, FirstNames: p.first,
			Birth: p.birth, BirthCommune: "00001", Sex: "1", Repeating: y == 0 && p.repeats,
			Entered: domain.NewDate(2015, 9, 1), MEF: p.mef(y), Division: p.class[y].code, Before: p.before(y),
		}
		if p.ine[0] != p.ine[y] {
			out.FormerINE = []string{p.ine[0]}
		}
		if p.female {
			out.Sex = "2"
		}
		if p.abroad != "" {
			out.BirthCommune, out.BirthTown = "", p.abroad
		}
		if y == 1 && p.comes {
			out.Entered = domain.NewDate(2017, 9, 4)
		}
		if p == s.gone {
			out.Entered, out.Left = joined, left
		}
		for _, c := range p.seats[y] {
			if c.group != "" {
				out.Groups = append(out.Groups, c.group)
			}
			if c.line.Modalite != nomenclature.TroncCommun {
				out.Options = append(out.Options, siecle.Option{Matiere: string(c.matiere), Modalite: string(c.line.Modalite)})
			}
		}
		f.Pupils = append(f.Pupils, out)
	}
	return f
}

// before is the school of the year before.
func (p *pupil) before(y int) siecle.School {
	switch {
	case y == 1 && p.comes:
		return siecle.School{UAI: elsewhereUAI, Name: elsewhere, Town: elsewhereIn, Division: "1S3"}
	case y == 1:
		return siecle.School{UAI: UAI, Name: Name, Town: Town, Division: p.class[0].code}
	case p.repeats:
		return siecle.School{UAI: UAI, Name: Name, Town: Town, Division: "1" + p.serie[0] + "2"}
	}
	return siecle.School{UAI: UAI, Name: Name, Town: Town, Division: fmt.Sprintf("2DE%d", 1+p.id%6)}
}

func (s *school) guardiansFile(y int) *siecle.Guardians {
	f := &siecle.Guardians{Header: header(y), ByPupil: map[uint64][]siecle.Guardian{}}
	for _, p := range s.known(y) {
		f.ByPupil[p.id] = p.guardians
	}
	return f
}

func (s *school) structuresFile(y int) *siecle.Structures {
	f := &siecle.Structures{Header: header(y)}
	for _, c := range s.classes[y] {
		f.Divisions = append(f.Divisions, siecle.Division{Code: c.code, Label: c.label(), MEFs: c.mefs(y)})
	}
	for _, c := range s.courses[y] {
		if c.group != "" {
			f.Groups = append(f.Groups, siecle.Group{Code: c.group, Label: c.group, Divisions: c.divisions(y)})
		}
	}
	return f
}

func (s *school) nomenclatureFile(y int) *siecle.Nomenclature {
	f := &siecle.Nomenclature{Header: header(y)}
	mefs, matieres := map[nomenclature.MEF]bool{}, map[nomenclature.Matiere]bool{}
	for _, c := range s.classes[y] {
		for _, mef := range c.mefs(y) {
			if programme, err := s.nomenclature.Programme(years[y], mef); err == nil && !mefs[mef] {
				mefs[mef] = true
				f.Formations = append(f.Formations, siecle.Formation{
					MEF: mef, Base: mef, Formation: c.code[:1] + string(programme.Serie), Speciality: programme.Speciality, Label: c.code[:1] + string(programme.Serie),
				})
			}
		}
	}
	for _, c := range s.courses[y] {
		if !matieres[c.matiere] {
			matieres[c.matiere] = true
			label, _ := s.nomenclature.MatiereLabel(c.matiere)
			f.Matieres = append(f.Matieres, siecle.Matiere{Code: string(c.matiere), Label: label})
		}
	}
	return f
}

func (s *school) staffFile(y int) *sts.File {
	f := &sts.File{UAI: UAI, Academie: "08", SchoolName: Name, Town: Town, Year: years[y]}
	for _, t := range s.staff {
		out := sts.Staff{ID: t.id, Type: "epp", Civility: t.civility, Name: t.name, First: t.first, Function: t.function, Substitute: t.substitute}
		if t.substitute {
			out.Type = "eppsup"
		}
		for _, c := range s.classes[y] {
			if c.principal == t {
				out.Principal = append(out.Principal, sts.Principal{
					Division: c.code, From: domain.NewDate(int(years[y]), 9, 1), Until: domain.NewDate(int(years[y])+1, 8, 31),
				})
			}
		}
		f.Staff = append(f.Staff, out)
	}
	service := func(c *course) sts.Service {
		out := sts.Service{Matiere: string(c.matiere), Mode: "CG"}
		for _, t := range c.teachers {
			if !t.substitute {
				out.Teachers = append(out.Teachers, sts.Ref{ID: t.id, Type: "epp"})
			}
		}
		return out
	}
	for _, class := range s.classes[y] {
		division := sts.Division{Code: class.code, Label: class.label(), MEFs: class.mefs(y)}
		for _, c := range s.courses[y] {
			if c.class == class {
				division.Services = append(division.Services, service(c))
			}
		}
		f.Divisions = append(f.Divisions, division)
	}
	for _, c := range s.courses[y] {
		if c.group != "" {
			f.Groups = append(f.Groups, sts.Group{Code: c.group, Label: c.group, Divisions: c.divisions(y), Services: []sts.Service{service(c)}})
		}
	}
	return f
}

// livrets gives the pupils of the marks software, one at a time.
func (s *school) livrets() func(yield func(lsl.Pupil) bool) {
	return func(yield func(lsl.Pupil) bool) {
		for _, p := range s.pupils {
			if !yield(s.livret(p)) {
				return
			}
		}
	}
}

// mefs lists the formations of a class, in order.
func (c *class) mefs(y int) (all []nomenclature.MEF) {
	for _, p := range c.pupils {
		if mef := p.mef(y); !slices.Contains(all, mef) {
			all = append(all, mef)
		}
	}
	slices.Sort(all)
	return all
}
