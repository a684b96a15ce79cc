package ledger

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/retention"
	"livret/eventstore"
	"livret/eventstore/keyvault"
)

// Eraser destroys the keys of livrets of which nothing is missing any more: term, no hold, visa.
//
// Each livret goes through these steps, and all those of a run take each step together:
//
//  1. DestructionRequested in its retention stream, at the exact version that was decided on. A hold still cancels it.
//  2. DestructionBegun, likewise: from here on it can only be finished, and a hold is refused.
//  3. The keys are fenced: nobody opens them any more. Orders that hold one open are waited for.
//  4. The wrapped keys are destroyed, and the vault's files wiped of them.
//  5. The sealed bytes are taken out of the log, and the rows out of the views.
//  6. The log is read once more: nothing under these keys has bytes. Then KeysDestroyed is appended.
//  7. The lot gets its certificate, computed from what is recorded.
//
// Each step may be repeated. Killed anywhere, the next run finds in the retention streams what was begun, and
// finishes it before anything else.
type Eraser struct {
	Ledger *Ledger
	Log    Purger           // the store of the ledger; nil: it deletes nothing, and the end of a key is all that can be done
	Keys   keyvault.Custody // the vault of the ledger
	Views  interface {
		Purge(ctx context.Context, keys ...uuid.UUID) error
	}
	Guard func(owner uuid.UUID, state *retention.State) error // its refusal spares who is due; nil: there is none
}

// Purger takes the sealed bytes of keys that were destroyed out of a store, and tells of how many events.
type Purger interface {
	Purge(ctx context.Context, keys ...uuid.UUID) (int, error)
}

// Erased is what a run did.
type Erased struct {
	Lots    []uuid.UUID `json:"lots"` // certified by this run; never nil
	Livrets int         `json:"livrets"`
	Keys    int         `json:"keys"`
	Events  int         `json:"events"` // of which header, commitment and digest remain
	Left    []Left      `json:"left"`   // never nil
}

const (
	erasers     = 64     // orders given at the same time
	movedAtOnce = 10_000 // keys of one commit of the vault
	purgeRounds = 5      // the log is purged again as long as it is found to hold something
)

// ErrResidue says that the log goes on to hold bytes under keys that are destroyed.
var ErrResidue = errors.New("ledger: sealed bytes remain under destroyed keys")

// Run finishes what was begun, then destroys what is due on a day, which must have come.
func (e *Eraser) Run(ctx context.Context, grant access.Grant, on domain.Date) (Erased, error) {
	r := erasure{Eraser: e, grant: grant, done: Erased{Lots: []uuid.UUID{}, Left: []Left{}}}
	if on.IsZero() || e.Ledger.Today().Before(on) {
		return r.done, domain.Refuse("destruction-anticipee", "Rien n’est détruit avant son échéance\u00a0: ce jour n’est pas encore venu.", "Choisissez la date du jour, ou une date passée.")
	}
	docket, err := e.Ledger.Docket(ctx)
	if err == nil {
		err = r.destroy(ctx, docket, on)
	}
	if err == nil {
		err = r.certify(ctx)
	}
	return r.done, err
}

// erasure is one run.
type erasure struct {
	*Eraser
	grant  access.Grant
	doomed []*doomed
	done   Erased
}

// doomed is a livret on its way.
type doomed struct {
	livret  uuid.UUID
	lot     uuid.UUID
	state   *retention.State // nil once its destruction is requested
	ids     []uuid.UUID      // of the keys recorded
	orphans []uuid.UUID      // of keys that were not
	left    *Left
}

func (r *erasure) destroy(ctx context.Context, docket Docket, on domain.Date) error {
	lot, by := uuid.New(), docket.Decided.Authorised()
	for livret, state := range docket.Owners {
		if request, _, under := state.Requested(); under {
			r.doomed = append(r.doomed, &doomed{livret: livret, lot: request.Lot})
		} else if state.Standing(on, by) == retention.Ready {
			r.doomed = append(r.doomed, &doomed{livret: livret, lot: lot, state: state})
		}
	}
	steps := []func(context.Context) error{
		func(ctx context.Context) error {
			return r.each(ctx, func(ctx context.Context, d *doomed) error {
				if d.state != nil && r.Guard != nil {
					if err := r.Guard(d.livret, d.state); err != nil {
						return err
					}
				}
				return r.order(ctx, d.livret, retention.RequestDestruction{Lot: d.lot, On: on, Authorised: by})
			})
		},
		func(ctx context.Context) error {
			return r.each(ctx, func(ctx context.Context, d *doomed) error {
				return r.order(ctx, d.livret, retention.BeginDestruction{Lot: d.lot})
			})
		},
		r.find, r.fence, r.shred, r.purge, r.record,
	}
	for _, step := range steps {
		if len(r.doomed) == 0 {
			return nil
		}
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// each does something for every livret, several at a time. One that is refused is left, and the others go on.
func (r *erasure) each(ctx context.Context, do func(context.Context, *doomed) error) error {
	orders, ctx := errgroup.WithContext(ctx)
	orders.SetLimit(erasers)
	for _, d := range r.doomed {
		orders.Go(func() error {
			err := do(ctx, d)
			if refusal, refused := errors.AsType[*domain.Refusal](err); refused {
				left := left(d.livret, refusal)
				d.left = &left
				return nil
			}
			return err
		})
	}
	err := orders.Wait()
	r.doomed = slices.DeleteFunc(r.doomed, func(d *doomed) bool {
		if d.left != nil {
			r.done.Left = append(r.done.Left, *d.left)
		}
		return d.left != nil
	})
	return err
}

func (r *erasure) order(ctx context.Context, livret uuid.UUID, command domain.Command[*retention.State]) error {
	_, err := Execute(ctx, r.Ledger, Order{ID: uuid.New(), Grant: r.grant, Quiet: true}, retention.Decider, livret, command)
	return err
}

// classes are those of the keys that a clock may end.
var classes = []keyvault.Class{keyvault.Identity, keyvault.Record, keyvault.Candidate, keyvault.Consultation, keyvault.Sanction, keyvault.Subject, keyvault.SchoolSanction, keyvault.Hold, keyvault.Request}

// find finds the keys that were recorded in the vault. Rows of the same owner whose birth was never recorded are
// forgotten: none is recorded any more, so nothing was ever sealed under them.
func (r *erasure) find(ctx context.Context) error {
	err := r.each(ctx, func(ctx context.Context, d *doomed) error {
		state, _, err := Load(ctx, r.Ledger, retention.Decider, d.livret)
		if err != nil {
			return err
		}
		request, _, _ := state.Requested()
		found := make(map[retention.Key]uuid.UUID)
		for _, class := range classes {
			info, err := r.Ledger.vault.Find(ctx, d.livret, class)
			switch {
			case errors.Is(err, keyvault.ErrUnknown):
			case err != nil:
				return err
			case !state.HasKey(string(class)) && info.State == keyvault.Active:
				d.orphans = append(d.orphans, info.ID)
			default:
				found[retention.Key{Class: string(class), Fingerprint: fmt.Sprintf("%x", info.Fingerprint)}] = info.ID
			}
		}
		for _, key := range request.Keys {
			id, ok := found[key]
			if !ok {
				return domain.Refuse("cle-introuvable", "Une clé à détruire n’est pas dans le coffre, ou n’y est pas celle qui a été enregistrée : sa destruction ne peut être attestée.",
					"Vérifiez le registre par « livret check » : le coffre peut être celui d’une autre sauvegarde.")
			}
			d.ids = append(d.ids, id)
		}
		return nil
	})
	var orphans []uuid.UUID
	for _, d := range r.doomed {
		orphans = append(orphans, d.orphans...)
	}
	if err != nil || len(orphans) == 0 {
		return err
	}
	return r.Ledger.vault.Forget(ctx, orphans...)
}

func missingKey() error {
	return domain.Refuse("cle-introuvable", "Une clé n’est pas dans le coffre, ou n’y est pas celle qui a été enregistrée : ce qu’elle devient ne peut être attesté.",
		"Vérifiez le registre par « livret check » : le coffre peut être celui d’une autre sauvegarde.")
}

// ids are the keys of all livrets.
func (r *erasure) ids() []uuid.UUID {
	var all []uuid.UUID
	for _, d := range r.doomed {
		all = append(all, d.ids...)
	}
	return all
}

// fence takes the keys out of everybody's reach, and waits for those who hold one.
func (r *erasure) fence(ctx context.Context) error {
	if err := r.move(ctx, keyvault.Held, keyvault.Archived); err != nil { // no hold stands any more
		return err
	}
	for _, from := range []keyvault.State{keyvault.Active, keyvault.Archived} {
		if err := r.move(ctx, from, keyvault.Fenced); err != nil {
			return err
		}
	}
	return r.Ledger.orders.drain(ctx)
}

// shred destroys the wrapped keys.
func (r *erasure) shred(ctx context.Context) error {
	return r.move(ctx, keyvault.Fenced, keyvault.Shredded)
}

// move moves those of the keys that are in a state.
func (r *erasure) move(ctx context.Context, from, to keyvault.State) error {
	var there []uuid.UUID
	for _, id := range r.ids() {
		info, err := r.Ledger.vault.Info(ctx, id)
		if err != nil {
			return err
		}
		if info.State == from {
			there = append(there, id)
		}
	}
	for some := range slices.Chunk(there, movedAtOnce) {
		if err := r.Keys.SetStates(ctx, from, to, some...); err != nil {
			return err
		}
	}
	return nil
}

// purge takes what was sealed under the keys out of log and views.
func (r *erasure) purge(ctx context.Context) error {
	if r.Log != nil {
		if _, err := r.Log.Purge(ctx, r.ids()...); err != nil {
			return err
		}
	}
	return r.Views.Purge(ctx, r.ids()...)
}

// record appends the proofs, once it has seen that nothing is left.
func (r *erasure) record(ctx context.Context) error {
	sealed, err := r.sealed(ctx)
	if err != nil {
		return err
	}
	err = r.each(ctx, func(ctx context.Context, d *doomed) error {
		events := 0
		for _, id := range d.ids {
			events += sealed[id]
		}
		return r.order(ctx, d.livret, retention.RecordDestruction{Lot: d.lot, Events: events})
	})
	if err != nil {
		return err
	}
	for _, d := range r.doomed {
		r.done.Livrets++
		r.done.Keys += len(d.ids)
		for _, id := range d.ids {
			r.done.Events += sealed[id]
		}
	}
	return nil
}

// sealed counts the events under each key. It fails with ErrResidue if one has bytes that will not go: an append
// whose caller had given up when the keys were fenced may come in once more, and never again.
func (r *erasure) sealed(ctx context.Context) (map[uuid.UUID]int, error) {
	ids := r.ids()
	for range purgeRounds {
		counts, residue := make(map[uuid.UUID]int, len(ids)), false
		for _, id := range ids {
			counts[id] = 0
		}
		for e, err := range r.Ledger.store.Read(ctx, eventstore.Position{}) {
			if err != nil {
				return nil, err
			}
			if n, ours := counts[e.Key]; ours {
				counts[e.Key] = n + 1
				residue = residue || e.Sealed != nil
			}
		}
		if !residue || r.Log == nil {
			return counts, nil
		}
		if _, err := r.Log.Purge(ctx, ids...); err != nil {
			return nil, err
		}
	}
	return nil, ErrResidue
}

// certify gives its certificate to each lot of which all destructions are done.
func (r *erasure) certify(ctx context.Context) error {
	docket, err := r.Ledger.Docket(ctx)
	if err != nil {
		return err
	}
	for _, lot := range docket.uncertified() {
		certificate, complete := docket.Certificate(lot, r.Ledger.Today())
		if !complete {
			continue
		}
		if _, err := Execute(ctx, r.Ledger, Order{ID: uuid.New(), Grant: r.grant, Quiet: true}, retention.LotDecider, lot, certificate); err != nil {
			return err
		}
		r.done.Lots = append(r.done.Lots, lot)
	}
	return nil
}
