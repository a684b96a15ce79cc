package intake

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync/atomic"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/exchange/siecle"
	"livret/domain/identity"
	"livret/domain/nomenclature"
	"livret/domain/record"
	"livret/eventstore/keyvault"
)

// entrant is a pupil of the base élèves on his way to a livret: what the files say of him, as commands.
type entrant struct {
	id      uint64
	line    int
	label   string
	session nomenclature.SchoolYear
	livret  uuid.UUID
	who     identity.RecordPupil
	where   record.ImportLivret
	again   record.ImportLivret // see preparation.go
	ines    []string            // by which he may be known: his INE, then former ones
}

func (b *base) writePupils(ctx context.Context) error {
	entrants, err := b.entrants(ctx)
	if err != nil {
		return err
	}
	shuffle(entrants)
	if entrants, err = b.findLivrets(ctx, entrants); err != nil {
		return err
	}
	if err := b.bePreceded(ctx, entrants); err != nil {
		return err
	}
	return b.each(ctx, len(entrants), func(ctx context.Context, i int) error { return b.writePupil(ctx, entrants[i]) })
}

// entrants sorts the pupils of the file: those of the cycle terminal, in a série that the ledger knows and
// that is open, go on.
func (b *base) entrants(ctx context.Context) ([]entrant, error) {
	var all []entrant
	outside := 0
	for _, p := range b.pupils.Pupils {
		session, err := b.session(ctx, p.MEF)
		var refusal *domain.Refusal
		if err != nil && !errors.As(err, &refusal) {
			return nil, err
		}
		if refusal != nil && refusal.Rule == "formation-hors-livret" && p.MEF != "" {
			outside++ // of seconde, or of a BTS: most of a school
			continue
		}
		e := entrant{id: p.ID, line: p.Line, label: label(p.ID, p.UsageName, p.FamilyName, p.FirstNames), session: session}
		b.findings(b.pupilsFile, e.label, p.Findings)
		switch {
		case p.Refused:
			b.livret(e.label, true, nil)
		case refusal != nil:
			b.refuseEntrant(e, refusal, nil)
		default:
			if e.ines = p.FormerINE; p.INE != "" {
				e.ines = append([]string{p.INE}, p.FormerINE...)
			}
			e.who = p.Identity(b.pupils.Header, b.guardians)
			b.completeSchools(&e.who, p.MEF)
			schooling := p.Schooling(b.pupils.Header, b.formations)
			e.where = record.ImportLivret{Session: session, Nomenclature: &b.Nomenclature,
				Years: []record.ImportedYear{{Year: b.year, Schooling: &schooling}}}
			all = append(all, e)
		}
	}
	if outside > 0 {
		b.notice(fmt.Sprintf("%d élèves ne sont ni en première ni en terminale : ils n’ont pas de livret.", outside))
	}
	return all, nil
}

func (b *base) refuseEntrant(e entrant, why *domain.Refusal, written []domain.Event) {
	line := ofRefusal(why)
	line.Pupil, line.File, line.Line = e.label, b.pupilsFile, e.line
	b.refuse(line)
	b.livret(e.label, true, written)
}

// session is the exam that a formation prepares, from this school year on.
func (b *base) session(ctx context.Context, mef nomenclature.MEF) (nomenclature.SchoolYear, error) {
	programme, err := b.programme(mef)
	if err != nil {
		return 0, err
	}
	session := b.year + 1
	if programme.Niveau == nomenclature.Premiere {
		session++
	}
	if err := b.Calendar.Open(programme.Formation, b.school, session); err != nil {
		return session, err
	}
	refusal, err := b.closed(ctx, session)
	return session, cmp.Or(err, refusal)
}

// programme is that of a pupil's formation. A série that has no livret, or no nomenclature yet, is known by
// the label that the school's own file gives the formation, so that the refusal names it.
func (b *base) programme(mef nomenclature.MEF) (nomenclature.Programme, error) {
	programme, err := b.Nomenclature.Programme(b.year, b.formations.BaseOf(mef))
	called := b.formations.LabelOf(mef)
	if err == nil || called == "" {
		return programme, err
	}
	serie, named := nomenclature.SerieOf(called)
	if named {
		if excluded := serie.Excluded(); excluded != nil {
			return programme, excluded
		}
		called = string(serie) + " (" + serie.Name() + ")"
	}
	var refusal *domain.Refusal
	if errors.As(err, &refusal) && refusal.Rule == "serie-sans-nomenclature" {
		err = domain.Refuse(refusal.Rule, fmt.Sprintf("La formation « %s », de MEF %s, n’a pas encore de nomenclature.", called, mef), refusal.Remedy)
	}
	return programme, err
}

// completeSchools adds what sts_emp knows of the school, and the level of the class.
func (b *base) completeSchools(who *identity.RecordPupil, mef nomenclature.MEF) {
	programme, _ := b.programme(mef) // known, or he would not be here
	for i := range who.Schools {
		s := &who.Schools[i]
		if s.Year == b.year {
			s.Level = levelOf(programme.Niveau)
		}
		if b.staffAndTown != nil && s.UAI == b.school {
			if s.Name == "" {
				s.Name = b.staffAndTown.SchoolName
			}
			if s.Town == "" {
				s.Town = b.staffAndTown.Town
			}
		}
	}
}

func levelOf(n nomenclature.Niveau) string {
	switch n {
	case nomenclature.Premiere:
		return "1re"
	case nomenclature.Terminale:
		return "Tle"
	}
	return ""
}

// findLivrets finds the livret of each, or claims a new one, and leaves out who would be refused one: he claims
// nothing. Two imports of the same pupil at the same moment claim the same livret.
func (b *base) findLivrets(ctx context.Context, all []entrant) ([]entrant, error) {
	var claims []keyvault.Claim
	var claimed []int
	found := all[:0]
	for _, e := range all {
		livret, ok, err := b.lookup(ctx, e.id, e.session)
		if err != nil {
			return nil, err
		}
		if e.livret = livret; !ok {
			if refusal := e.refusedAnew(); refusal != nil {
				b.refuseEntrant(e, refusal, nil)
				continue
			}
			joined, refusal, err := b.join(ctx, e)
			if err != nil {
				return nil, err
			}
			if refusal != nil {
				b.refuseEntrant(e, refusal, nil)
				continue
			}
			if e.livret = joined; joined == uuid.Nil {
				e.livret = uuid.New()
			}
			claims = append(claims, keyvault.Claim{Kind: ClaimLivret, Parts: LivretClaim(b.school, e.id, e.session), Owner: e.livret})
			claimed = append(claimed, len(found))
		}
		found = append(found, e)
	}
	if b.DryRun {
		return found, nil
	}
	if len(claims) == 0 {
		return found, b.claimINE(ctx, found)
	}
	owners, err := b.Ledger.Vault().Resolve(ctx, claims...)
	if err != nil {
		return nil, err
	}
	births := make([]keyvault.Birth, 0, 2*len(owners))
	for i, owner := range owners {
		found[claimed[i]].livret = owner
		births = append(births, keyvault.Birth{Owner: owner, Class: keyvault.Identity}, keyvault.Birth{Owner: owner, Class: keyvault.Record})
	}
	if _, err = b.Ledger.Vault().Create(ctx, births...); err != nil { // all at once: one commit
		return nil, err
	}
	return found, b.claimINE(ctx, found)
}

// refusedAnew is why a livret that does not exist yet would not be opened.
func (e entrant) refusedAnew() (refusal *domain.Refusal) {
	if _, err := e.who.Decide(new(identity.Pupil)); errors.As(err, &refusal) {
		return refusal
	}
	where := livretCommand{ImportLivret: e.where}
	if _, err := where.Decide(record.NewState()); errors.As(err, &refusal) {
		return refusal
	}
	return nil
}

func (b *base) writePupil(ctx context.Context, e entrant) error {
	who := &pupilCommand{RecordPupil: e.who, year: b.year}
	where := &livretCommand{ImportLivret: e.where, school: b.school, again: e.again}
	events, err := give(ctx, b.run, record.Decider, e.livret, where) // first: a livret that is elsewhere is left alone
	if err == nil {
		var more []domain.Event
		more, err = give(ctx, b.run, identity.PupilDecider, e.livret, who)
		events = append(events, more...)
	}
	for _, w := range who.warnings {
		b.warn(Refused{Pupil: e.label, File: b.pupilsFile, Line: e.line, Rule: w.Rule, Reason: w.Reason, Remedy: w.Remedy})
	}
	var refusal *domain.Refusal
	if errors.As(err, &refusal) {
		b.refuseEntrant(e, refusal, events)
		return nil
	}
	if err != nil {
		return err
	}
	b.lines(e.label, b.pupilsFile, e.line, where.refused)
	b.livret(e.label, false, events)
	return nil
}

// writeGuardians takes a file of responsables without that of pupils, for those whose livret is known.
func (b *base) writeGuardians(ctx context.Context) error {
	ids := slices.Collect(maps.Keys(b.guardians.ByPupil))
	shuffle(ids)
	var strangers atomic.Int64
	err := b.each(ctx, len(ids), func(ctx context.Context, i int) error {
		known := false
		for _, session := range []nomenclature.SchoolYear{b.year + 1, b.year + 2} {
			livret, ok, err := b.lookup(ctx, ids[i], session)
			if err == nil && ok {
				known = true
				err = b.writeGuardiansOf(ctx, ids[i], livret)
			}
			if err != nil {
				return err
			}
		}
		if !known {
			strangers.Add(1)
		}
		return nil
	})
	if n := strangers.Load(); n > 0 && err == nil {
		b.notice(fmt.Sprintf("Les responsables de %d élèves qui n’ont pas de livret sont laissés de côté.", n))
	}
	return err
}

func (b *base) writeGuardiansOf(ctx context.Context, id uint64, livret uuid.UUID) error {
	said := siecle.Pupil{ID: id}.Identity(b.guardians.Header, b.guardians)
	who := &pupilCommand{RecordPupil: identity.RecordPupil{Guardians: said.Guardians, GuardiansComplete: true}, year: b.year}
	events, err := give(ctx, b.run, identity.PupilDecider, livret, who)
	var refusal *domain.Refusal
	if err != nil && !errors.As(err, &refusal) {
		return err
	}
	label := b.pupilLabel(ctx, id, livret)
	if refusal != nil {
		line := ofRefusal(refusal)
		line.Pupil, line.File = label, b.guardiansFile
		b.refuse(line)
	}
	b.livret(label, refusal != nil, events)
	return nil
}
