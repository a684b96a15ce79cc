package intake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync/atomic"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"livret/domain"
	"livret/domain/exchange/lsl"
	"livret/domain/identity"
	"livret/domain/nomenclature"
	"livret/domain/record"
	"livret/eventstore/keyvault"
	"livret/eventstore/ledger"
)

// chunk is how many pupils are read before they are written: enough to find all their teachers at once.
const chunk = 64

// LSL takes a file of marks software into the livrets. It answers the report of what it did even when it
// fails: what was written is written, and running it again finishes the work.
func (d *Desk) LSL(ctx context.Context, name string, file io.Reader, o Options) (Report, error) {
	r := &run{Desk: d, tally: newTally(o.DryRun), Options: o, staff: make(map[string]uuid.UUID)}
	err := r.lsl(ctx, name, file)
	return r.done(), err
}

func (r *run) lsl(ctx context.Context, name string, file io.Reader) error {
	source, err := lsl.Read(file)
	if err != nil {
		return err
	}
	r.school = source.Header.UAI
	if r.grant, err = r.admit(r.school, r.tally); err != nil {
		return err
	}
	var done atomic.Int64
	var pupils []lsl.Pupil
	flush := func() error {
		err := r.lslPupils(ctx, name, pupils, &done)
		pupils = pupils[:0]
		return err
	}
	for pupil, err := range source.Pupils() {
		if err != nil {
			return errors.Join(flush(), err) // the pupils before the damage go in
		}
		if pupils = append(pupils, pupil); len(pupils) == chunk {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

func (r *run) lslPupils(ctx context.Context, file string, pupils []lsl.Pupil, done *atomic.Int64) error {
	if err := r.staffNamed(ctx, staffOf(r.school, pupils)); err != nil {
		return err
	}
	orders, ctx := errgroup.WithContext(ctx)
	orders.SetLimit(writers)
	for _, p := range pupils {
		orders.Go(func() error {
			err := r.lslPupil(ctx, file, p)
			r.progress(int(done.Add(1)))
			return err
		})
	}
	return orders.Wait()
}

// staffOf lists whom the file names, as facts about staff of whom nothing better is known.
func staffOf(school nomenclature.UAI, pupils []lsl.Pupil) (all []staffCommand) {
	add := func(p lsl.Person) {
		if p.Name != "" {
			all = append(all, staffCommand{RecordStaff: identity.RecordStaff{UAI: school, Name: p.Name, First: p.First}, onlyNew: true})
		}
	}
	for _, p := range pupils {
		for _, y := range p.Years {
			for _, o := range y.Observations {
				add(o.Author)
			}
			for _, e := range y.Evaluations {
				for _, t := range e.Teachers {
					add(t)
				}
			}
		}
	}
	return all
}

func (r *run) lslPupil(ctx context.Context, file string, p lsl.Pupil) error {
	livret, err := r.livretOf(ctx, p)
	label := r.pupilLabel(ctx, p.ID, livret)
	r.findings(file, label, p.Findings)
	var events []domain.Event
	command := &attempted{ImportLivret: r.lslCommand(p)}
	if err == nil && !p.Refused {
		events, err = give(ctx, r, record.Decider, livret, command)
	}
	if errors.Is(err, keyvault.ErrShredded) || errors.Is(err, keyvault.ErrArchived) {
		err = domain.Refuse("livret-clos", "Le livret de cet élève est clos : sa durée de conservation courante est passée.",
			"Vérifiez la session d’examen du fichier.")
	}
	var refusal *domain.Refusal
	if err != nil && !errors.As(err, &refusal) {
		return err
	}
	if refusal != nil && !p.Refused {
		line := ofRefusal(refusal)
		line.Pupil, line.File, line.Line = label, file, p.Line
		r.refuse(line)
	}
	for _, refused := range command.refused {
		line := ofRefusal(refused.Refusal)
		line.Pupil, line.File, line.Line, line.Where = label, file, p.Line, where(refused.Place)
		r.refuse(line)
	}
	r.livret(label, false, refusal != nil || p.Refused, events)
	return nil
}

// attempted is an import that remembers the lines refused when it was last decided: what is reported is what
// was decided on, whoever else writes in the livret meanwhile.
type attempted struct {
	record.ImportLivret
	refused []record.LineRefusal
}

// Decide is that of record.ImportLivret.
func (a *attempted) Decide(s *record.State) ([]domain.Event, error) {
	var events []domain.Event
	events, a.refused = a.Plan(s)
	if !s.Opened() && len(events) == 0 {
		a.refused = nil // the livret itself is refused: one line says so
		return a.ImportLivret.Decide(s)
	}
	return events, nil
}

// livretOf finds the livret that a pupil's part of a file belongs to: the one he prepares in the last year
// that the file speaks of. Where a repeated class leaves two, it is the one that knows him in that year.
func (r *run) livretOf(ctx context.Context, p lsl.Pupil) (uuid.UUID, error) {
	if p.ID == 0 || len(p.Years) == 0 {
		return uuid.Nil, nil // refused by the reader, whose findings say why
	}
	last := slices.MaxFunc(p.Years, func(a, b lsl.Year) int { return int(a.Year) - int(b.Year) }).Year
	inTerminale, isThere, err := r.lookup(ctx, p.ID, last+1)
	if err != nil {
		return uuid.Nil, err
	}
	inPremiere, isHere, err := r.lookup(ctx, p.ID, last+2)
	switch {
	case err != nil:
		return uuid.Nil, err
	case isThere && isHere:
		state, _, err := ledger.Load(ctx, r.Ledger, record.Decider, inPremiere)
		if err != nil {
			return inTerminale, nil // the other one is not readable: it is not being prepared
		}
		if _, knows := state.Year(last).Schooling(); knows {
			return inPremiere, nil
		}
		return inTerminale, nil
	case isThere:
		return inTerminale, nil
	case isHere:
		return inPremiere, nil
	}
	return uuid.Nil, domain.Refuse("eleve-inconnu",
		"Cet élève n’a pas de livret : sa fiche SIECLE n’a pas été importée, ou elle ne le place ni en première ni en terminale cette année-là.",
		"Importez d’abord l’export SIECLE de l’établissement pour cette année scolaire, puis ce fichier de nouveau.")
}

// lslCommand says in the record's terms what the file says of one pupil, oldest year first.
func (r *run) lslCommand(p lsl.Pupil) record.ImportLivret {
	c := p.Propose(func(named lsl.Person) uuid.UUID { return r.staffID(named.Name, named.First) })
	c.Nomenclature = &r.Nomenclature
	slices.SortStableFunc(c.Years, func(a, b record.ImportedYear) int { return int(a.Year) - int(b.Year) })
	return c
}

// where says what a refused line was about.
func where(p record.Place) string {
	switch {
	case p.Matiere != "" && p.Period != 0:
		return fmt.Sprintf("%s, matière %s (%s), période %d", p.Year.Label(), p.Matiere, p.Modalite, p.Period)
	case p.Matiere != "" && p.Competence != "":
		return fmt.Sprintf("%s, matière %s (%s), compétence %s", p.Year.Label(), p.Matiere, p.Modalite, p.Competence)
	case p.Matiere != "":
		return fmt.Sprintf("%s, matière %s (%s)", p.Year.Label(), p.Matiere, p.Modalite)
	case p.Year != 0:
		return p.Year.Label()
	default:
		return p.Code
	}
}
