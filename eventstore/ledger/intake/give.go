package intake

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/identity"
	"livret/domain/nomenclature"
	"livret/domain/record"
	"livret/eventstore/keyvault"
	"livret/eventstore/ledger"
)

// give carries out a command, or in a dry run tells what it would add. What keeps one subject out, and nobody
// else, is a refusal.
func give[S any](ctx context.Context, r *run, d domain.Decider[S], id uuid.UUID, cmd domain.Command[S]) ([]domain.Event, error) {
	if r.DryRun {
		events, err := ledger.Preview(ctx, r.Ledger, d, id, cmd)
		return events, ofOne(err)
	}
	order := ledger.Order{ID: uuid.New(), Grant: r.grant, Quiet: true}
	result, err := ledger.Execute(ctx, r.Ledger, order, d, id, cmd)
	return result.Events, ofOne(err)
}

func ofOne(err error) error {
	switch {
	case errors.Is(err, keyvault.ErrShredded), errors.Is(err, keyvault.ErrArchived):
		return domain.Refuse("livret-clos", "Ce dossier est clos : sa durée de conservation courante est passée.",
			"Vérifiez l’année scolaire du fichier et la session d’examen préparée.")
	case errors.Is(err, ledger.ErrUnreadable):
		return domain.Refuse("livret-illisible", "Ce dossier ne peut pas être relu : il est abîmé, ou sa clé manque. Rien n’y est ajouté.",
			"Signalez-le à l’exploitant du registre, qui le vérifiera par « livret check ».")
	case errors.Is(err, ledger.ErrTooLarge):
		return domain.Refuse("livret-demesure", "Le fichier en dit plus de cet élève qu’un livret ne peut en recevoir en une fois.",
			"Vérifiez dans le logiciel d’origine les services de cet élève, puis refaites l’export.")
	}
	return err
}

// livretCommand is what a file says of a livret. It remembers the lines refused when it was last decided: what
// is reported is what was decided on, whoever else writes in the livret meanwhile.
type livretCommand struct {
	record.ImportLivret
	school  nomenclature.UAI        // that hands the file in
	knownIn nomenclature.SchoolYear // the year in which the livret must know the pupil; 0: any
	again   record.ImportLivret     // what follows him from the livret of an earlier preparation, into a new one alone
	refused []record.LineRefusal
}

// elsewhere is what a livret says that does not know the pupil in the year that a file speaks of.
var elsewhere = domain.Refuse("eleve-inconnu",
	"Cet élève n’a pas de livret : sa fiche SIECLE n’a pas été importée, ou elle ne le place ni en première ni en terminale cette année-là.",
	"Importez d’abord l’export SIECLE de l’établissement pour cette année scolaire, puis ce fichier de nouveau.")

// Decide is that of record.ImportLivret.
func (c *livretCommand) Decide(s *record.State) ([]domain.Event, error) {
	c.refused = nil
	if _, known := s.Year(c.knownIn).Schooling(); c.knownIn != 0 && !known {
		return nil, elsewhere
	}
	if s.Opened() && !s.OpenTo(c.school) {
		return nil, takenUp
	}
	asked := c.ImportLivret
	if !s.Opened() {
		asked = c.with(c.again)
	}
	events, refused := asked.Plan(s)
	for _, line := range refused {
		opening := line.Act == (record.LivretOpened{}).EventType() || line.Act == (record.SchoolingRecorded{}).EventType() && c.says(line.Year)
		if !s.Opened() && opening {
			return nil, line.Refusal // a livret is not opened without its schooling
		}
	}
	c.refused = refused
	return events, nil
}

// with is what the file says, after what follows the pupil.
func (c *livretCommand) with(again record.ImportLivret) record.ImportLivret {
	asked := c.ImportLivret
	asked.Years = append(slices.Clone(again.Years), asked.Years...)
	asked.Engagements = append(slices.Clone(again.Engagements), asked.Engagements...)
	asked.Other, asked.B2i = cmp.Or(asked.Other, again.Other), asked.B2i || again.B2i
	return asked
}

// says tells whether the file itself speaks of a year.
func (c *livretCommand) says(year nomenclature.SchoolYear) bool {
	return slices.ContainsFunc(c.Years, func(y record.ImportedYear) bool { return y.Year == year })
}

// pupilCommand is what the base of a school says of a pupil in a school year: an export of an earlier year than
// one already taken adds what is missing, and corrects nothing; and what is said of nobody known, without saying
// who, is left. It remembers what seemed odd when it was last decided.
type pupilCommand struct {
	identity.RecordPupil
	year     nomenclature.SchoolYear
	warnings []identity.Warning
}

// Decide is that of identity.RecordPupil.
func (c *pupilCommand) Decide(p *identity.Pupil) ([]domain.Event, error) {
	who := c.RecordPupil
	if who.Civil == nil && !p.Recorded() {
		return nil, nil
	}
	for _, school := range p.Schools {
		if school.Year <= c.year {
			continue
		}
		if p.Recorded() {
			who.Civil = nil
		}
		if p.INE != "" {
			who.INE = ""
		}
		if len(p.Guardians) > 0 {
			who.Guardians, who.GuardiansComplete = nil, false
		}
	}
	if n := len(p.Siecle); n > 0 && who.Siecle != nil && p.Siecle[n-1].UAI != who.Siecle.UAI {
		who.GuardiansComplete = true // known by their numbers in the base of the school he left, which are others' here
	}
	c.warnings = who.Warnings(p)
	return who.Decide(p)
}

// staffCommand is what a file says of a member of staff. A file of marks only knows names: it adds nothing to
// somebody already known.
type staffCommand struct {
	identity.RecordStaff
	onlyNew bool
}

// Decide is that of identity.RecordStaff.
func (c staffCommand) Decide(s *identity.Staff) ([]domain.Event, error) {
	if c.onlyNew && s.Recorded() {
		return nil, nil
	}
	return c.RecordStaff.Decide(s)
}
