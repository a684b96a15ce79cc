package instance

import (
	"cmp"
	"context"
	"errors"
	"reflect"
	"slices"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/deliberation"
	"livret/domain/retention"
	"livret/eventstore"
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
		if due.Standing != retention.Current && due.Standing != retention.Archivable && due.Standing != retention.Gone {
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

// Scope is the livrets that an act of retention is about: those named, or those of a session.
type Scope struct {
	Livrets []uuid.UUID
	Session deliberation.ExamSession // with a clock counted from its proclamation, or a candidate in it
}

// Stands is where an act of retention stands, and where it was refused.
type Stands struct {
	Livrets int           `json:"livrets"` // where it stands now
	Changed int           `json:"changed"` // where it did not before
	Left    []ledger.Left `json:"left"`    // never nil
}

// PlaceHold keeps livrets beyond their term, under an id that is drawn for the procedure. It is acknowledged
// when it answers: it stands in every livret that is not in Left. Repeated with the same id, it goes on.
func (i *Instance) PlaceHold(ctx context.Context, actor access.Actor, hold uuid.UUID, of Scope) (Stands, error) {
	return i.retain(ctx, actor, access.PlaceHold, of, retention.PlaceHold{Hold: hold})
}

// ReleaseHold ends a hold wherever it stands.
func (i *Instance) ReleaseHold(ctx context.Context, actor access.Actor, hold uuid.UUID) (Stands, error) {
	docket, err := i.Ledger.Docket(ctx)
	if err != nil {
		return Stands{}, err
	}
	var of Scope
	for livret, state := range docket.Owners {
		if slices.Contains(state.Holds(), hold) {
			of.Livrets = append(of.Livrets, livret)
		}
	}
	return i.retain(ctx, actor, access.ReleaseHold, of, retention.ReleaseHold{Hold: hold})
}

// GiveVisa records the elimination visa of a session, in each livret that it covers now.
func (i *Instance) GiveVisa(ctx context.Context, actor access.Actor, reference string, session deliberation.ExamSession) (Stands, error) {
	visa := retention.GiveEliminationVisa{Reference: reference, Session: session.String()}
	docket, err := i.Ledger.Docket(ctx)
	if err != nil {
		return Stands{}, err
	}
	var of Scope
	for livret, state := range docket.Owners {
		clock, started := state.Clock(retention.Livret)
		if standing := state.Standing(i.Today(), nil); started && clock.Session == visa.Session && standing != retention.Gone && standing != retention.Begun {
			of.Livrets = append(of.Livrets, livret)
		}
	}
	return i.retain(ctx, actor, access.GiveEliminationVisa, of, visa)
}

// retain gives one order to the retention streams of many livrets.
func (i *Instance) retain(ctx context.Context, actor access.Actor, act access.Act, of Scope, command domain.Command[*retention.State]) (Stands, error) {
	stands := Stands{Left: []ledger.Left{}}
	grant, err := access.Allow(actor, act, access.Target{Academie: i.Settings.Academie}, i.Today())
	if err != nil {
		return stands, err
	}
	if of.Session.Year != 0 {
		if of.Livrets, err = i.Ledger.Candidates(ctx, of.Session); err != nil {
			return stands, err
		}
	}
	if len(of.Livrets) == 0 {
		return stands, ErrNotFound
	}
	for _, livret := range of.Livrets {
		result, err := ledger.Execute(ctx, i.Ledger, ledger.Order{ID: uuid.New(), Grant: grant, Quiet: true}, retention.Decider, livret, command)
		refusal, refused := errors.AsType[*domain.Refusal](err)
		switch {
		case refused:
			stands.Left = append(stands.Left, ledger.Left{Livret: livret, Rule: refusal.Rule, Reason: refusal.Reason, Remedy: refusal.Remedy})
			continue
		case err != nil:
			return stands, err
		case len(result.Events) > 0:
			stands.Changed++
		}
		stands.Livrets++
	}
	return stands, nil
}

// Erase destroys what is due on a day, after what an earlier run left unfinished. What the livrets beyond their
// active service add to the statistics is frozen first; a livret of which it is not is spared.
func (i *Instance) Erase(ctx context.Context, actor access.Actor, on domain.Date) (ledger.Erased, error) {
	grant, err := access.Allow(actor, access.DestroyKeys, access.Target{Academie: i.Settings.Academie}, i.Today())
	if err != nil {
		return ledger.Erased{}, err
	}
	if err := i.CatchUp(ctx); err != nil { // a proclamation that was recorded before a crash has started its clocks
		return ledger.Erased{}, err
	}
	if err := i.freezeLeaving(ctx); err != nil {
		return ledger.Erased{}, err
	}
	guard, err := i.onlyFrozen(ctx)
	if err != nil {
		return ledger.Erased{}, err
	}
	eraser := ledger.Eraser{Ledger: i.Ledger, Log: i.store, Keys: i.vault, Views: i.Views, Guard: guard}
	erased, err := eraser.Run(ctx, grant, on)
	if err != nil {
		return erased, err
	}
	return erased, i.CatchUp(ctx)
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

// purged is a log from which sealed bytes can be taken out.
type purged interface {
	eventstore.Store
	Purge(ctx context.Context, keys ...uuid.UUID) (int, error)
}
