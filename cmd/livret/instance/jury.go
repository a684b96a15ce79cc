package instance

import (
	"cmp"
	"context"
	"slices"

	"github.com/google/uuid"

	"livret/cmd/livret/dossier"
	"livret/domain"
	"livret/domain/access"
	"livret/domain/deliberation"
	"livret/domain/retention"
	"livret/eventstore/ledger"
	"livret/projections/jury"
)

// JuryName says which jury is meant.
type JuryName struct {
	Session deliberation.ExamSession
	Number  string
}

// Stream is the id of the jury's stream.
func (j JuryName) Stream() uuid.UUID { return deliberation.JuryStream(j.Session, j.Number) }

// FormJury creates a jury in an open session. It answers false if there was one.
func (i *Instance) FormJury(ctx context.Context, actor access.Actor, of JuryName) (bool, error) {
	sitting, err := i.sitting(ctx, of.Session)
	if err != nil {
		return false, err
	}
	return i.orderJury(ctx, actor, access.FormJury, of, deliberation.FormJury{Session: of.Session, Number: of.Number, Open: sitting.Opened})
}

// NameJuror gives a member of staff an office in a jury. It answers false if he held it.
func (i *Instance) NameJuror(ctx context.Context, actor access.Actor, of JuryName, staff uuid.UUID, office deliberation.Office) (bool, error) {
	return i.orderJury(ctx, actor, access.FormJury, of, deliberation.NameJuror{Staff: staff, Office: office})
}

// WithdrawJuror ends the office of a juror. It answers false if he held none.
func (i *Instance) WithdrawJuror(ctx context.Context, actor access.Actor, of JuryName, staff uuid.UUID) (bool, error) {
	return i.orderJury(ctx, actor, access.FormJury, of, deliberation.WithdrawJuror{Staff: staff})
}

// HoldSitting records that a jury sat, and who was there. It answers false if it was recorded.
func (i *Instance) HoldSitting(ctx context.Context, actor access.Actor, of JuryName, on domain.Date, present []uuid.UUID) (bool, error) {
	return i.orderJury(ctx, actor, access.RecordSitting, of, deliberation.HoldSitting{Held: on, Present: present, Today: i.Today()})
}

func (i *Instance) orderJury(ctx context.Context, actor access.Actor, act access.Act, of JuryName, command domain.Command[*deliberation.Jury]) (bool, error) {
	stands, err := i.jury(ctx, of.Stream())
	if err != nil {
		return false, err
	}
	grant, err := access.Allow(actor, act, i.juryTarget(of.Session, stands), i.Today())
	if err != nil {
		return false, err
	}
	result, err := ledger.Execute(ctx, i.Ledger, ledger.Order{ID: uuid.New(), Grant: grant, Quiet: true}, deliberation.JuryDecider, of.Stream(), command)
	if err != nil {
		return false, err
	}
	return len(result.Events) > 0, i.CatchUp(ctx)
}

func (i *Instance) jury(ctx context.Context, stream uuid.UUID) (*deliberation.Jury, error) {
	stands, _, err := ledger.Load(ctx, i.Ledger, deliberation.JuryDecider, stream)
	return stands, err
}

// juryTarget is a jury as package access needs to know it.
func (i *Instance) juryTarget(session deliberation.ExamSession, j *deliberation.Jury) access.Target {
	on := access.Target{Academie: i.Settings.Academie, Session: session.Year, Round: session.Round}
	for _, juror := range j.Jurors {
		on.Jurors = append(on.Jurors, access.Juror{Staff: juror.Staff, Role: roleOf[juror.Office]})
	}
	return on
}

var roleOf = map[deliberation.Office]string{
	deliberation.President: access.PresidentJury, deliberation.VicePresident: access.VicePresidentJury, deliberation.Member: access.MembreJury,
}

// Juries are those of a session, for an actor who may follow it.
func (i *Instance) Juries(ctx context.Context, actor access.Actor, session deliberation.ExamSession) ([]*deliberation.Jury, error) {
	if err := access.May(actor, access.ReadSession, access.Target{Academie: i.Settings.Academie}, i.Today()); err != nil {
		return nil, err
	}
	return i.Jury.Juries(ctx, session)
}

// ShowJury is a candidate's dossier, for an actor who may see it. To a juror of another jury, a candidate who is
// not his and one who does not exist are refused in the same words.
func (i *Instance) ShowJury(ctx context.Context, actor access.Actor, session deliberation.ExamSession, number string) (jury.Dossier, error) {
	if _, err := i.before(ctx, actor, access.ReadJuryView, session, number); err != nil {
		return jury.Dossier{}, err
	}
	dossier, err := i.Jury.Show(ctx, session, number)
	return dossier, notFound(err)
}

// JurySanctions is the sanctions entered in a candidate's livret, for an actor who may see his dossier.
func (i *Instance) JurySanctions(ctx context.Context, actor access.Actor, session deliberation.ExamSession, number string) ([]jury.Sanction, error) {
	if _, err := i.before(ctx, actor, access.ReadJuryView, session, number); err != nil {
		return nil, err
	}
	sanctions, err := i.Jury.Sanctions(ctx, session, number, i.Today())
	return sanctions, notFound(err)
}

// before is what is shown of a candidate, for an actor who may do something before his jury.
func (i *Instance) before(ctx context.Context, actor access.Actor, act access.Act, session deliberation.ExamSession, number string) (brought, error) {
	var b brought
	evidence, err := i.Jury.Evidence(ctx, session, number)
	stands := deliberation.JuryDecider.Initial()
	if err == nil && evidence.Jury != uuid.Nil {
		if stands, err = i.jury(ctx, evidence.Jury); err != nil {
			return b, err
		}
	}
	on := i.juryTarget(session, stands)
	on.Livret = evidence.Livret
	if on.Livret != uuid.Nil {
		clock, failed := i.Clock(ctx, on.Livret)
		if failed != nil {
			return b, failed
		}
		on.ActiveUntil, on.Term = clock.Active, clock.Term
	}
	grant, refused := access.Allow(actor, act, on, i.Today())
	if refused != nil {
		return b, refused
	}
	return brought{evidence, grant}, notFound(err)
}

// brought is a candidate before his jury: what the jury is shown, and the word of package access.
type brought struct {
	jury.Evidence
	grant access.Grant
}

// ListJury is the candidates of a session whom an actor may see, by number.
func (i *Instance) ListJury(ctx context.Context, actor access.Actor, session deliberation.ExamSession) ([]jury.Entry, error) {
	sitting, err := i.sitting(ctx, session)
	if err != nil {
		return nil, err
	}
	target := func(j *deliberation.Jury) access.Target { // the list of a session closes with its active service
		on := i.juryTarget(session, j)
		if proclaimed := sitting.Proclaimed; !proclaimed.IsZero() {
			on.ActiveUntil, on.Term = retention.ActiveUntil(proclaimed), retention.LivretTerm(proclaimed)
		}
		return on
	}
	refused := access.May(actor, access.ReadJuryView, target(deliberation.JuryDecider.Initial()), i.Today())
	if refused == nil {
		return i.Jury.List(ctx, session)
	}
	juries, err := i.Jury.Juries(ctx, session)
	if err != nil {
		return nil, err
	}
	var all []jury.Entry
	for _, j := range juries {
		if access.May(actor, access.ReadJuryView, target(j), i.Today()) != nil {
			continue
		}
		refused = nil
		his, err := i.Jury.ListOf(ctx, deliberation.JuryStream(session, j.Number))
		if err != nil {
			return nil, err
		}
		all = append(all, his...)
	}
	slices.SortFunc(all, func(a, b jury.Entry) int { return cmp.Compare(a.Number, b.Number) })
	return all, refused
}

// Booklet is the dossiers of a jury, for an actor who may see them. Candidates who were forgotten are not in it.
func (i *Instance) Booklet(ctx context.Context, actor access.Actor, of JuryName) (dossier.Booklet, error) {
	b := dossier.Booklet{Session: of.Session, Jury: of.Number, Printed: i.Today()}
	stands, err := i.jury(ctx, of.Stream())
	if err != nil {
		return b, err
	}
	if err := access.May(actor, access.ReadJuryView, i.juryTarget(of.Session, stands), i.Today()); err != nil {
		return b, err
	}
	if stands.Number == "" {
		return b, ErrNotFound
	}
	entries, err := i.Jury.ListOf(ctx, of.Stream())
	for _, e := range entries {
		d, err := i.Jury.Show(ctx, of.Session, e.Number)
		if err != nil {
			return b, err
		}
		sanctions, err := i.Jury.Sanctions(ctx, of.Session, e.Number, i.Today())
		if err != nil {
			return b, err
		}
		b.Candidates = append(b.Candidates, dossier.Candidate{Dossier: d, Sanctions: sanctions})
	}
	return b, err
}
