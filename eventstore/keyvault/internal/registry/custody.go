package registry

import (
	"runtime"
	"slices"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"livret/eventstore/keyvault"
)

// Entrust wraps keys to a custody pair. Those of active service are opened with the wrapping key of the vault, others
// with the custody that is at hand.
func (d *Draft) Entrust(name string, to keyvault.State, at []*keyvault.PrivateHalf, keys []uuid.UUID) error {
	pair := d.pair(name)
	if pair == nil {
		return keyvault.ErrNoPair
	}
	moved := make(map[uuid.UUID]*Row, len(keys))
	for _, key := range keys {
		row := d.row(key)
		switch {
		case row == nil:
			return keyvault.ErrUnknown
		case row.State == keyvault.Fenced, row.State == keyvault.Shredded:
			return keyvault.ErrState
		case row.State != to || row.KEK != pair.Ref:
			copied := *row
			moved[key] = &copied
		}
	}
	rows := make([]*Row, 0, len(moved))
	for _, row := range moved {
		rows = append(rows, row)
	}
	err := parallel(rows, func(row *Row) error {
		key, err := d.r.open(*row, at)
		if err != nil {
			return err
		}
		defer key.Zero()
		row.Wrapped, err = key.Entrust(row.Info, pair)
		row.State, row.KEK, row.Epoch = to, pair.Ref, 0
		return err
	})
	if err != nil {
		return err
	}
	for _, row := range rows {
		d.put(row)
	}
	return nil
}

// parallel does something with every row, on all processors.
func parallel(rows []*Row, do func(*Row) error) error {
	var shares errgroup.Group
	for share := range slices.Chunk(rows, max(1, (len(rows)+runtime.GOMAXPROCS(0)-1)/runtime.GOMAXPROCS(0))) {
		shares.Go(func() error {
			for _, row := range share {
				if err := do(row); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return shares.Wait()
}

func (d *Draft) pair(name string) *keyvault.Pair {
	if pair, ok := d.Pairs[name]; ok {
		return pair
	}
	return d.r.pairs[name]
}

// AddPair makes a pair known.
func (d *Draft) AddPair(pair *keyvault.Pair) error {
	known := d.pair(pair.Name)
	switch {
	case known == nil:
		d.Pairs[pair.Name] = pair
	case known.Ref != pair.Ref:
		return keyvault.ErrPairTaken
	}
	return nil
}

// DropPair forgets a pair to which no living key is wrapped.
func (d *Draft) DropPair(name string) error {
	pair := d.pair(name)
	if pair == nil {
		return nil
	}
	for id := range d.r.keys {
		if row := d.row(id); row != nil && row.KEK == pair.Ref && row.Wrapped != nil {
			return keyvault.ErrPairInUse
		}
	}
	for _, row := range d.Rows {
		if row != nil && row.KEK == pair.Ref && row.Wrapped != nil {
			return keyvault.ErrPairInUse
		}
	}
	d.Pairs[name] = nil
	return nil
}

// AddPair takes in a pair that is already durable.
func (r *Registry) AddPair(pair *keyvault.Pair) { r.pairs[pair.Name] = pair }

// Status counts the keys, and those in the custody of each pair.
func (r *Registry) Status() keyvault.Status {
	counts := make(map[keyvault.Count]int)
	under := make(map[keyvault.KEKRef]int)
	for _, row := range r.keys {
		counts[keyvault.Count{Class: row.Class, State: row.State}]++
		if row.Wrapped != nil {
			under[row.KEK]++
		}
	}
	var s keyvault.Status
	for of, n := range counts {
		s.Counts = append(s.Counts, keyvault.Count{Class: of.Class, State: of.State, Keys: n})
	}
	slices.SortFunc(s.Counts, keyvault.Count.Compare)
	for _, pair := range r.pairs {
		s.Pairs = append(s.Pairs, keyvault.PairCount{Name: pair.Name, Ref: pair.Ref, Keys: under[pair.Ref]})
	}
	slices.SortFunc(s.Pairs, keyvault.PairCount.Compare)
	return s
}

// Rewrapped are the rows of a registry as they stand under its next wrapping key.
type Rewrapped struct {
	KEK  *keyvault.KEK
	Rows []*Row // all of them, in the order of their ids
}

// Rewrap wraps every key of active service under the next wrapping key. What fails to open is carried on as it is:
// an incident is no reason to keep an old wrapping key for all others. Nothing changes before Adopt.
func (r *Registry) Rewrap(next *keyvault.KEK) *Rewrapped {
	rows := make([]*Row, 0, len(r.keys))
	for _, row := range r.keys {
		rows = append(rows, row)
	}
	slices.SortFunc(rows, func(a, b *Row) int { return slices.Compare(a.ID[:], b.ID[:]) })
	fresh := make([]Row, len(rows))
	for i, row := range rows {
		fresh[i] = *row
		rows[i] = &fresh[i]
	}
	parallel(rows, func(row *Row) error {
		if row.KEK != r.kek.Ref || row.Wrapped == nil || !r.sound(row) {
			return nil
		}
		if wrapped, err := r.kek.Rewrap(row.Info, row.Wrapped, next); err == nil {
			row.Wrapped, row.KEK, row.Epoch = wrapped, next.Ref, next.Epoch
			row.Seal = r.secret.SealRow(row.Info, row.KEK, row.Epoch, row.Wrapped)
		}
		return nil
	})
	return &Rewrapped{KEK: next, Rows: rows}
}

// Adopt shows what was wrapped anew. It is durable by now.
func (r *Registry) Adopt(fresh *Rewrapped) {
	r.kek = fresh.KEK
	for _, row := range fresh.Rows {
		r.keys[row.ID] = row
	}
}
