package instance

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/deliberation"
	"livret/domain/nomenclature"
	"livret/domain/record"
	"livret/eventstore/ledger"
)

// Transmit hands a livret to the juries of a round of its session, on the head's order. It answers false if it was.
func (i *Instance) Transmit(ctx context.Context, actor access.Actor, livret uuid.UUID, round string) (bool, error) {
	on, err := i.Target(ctx, livret)
	if err != nil {
		return false, err
	}
	changed, err := i.transmit(ctx, actor, on, round)
	if err != nil {
		return false, err
	}
	return changed, i.CatchUp(ctx)
}

func (i *Instance) transmit(ctx context.Context, actor access.Actor, on access.Target, round string) (bool, error) {
	livret := on.Livret
	grant, err := access.Allow(actor, access.TransmitLivret, on, i.Today())
	if err != nil {
		return false, err
	}
	state, version, err := ledger.Load(ctx, i.Ledger, record.Decider, livret)
	if err != nil {
		return false, err
	}
	if !state.Opened() {
		return false, ErrNotFound
	}
	id, _, err := i.Ledger.Candidate(ctx, livret, deliberation.ExamSession{Year: state.Session, Round: round})
	if err != nil {
		return false, err
	}
	return i.write(ctx, grant, livret, id, deliberation.TransmitLivret{
		RecordVersion: uint64(version), Opposed: state.Opposed(), Restricted: state.Restricted(),
		Locked: state.Locked(state.Terminale(), 0), HeadVisa: state.Year(state.Terminale()).VisaStands(),
	})
}

// Class is the livrets of a school that prepare a session, or those of one of its divisions.
type Class struct {
	School   nomenclature.UAI
	Session  deliberation.ExamSession
	Division string // of the terminale; empty: all
}

// TransmitClass hands over those livrets that may be; the others are left aside with the reason. Those that were
// forgotten are not counted.
func (i *Instance) TransmitClass(ctx context.Context, actor access.Actor, of Class) (Batch, error) {
	return i.eachOf(ctx, of, func(ctx context.Context, on access.Target) (bool, error) {
		return i.transmit(ctx, actor, on, of.Session.Round)
	})
}

// ValidateClass gives the head's visa to every page of those livrets that lack nothing, and locks it; the others are
// left aside with the reason.
func (i *Instance) ValidateClass(ctx context.Context, actor access.Actor, of Class) (Batch, error) {
	return i.eachOf(ctx, of, func(ctx context.Context, on access.Target) (bool, error) {
		visa, err := access.Allow(actor, access.GiveHeadVisa, on, i.Today())
		if err != nil {
			return false, err
		}
		lock, err := access.Allow(actor, access.LockPeriod, on, i.Today())
		if err != nil {
			return false, err
		}
		state, _, err := ledger.Load(ctx, i.Ledger, record.Decider, on.Livret)
		if err != nil {
			return false, err
		}
		changed := false
		for _, page := range state.Years {
			for _, order := range []struct {
				grant   access.Grant
				command domain.Command[*record.State]
			}{{visa, record.GiveHeadVisa{Year: page.Year}}, {lock, record.LockPeriod{Year: page.Year}}} {
				result, err := ledger.Execute(ctx, i.Ledger, ledger.Order{ID: uuid.New(), Grant: order.grant, Quiet: true}, record.Decider, on.Livret, order.command)
				if err != nil {
					return changed, err
				}
				changed = changed || len(result.Events) > 0
			}
		}
		return changed, nil
	})
}

// eachOf does something to each of those livrets.
func (i *Instance) eachOf(ctx context.Context, of Class, do func(ctx context.Context, on access.Target) (bool, error)) (Batch, error) {
	pupils, err := i.Family.Pupils(ctx, of.School, of.Session.Year-1, of.Division)
	if err != nil {
		return Batch{}, err
	}
	var subjects []string
	var targets []access.Target
	for _, p := range pupils {
		on, err := i.Target(ctx, p.Livret)
		if err != nil {
			return Batch{}, err
		}
		if on.Session == of.Session.Year {
			subjects, targets = append(subjects, p.Livret.String()), append(targets, on)
		}
	}
	b, err := batch(ctx, subjects, func(ctx context.Context, n int) (bool, error) { return do(ctx, targets[n]) })
	return b, errors.Join(err, i.CatchUp(ctx))
}
