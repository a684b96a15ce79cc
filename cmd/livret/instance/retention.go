package instance

import (
	"cmp"
	"context"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/retention"
	"livret/eventstore/ledger"
)

func (i *Instance) docket(ctx context.Context, actor access.Actor) (ledger.Docket, error) {
	if err := access.May(actor, access.ReadRetention, access.Target{Academie: i.Settings.Academie}, i.Today()); err != nil {
		return ledger.Docket{}, err
	}
	return i.Ledger.Docket(ctx)
}

// Passed is what followed from the passing of days, without a person.
type Passed struct {
	Presumed int              `json:"presumed"` // livrets of which the clocks were started without a proclamation
	Held     int              `json:"held"`     // livrets in which a hold or a release was completed
	Archived ledger.Archiving `json:"archived"`
}

// PassDays does what follows from the passing of days: it may be repeated, and does what earlier ones left.
func (i *Instance) PassDays(ctx context.Context) (Passed, error) {
	var passed Passed
	err := i.CatchUp(ctx) // a proclamation that was recorded before a crash has started its clocks
	if err == nil {
		passed.Presumed, err = i.Ledger.Presume(ctx)
	}
	if err == nil {
		passed.Held, err = i.Ledger.SettleHolds(ctx)
	}
	if err == nil {
		passed.Archived, err = i.archive(ctx)
	}
	return passed, err
}

// archive takes the livrets beyond active service into custody, after what they add to the statistics is frozen.
func (i *Instance) archive(ctx context.Context) (ledger.Archiving, error) {
	if err := i.freezeLeaving(ctx); err != nil {
		return ledger.Archiving{}, err
	}
	guard, err := i.lettingGo(ctx)
	if err != nil {
		return ledger.Archiving{}, err
	}
	archiver := ledger.Archiver{Ledger: i.Ledger, Keys: i.vault, Views: i.Views, Guard: guard}
	return archiver.Run(ctx)
}

// lettingGo refuses to let go of a livret that is not in the frozen sums of its session, or of which a fact waits.
func (i *Instance) lettingGo(ctx context.Context) (func(uuid.UUID, *retention.State) error, error) {
	frozen, err := i.onlyFrozen(ctx)
	if err != nil {
		return nil, err
	}
	waits, err := i.nothingWaits(ctx)
	return func(livret uuid.UUID, state *retention.State) error {
		return cmp.Or(frozen(livret, state), waits(livret, state))
	}, err
}

// leaving is the reaction that archives each day what leaves active service.
type leaving struct{ *Instance }

// Name is that of the reaction.
func (leaving) Name() string { return "reaction.leaving.v1" }

// Categories are days, and nothing else.
func (leaving) Categories() []string { return []string{ledger.Days} }

// React does it once for all the days heard.
func (l leaving) React(ctx context.Context, _ *ledger.Ledger, _ []ledger.Fact) error {
	_, err := l.archive(ctx)
	return err
}

// Ended is what a run did.
type Ended struct {
	Passed
	ledger.Erased
}

// Erase does what follows from the passing of days, then destroys what is due on a day, after what an earlier run
// left unfinished. A livret that may not be let go of is spared.
func (i *Instance) Erase(ctx context.Context, actor access.Actor, on domain.Date) (Ended, error) {
	var ended Ended
	grant, err := access.Allow(actor, access.DestroyKeys, access.Target{Academie: i.Settings.Academie}, i.Today())
	if err != nil {
		return ended, err
	}
	if ended.Passed, err = i.PassDays(ctx); err != nil {
		return ended, err
	}
	guard, err := i.lettingGo(ctx)
	if err != nil {
		return ended, err
	}
	wrapping, err := access.Allow(itself(), access.RotateKeys, access.Target{Academie: i.Settings.Academie}, i.Today())
	if err == nil {
		err = i.recordWrapping(ctx, wrapping) // a certificate is of the epochs that stand on its day
	}
	if err != nil {
		return ended, err
	}
	purges, _ := i.store.(ledger.Purger)
	eraser := ledger.Eraser{Ledger: i.Ledger, Log: purges, Keys: i.vault, Views: i.Views, Guard: guard}
	if ended.Erased, err = eraser.Run(ctx, grant, on); err != nil {
		return ended, err
	}
	if ended.Keys > 0 { // what wrapped them ends with the window, in whatever backup
		if _, err := i.Rotate(ctx, itself()); err != nil {
			return ended, err
		}
	}
	return ended, i.CatchUp(ctx)
}
