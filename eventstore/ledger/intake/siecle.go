package intake

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"math/big"
	"slices"
	"sync/atomic"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"livret/domain"
	"livret/domain/exchange"
	"livret/domain/exchange/siecle"
	"livret/domain/exchange/sts"
	"livret/domain/identity"
	"livret/domain/nomenclature"
	"livret/domain/record"
	"livret/eventstore/keyvault"
	"livret/eventstore/ledger"
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
	r := &run{Desk: d, tally: newTally(o.DryRun), Options: o, staff: make(map[string]uuid.UUID)}
	b := &base{run: r}
	err := b.read(files)
	if err == nil {
		err = b.write(ctx)
	}
	return r.done(), err
}

// base is what the files of one school and year say together. Any of them may be missing.
type base struct {
	*run
	year         nomenclature.SchoolYear
	pupilsFile   string
	pupils       *siecle.Pupils
	guardians    *siecle.Guardians
	structures   *siecle.Structures
	formations   *siecle.Nomenclature
	staffAndTown *sts.File
}

func (b *base) read(files []File) error {
	for _, f := range files {
		if err := b.readOne(f); err != nil {
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
		var named []staffCommand
		for _, s := range b.staffAndTown.Staff {
			named = append(named, staffCommand{RecordStaff: s.Identity(b.school)})
		}
		if err := b.staffNamed(ctx, named); err != nil {
			return err
		}
	}
	if b.pupils == nil {
		return b.writeGuardians(ctx)
	}
	return b.writePupils(ctx)
}

// entrant is a pupil on his way to a livret.
type entrant struct {
	siecle.Pupil
	formation nomenclature.Formation
	session   nomenclature.SchoolYear
	livret    uuid.UUID
	isNew     bool
}

// writePupils writes the pupils in an order drawn at random: the order of a class list is alphabetical, and
// the order of the ledger is for ever.
func (b *base) writePupils(ctx context.Context) error {
	entrants, err := b.entrants(ctx)
	if err != nil {
		return err
	}
	if err := shuffle(entrants); err != nil {
		return err
	}
	var done atomic.Int64
	orders, ctx := errgroup.WithContext(ctx)
	orders.SetLimit(writers)
	for _, e := range entrants {
		orders.Go(func() error {
			err := b.writePupil(ctx, e)
			b.progress(int(done.Add(1)))
			return err
		})
	}
	return orders.Wait()
}

// entrants sorts the pupils of the file: those of the cycle terminal, in a série that the ledger knows and
// that is open, with the livret of each found or about to be.
func (b *base) entrants(ctx context.Context) ([]entrant, error) {
	var all []entrant
	outside := 0
	for _, p := range b.pupils.Pupils {
		label := fmt.Sprintf("élève %d (%s)", p.ID, pupilName(p))
		if p.Refused {
			b.findings(b.pupilsFile, label, p.Findings)
			continue
		}
		programme, err := b.programme(p.MEF)
		e := entrant{Pupil: p, formation: programme.Formation}
		if err == nil {
			e.session = b.year + 1
			if programme.Niveau == nomenclature.Premiere {
				e.session++
			}
			err = b.Calendar.Open(programme.Formation, b.school, e.session)
		}
		var refusal *domain.Refusal
		if errors.As(err, &refusal) && refusal.Rule == "formation-hors-livret" {
			outside++ // of seconde, or of a BTS: most of a school
			continue
		}
		b.findings(b.pupilsFile, label, p.Findings)
		if refusal != nil {
			line := ofRefusal(refusal)
			line.Pupil, line.File, line.Line = label, b.pupilsFile, p.Line
			b.refuse(line)
			b.livret(label, false, true, nil)
			continue
		}
		if err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	if outside > 0 {
		b.notice(fmt.Sprintf("%d élèves ne sont ni en première ni en terminale : ils n’ont pas de livret.", outside))
	}
	return all, b.findLivrets(ctx, all)
}

// programme is that of a pupil's formation. A série that has no livret, or no nomenclature yet, is known by
// the label that the school's own file gives the formation, so that the refusal names it.
func (b *base) programme(mef nomenclature.MEF) (nomenclature.Programme, error) {
	programme, err := b.Nomenclature.Programme(b.year, b.formations.BaseOf(mef))
	if err != nil {
		if serie, named := nomenclature.SerieOf(b.formations.LabelOf(mef)); named {
			if excluded := serie.Excluded(); excluded != nil {
				return programme, excluded
			}
		}
	}
	return programme, err
}

// findLivrets finds the livret of each, or claims a new one. Two imports of the same pupil at the same
// moment claim the same livret.
func (b *base) findLivrets(ctx context.Context, all []entrant) error {
	var claims []keyvault.Claim
	for i := range all {
		livret, ok, err := b.lookup(ctx, all[i].ID, all[i].session)
		if err != nil {
			return err
		}
		all[i].livret, all[i].isNew = livret, !ok
		if !ok {
			all[i].livret = uuid.New()
			claims = append(claims, keyvault.Claim{Kind: ClaimLivret, Parts: LivretClaim(b.school, all[i].ID, all[i].session), Owner: all[i].livret})
		}
	}
	if b.DryRun || len(claims) == 0 {
		return nil
	}
	owners, err := b.Ledger.Vault().Resolve(ctx, claims...)
	if err != nil {
		return err
	}
	var births []keyvault.Birth
	for i := range all {
		if all[i].isNew {
			all[i].livret, owners = owners[0], owners[1:]
			births = append(births, keyvault.Birth{Owner: all[i].livret, Class: keyvault.Identity}, keyvault.Birth{Owner: all[i].livret, Class: keyvault.Record})
		}
	}
	_, err = b.Ledger.Vault().Create(ctx, births...) // all at once: one commit
	return err
}

func (b *base) writePupil(ctx context.Context, e entrant) error {
	label := fmt.Sprintf("élève %d (%s)", e.ID, pupilName(e.Pupil))
	who := e.Identity(b.pupils.Header, b.guardians)
	b.completeSchools(&who, e.formation)
	var facts []domain.Event
	err := b.compare(ctx, label, e, &who)
	if err == nil {
		facts, err = give(ctx, b.run, identity.PupilDecider, e.livret, who)
	}
	if err == nil {
		schooling := e.Schooling(b.pupils.Header, b.formations)
		var more []domain.Event
		more, err = give(ctx, b.run, record.Decider, e.livret, record.ImportLivret{
			Session: e.session, Nomenclature: &b.Nomenclature,
			Years: []record.ImportedYear{{Year: b.year, Schooling: &schooling}},
		})
		facts = append(facts, more...)
	}
	if errors.Is(err, keyvault.ErrShredded) || errors.Is(err, keyvault.ErrArchived) {
		err = domain.Refuse("livret-clos", "Le livret de cet élève est clos : sa durée de conservation courante est passée.", "Vérifiez l’année scolaire de l’export.")
	}
	var refusal *domain.Refusal
	if errors.As(err, &refusal) {
		line := ofRefusal(refusal)
		line.Pupil, line.File, line.Line = label, b.pupilsFile, e.Line
		b.refuse(line)
		b.livret(label, false, true, facts)
		return nil
	}
	if err != nil {
		return err
	}
	b.livret(label, e.isNew, false, facts)
	return nil
}

// completeSchools adds what sts_emp knows of the school, and the level of the class.
func (b *base) completeSchools(who *identity.RecordPupil, f nomenclature.Formation) {
	for i := range who.Schools {
		s := &who.Schools[i]
		if s.Year == b.year {
			s.Level = levelOf(f.Niveau)
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

// compare holds what the file says of a pupil against what is known of him: it warns of what is odd, and lets
// an export of an earlier school year add what is missing, but correct nothing.
func (b *base) compare(ctx context.Context, label string, e entrant, who *identity.RecordPupil) error {
	known, _, err := ledger.Load(ctx, b.Ledger, identity.PupilDecider, e.livret)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(known.Schools, func(s identity.SchoolAttended) bool { return s.Year > b.year }) {
		if known.Recorded() {
			who.Civil = nil
		}
		if known.INE != "" {
			who.INE = ""
		}
		if len(known.Guardians) > 0 {
			who.Guardians, who.GuardiansComplete = nil, false
		}
	}
	for _, w := range who.Warnings(known) {
		b.warn(Refused{Pupil: label, File: b.pupilsFile, Line: e.Line, Rule: w.Rule, Reason: w.Reason, Remedy: w.Remedy})
	}
	return nil
}

// writeGuardians takes a file of responsables without that of pupils, for those whose livret is known.
func (b *base) writeGuardians(ctx context.Context) error {
	if b.guardians == nil {
		return nil
	}
	for id := range b.guardians.ByPupil {
		for _, session := range []nomenclature.SchoolYear{b.year + 1, b.year + 2} {
			livret, ok, err := b.lookup(ctx, id, session)
			if err != nil {
				return err
			}
			if !ok {
				continue
			}
			who := siecle.Pupil{ID: id}.Identity(b.guardians.Header, b.guardians)
			facts, err := give(ctx, b.run, identity.PupilDecider, livret, identity.RecordPupil{Guardians: who.Guardians, GuardiansComplete: true})
			label := b.pupilLabel(ctx, id, livret)
			var refusal *domain.Refusal
			if errors.As(err, &refusal) {
				line := ofRefusal(refusal)
				line.Pupil = label
				b.refuse(line)
			} else if err != nil {
				return err
			}
			b.livret(label, false, refusal != nil, facts)
		}
	}
	return nil
}

func pupilName(p siecle.Pupil) string {
	name := p.UsageName
	if name == "" {
		name = p.FamilyName
	}
	if len(p.FirstNames) > 0 {
		name += " " + p.FirstNames[0]
	}
	return name
}

// shuffle draws an order with the system's randomness, which nobody can replay.
func shuffle[T any](all []T) error {
	for i := len(all) - 1; i > 0; i-- {
		j, err := rand.Int(rand.Reader, big.NewInt(int64(i+1)))
		if err != nil {
			return err
		}
		all[i], all[j.Int64()] = all[j.Int64()], all[i]
	}
	return nil
}
