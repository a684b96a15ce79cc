package instance

import (
	"context"

	"github.com/google/uuid"

	"livret/cmd/livret/chronicle"
	"livret/cmd/livret/disclosure"
	"livret/domain/access"
	"livret/domain/deliberation"
	"livret/domain/record"
	"livret/domain/retention"
	"livret/eventstore/ledger"
)

// Disclose gathers all that is held on a pupil for one livret, for an actor who may hand it to him.
func (i *Instance) Disclose(ctx context.Context, actor access.Actor, livret uuid.UUID) (disclosure.Disclosure, error) {
	d := disclosure.Disclosure{Livret: livret, On: i.Today()}
	on, err := i.Target(ctx, livret)
	if err != nil {
		return d, err
	}
	if err := access.May(actor, access.ExportPersonal, on, i.Today()); err != nil {
		return d, err
	}
	if d.Content, err = i.Family.Show(ctx, livret); err != nil {
		return d, notFound(err)
	}
	state, _, err := ledger.Load(ctx, i.Ledger, record.Decider, livret)
	if err != nil {
		return d, err
	}
	d.Rights = state.Rights
	if d.Candidatures, err = i.candidatures(ctx, actor, on); err != nil {
		return d, err
	}
	if d.Sanctions, err = i.Discipline.Held(ctx, livret, i.Today()); err != nil {
		return d, err
	}
	if d.School, err = i.Discipline.School(ctx, livret, i.Today()); err != nil {
		return d, err
	}
	read, err := i.consultations(ctx, livret)
	if err != nil {
		return d, err
	}
	for _, c := range read {
		d.Consultations = append(d.Consultations, disclosure.Consultation{At: c.At, Role: c.RoleLabel, Who: c.Who})
	}
	ends, _, err := ledger.Load(ctx, i.Ledger, retention.Decider, livret)
	if err != nil {
		return d, err
	}
	for _, kept := range []struct {
		rule retention.Rule
		what string
	}{{retention.Livret, "Livret"}, {retention.Consultations, "Journal des consultations"}} {
		if clock, started := ends.Clock(kept.rule); started {
			d.Clocks = append(d.Clocks, disclosure.Clock{What: kept.what, From: clock.From, Term: clock.Term})
		}
	}
	d.Holds = len(ends.Holds())
	d.History, err = chronicle.Of(ctx, i.Ledger, i.Nomenclature, livret)
	return d, err
}

// candidatures are the pupil's before the juries. Results wait for their proclamation; his number is for him, and
// not for his school.
func (i *Instance) candidatures(ctx context.Context, actor access.Actor, on access.Target) ([]disclosure.Candidature, error) {
	candidates, err := i.Ledger.Candidatures(ctx, on.Livret, on.Session)
	if err != nil {
		return nil, err
	}
	var all []disclosure.Candidature
	for _, c := range candidates {
		shown := disclosure.Candidature{Session: c.Session.String(), Transmitted: c.Transmitted != 0}
		if actor.Role != access.ChefEtablissement {
			shown.Number = c.Number
		}
		sitting, _, err := ledger.Load(ctx, i.Ledger, deliberation.SessionDecider, c.Session.Stream())
		if err != nil {
			return nil, err
		}
		if !sitting.Proclaimed.IsZero() {
			for _, r := range c.Past {
				shown.Results = append(shown.Results, r.Result.Label())
			}
			for _, slot := range c.Slots {
				if slot.Result != "" {
					shown.Results = append(shown.Results, slot.Result.Label())
				}
			}
			shown.Orientation = string(c.Orientation)
		}
		all = append(all, shown)
	}
	return all, nil
}
