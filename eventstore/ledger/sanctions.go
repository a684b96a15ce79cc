package ledger

import (
	"context"

	"github.com/google/uuid"

	"livret/domain/access"
	"livret/domain/identity"
	"livret/domain/record"
	"livret/domain/retention"
	"livret/domain/sanction"
)

// Sanctions does what follows from a decision of the discipline commission: whose it is is kept beside it, as long
// as the livret still says so, and the clock on which both die is set, or moved.
type Sanctions struct{}

// Name is that of the reaction.
func (Sanctions) Name() string { return "reaction.sanctions.v1" }

// Categories are those of sanctions.
func (Sanctions) Categories() []string { return []string{sanction.Category} }

// React looks at each sanction of the facts as it stands now. One that was forgotten, or is damaged, is left.
func (Sanctions) React(ctx context.Context, l *Ledger, facts []Fact) error {
	seen := make(map[uuid.UUID]bool)
	for _, fact := range facts {
		id, ok := fact.Envelope.Stream.UUID()
		if !ok || seen[id] {
			continue
		}
		seen[id] = true
		s, _, err := Load(ctx, l, sanction.Decider, id)
		if err == nil {
			err = l.identify(ctx, id, s)
		}
		if err == nil {
			err = l.limit(ctx, id, s)
		}
		if err != nil && !beyond(err) {
			return err
		}
	}
	return nil
}

// identify keeps who is sanctioned, as his first livret knows him. A livret that can not be read any more has
// been heard of before, or is an incident of its own.
func (l *Ledger) identify(ctx context.Context, id uuid.UUID, s *sanction.Sanction) error {
	known, _, err := Load(ctx, l, identity.SubjectDecider, id)
	if err != nil || known != nil || len(s.Livrets) == 0 {
		return err
	}
	pupil, _, err := Load(ctx, l, identity.PupilDecider, s.Livrets[0])
	if err == nil && !pupil.Recorded() {
		return nil
	}
	var livret *record.State
	if err == nil {
		livret, _, err = Load(ctx, l, record.Decider, s.Livrets[0])
	}
	if beyond(err) {
		return nil
	}
	if err != nil {
		return err
	}
	grant, err := l.itself(access.IdentifySubject)
	if err != nil {
		return err
	}
	_, err = Execute(ctx, l, Order{ID: uuid.New(), Grant: grant, Quiet: true}, identity.SubjectDecider, id, identity.SubjectOf(pupil, livret.Session))
	return err
}

// limit sets the day on which the sanction must be destroyed, once there is one.
func (l *Ledger) limit(ctx context.Context, id uuid.UUID, s *sanction.Sanction) error {
	pronounced, ends, ok := s.Clock()
	if !ok {
		return nil
	}
	grant, err := l.itself(access.StartClock)
	if err != nil {
		return err
	}
	clock := retention.StartSanctionClock{Rule: retention.Sanction, Pronounced: pronounced, Ends: ends}
	_, err = Execute(ctx, l, Order{ID: uuid.New(), Grant: grant, Quiet: true}, retention.Decider, id, clock)
	return err
}
