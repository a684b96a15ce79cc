package instance

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/deliberation"
	"livret/domain/nomenclature"
	"livret/domain/retention"
	"livret/eventstore/keyvault"
	"livret/eventstore/ledger"
	"livret/projections"
	"livret/projections/statistics"
)

// sums are what the tables of a session add up from: what was frozen, and the livrets in active service that
// are not in it.
type sums struct {
	statistics.Sufficient
	Frozen, Living int // livrets
}

func (i *Instance) sums(ctx context.Context, session nomenclature.SchoolYear) (sums, error) {
	var all sums
	frozen, _, err := ledger.Load(ctx, i.Ledger, deliberation.AggregateDecider, deliberation.PublicationStream(session))
	if err != nil {
		return all, err
	}
	all.Frozen = frozen.Livrets()
	for _, part := range frozen.Sums {
		var s statistics.Sufficient
		if err := json.Unmarshal(part, &s); err != nil {
			return all, err
		}
		all.Merge(s)
	}
	for c, err := range statistics.Contributions(ctx, i.Views, i.Source.Keys) {
		if err != nil {
			return all, err
		}
		if c.Session == session && !frozen.Covers(c.Livret) {
			all.Add(c, i.Nomenclature)
			all.Living++
		}
	}
	return all, nil
}

// FreezeStatistics freezes what the livrets whose clock counts from a session's proclamation add to the
// statistics, and publishes the tables that follow. It comes before their keys leave active service, and may
// be repeated: a livret that is frozen stays as it was then, and is never counted again. It answers how many
// were added.
func (i *Instance) FreezeStatistics(ctx context.Context, session deliberation.ExamSession) (int, error) {
	if err := i.CatchUp(ctx); err != nil {
		return 0, err
	}
	docket, err := i.Ledger.Docket(ctx)
	if err != nil {
		return 0, err
	}
	leaving := make(map[uuid.UUID]*retention.State)
	for livret, state := range docket.Owners {
		if clock, started := state.Clock(retention.Livret); started && clock.Session == session.String() {
			leaving[livret] = state
		}
	}
	return i.freeze(ctx, leaving)
}

// freezeLeaving does as FreezeStatistics for all livrets that are beyond their active service.
func (i *Instance) freezeLeaving(ctx context.Context) error {
	docket, err := i.Ledger.Docket(ctx)
	if err != nil {
		return err
	}
	leaving := make(map[uuid.UUID]*retention.State)
	for livret, state := range docket.Owners {
		if clock, started := state.Clock(retention.Livret); started && !i.Today().Before(clock.Active) {
			leaving[livret] = state
		}
	}
	_, err = i.freeze(ctx, leaving)
	return err
}

// freeze folds the view first: a mark that it has not met yet would be lost for ever.
func (i *Instance) freeze(ctx context.Context, leaving map[uuid.UUID]*retention.State) (int, error) {
	if len(leaving) == 0 {
		return 0, nil
	}
	if _, err := projections.Run(ctx, i.Source, i.Views, statistics.Projection()); err != nil {
		return 0, err
	}
	contributions, err := i.contributions(ctx, leaving)
	if err != nil {
		return 0, err
	}
	itself := access.Actor{Actor: domain.Actor{Role: access.Systeme}}
	grant, err := access.Allow(itself, access.FreezeStatistics, access.Target{}, i.Today())
	if err != nil {
		return 0, err
	}
	frozen := 0
	for session, all := range contributions {
		before, _, err := ledger.Load(ctx, i.Ledger, deliberation.AggregateDecider, deliberation.PublicationStream(session))
		if err != nil {
			return frozen, err
		}
		added := slices.DeleteFunc(all, func(c statistics.Contribution) bool { return before.Covers(c.Livret) })
		slices.SortFunc(added, func(a, b statistics.Contribution) int { return bytes.Compare(a.Livret[:], b.Livret[:]) })
		if err := i.freezePart(ctx, grant, session, added); err != nil {
			return frozen, err
		}
		frozen += len(added)
		if err := i.publishFrozen(ctx, itself, session); err != nil {
			return frozen, err
		}
	}
	return frozen, nil
}

// contributions are those of some livrets, by session. A livret that holds nothing contributes nothing; one
// that is destroyed or in custody can not be read, and is left out.
func (i *Instance) contributions(ctx context.Context, leaving map[uuid.UUID]*retention.State) (map[nomenclature.SchoolYear][]statistics.Contribution, error) {
	all := make(map[nomenclature.SchoolYear][]statistics.Contribution)
	read := make(map[uuid.UUID]bool, len(leaving))
	for c, err := range statistics.Contributions(ctx, i.Views, i.Source.Keys) {
		if err != nil {
			return nil, err
		}
		if state, ok := leaving[c.Livret]; ok {
			session := cmp.Or(c.Session, proclaimedIn(state))
			all[session], read[c.Livret] = append(all[session], c), true
		}
	}
	for livret, state := range leaving {
		if read[livret] {
			continue
		}
		info, err := i.vault.Find(ctx, livret, keyvault.Record)
		switch {
		case err == nil && info.State == keyvault.Active:
			session := proclaimedIn(state)
			all[session] = append(all[session], statistics.Contribution{Livret: livret})
		case err != nil && !errors.Is(err, keyvault.ErrUnknown):
			return nil, err
		}
	}
	return all, nil
}

// proclaimedIn is the year of the session that a livret's clock counts from, 0 if it names none.
func proclaimedIn(state *retention.State) nomenclature.SchoolYear {
	clock, _ := state.Clock(retention.Livret)
	year, _, _ := strings.Cut(clock.Session, "-")
	n, _ := strconv.ParseInt(year, 10, 16)
	return nomenclature.SchoolYear(n)
}

// freezePart freezes the sums of some livrets in one event, or in two if they do not fit. Each event stands
// for itself: a run that is interrupted goes on with the livrets that are not covered yet.
func (i *Instance) freezePart(ctx context.Context, grant access.Grant, session nomenclature.SchoolYear, livrets []statistics.Contribution) error {
	if len(livrets) == 0 {
		return nil
	}
	var s statistics.Sufficient
	command := deliberation.FreezeAggregates{Session: session}
	for _, c := range livrets {
		s.Add(c, i.Nomenclature)
		command.Livrets = append(command.Livrets, c.Livret)
	}
	var err error
	if command.Sums, err = json.Marshal(s); err != nil {
		return err
	}
	_, err = ledger.Execute(ctx, i.Ledger, ledger.Order{ID: uuid.New(), Grant: grant, Quiet: true}, deliberation.AggregateDecider, deliberation.PublicationStream(session), command)
	if refusal, refused := errors.AsType[*domain.Refusal](err); refused && refusal.Rule == deliberation.RuleTooMany && len(livrets) > 1 {
		half := len(livrets) / 2
		if err := i.freezePart(ctx, grant, session, livrets[:half]); err != nil {
			return err
		}
		return i.freezePart(ctx, grant, session, livrets[half:])
	}
	return err
}

// publishFrozen publishes what follows from a freeze, under the threshold that was last published with.
func (i *Instance) publishFrozen(ctx context.Context, itself access.Actor, session nomenclature.SchoolYear) error {
	policy, err := i.thresholdOf(ctx, session)
	if err == nil {
		_, err = i.Publish(ctx, itself, session, policy)
	}
	return err
}

// onlyFrozen refuses, by "statistiques-non-figees", to let go of a livret whose contribution to the statistics
// is not frozen: no replay would find it again.
func (i *Instance) onlyFrozen(ctx context.Context) (func(uuid.UUID, *retention.State) error, error) {
	frozen, err := i.Ledger.Counted(ctx)
	return func(livret uuid.UUID, state *retention.State) error {
		if frozen[livret] || !state.HasKey(string(keyvault.Record)) {
			return nil
		}
		return domain.Refuse("statistiques-non-figees", "Ce livret n’est pas compté dans les sommes figées de sa session : sa clé ne peut pas encore quitter le service courant.",
			"Figez les statistiques de la session ; si son contenu est illisible, vérifiez le registre par « livret check ».")
	}, err
}
