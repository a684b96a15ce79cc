package intake

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/exchange/lsl"
	"livret/domain/identity"
	"livret/domain/nomenclature"
	"livret/domain/record"
)

// A part of a file is what is read before it is written: enough to find all its teachers at once and to write
// the pupils of a school in random order, few enough to bound memory.
const (
	partPupils = 512
	partLines  = 12_000 // evaluations and findings: some tens of megabytes
)

// LSL takes a file of marks software into the livrets. It answers the report of what it did even when it
// fails: what was written is written, and running it again finishes the work. A file that is refused from some
// line on, or as a whole, is in the report besides, and the pupils before that line are in.
func (d *Desk) LSL(ctx context.Context, name string, file io.Reader, o Options) (Report, error) {
	r := lslRun{run: d.run(o), name: name}
	err := r.take(ctx, file)
	r.file(name, err)
	return r.done(), err
}

// lslRun is the import of one file.
type lslRun struct {
	*run
	name string
}

func (r *lslRun) take(ctx context.Context, file io.Reader) error {
	source, err := lsl.Read(file)
	if err != nil {
		return err
	}
	r.school = source.Header.UAI
	if r.grant, err = r.admit(r.school, r.tally); err != nil {
		return err
	}
	var part []lsl.Pupil
	size := 0
	for pupil, err := range source.Pupils() {
		if err != nil {
			written := r.write(ctx, part)
			if n := r.finished.Load(); n > 0 && written == nil {
				r.notice(fmt.Sprintf("La lecture de %s s’est arrêtée avant sa fin : les %d élèves lus jusque-là ont été pris en compte, les suivants ne l’ont pas été.", r.name, n))
			}
			return errors.Join(written, err)
		}
		part = append(part, pupil)
		if size += sizeOf(pupil); len(part) == partPupils || size >= partLines {
			if err := r.write(ctx, part); err != nil {
				return err
			}
			clear(part)
			part, size = part[:0], 0
		}
	}
	return r.write(ctx, part)
}

func sizeOf(p lsl.Pupil) int {
	size := len(p.Findings)
	for _, y := range p.Years {
		size += len(y.Evaluations)
	}
	return size
}

// candidate is a pupil of the file with the livrets that it may speak of.
type candidate struct {
	lsl.Pupil
	livrets []uuid.UUID
}

// write takes in a part of the file.
func (r *lslRun) write(ctx context.Context, part []lsl.Pupil) error {
	all := make([]candidate, len(part))
	for i, p := range part {
		livrets, err := r.livretsOf(ctx, p)
		if err != nil {
			return err
		}
		all[i] = candidate{p, livrets}
	}
	if err := r.callStaff(ctx, staffOf(r.school, all)); err != nil {
		return err
	}
	shuffle(all)
	err := r.each(ctx, len(all), func(ctx context.Context, i int) error { return r.pupil(ctx, all[i]) })
	r.settle()
	return err
}

// staffOf lists whom the file names in livrets that there are, as facts about staff of whom nothing better is
// known.
func staffOf(school nomenclature.UAI, pupils []candidate) (all []staffCommand) {
	met := make(map[lsl.Person]bool)
	add := func(p lsl.Person) {
		if p.Name != "" && !met[p] {
			met[p] = true
			all = append(all, staffCommand{RecordStaff: identity.RecordStaff{UAI: school, Name: p.Name, First: p.First}, onlyNew: true})
		}
	}
	for _, p := range pupils {
		if len(p.livrets) == 0 {
			continue
		}
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

// pupil takes in what the file says of one pupil, and reports it.
func (r *lslRun) pupil(ctx context.Context, p candidate) error {
	var err error
	var livret uuid.UUID
	var events []domain.Event
	var refused []record.LineRefusal
	var refusal *domain.Refusal
	if p.Refused {
		livret = append(p.livrets, uuid.Nil)[0]
	} else {
		livret, events, refused, err = r.fill(ctx, p.livrets, p.Pupil)
		if err != nil && !errors.As(err, &refusal) {
			return err
		}
	}
	label := ""
	if r.DryRun || refusal != nil || len(refused)+len(p.Findings) > 0 {
		label = r.pupilLabel(ctx, p.ID, livret)
	}
	r.findings(r.name, label, p.Findings)
	if refusal != nil {
		line := ofRefusal(refusal)
		line.Pupil, line.File, line.Line = label, r.name, p.Line
		r.refuse(line)
	}
	r.lines(label, r.name, p.Line, refused)
	r.livret(label, p.Refused || refusal != nil, events)
	return nil
}

// livretsOf finds the livrets that a pupil's part of a file may belong to: those he prepares in the last year
// that the file speaks of, in première or in terminale. A repeated class leaves two.
func (r *lslRun) livretsOf(ctx context.Context, p lsl.Pupil) ([]uuid.UUID, error) {
	if p.ID == 0 {
		return nil, nil // refused by the reader, whose findings say why
	}
	var all []uuid.UUID
	for _, session := range []nomenclature.SchoolYear{lastYear(p) + 2, lastYear(p) + 1} {
		livret, ok, err := r.lookup(ctx, p.ID, session)
		if err != nil {
			return nil, err
		}
		if ok {
			all = append(all, livret)
		}
	}
	return all, nil
}

func lastYear(p lsl.Pupil) (last nomenclature.SchoolYear) {
	for _, y := range p.Years {
		last = max(last, y.Year)
	}
	return last
}

// fill writes in the one of the livrets that knows the pupil in the last year of the file.
func (r *lslRun) fill(ctx context.Context, livrets []uuid.UUID, p lsl.Pupil) (uuid.UUID, []domain.Event, []record.LineRefusal, error) {
	if len(p.Years) == 0 { // all refused by the reader: nothing tells which preparation the rest is about
		return append(livrets, uuid.Nil)[0], nil, nil, domain.Refuse("scolarite-absente", "Aucune année de scolarité de cet élève n’a pu être prise : le reste n’est rattaché à aucun livret.",
			"Corrigez les années refusées dans le logiciel de notes, puis refaites l’export.")
	}
	proposed := p.Propose(func(named lsl.Person) uuid.UUID { return r.staff.id(named.Name, named.First) })
	proposed.Nomenclature = &r.Nomenclature
	slices.SortStableFunc(proposed.Years, func(a, b record.ImportedYear) int { return int(a.Year) - int(b.Year) })
	livret, answer := uuid.Nil, elsewhere
	for _, session := range []nomenclature.SchoolYear{lastYear(p) + 2, lastYear(p) + 1} {
		refusal, err := r.closed(ctx, session)
		if err != nil {
			return livret, nil, nil, err
		}
		answer = cmp.Or(refusal, answer)
	}
	for _, candidate := range livrets {
		command := &livretCommand{ImportLivret: proposed, school: r.school, knownIn: lastYear(p)}
		events, err := give(ctx, r.run, record.Decider, candidate, command)
		var refusal *domain.Refusal
		if err == nil || !errors.As(err, &refusal) {
			return candidate, events, command.refused, err
		}
		if err != elsewhere {
			livret, answer = candidate, err
		}
	}
	return livret, nil, nil, answer
}

// lines reports the lines of a pupil that may not go in.
func (r *run) lines(label, file string, line int, refused []record.LineRefusal) {
	for _, left := range refused {
		out := ofRefusal(left.Refusal)
		out.Pupil, out.File, out.Line, out.Where = label, file, line, where(left.Place)
		r.refuse(out)
	}
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
