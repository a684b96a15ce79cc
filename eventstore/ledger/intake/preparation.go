package intake

import (
	"context"

	"github.com/google/uuid"

	"livret/domain/nomenclature"
	"livret/domain/record"
)

// A pupil who prepares the exam once more opens a new livret, with keys and a clock of its own; what follows him is
// recorded again in it, so that the end of the first one takes nothing from the second.

// bePreceded looks for the livret of an earlier preparation of each, and takes over what follows him: the schools
// he went through, and if he repeats the terminale the page of his première.
func (b *base) bePreceded(ctx context.Context, all []entrant) error {
	for n := range all {
		e := &all[n]
		first, err := b.earlier(ctx, *e)
		if err != nil {
			return err
		}
		if first == uuid.Nil || first == e.livret {
			continue
		}
		state, pupil, err := b.standing(ctx, first)
		if lawfullyGone(err) {
			b.warn(Refused{Pupil: e.label, File: b.pupilsFile, Line: e.line, Rule: "premier-livret-clos",
				Reason: "Cet élève prépare l’examen une nouvelle fois, et son premier livret n’est plus en service : sa page de première n’a pas pu être reprise.",
				Remedy: "Importez du logiciel de notes un fichier qui la contient."})
			continue
		}
		if err != nil {
			return err
		}
		if !state.OpenTo(b.school) || !sameBirth(pupil, e.who) {
			continue
		}
		e.who.Schools = append(pupil.Schools[:len(pupil.Schools):len(pupil.Schools)], e.who.Schools...)
		e.again = state.Again(b.premiereOf(state, e.session))
	}
	return nil
}

// earlier finds the livret of the preparation before, by the pupil's number in this school or by his INE.
func (b *base) earlier(ctx context.Context, e entrant) (uuid.UUID, error) {
	livret, err := known(b.Ledger.Vault().Lookup(ctx, ClaimLivret, LivretClaim(b.school, e.id, e.session-1)...))
	if livret != uuid.Nil || err != nil {
		return livret, err
	}
	return b.byINE(ctx, e, e.session-1)
}

// premiereOf is the last year that a livret spent in première, if the new preparation is in terminale; else 0.
func (b *base) premiereOf(s *record.State, session nomenclature.SchoolYear) (year nomenclature.SchoolYear) {
	if b.year+1 != session {
		return 0
	}
	for _, y := range s.Years {
		schooling, _ := y.Schooling()
		if programme, err := b.Nomenclature.Programme(y.Year, schooling.MEF); err == nil && programme.Niveau == nomenclature.Premiere {
			year = y.Year
		}
	}
	return year
}
