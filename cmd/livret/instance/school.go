package instance

import (
	"context"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/deployment"
	"livret/domain/nomenclature"
	"livret/eventstore/ledger"
)

// OfferService says whether a school of the académie offers families the livret on line, at once. It answers
// false if it was so already.
func (i *Instance) OfferService(ctx context.Context, actor access.Actor, school nomenclature.UAI, offered bool) (bool, error) {
	grant, err := access.Allow(actor, access.OfferService, access.Target{UAI: school, Academie: i.Settings.Academie}, i.Today())
	if err != nil {
		return false, err
	}
	if err := school.Within(i.Settings.Academie, i.Ledger.Now().Year()); err != nil {
		return false, err
	}
	var command domain.Command[deployment.School] = deployment.OfferService{School: school}
	if !offered {
		command = deployment.DeclineService{School: school}
	}
	result, err := ledger.Execute(ctx, i.Ledger, ledger.Order{ID: uuid.New(), Grant: grant, Quiet: true},
		deployment.SchoolDecider, deployment.SchoolStream(school), command)
	return len(result.Events) > 0, err
}

// declined tells whether a school does not offer families the livret on line.
func (i *Instance) declined(ctx context.Context, school nomenclature.UAI) (bool, error) {
	state, _, err := ledger.Load(ctx, i.Ledger, deployment.SchoolDecider, deployment.SchoolStream(school))
	return state.Declined, err
}
