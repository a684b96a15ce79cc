package instance

import (
	"cmp"
	"context"
	"slices"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/deliberation"
	"livret/domain/nomenclature"
	"livret/eventstore/ledger"
	"livret/projections/statistics"
)

// Publish computes the next statistics of a session, withholds what would point at too few pupils, now or by
// comparison with what was published before, and freezes them into the ledger. A publication that says the
// same as the last one is not made: the last one is answered.
func (i *Instance) Publish(ctx context.Context, actor access.Actor, session nomenclature.SchoolYear, policy statistics.Policy) (next statistics.Publication, err error) {
	grant, err := access.Allow(actor, access.PublishStatistics, access.Target{Academie: i.Settings.Academie}, i.Today())
	if err != nil {
		return next, err
	}
	earlier, err := i.publications(ctx, session)
	if err != nil {
		return next, err
	}
	sums, err := i.sums(ctx, session)
	if err != nil {
		return next, err
	}
	next, err = statistics.Publish(sums.Sufficient, session, policy, i.Today(), earlier, i.Nomenclature)
	if err != nil {
		return next, err
	}
	if last := len(earlier) - 1; last >= 0 && next.SaysTheSameAs(earlier[last]) {
		return earlier[last], nil
	}
	document, err := next.Document()
	if err != nil {
		return next, err
	}
	command := deliberation.PublishStatistics{Session: session, Number: next.Number, Dated: next.Dated, Document: document}
	_, err = ledger.Execute(ctx, i.Ledger, ledger.Order{ID: uuid.New(), Grant: grant}, deliberation.PublicationDecider, deliberation.PublicationStream(session), command)
	return next, err
}

// thresholdOf is the policy that a session was last published with; the default one if it was not.
func (i *Instance) thresholdOf(ctx context.Context, session nomenclature.SchoolYear) (statistics.Policy, error) {
	published, err := i.publications(ctx, session)
	if last := len(published) - 1; err == nil && last >= 0 {
		return statistics.NewPolicy(published[last].Threshold)
	}
	return statistics.Policy{}, err
}

// ExportStatistics publishes the statistics of a session if anything changed, and answers what this ledger adds to
// those of a country: sums that must not leave it but sealed.
func (i *Instance) ExportStatistics(ctx context.Context, actor access.Actor, session nomenclature.SchoolYear) (statistics.Share, error) {
	share := statistics.Share{Ledger: i.Settings.Ledger, Session: session}
	if err := access.May(actor, access.ExportStatistics, access.Target{Academie: i.Settings.Academie}, i.Today()); err != nil {
		return share, err
	}
	policy, err := i.thresholdOf(ctx, session)
	if err != nil {
		return share, err
	}
	if share.Published, err = i.Publish(ctx, actor, session, policy); err != nil {
		return share, err
	}
	sums, err := i.sums(ctx, session)
	share.Sums = sums.Sufficient
	return share, err
}

// publications are those of a session, oldest first.
func (i *Instance) publications(ctx context.Context, session nomenclature.SchoolYear) ([]statistics.Publication, error) {
	kept, _, err := ledger.Load(ctx, i.Ledger, deliberation.PublicationDecider, deliberation.PublicationStream(session))
	if err != nil {
		return nil, err
	}
	var all []statistics.Publication
	for _, p := range kept {
		read, err := statistics.Read(p.Document)
		if err != nil {
			return nil, err
		}
		all = append(all, read)
	}
	return all, nil
}

// Publications are those of a session, oldest first, for an actor who may read them.
func (i *Instance) Publications(ctx context.Context, actor access.Actor, session nomenclature.SchoolYear) ([]statistics.Publication, error) {
	if err := access.May(actor, access.ReadStatistics, access.Target{Academie: i.Settings.Academie}, i.Today()); err != nil {
		return nil, err
	}
	return i.publications(ctx, session)
}

// Statistics is the publication of a session in force on a day, for an actor who may read it; ErrNotFound
// if none was.
func (i *Instance) Statistics(ctx context.Context, actor access.Actor, session nomenclature.SchoolYear, day domain.Date) (statistics.Publication, error) {
	all, err := i.Publications(ctx, actor, session)
	for _, p := range slices.Backward(all) {
		if !day.Before(p.Dated) {
			return p, nil
		}
	}
	return statistics.Publication{}, cmp.Or(err, ErrNotFound)
}

// Seeded tells whether the ledger holds any livret that has marks: a demonstration whose seeding was
// interrupted has none, or goes on where it stopped.
func (i *Instance) Seeded(ctx context.Context) (bool, error) {
	for c, err := range statistics.Contributions(ctx, i.Views, i.Source.Keys) {
		if err != nil {
			return false, err
		}
		for _, y := range c.Years {
			if len(y.Averages) > 0 {
				return true, nil
			}
		}
	}
	return false, nil
}
