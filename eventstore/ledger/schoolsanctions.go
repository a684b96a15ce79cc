package ledger

import (
	"context"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/deployment"
	"livret/domain/retention"
	"livret/domain/sanction"
	"livret/eventstore"
)

// SchoolSanctions sets the day on which a school's sanction must be destroyed: the one of its catalogue, that on
// which it was lifted, or that on which the controller took back the decision that allowed to record it.
type SchoolSanctions struct{}

// Name is that of the reaction.
func (SchoolSanctions) Name() string { return "reaction.schoolsanctions.v1" }

// Categories are those of schools' sanctions and of the académie's decisions.
func (SchoolSanctions) Categories() []string {
	return []string{sanction.SchoolCategory, deployment.Category}
}

// React sets the terms that the facts give a reason to set.
func (SchoolSanctions) React(ctx context.Context, l *Ledger, facts []Fact) error {
	for _, fact := range facts {
		var err error
		switch e := fact.Event.(type) {
		case deployment.SchoolSanctionsRevoked:
			err = l.endSchoolSanctions(ctx, fact.Envelope.Position, e.On)
		case sanction.SchoolSanctionPronounced, sanction.SchoolSanctionLifted:
			if id, ok := fact.Envelope.Stream.UUID(); ok {
				err = l.limitSchoolSanction(ctx, id, domain.Date{})
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// endSchoolSanctions ends those recorded before a position on a day.
func (l *Ledger) endSchoolSanctions(ctx context.Context, before eventstore.Position, on domain.Date) error {
	var all []uuid.UUID
	for fact, err := range l.Facts(ctx, eventstore.Position{}, sanction.SchoolCategory) {
		if err != nil {
			return err
		}
		if fact.Envelope.Position.Compare(before) > 0 {
			break
		}
		if _, pronounced := fact.Event.(sanction.SchoolSanctionPronounced); pronounced {
			id, _ := fact.Envelope.Stream.UUID()
			all = append(all, id)
		}
	}
	for _, id := range all {
		if err := l.limitSchoolSanction(ctx, id, on); err != nil {
			return err
		}
	}
	return nil
}

// limitSchoolSanction sets the term of one, at the latest on a day if there is one.
func (l *Ledger) limitSchoolSanction(ctx context.Context, id uuid.UUID, latest domain.Date) error {
	s, _, err := Load(ctx, l, sanction.SchoolDecider, id)
	if beyond(err) {
		return nil // an incident of its own, or forgotten
	}
	if err != nil {
		return err
	}
	ends := s.Term()
	if !latest.IsZero() && latest.Before(ends) {
		ends = latest
	}
	grant, err := l.itself(access.StartClock)
	if err != nil {
		return err
	}
	clock := retention.StartSanctionClock{Rule: retention.SchoolSanction, Pronounced: s.Pronounced, Ends: ends}
	_, err = Execute(ctx, l, Order{ID: uuid.New(), Grant: grant, Quiet: true}, retention.Decider, id, clock)
	return err
}
