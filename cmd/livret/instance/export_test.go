package instance

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/deliberation"
	"livret/domain/nomenclature"
	"livret/eventstore"
	events "livret/eventstore/embedded"
	keys "livret/eventstore/keyvault/embedded"
	"livret/eventstore/ledger"
	"livret/projections/statistics"
)

// Parts gives the log and the vault to a test that stops what is done with them.
func (i *Instance) Parts() (*events.Store, *keys.Vault) { return i.store.(*events.Store), i.vault }

// FreezeContributions freezes what livrets add to a session.
func (i *Instance) FreezeContributions(ctx context.Context, session nomenclature.SchoolYear, livrets []statistics.Contribution) error {
	grant, err := access.Allow(access.Actor{Actor: domain.Actor{Role: access.Systeme}}, access.FreezeStatistics, access.Target{}, i.Today())
	if err != nil {
		return err
	}
	return i.freezePart(ctx, grant, session, livrets)
}

// FrozenSums are those of a session, of how many livrets, in how many events.
func (i *Instance) FrozenSums(ctx context.Context, session nomenclature.SchoolYear) (statistics.Sufficient, int, int, error) {
	frozen, _, err := ledger.Load(ctx, i.Ledger, deliberation.AggregateDecider, deliberation.PublicationStream(session))
	if err != nil {
		return statistics.Sufficient{}, 0, 0, err
	}
	sums, err := i.sums(ctx, session)
	return sums.Sufficient, frozen.Livrets(), len(frozen.Sums), err
}

// Assemble makes the file of a request once more.
func (i *Instance) Assemble(ctx context.Context, request, livret uuid.UUID) ([]byte, error) {
	made := ArchiveMade{Request: request, Livret: livret}
	err := i.assemble(ctx, i.vault.WithCustody(), &made)
	return made.File, err
}

// Failing has the log fail at the events of a type, after it has taken effect or before.
func (i *Instance) Failing(eventType string, persisted bool) {
	i.watched.Store = failing{i.watched.Store, eventType, persisted}
}

type failing struct {
	eventstore.Store
	eventType string
	persisted bool
}

func (f failing) Append(ctx context.Context, drafts ...eventstore.Envelope) (eventstore.Position, error) {
	if drafts[0].Type != f.eventType {
		return f.Store.Append(ctx, drafts...)
	}
	if f.persisted {
		if _, err := f.Store.Append(ctx, drafts...); err != nil {
			return eventstore.Position{}, err
		}
	}
	return eventstore.Position{}, errors.New("the disk says no")
}
