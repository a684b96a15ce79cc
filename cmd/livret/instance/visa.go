package instance

import (
	"context"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/deliberation"
	"livret/domain/retention"
	"livret/eventstore/ledger"
)

// GiveVisa records the elimination visa of a session, in each livret that it covers now.
func (i *Instance) GiveVisa(ctx context.Context, actor access.Actor, reference string, session deliberation.ExamSession) (ledger.Stands, error) {
	of := func(s *retention.State) bool { return ofSession(s, session) }
	return i.retain(ctx, actor, access.GiveEliminationVisa, of, retention.GiveEliminationVisa{Reference: reference, Session: session.String()})
}

// GiveVisaFor records the elimination visa of what a category holds that no proclamation ends and of which the term
// is reached: sanctions, files of holds.
func (i *Instance) GiveVisaFor(ctx context.Context, actor access.Actor, reference string, category retention.Rule) (ledger.Stands, error) {
	of := func(s *retention.State) bool {
		clock, set := s.Clock(category)
		return set && clock.Session == "" && s.Standing(i.Today(), nil) == retention.VisaMissing
	}
	return i.retain(ctx, actor, access.GiveEliminationVisa, of, retention.GiveEliminationVisa{Reference: reference})
}

// DecideVersement has livrets of a session kept for good by the archives: all of them, or those named. Its id is drawn for
// what is handed over together.
func (i *Instance) DecideVersement(ctx context.Context, actor access.Actor, versement retention.DecideVersement, session deliberation.ExamSession, only ...uuid.UUID) (ledger.Stands, error) {
	if len(only) > 0 {
		return i.retainIn(ctx, actor, access.DecideVersement, only, versement)
	}
	return i.retain(ctx, actor, access.DecideVersement, func(s *retention.State) bool { return ofSession(s, session) }, versement)
}

// AcknowledgeVersement records the receipt of the archives, in each livret that was handed over.
func (i *Instance) AcknowledgeVersement(ctx context.Context, actor access.Actor, receipt retention.AcknowledgeVersement) (ledger.Stands, error) {
	of := func(s *retention.State) bool {
		decided, _, is := s.Versement()
		return is && decided.Versement == receipt.Versement
	}
	return i.retain(ctx, actor, access.DecideVersement, of, receipt)
}

// ofSession tells whether a livret that is not being destroyed has its clock from a session.
func ofSession(s *retention.State, session deliberation.ExamSession) bool {
	clock, runs := s.Clock(retention.Livret)
	_, begun, _ := s.Requested()
	return runs && clock.Session == session.String() && !begun && len(s.Destroyed()) == 0
}

// retain gives one order to the retention streams that a condition holds of.
func (i *Instance) retain(ctx context.Context, actor access.Actor, act access.Act, of func(*retention.State) bool, command domain.Command[*retention.State]) (ledger.Stands, error) {
	docket, err := i.Ledger.Docket(ctx)
	if err != nil {
		return ledger.Stands{}, err
	}
	var owners []uuid.UUID
	for owner, state := range docket.Owners {
		if of(state) {
			owners = append(owners, owner)
		}
	}
	return i.retainIn(ctx, actor, act, owners, command)
}

func (i *Instance) retainIn(ctx context.Context, actor access.Actor, act access.Act, owners []uuid.UUID, command domain.Command[*retention.State]) (ledger.Stands, error) {
	grant, err := access.Allow(actor, act, access.Target{Academie: i.Settings.Academie}, i.Today())
	if err != nil {
		return ledger.Stands{}, err
	}
	return found(i.Ledger.Retain(ctx, grant, owners, command))
}

// Authorise records a standing authorisation to eliminate listed categories. It answers false if it was so already.
func (i *Instance) Authorise(ctx context.Context, actor access.Actor, authorisation retention.AuthoriseElimination) (bool, error) {
	return i.conserve(ctx, actor, access.GiveEliminationVisa, authorisation)
}

// Revoke ends a standing authorisation. It answers false if it was so already.
func (i *Instance) Revoke(ctx context.Context, actor access.Actor, reference string) (bool, error) {
	return i.conserve(ctx, actor, access.GiveEliminationVisa, retention.RevokeAuthorisation{Reference: reference})
}

// DecideSanctionHolds records whether holds may keep sanctions. It answers false if it was so already.
func (i *Instance) DecideSanctionHolds(ctx context.Context, actor access.Actor, decision retention.DecideSanctionHolds) (bool, error) {
	return i.conserve(ctx, actor, access.DecideSanctionHolds, decision)
}

// conserve gives an order to the académie's decisions about keeping and eliminating.
func (i *Instance) conserve(ctx context.Context, actor access.Actor, act access.Act, command domain.Command[*retention.Conservation]) (bool, error) {
	grant, err := access.Allow(actor, act, access.Target{Academie: i.Settings.Academie}, i.Today())
	if err != nil {
		return false, err
	}
	result, err := ledger.Execute(ctx, i.Ledger, ledger.Order{ID: uuid.New(), Grant: grant, Quiet: true},
		retention.ConservationDecider, retention.ConservationStream(i.Settings.Academie), command)
	return len(result.Events) > 0, err
}
