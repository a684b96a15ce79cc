package instance

import (
	"cmp"
	"context"
	"reflect"
	"slices"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/retention"
	"livret/eventstore/ledger"
)

// Due is a livret on its way to its end.
type Due struct {
	Livret   uuid.UUID          `json:"livret"`
	Standing retention.Standing `json:"standing"`
	Session  string             `json:"session,omitempty"`
	Active   domain.Date        `json:"active_until,omitzero"`
	Term     domain.Date        `json:"term,omitzero"`
	Holds    []uuid.UUID        `json:"holds,omitempty"`
	Presumed bool               `json:"presumed,omitempty"` // no proclamation is known: this project's decision
	Visa     string             `json:"visa,omitempty"`
}

// Docket is what comes due by a day, and what is in its way.
type Docket struct {
	On         domain.Date                `json:"on"`
	Counts     map[retention.Standing]int `json:"counts"`  // of livrets
	Livrets    []Due                      `json:"livrets"` // those that a person may have to do something about
	Unreadable []uuid.UUID                `json:"unreadable,omitempty"`
}

// Due lists the livrets of which the term is reached on a day, or that have no clock, for an actor who may read it.
func (i *Instance) Due(ctx context.Context, actor access.Actor, on domain.Date) (Docket, error) {
	read, err := i.docket(ctx, actor)
	if err != nil {
		return Docket{}, err
	}
	d := Docket{On: on, Counts: make(map[retention.Standing]int), Livrets: []Due{}, Unreadable: read.Unreadable}
	for livret, state := range read.Owners {
		due := dueOf(livret, state, on, read.Decided.Authorised())
		if due.Standing == retention.NotALivret {
			continue
		}
		d.Counts[due.Standing]++
		if due.Standing != retention.Current && due.Standing != retention.Archived && due.Standing != retention.Gone {
			d.Livrets = append(d.Livrets, due)
		}
	}
	slices.SortFunc(d.Livrets, func(a, b Due) int {
		return cmp.Or(a.Term.Compare(b.Term), cmp.Compare(a.Standing, b.Standing), slices.Compare(a.Livret[:], b.Livret[:]))
	})
	return d, nil
}

func dueOf(livret uuid.UUID, state *retention.State, on domain.Date, by retention.Authorised) Due {
	due := Due{Livret: livret, Standing: state.Standing(on, by), Holds: state.Holds(), Visa: state.VisaFor(state.Kind(), by)}
	if clock, started := state.Clock(state.Kind()); started {
		due.Session, due.Active, due.Term, due.Presumed = clock.Session, clock.Active, clock.Term, clock.Presumed
	}
	return due
}

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
	eraser := ledger.Eraser{Ledger: i.Ledger, Log: i.store, Keys: i.vault, Views: i.Views, Guard: guard}
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

// Certificate is what was destroyed with a lot, as it was certified.
type Certificate struct {
	Lot uuid.UUID `json:"lot"`
	retention.CertificateIssued
	Holds bool `json:"holds"` // the same is found again in the retention streams of the livrets
}

// Certificates are those of all lots, the oldest first, for an actor who may read them.
func (i *Instance) Certificates(ctx context.Context, actor access.Actor) ([]Certificate, error) {
	docket, err := i.docket(ctx, actor)
	if err != nil {
		return nil, err
	}
	all := []Certificate{}
	for lot, issued := range docket.Lots {
		again, complete := docket.Certificate(lot, issued.Dated)
		all = append(all, Certificate{lot, *issued, complete && reflect.DeepEqual(retention.CertificateIssued(again), *issued)})
	}
	slices.SortFunc(all, func(a, b Certificate) int {
		return cmp.Or(a.Dated.Compare(b.Dated), slices.Compare(a.Lot[:], b.Lot[:]))
	})
	return all, nil
}

// ProofOf is how a livret ended: the proofs of the destruction of its keys, none if it did not.
func (i *Instance) ProofOf(ctx context.Context, livret uuid.UUID) ([]retention.KeysDestroyed, error) {
	state, _, err := ledger.Load(ctx, i.Ledger, retention.Decider, livret)
	return state.Destroyed(), err
}
