package instance

import (
	"context"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/deployment"
	"livret/domain/sanction"
	"livret/eventstore/ledger"
	"livret/projections/discipline"
)

// SchoolSanctionsAct is the legal act under which schools record their disciplinary sanctions, empty if they may not.
func (i *Instance) SchoolSanctionsAct(ctx context.Context) (string, error) {
	state, _, err := ledger.Load(ctx, i.Ledger, deployment.Decider, deployment.Stream(i.Settings.Academie))
	if err != nil {
		return "", err
	}
	return state.Sanctions, nil
}

// EnableSchoolSanctions has schools record theirs from now on, under a legal act. It answers false if it was so.
func (i *Instance) EnableSchoolSanctions(ctx context.Context, actor access.Actor, legalAct string) (bool, error) {
	return i.decideSchoolSanctions(ctx, actor, deployment.EnableSchoolSanctions{LegalAct: legalAct})
}

// RevokeSchoolSanctions ends it: those recorded are due for destruction today.
func (i *Instance) RevokeSchoolSanctions(ctx context.Context, actor access.Actor) (bool, error) {
	return i.decideSchoolSanctions(ctx, actor, deployment.RevokeSchoolSanctions{On: i.Today()})
}

func (i *Instance) decideSchoolSanctions(ctx context.Context, actor access.Actor, c domain.Command[*deployment.State]) (bool, error) {
	grant, err := access.Allow(actor, access.DecideSchoolSanctions, access.Target{Academie: i.Settings.Academie}, i.Today())
	if err != nil {
		return false, err
	}
	result, err := ledger.Execute(ctx, i.Ledger, ledger.Order{ID: uuid.New(), Grant: grant, Quiet: true},
		deployment.Decider, deployment.Stream(i.Settings.Academie), c)
	if err != nil {
		return false, err
	}
	return len(result.Events) > 0, i.CatchUp(ctx)
}

// PronounceSchool records a sanction of a school against the pupil of a livret, under a random id. It answers false
// if it was so already.
func (i *Instance) PronounceSchool(ctx context.Context, actor access.Actor, id uuid.UUID, c sanction.PronounceSchool) (bool, error) {
	on, err := i.Target(ctx, c.Livret)
	if err != nil {
		return false, err
	}
	if c.LegalAct, err = i.SchoolSanctionsAct(ctx); err != nil {
		return false, err
	}
	c.Session, c.Today = on.Session, i.Today()
	return i.onSchoolSanction(ctx, actor, id, on, c)
}

// LiftSchool takes a sanction of a school out of a livret before its day.
func (i *Instance) LiftSchool(ctx context.Context, actor access.Actor, id uuid.UUID, on domain.Date) (bool, error) {
	state, _, err := ledger.Load(ctx, i.Ledger, sanction.SchoolDecider, id)
	if err != nil {
		return false, err
	}
	livret, err := i.Target(ctx, state.Livret)
	if err != nil {
		return false, err
	}
	act, err := i.SchoolSanctionsAct(ctx)
	if err != nil {
		return false, err
	}
	return i.onSchoolSanction(ctx, actor, id, livret, sanction.LiftSchool{LegalAct: act, On: on, Today: i.Today()})
}

func (i *Instance) onSchoolSanction(ctx context.Context, actor access.Actor, id uuid.UUID, on access.Target, c domain.Command[*sanction.SchoolSanction]) (bool, error) {
	on.Livret = uuid.Nil // the order is given to the sanction's own stream
	grant, err := access.Allow(actor, access.RecordSchoolSanction, on, i.Today())
	if err != nil {
		return false, err
	}
	result, err := ledger.Execute(ctx, i.Ledger, ledger.Order{ID: uuid.New(), Grant: grant, Quiet: true}, sanction.SchoolDecider, id, c)
	if err != nil {
		return false, err
	}
	return len(result.Events) > 0, i.CatchUp(ctx)
}

// SchoolSanctionsOf is those of a livret, for an actor who may read it; none while no act allows them.
func (i *Instance) SchoolSanctionsOf(ctx context.Context, actor access.Actor, livret uuid.UUID) ([]discipline.SchoolEntry, error) {
	on, err := i.Target(ctx, livret)
	if err != nil {
		return nil, err
	}
	if err := access.May(actor, access.ReadFamilyView, on, i.Today()); err != nil {
		return nil, err
	}
	if act, err := i.SchoolSanctionsAct(ctx); err != nil || act == "" {
		return nil, err
	}
	return i.Discipline.School(ctx, livret, i.Today())
}
