package instance

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/retention"
	"livret/eventstore/keyvault"
	"livret/eventstore/ledger"
)

// PlaceHold keeps livrets beyond their term, under an id that is drawn for the procedure. It is acknowledged
// when it answers: it stands in every livret that is not in Left. Repeated with the same id, it goes on.
func (i *Instance) PlaceHold(ctx context.Context, actor access.Actor, hold uuid.UUID, open retention.OpenHold) (ledger.Stands, error) {
	grant, err := access.Allow(actor, access.PlaceHold, access.Target{Academie: i.Settings.Academie}, i.Today())
	if err != nil {
		return ledger.Stands{}, err
	}
	if err := i.CatchUp(ctx); err != nil { // candidates and juries that were told of are noted
		return ledger.Stands{}, err
	}
	return found(i.Ledger.Hold(ctx, grant, hold, open))
}

// ReleaseHold ends a hold wherever it stands.
func (i *Instance) ReleaseHold(ctx context.Context, actor access.Actor, hold uuid.UUID) (ledger.Stands, error) {
	grant, err := access.Allow(actor, access.ReleaseHold, access.Target{Academie: i.Settings.Academie}, i.Today())
	if err != nil {
		return ledger.Stands{}, err
	}
	return i.Ledger.Release(ctx, grant, hold)
}

// found answers ErrNotFound for what concerned no livret at all.
func found(stands ledger.Stands, err error) (ledger.Stands, error) {
	if err == nil && stands.Livrets == 0 && len(stands.Left) == 0 {
		err = ErrNotFound
	}
	return stands, err
}

// HoldStanding is where a hold is on its way.
type HoldStanding string

// The standings of a hold.
const (
	HoldIncomplete HoldStanding = "incomplet" // interrupted: the next pass completes it
	HoldStands     HoldStanding = "pose"
	HoldLifting    HoldStanding = "levee-incomplete" // interrupted: the next pass completes it
	HoldOver       HoldStanding = "leve"
)

// Hold is a hold, and where it stands.
type Hold struct {
	Hold     uuid.UUID    `json:"hold"`
	Standing HoldStanding `json:"standing"`
	Livrets  int          `json:"livrets"`        // it stands in
	Term     domain.Date  `json:"term,omitzero"`  // of its file, once it is over
	File     *HoldFile    `json:"file,omitempty"` // for who may read it, and as long as it is readable
}

// HoldFile is who asked for a hold, and why.
type HoldFile struct {
	retention.HoldOpened
	Closed domain.Date `json:"closed,omitzero"`
}

// Holds lists the holds, for an actor who may know of them; with what their files say, for one who may read these.
func (i *Instance) Holds(ctx context.Context, actor access.Actor) ([]Hold, error) {
	docket, err := i.docket(ctx, actor)
	if err != nil {
		return nil, err
	}
	readable := access.May(actor, access.ReadHolds, access.Target{Academie: i.Settings.Academie}, i.Today()) == nil
	all := []Hold{}
	for _, id := range docket.Holds() {
		file, _, err := ledger.Load(ctx, i.Ledger, retention.HoldDecider, id)
		unreadable := errors.Is(err, keyvault.ErrArchived) || errors.Is(err, keyvault.ErrShredded) || errors.Is(err, ledger.ErrUnreadable)
		if err != nil && !unreadable {
			return nil, err
		}
		clock, over := docket.Owners[id].Clock(retention.HoldFile)
		hold := Hold{Hold: id, Livrets: len(docket.Under(id)), Term: clock.Term}
		switch {
		case over:
			hold.Standing = HoldOver
		case !unreadable && !file.Closed.IsZero():
			hold.Standing = HoldLifting
		case !unreadable && file.Acknowledged == nil:
			hold.Standing = HoldIncomplete
		default:
			hold.Standing = HoldStands
		}
		if readable && !unreadable {
			hold.File = &HoldFile{file.Opened, file.Closed}
		}
		all = append(all, hold)
	}
	return all, nil
}
