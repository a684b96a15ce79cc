package instance

import (
	"context"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/nomenclature"
	"livret/domain/record"
	"livret/eventstore/ledger"
)

// Closing is what a head of school does to the page of a year when it is filled: lock it or one of its periods,
// open it again, give his visa.
type Closing struct {
	Act    access.Act // LockPeriod, UnlockPeriod or GiveHeadVisa
	Year   nomenclature.SchoolYear
	Period uint8  // 0: the whole year
	Reason string // of an unlocking
}

// ClosePage carries a closing out on one livret, for an actor who may where the pupil was that year. Seen is the
// version of the record that he read, 0 if he read none. It answers false if it was so already. Views and
// reactions follow with CatchUp, once for a whole division.
func (i *Instance) ClosePage(ctx context.Context, actor access.Actor, order, livret uuid.UUID, seen uint64, c Closing) (bool, error) {
	state, _, err := ledger.Load(ctx, i.Ledger, record.Decider, livret)
	if err != nil {
		return false, err
	}
	on := access.Target{Livret: livret, Academie: i.Settings.Academie, Session: state.Session}
	if schooling, ok := state.Year(c.Year).Schooling(); ok {
		on.UAI, on.Division = schooling.UAI, access.Division{Year: c.Year, Name: schooling.Division}
	}
	grant, err := access.Allow(actor, c.Act, on, i.Today())
	if err != nil {
		return false, err
	}
	command, err := i.closing(ctx, on, seen, c)
	if err != nil {
		return false, err
	}
	result, err := ledger.Execute(ctx, i.Ledger, ledger.Order{ID: order, Grant: grant}, record.Decider, livret, command)
	return len(result.Events) > 0 && !result.Replay, err
}

func (i *Instance) closing(ctx context.Context, on access.Target, seen uint64, c Closing) (domain.Command[*record.State], error) {
	switch c.Act {
	case access.LockPeriod:
		return record.LockPeriod{Year: c.Year, Period: c.Period}, nil
	case access.GiveHeadVisa:
		return record.GiveHeadVisa{Year: c.Year, Seen: seen}, nil
	}
	exam, err := i.ExamOf(ctx, on)
	return record.UnlockPeriod{Year: c.Year, Period: c.Period, Reason: c.Reason, Transmitted: exam.Transmitted}, err
}
