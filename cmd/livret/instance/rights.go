package instance

import (
	"context"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/deliberation"
	"livret/domain/identity"
	"livret/domain/mark"
	"livret/domain/record"
	"livret/domain/retention"
	"livret/eventstore/ledger"
)

// Exam is how far a livret has come in the exam it prepares.
type Exam struct {
	Transmitted bool        // it has left for a jury
	Examined    bool        // a jury has examined it
	Closed      bool        // the deliberations of all sessions it is a candidate of are closed
	Proclaimed  domain.Date // from which its terms count; zero: not yet
}

// ExamOf asks the candidates of a livret, their sessions and its clock.
func (i *Instance) ExamOf(ctx context.Context, on access.Target) (Exam, error) {
	var e Exam
	candidates, err := i.Ledger.Candidatures(ctx, on.Livret, on.Session)
	if err != nil {
		return e, err
	}
	e.Closed = len(candidates) > 0
	for _, c := range candidates {
		e.Transmitted = e.Transmitted || c.Transmitted != 0
		for _, slot := range c.Slots {
			e.Examined = e.Examined || slot.Examined.RecordVersion != 0
		}
		sitting, _, err := ledger.Load(ctx, i.Ledger, deliberation.SessionDecider, c.Session.Stream())
		if err != nil {
			return e, err
		}
		e.Closed = e.Closed && !sitting.Closed.IsZero()
	}
	state, _, err := ledger.Load(ctx, i.Ledger, retention.Decider, on.Livret)
	if clock, started := state.Clock(retention.Livret); started && !clock.Presumed {
		e.Proclaimed = clock.From
	}
	return e, err
}

// Acknowledge takes note of a livret at the version that was shown, for an actor of the family.
func (i *Instance) Acknowledge(ctx context.Context, actor access.Actor, livret, order uuid.UUID, version uint64) error {
	return i.exercise(ctx, actor, access.AcknowledgeLivret, livret, order, func(e Exam) domain.Command[*record.State] {
		return record.AcknowledgeLivret{Version: version, Examined: e.Examined}
	})
}

// Oppose records an opposition to the transmission to the jury, or withdraws it.
func (i *Instance) Oppose(ctx context.Context, actor access.Actor, livret, order uuid.UUID, opposed bool) error {
	return i.exercise(ctx, actor, access.OpposeTransmission, livret, order, func(e Exam) domain.Command[*record.State] {
		if opposed {
			return record.OpposeTransmission{Transmitted: e.Transmitted, Closed: e.Closed}
		}
		return record.WithdrawOpposition{Closed: e.Closed}
	})
}

// RefuseOnline records that a family refuses the livret on line, or accepts it again.
func (i *Instance) RefuseOnline(ctx context.Context, actor access.Actor, livret, order uuid.UUID, refused bool) error {
	return i.exercise(ctx, actor, access.RefuseOnlineService, livret, order, func(Exam) domain.Command[*record.State] {
		if refused {
			return record.RefuseOnlineService{}
		}
		return record.AcceptOnlineService{}
	})
}

// RequestRectification records a demand. Its id is that of the order: sent twice, it is one demand.
func (i *Instance) RequestRectification(ctx context.Context, actor access.Actor, livret, order uuid.UUID, about record.Subject, demand string) error {
	return i.exercise(ctx, actor, access.RequestRectification, livret, order, func(Exam) domain.Command[*record.State] {
		return record.RequestRectification{Rectification: order, About: about, Demand: demand}
	})
}

// Restrict restricts the processing of a livret, for a ground.
func (i *Instance) Restrict(ctx context.Context, actor access.Actor, livret, order uuid.UUID, ground record.RestrictionGround) error {
	return i.exercise(ctx, actor, access.RestrictProcessing, livret, order, func(Exam) domain.Command[*record.State] {
		return record.RestrictProcessing{Reason: ground}
	})
}

// LiftRestriction ends the restriction of a livret's processing.
func (i *Instance) LiftRestriction(ctx context.Context, actor access.Actor, livret, order uuid.UUID) error {
	return i.exercise(ctx, actor, access.RestrictProcessing, livret, order, func(Exam) domain.Command[*record.State] {
		return record.LiftRestriction{}
	})
}

// HandOverPaper records that the final livret was handed over on paper.
func (i *Instance) HandOverPaper(ctx context.Context, actor access.Actor, livret, order uuid.UUID, on domain.Date) error {
	return i.exercise(ctx, actor, access.HandOverPaper, livret, order, func(e Exam) domain.Command[*record.State] {
		return record.HandOverPaperLivret{On: on, Proclaimed: e.Proclaimed, Today: i.Today()}
	})
}

// Redress is what a granted rectification puts in the place of what was wrong.
type Redress struct {
	Mark  mark.Mark                       // of an average
	Text  string                          // of an appreciation
	Civil *identity.CivilIdentityRecorded // of an identity
}

// GrantRectification grants a demand and corrects what it is about. An identity is corrected first, in its own
// stream: after a crash between the two the demand still waits, and granting it again finishes.
func (i *Instance) GrantRectification(ctx context.Context, actor access.Actor, livret, order, demand uuid.UUID, reason string, with Redress) error {
	if with.Civil != nil {
		if err := i.rectifyIdentity(ctx, actor, livret, demand, with.Civil); err != nil {
			return err
		}
	}
	return i.exercise(ctx, actor, access.DecideRectification, livret, order, func(Exam) domain.Command[*record.State] {
		return record.GrantRectification{Rectification: demand, Reason: reason, Mark: with.Mark, Text: with.Text, Nomenclature: &i.Nomenclature}
	})
}

// rectifyIdentity corrects the civil identity for a demand that waits and is about it.
func (i *Instance) rectifyIdentity(ctx context.Context, actor access.Actor, livret, demand uuid.UUID, civil *identity.CivilIdentityRecorded) error {
	on, err := i.Target(ctx, livret)
	if err != nil {
		return err
	}
	grant, err := access.Allow(actor, access.RecordIdentity, on, i.Today())
	if err != nil {
		return err
	}
	state, _, err := ledger.Load(ctx, i.Ledger, record.Decider, livret)
	if err != nil {
		return err
	}
	if r := state.Rectification(demand); r == nil || r.Status != record.RectificationPending || r.About.Kind != record.SubjectIdentity {
		return nil // for record.GrantRectification to refuse
	}
	_, err = ledger.Execute(ctx, i.Ledger, ledger.Order{ID: uuid.New(), Grant: grant, Quiet: true}, identity.PupilDecider, livret, identity.RecordPupil{Civil: civil})
	return err
}

// RefuseRectification refuses a demand, for a reason.
func (i *Instance) RefuseRectification(ctx context.Context, actor access.Actor, livret, order, demand uuid.UUID, reason string) error {
	return i.exercise(ctx, actor, access.DecideRectification, livret, order, func(Exam) domain.Command[*record.State] {
		return record.RefuseRectification{Rectification: demand, Reason: reason}
	})
}

// exercise carries out a command about the rights on a livret, for an actor who may. The command is made of what
// other streams say now.
func (i *Instance) exercise(ctx context.Context, actor access.Actor, act access.Act, livret, order uuid.UUID, command func(Exam) domain.Command[*record.State]) error {
	on, err := i.Target(ctx, livret)
	if err != nil {
		return err
	}
	if act == access.RefuseOnlineService {
		on.Refused = false // who refused on line may accept on line
	}
	grant, err := access.Allow(actor, act, on, i.Today())
	if err != nil {
		return err
	}
	exam, err := i.ExamOf(ctx, on)
	if err != nil {
		return err
	}
	if _, err := ledger.Execute(ctx, i.Ledger, ledger.Order{ID: order, Grant: grant}, record.Decider, livret, command(exam)); err != nil {
		return err
	}
	return i.CatchUp(ctx)
}
