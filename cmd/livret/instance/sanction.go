package instance

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/deliberation"
	"livret/domain/identity"
	"livret/domain/sanction"
	"livret/eventstore/keyvault"
	"livret/eventstore/ledger"
	"livret/projections/discipline"
)

// CandidateLivret finds the livret that a candidate's number stands for, for who may ask.
func (i *Instance) CandidateLivret(ctx context.Context, actor access.Actor, session deliberation.ExamSession, number string) (uuid.UUID, error) {
	on := access.Target{Academie: i.Settings.Academie, Session: session.Year, Round: session.Round}
	if err := access.May(actor, access.ReadCandidateLink, on, i.Today()); err != nil {
		return uuid.Nil, err
	}
	livret, err := i.Ledger.CandidateLivret(ctx, session, number)
	if errors.Is(err, keyvault.ErrUnknown) {
		err = ErrNotFound
	}
	return livret, err
}

// Pronounce records a sanction against the pupil of a livret, under a random id that the caller draws, so that a
// form sent twice is one sanction. It answers false if it was so already.
func (i *Instance) Pronounce(ctx context.Context, actor access.Actor, id uuid.UUID, c sanction.Pronounce) (bool, error) {
	if err := i.namedBy(ctx, actor, c.Livret); err != nil {
		return false, err
	}
	c.Today = i.Today()
	return i.DecideSanction(ctx, actor, id, c)
}

// OpenProceedings records that the pupil of a livret is before the commission, likewise.
func (i *Instance) OpenProceedings(ctx context.Context, actor access.Actor, id uuid.UUID, c sanction.OpenProceedings) (bool, error) {
	if err := i.namedBy(ctx, actor, c.Livret); err != nil {
		return false, err
	}
	c.Today = i.Today()
	return i.DecideSanction(ctx, actor, id, c)
}

// namedBy refuses a livret that does not say whose it is: nobody would know whose the sanction is, later.
func (i *Instance) namedBy(ctx context.Context, actor access.Actor, livret uuid.UUID) error {
	if err := access.May(actor, access.RecordSanction, access.Target{Academie: i.Settings.Academie}, i.Today()); err != nil || livret == uuid.Nil {
		return err
	}
	pupil, _, err := ledger.Load(ctx, i.Ledger, identity.PupilDecider, livret)
	if err == nil {
		_, err = identity.SubjectOf(pupil, 0).Decide(nil)
	}
	return err
}

// LinkSanction says that a sanction is that of the pupil of another livret too, if both agree.
func (i *Instance) LinkSanction(ctx context.Context, actor access.Actor, id, livret uuid.UUID) (bool, error) {
	if err := i.namedBy(ctx, actor, livret); err != nil {
		return false, err
	}
	subject, _, err := ledger.Load(ctx, i.Ledger, identity.SubjectDecider, id)
	if err != nil {
		return false, err
	}
	pupil, _, err := ledger.Load(ctx, i.Ledger, identity.PupilDecider, livret)
	if err != nil {
		return false, err
	}
	return i.DecideSanction(ctx, actor, id, sanction.LinkLivret{Livret: livret, SamePerson: subject != nil && subject.SamePerson(pupil)})
}

// DecideSanction records one decision about a sanction, and what follows from it. It answers false if it was so
// already.
func (i *Instance) DecideSanction(ctx context.Context, actor access.Actor, id uuid.UUID, c domain.Command[*sanction.Sanction]) (bool, error) {
	grant, err := access.Allow(actor, access.RecordSanction, access.Target{Academie: i.Settings.Academie}, i.Today())
	if err != nil {
		return false, err
	}
	result, err := ledger.Execute(ctx, i.Ledger, ledger.Order{ID: uuid.New(), Grant: grant, Quiet: true}, sanction.Decider, id, c)
	if err != nil {
		return false, err
	}
	return len(result.Events) > 0, i.CatchUp(ctx)
}

// Sanctions is all of them whose term is not reached, with names, for an actor who may read them.
func (i *Instance) Sanctions(ctx context.Context, actor access.Actor) ([]discipline.Entry, error) {
	if err := i.mayReadSanctions(actor); err != nil {
		return nil, err
	}
	return i.Discipline.All(ctx, i.Today())
}

// Sanction is one of them.
func (i *Instance) Sanction(ctx context.Context, actor access.Actor, id uuid.UUID) (discipline.Entry, error) {
	if err := i.mayReadSanctions(actor); err != nil {
		return discipline.Entry{}, err
	}
	entry, err := i.Discipline.Show(ctx, id, i.Today())
	return entry, notFound(err)
}

func (i *Instance) mayReadSanctions(actor access.Actor) error {
	return access.May(actor, access.ReadSanctions, access.Target{Academie: i.Settings.Academie}, i.Today())
}

// Voided is what recording that a sanction voids something did.
type Voided struct {
	Changed  bool // false: it was recorded before
	Reopened int  // deliberations that are to be held again
}

// VoidPaper records what a sanction voids and, where a jury has given its result, orders a new deliberation (Code de
// l'éducation, art. D. 334-33 and D. 334-34). The deliberation is reopened first: interrupted in between, the order
// repeated finds it reopened, and goes on.
func (i *Instance) VoidPaper(ctx context.Context, actor access.Actor, id uuid.UUID, scope sanction.Scope) (Voided, error) {
	if err := i.namedBy(ctx, actor, uuid.Nil); err != nil {
		return Voided{}, err
	}
	void := sanction.VoidPaper{Scope: scope}
	events, err := ledger.Preview(ctx, i.Ledger, sanction.Decider, id, void)
	if err != nil || len(events) == 0 {
		return Voided{}, err
	}
	var done Voided
	if done.Reopened, err = i.reopenFor(ctx, actor, id); err != nil {
		return done, err
	}
	done.Changed, err = i.DecideSanction(ctx, actor, id, void)
	return done, err
}

// reopenFor reopens the deliberations on the candidate of the session in which a sanction was incurred.
func (i *Instance) reopenFor(ctx context.Context, actor access.Actor, id uuid.UUID) (reopened int, err error) {
	s, _, err := ledger.Load(ctx, i.Ledger, sanction.Decider, id)
	if err != nil {
		return 0, err
	}
	subject, _, err := ledger.Load(ctx, i.Ledger, identity.SubjectDecider, id)
	if err != nil || subject == nil || len(s.Livrets) == 0 {
		return 0, err
	}
	livret := s.Livrets[0]
	for _, round := range deliberation.Rounds() {
		candidate, known, err := i.Ledger.Candidate(ctx, livret, deliberation.ExamSession{Year: subject.Session, Round: round})
		if gone(err) {
			return reopened, nil // no jury can deliberate on a livret that ended
		}
		if err != nil {
			return reopened, err
		}
		if result, _ := known.Outcome(); known.Livret == uuid.Nil || result == "" {
			continue
		}
		grant, err := access.Allow(actor, access.ReopenDeliberation, access.Target{Livret: livret, Academie: i.Settings.Academie}, i.Today())
		if err != nil {
			return reopened, err
		}
		again := deliberation.ReopenDeliberation{Deliberation: known.Deliberation + 1, Ground: deliberation.Commission}
		if _, err := i.write(ctx, grant, livret, candidate, again); err != nil {
			return reopened, err
		}
		reopened++
	}
	return reopened, nil
}
