package instance

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"livret/domain/access"
	"livret/domain/identity"
	"livret/domain/nomenclature"
	"livret/domain/record"
	"livret/domain/retention"
	"livret/eventstore/keyvault"
	"livret/eventstore/ledger"
	"livret/eventstore/ledger/intake"
	"livret/projections"
	"livret/projections/family"
)

// Target is a livret as package access needs to know it: where the pupil is, whose child he is, what he
// prepares. A livret that does not exist is a target that opens nothing to anybody who is asked for more than
// his role, so a stranger learns nothing from the difference.
func (i *Instance) Target(ctx context.Context, livret uuid.UUID) (access.Target, error) {
	on := access.Target{Livret: livret, Academie: i.Settings.Academie}
	clock, err := i.Clock(ctx, livret)
	if err != nil {
		return on, err
	}
	on.ActiveUntil, on.Term = clock.Active, clock.Term
	state, _, err := ledger.Load(ctx, i.Ledger, record.Decider, livret)
	if err != nil {
		return on, err
	}
	pupil, _, err := ledger.Load(ctx, i.Ledger, identity.PupilDecider, livret)
	if err != nil {
		return on, err
	}
	on.Session, on.Refused, on.Restricted = state.Session, state.Rights.OnlineRefused, state.Restricted()
	if s, ok := state.Latest(); ok {
		on.UAI, on.Division = s.UAI, access.Division{Year: s.Year, Name: s.Division}
	}
	if on.Declined, err = i.declined(ctx, on.UAI); err != nil {
		return on, err
	}
	on.Birth = pupil.Birth()
	for _, g := range pupil.Guardians {
		on.Guardians = append(on.Guardians, access.Guardian{PersonID: g.PersonID, Legal: g.Legal})
	}
	return on, nil
}

// Clock is the clock of a livret, zero as long as none runs. It needs no key.
func (i *Instance) Clock(ctx context.Context, livret uuid.UUID) (retention.Clock, error) {
	state, _, err := ledger.Load(ctx, i.Ledger, retention.Decider, livret)
	if err != nil {
		return retention.Clock{}, err
	}
	clock, _ := state.Clock(retention.Livret)
	return clock, nil
}

// ShowFamily is a livret, for an actor who may see it.
func (i *Instance) ShowFamily(ctx context.Context, actor access.Actor, livret uuid.UUID) (family.Livret, error) {
	on, err := i.Target(ctx, livret)
	if err != nil {
		return family.Livret{}, err
	}
	if err := access.May(actor, access.ReadFamilyView, on, i.Today()); err != nil {
		return family.Livret{}, err
	}
	shown, err := i.Family.Show(ctx, livret)
	return shown, notFound(err)
}

// gone tells an error that says a person is no longer readable here, lawfully.
func gone(err error) bool {
	return errors.Is(err, keyvault.ErrShredded) || errors.Is(err, keyvault.ErrArchived)
}

func notFound(err error) error {
	if errors.Is(err, projections.ErrNotFound) {
		return ErrNotFound
	}
	return err
}

// FindPupil finds the livret that a pupil of a school fills in a school year, by his SIECLE number there. Who repeats
// the première has two that could be: the one that knows him that year is meant.
func (i *Instance) FindPupil(ctx context.Context, school nomenclature.UAI, siecle uint64, year nomenclature.SchoolYear) (uuid.UUID, error) {
	var other uuid.UUID // forgotten, archived, or of his other première: still his
	for _, session := range []nomenclature.SchoolYear{year + 1, year + 2} {
		livret, err := i.vault.Lookup(ctx, intake.ClaimLivret, intake.LivretClaim(school, siecle, session)...)
		if errors.Is(err, keyvault.ErrUnknown) {
			continue
		}
		if err != nil {
			return livret, err
		}
		if state, _, err := ledger.Load(ctx, i.Ledger, record.Decider, livret); err == nil {
			if _, knows := state.Year(year).Schooling(); knows {
				return livret, nil
			}
		}
		if other == uuid.Nil {
			other = livret
		}
	}
	if other == uuid.Nil {
		return other, ErrNotFound
	}
	return other, nil
}

// Pupils lists a school's, or one division's, for an actor who may.
func (i *Instance) Pupils(ctx context.Context, actor access.Actor, year nomenclature.SchoolYear, division string) ([]family.Entry, error) {
	on := access.Target{UAI: actor.UAI, Academie: i.Settings.Academie, Division: access.Division{Year: year, Name: division}}
	if err := access.May(actor, access.ListPupils, on, i.Today()); err != nil {
		return nil, err
	}
	all, err := i.Family.Pupils(ctx, actor.UAI, year, division)
	if err != nil {
		return nil, err
	}
	open := all[:0]
	for _, e := range all {
		clock, err := i.Clock(ctx, e.Livret)
		if err != nil {
			return nil, err
		}
		if clock.Active.IsZero() || i.Today().Before(clock.Active) {
			open = append(open, e) // the others are no longer of active service
		}
	}
	return open, nil
}
