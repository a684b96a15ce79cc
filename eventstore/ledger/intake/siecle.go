package intake

import (
	"context"
	"fmt"
	"io"

	"livret/domain"
	"livret/domain/exchange"
	"livret/domain/exchange/siecle"
	"livret/domain/exchange/sts"
	"livret/domain/nomenclature"
)

// File is a file as it is handed in, under the name to report it by.
type File struct {
	Name    string
	Content io.Reader
}

// Siecle takes the exports of a school's base élèves, and its sts_emp, in any order, together or apart:
// pupils with their livrets, their guardians, the staff. It answers the report of what it did even when it
// fails: what was written is written, and running it again finishes the work.
func (d *Desk) Siecle(ctx context.Context, files []File, o Options) (Report, error) {
	b := &base{run: d.run(o)}
	err := b.read(files)
	if err == nil {
		err = b.write(ctx)
		b.file("", err)
	}
	return b.done(), err
}

// base is what the files of one school and year say together. Any of them may be missing.
type base struct {
	*run
	year          nomenclature.SchoolYear
	pupilsFile    string
	pupils        *siecle.Pupils
	guardiansFile string
	guardians     *siecle.Guardians
	structures    *siecle.Structures
	formations    *siecle.Nomenclature
	staffFile     string
	staffAndTown  *sts.File
}

func (b *base) read(files []File) error {
	for _, f := range files {
		if err := b.readOne(f); err != nil {
			b.file(f.Name, err)
			return fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	return nil
}

func (b *base) readOne(f File) error {
	kind, content, err := exchange.Sniff(f.Content)
	if err != nil {
		return err
	}
	var findings []exchange.Finding
	var school nomenclature.UAI
	var year nomenclature.SchoolYear
	switch kind {
	case exchange.Eleves:
		if b.pupils != nil {
			return twice(kind)
		}
		if b.pupils, err = siecle.ReadPupils(content); err == nil {
			b.pupilsFile = f.Name
			school, year, findings = b.pupils.UAI, b.pupils.Year, b.pupils.Findings
		}
	case exchange.Responsables:
		if b.guardians != nil {
			return twice(kind)
		}
		if b.guardians, err = siecle.ReadGuardians(content); err == nil {
			b.guardiansFile = f.Name
			school, year, findings = b.guardians.UAI, b.guardians.Year, b.guardians.Findings
		}
	case exchange.Structures:
		if b.structures != nil {
			return twice(kind)
		}
		if b.structures, err = siecle.ReadStructures(content); err == nil {
			school, year, findings = b.structures.UAI, b.structures.Year, b.structures.Findings
		}
	case exchange.Nomenclature:
		if b.formations != nil {
			return twice(kind)
		}
		if b.formations, err = siecle.ReadNomenclature(content); err == nil {
			school, year, findings = b.formations.UAI, b.formations.Year, b.formations.Findings
		}
	case exchange.STS:
		if b.staffAndTown != nil {
			return twice(kind)
		}
		if b.staffAndTown, err = sts.Read(content); err == nil {
			b.staffFile = f.Name
			school, year, findings = b.staffAndTown.UAI, b.staffAndTown.Year, b.staffAndTown.Findings
		}
	default:
		return domain.Refuse("fichier-d-un-autre-genre", "Ce fichier est "+kind.Label()+", qui ne fait pas partie d’un import SIECLE.",
			"Donnez les exports ElevesSansAdresses, ResponsablesAvecAdresses, Structures, Nomenclature et sts_emp ; le fichier du logiciel de notes s’importe par « livret import lsl ».")
	}
	if err != nil {
		return err
	}
	b.findings(f.Name, "", findings)
	if b.school == "" {
		b.school, b.year = school, year
	}
	if school != b.school || year != b.year {
		return domain.Refuse("fichiers-depareilles", "Les fichiers ne sont pas tous du même établissement et de la même année scolaire.",
			"Importez ensemble les exports d’un seul établissement pour une seule année scolaire.")
	}
	return nil
}

func twice(kind exchange.Kind) error {
	return domain.Refuse("fichier-en-double", "Deux fichiers sont "+kind.Label()+".", "Donnez chaque export une seule fois.")
}

func (b *base) write(ctx context.Context) error {
	var err error
	if b.grant, err = b.admit(b.school, b.tally); err != nil {
		return err
	}
	if b.staffAndTown != nil {
		b.warnOfHomonyms(b.staffFile, b.staffAndTown.Staff)
		var named []staffCommand
		for _, s := range b.staffAndTown.Staff {
			named = append(named, staffCommand{RecordStaff: s.Identity(b.school)})
		}
		if err := b.callStaff(ctx, named); err != nil {
			return err
		}
	}
	switch {
	case b.pupils != nil:
		return b.writePupils(ctx)
	case b.guardians != nil:
		return b.writeGuardians(ctx)
	case b.staffAndTown == nil:
		b.notice("Sans le fichier des élèves, ces fichiers n’apportent rien : donnez-les ensemble.")
	}
	return nil
}
