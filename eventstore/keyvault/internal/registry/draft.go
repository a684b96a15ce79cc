package registry

import (
	"crypto/rand"
	"fmt"
	"iter"

	"github.com/google/uuid"

	"livret/eventstore/keyvault"
)

// Draw takes 32 bytes from the system's random source.
func Draw() (raw [keyvault.KeySize]byte) {
	rand.Read(raw[:]) // never fails since Go 1.24
	return raw
}

// Draft gathers changes on top of a registry. A method of it that fails leaves it as it was, so calls of
// several callers can share one draft and one durable commit.
type Draft struct {
	Rows   map[uuid.UUID]*Row           // new or changed; nil: deleted
	Claims map[keyvault.Blind]uuid.UUID // new; uuid.Nil: deleted
	Pairs  map[string]*keyvault.Pair    // new; nil: dropped
	Moved  bool                         // a key left its state: the generation changes, files must be wiped

	r      *Registry
	owners holdings // of the new rows and claims
	dead   map[keyvault.Fingerprint]struct{}
}

// Draft begins a draft.
func (r *Registry) Draft() *Draft {
	return &Draft{
		Rows:   make(map[uuid.UUID]*Row),
		Claims: make(map[keyvault.Blind]uuid.UUID),
		Pairs:  make(map[string]*keyvault.Pair),
		r:      r,
		owners: make(holdings),
		dead:   make(map[keyvault.Fingerprint]struct{}),
	}
}

// Empty tells whether the draft changes nothing.
func (d *Draft) Empty() bool { return len(d.Rows) == 0 && len(d.Claims) == 0 && len(d.Pairs) == 0 }

// Destroyed are the fingerprints of the keys that the draft destroys: to be made known before they are.
func (d *Draft) Destroyed() (all []keyvault.Fingerprint) {
	for _, row := range d.Rows {
		if row != nil && row.State == keyvault.Shredded {
			all = append(all, row.Fingerprint)
		}
	}
	return all
}

// Generation is that of the registry once the draft is applied.
func (d *Draft) Generation() uint64 {
	if d.Moved {
		return d.r.generation + 1
	}
	return d.r.generation
}

// Apply shows the changes of a draft to everyone. The draft is durable by now.
func (r *Registry) Apply(d *Draft) {
	r.generation = d.Generation()
	for id, row := range d.Rows {
		if row == nil {
			r.dropRow(id)
			continue
		}
		r.AddRow(*row)
	}
	for claim, owner := range d.Claims {
		r.dropClaim(claim)
		if owner != uuid.Nil {
			r.AddClaim(claim, owner)
		}
	}
	for name, pair := range d.Pairs {
		delete(r.pairs, name)
		if pair != nil {
			r.AddPair(pair)
		}
	}
}

// put takes in a row that left its state.
func (d *Draft) put(row *Row) {
	row.Seal = d.r.secret.SealRow(row.Info, row.KEK, row.Epoch, row.Wrapped)
	d.Rows[row.ID], d.Moved = row, true
}

func (d *Draft) row(key uuid.UUID) *Row {
	if row, ok := d.Rows[key]; ok {
		return row
	}
	return d.r.keys[key]
}

// rows yields what an owner has, old and new.
func (d *Draft) rows(owner uuid.UUID) iter.Seq[*Row] {
	return func(yield func(*Row) bool) {
		for _, all := range []holdings{d.r.owners, d.owners} {
			held, ok := all[owner]
			if !ok {
				continue
			}
			for _, key := range held.keys {
				if row := d.row(key); row != nil && !yield(row) {
					return
				}
			}
		}
	}
}

func (d *Draft) find(b keyvault.Birth) *Row {
	for row := range d.rows(b.Owner) {
		if row.Class == b.Class {
			return row
		}
	}
	return nil
}

// Create makes the keys that do not exist yet.
func (d *Draft) Create(births []keyvault.Birth) ([]keyvault.Info, error) {
	infos := make([]keyvault.Info, len(births))
	born := make(map[keyvault.Birth]*Row)
	for i, b := range births {
		row := d.find(b)
		if row == nil {
			row = born[b]
		}
		if row == nil {
			var err error
			if row, err = d.born(b); err != nil {
				return nil, err
			}
			born[b] = row
		}
		infos[i] = row.Info
	}
	for _, row := range born {
		d.Rows[row.ID] = row
		held := d.owners.of(row.Owner)
		held.keys = append(held.keys, row.ID)
	}
	return infos, nil
}

func (d *Draft) born(b keyvault.Birth) (*Row, error) {
	raw := d.r.draw()
	defer clear(raw[:])
	row := &Row{KEK: d.r.kek.Ref, Epoch: d.r.kek.Epoch, Info: keyvault.Info{
		ID: uuid.New(), Owner: b.Owner, Class: b.Class, State: keyvault.Active,
		Fingerprint: keyvault.FingerprintOf(raw),
	}}
	_, dead := d.r.dead[row.Fingerprint]
	_, dying := d.dead[row.Fingerprint]
	if dead || dying {
		return nil, fmt.Errorf("%w: the random source gave a dead key again", keyvault.ErrShredded)
	}
	row.Wrapped = d.r.kek.Wrap(row.Info, raw)
	row.Seal = d.r.secret.SealRow(row.Info, row.KEK, row.Epoch, row.Wrapped)
	return row, nil
}

// Resolve answers the owner of each claim, and makes the proposed one its owner if it has none.
func (d *Draft) Resolve(claims []keyvault.Claim, blinds []keyvault.Blind) []uuid.UUID {
	owners := make([]uuid.UUID, len(claims))
	for i, blind := range blinds {
		owner := d.owner(blind)
		if owner == uuid.Nil {
			owner = claims[i].Owner
			d.Claims[blind] = owner
			held := d.owners.of(owner)
			held.claims = append(held.claims, blind)
		}
		owners[i] = owner
	}
	return owners
}

func (d *Draft) owner(blind keyvault.Blind) uuid.UUID {
	if owner, ok := d.Claims[blind]; ok {
		return owner
	}
	return d.r.claims[blind]
}

// Forget deletes active keys; those it does not know are forgotten already.
func (d *Draft) Forget(keys []uuid.UUID) error {
	for _, key := range keys {
		if row := d.row(key); row != nil && row.State != keyvault.Active {
			return fmt.Errorf("keyvault: forget: %w", row.State.Err())
		}
	}
	for _, key := range keys {
		row := d.row(key)
		if row == nil {
			continue
		}
		d.Moved = true
		if d.r.keys[key] != nil {
			d.Rows[key] = nil
		} else {
			delete(d.Rows, key) // born in this very draft
		}
		d.release(row.Owner)
	}
	return nil
}

// SetStates moves keys from one state to another; those that are there already are left alone.
func (d *Draft) SetStates(from, to keyvault.State, keys []uuid.UUID) error {
	for _, key := range keys {
		row := d.row(key)
		switch {
		case row == nil:
			return keyvault.ErrUnknown
		case !from.MayBecome(to), row.State != from && row.State != to:
			return keyvault.ErrState
		case to == keyvault.Archived && !d.r.sound(row): // to end it, a damaged key may be fenced
			return keyvault.ErrCorrupt
		}
	}
	for _, key := range keys {
		row := d.row(key)
		if row.State == to {
			continue
		}
		moved := *row
		moved.State = to
		if to == keyvault.Shredded {
			moved.Wrapped = nil
		}
		d.put(&moved)
		if to == keyvault.Shredded {
			d.dead[moved.Fingerprint] = struct{}{}
			d.release(moved.Owner)
		}
	}
	return nil
}

// release deletes the claims of an owner of whom no living key remains.
func (d *Draft) release(owner uuid.UUID) {
	for row := range d.rows(owner) {
		if row.State != keyvault.Shredded {
			return
		}
	}
	for _, all := range []holdings{d.r.owners, d.owners} {
		held, ok := all[owner]
		if !ok {
			continue
		}
		for _, claim := range held.claims {
			if d.owner(claim) == owner {
				d.Claims[claim] = uuid.Nil
			}
		}
	}
}
