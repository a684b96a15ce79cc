package ledger

import (
	"context"

	"github.com/google/uuid"

	"livret/domain/access"
	"livret/domain/deliberation"
	"livret/domain/record"
)

// Notices tells the juries of a livret that it was rectified: what they examined and signed before counts no more
// (RGPD, art. 19). A jury that was not given the livret is told nothing.
type Notices struct{}

// Name is that of the reaction.
func (Notices) Name() string { return "reaction.notices.v1" }

// Categories are those of livrets.
func (Notices) Categories() []string { return []string{record.Category} }

// Types is the only one that something follows from.
func (Notices) Types() []string { return []string{record.RectificationGranted{}.EventType()} }

// React notifies the rectifications granted among the facts.
func (Notices) React(ctx context.Context, l *Ledger, facts []Fact) error {
	for _, fact := range facts {
		granted, ok := fact.Event.(record.RectificationGranted)
		if !ok {
			continue
		}
		livret, ok := fact.Envelope.Stream.UUID()
		if !ok {
			continue
		}
		notice := deliberation.NotifyRectification{RecordVersion: uint64(fact.Sequence), Rectification: granted.Rectification}
		if err := l.notify(ctx, livret, notice); err != nil && !beyond(err) {
			return err
		}
	}
	return nil
}

func (l *Ledger) notify(ctx context.Context, livret uuid.UUID, notice deliberation.NotifyRectification) error {
	grant, err := l.itself(access.NotifyJury)
	if err != nil {
		return err
	}
	state, _, err := Load(ctx, l, record.Decider, livret)
	if err != nil {
		return err
	}
	for _, round := range deliberation.Rounds() {
		id, known, err := l.Candidate(ctx, livret, deliberation.ExamSession{Year: state.Session, Round: round})
		if err != nil {
			return err
		}
		if known.Livret == uuid.Nil {
			continue
		}
		order := Order{ID: uuid.New(), Grant: grant, Owner: livret, Quiet: true}
		if _, err := Execute(ctx, l, order, deliberation.CandidateDecider, id, notice); err != nil {
			return err
		}
	}
	return nil
}
