package ledger

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/deliberation"
	"livret/domain/retention"
	"livret/eventstore"
)

// Clocks starts the clocks of the livrets whose pupils sat in a session, once its results are proclaimed. A
// pupil who is a candidate of two sessions waits for the last proclamation: his file is not closed before.
type Clocks struct{}

// Name is that of the reaction.
func (Clocks) Name() string { return "reaction.clocks.v1" }

// Categories are those of sessions and of candidates, who may be registered after the proclamation.
func (Clocks) Categories() []string {
	return []string{deliberation.SessionCategory, deliberation.Category}
}

// React starts the clocks that the facts give a reason to start.
func (Clocks) React(ctx context.Context, l *Ledger, facts []Fact) error {
	c := clocks{Ledger: l, proclaimed: make(map[deliberation.ExamSession]domain.Date)}
	reason := false
	for _, fact := range facts {
		switch e := fact.Event.(type) {
		case deliberation.SessionProclaimed:
			reason = true
		case deliberation.CandidateRegistered:
			on, err := c.proclamation(ctx, deliberation.ExamSession{Year: e.Session, Round: e.Round})
			if err != nil {
				return err
			}
			reason = reason || !on.IsZero()
		}
	}
	if !reason {
		return nil
	}
	candidates, err := l.sittings(ctx)
	if err != nil {
		return err
	}
	return c.start(ctx, candidates)
}

// sittings lists the sessions in which each livret has a candidate. Candidates who were forgotten are not in it.
func (l *Ledger) sittings(ctx context.Context) (map[uuid.UUID][]deliberation.ExamSession, error) {
	all := make(map[uuid.UUID][]deliberation.ExamSession)
	for fact, err := range l.Facts(ctx, eventstore.Position{}, deliberation.Category) {
		if err != nil {
			return nil, err
		}
		if e, ok := fact.Event.(deliberation.CandidateRegistered); ok {
			all[e.Livret] = append(all[e.Livret], deliberation.ExamSession{Year: e.Session, Round: e.Round})
		}
	}
	return all, nil
}

// clocks is one reaction under way.
type clocks struct {
	*Ledger
	proclaimed map[deliberation.ExamSession]domain.Date // zero: not yet
}

func (c *clocks) proclamation(ctx context.Context, session deliberation.ExamSession) (domain.Date, error) {
	if on, known := c.proclaimed[session]; known {
		return on, nil
	}
	sitting, _, err := Load(ctx, c.Ledger, deliberation.SessionDecider, session.Stream())
	if err == nil {
		c.proclaimed[session] = sitting.Proclaimed
	}
	return sitting.Proclaimed, err
}

// start starts the clocks of those whose sessions are all proclaimed.
func (c *clocks) start(ctx context.Context, candidates map[uuid.UUID][]deliberation.ExamSession) error {
	grant, err := c.itself(access.StartClock)
	if err != nil {
		return err
	}
	orders := abreast()
	for livret, sessions := range candidates {
		last, err := c.last(ctx, sessions)
		if err != nil {
			return errors.Join(err, orders.Wait())
		}
		if last.Proclaimed.IsZero() {
			continue
		}
		orders.Go(func() error {
			_, err := Execute(ctx, c.Ledger, Order{ID: uuid.New(), Grant: grant, Quiet: true}, retention.Decider, livret, last)
			if beyond(err) {
				return nil // an incident of that livret, which Check describes
			}
			return err
		})
	}
	return orders.Wait()
}

// last is the last of the proclamations, without date as long as one is missing.
func (c *clocks) last(ctx context.Context, sessions []deliberation.ExamSession) (retention.StartClock, error) {
	var last retention.StartClock
	for _, session := range sessions {
		on, err := c.proclamation(ctx, session)
		if err != nil || on.IsZero() {
			return retention.StartClock{}, err
		}
		if last.Proclaimed.Before(on) {
			last = retention.StartClock{Session: session.String(), Proclaimed: on}
		}
	}
	return last, nil
}
