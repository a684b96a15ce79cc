package projections

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"maps"
	"slices"

	"livret/eventstore"
	"livret/eventstore/keyvault"
)

// Report is the outcome of a Check. It names streams, which are random, and holds nothing about a pupil: the
// hashes are keyed with bytes drawn for this one check and forgotten after it.
type Report struct {
	Position eventstore.Position   // up to which both views are folded
	Rows     int                   // compared
	Live     string                // hash of the live view, in hexadecimal
	Rebuilt  string                // hash of the one folded from nothing
	Differ   []eventstore.StreamID // rows that are not the same, those of which one is missing included
	Lacks    []eventstore.StreamID // of these, rows that the live view lacks
	Extra    []eventstore.StreamID // of these, rows that only the live view has
	Parked   []eventstore.StreamID // rows of the live view that lack events
	Purged   int                   // rows whose key is destroyed or in custody
}

// Exact tells whether the live view is what a rebuild would give.
func (r Report) Exact() bool { return len(r.Differ) == 0 && r.Live == r.Rebuilt }

// ErrMoving says that the live view never stood still for long enough to be compared.
var ErrMoving = errors.New("projections: the view moves on faster than it can be compared")

const maxComparisons = 20

// Check proves that a live view is exact: it folds another from nothing into a scratch store, as far as the
// live one, and compares them row by row, over the keys readable now. The ledger and the live view may go on
// meanwhile: rows that differ because they moved are compared again.
func Check(ctx context.Context, source Source, live, scratch Store, p Projection) (Report, error) {
	view := p.Name + "~check"
	if err := scratch.Drop(ctx, view); err != nil {
		return Report{}, err
	}
	e := newEngine(source, scratch, p, view)
	c := comparison{e: e, live: live, left: make(map[eventstore.StreamID]digest), right: make(map[eventstore.StreamID]digest)}
	rand.Read(c.secret[:]) // never fails since Go 1.24
	report, err := c.run(ctx)
	return report, errors.Join(err, scratch.Drop(context.WithoutCancel(ctx), view))
}

// comparison is a check under way: a live view on the left, a rebuilt one on the right.
type comparison struct {
	e           *engine
	live        Store
	secret      [32]byte
	left, right map[eventstore.StreamID]digest
}

// digest is what is compared of a row.
type digest struct {
	mac    [sha256.Size]byte
	parked bool
	purged bool
}

func (c *comparison) run(ctx context.Context) (Report, error) {
	var differ []eventstore.StreamID
	for try := range maxComparisons {
		at, err := c.live.Cursor(ctx, c.e.p.Name)
		if err != nil {
			return Report{}, err
		}
		if _, err := c.e.catchUp(ctx, &at); err != nil {
			return Report{}, err
		}
		if try == 0 {
			err = errors.Join(c.all(ctx, c.live, c.e.p.Name, c.left), c.all(ctx, c.e.store, c.e.view, c.right))
		} else {
			err = errors.Join(c.some(ctx, c.live, c.e.p.Name, c.left, differ), c.some(ctx, c.e.store, c.e.view, c.right, differ))
		}
		if err != nil {
			return Report{}, err
		}
		differ = c.differences()
		after, err := c.live.Cursor(ctx, c.e.p.Name)
		if err != nil {
			return Report{}, err
		}
		if len(differ) == 0 || after == at {
			return c.report(at, differ), nil
		}
	}
	return Report{}, ErrMoving
}

func (c *comparison) all(ctx context.Context, store Store, view string, into map[eventstore.StreamID]digest) error {
	for _, category := range c.e.p.Categories {
		for r, err := range store.Scan(ctx, view, category) {
			if err != nil {
				return err
			}
			if !c.e.source.has(r.Stream) {
				continue
			}
			if into[r.Stream], err = c.digest(ctx, &r); err != nil {
				return err
			}
		}
	}
	return nil
}

// has tells whether a stream is looked at.
func (s *Source) has(stream eventstore.StreamID) bool { return s.Only == nil || s.Only(stream) }

func (c *comparison) some(ctx context.Context, store Store, view string, into map[eventstore.StreamID]digest, streams []eventstore.StreamID) error {
	rows, err := store.Rows(ctx, view, streams...)
	if err != nil {
		return err
	}
	for _, stream := range streams {
		delete(into, stream)
		if r, ok := rows[stream]; ok {
			if into[stream], err = c.digest(ctx, &r); err != nil {
				return err
			}
		}
	}
	return nil
}

// digest is the keyed hash of a row's content and place. A row purged and one whose key can no longer be
// opened are the same: neither shows anything.
func (c *comparison) digest(ctx context.Context, r *Row) (digest, error) {
	plain, err := openWith(ctx, c.e.keys, c.e.p.Name, r)
	d := digest{parked: r.Parked != 0}
	m := hmac.New(sha256.New, c.secret[:])
	m.Write([]byte(r.Stream))
	switch {
	case errors.Is(err, keyvault.ErrShredded), errors.Is(err, keyvault.ErrArchived), errors.Is(err, ErrPurged):
		d.purged, d.parked = true, false
	case err == nil, errors.Is(err, keyvault.ErrCorrupt), errors.Is(err, keyvault.ErrUnknown), errors.Is(err, keyvault.ErrForbidden):
		b := []byte{1, 0}
		if err != nil {
			b[1] = 1 // unreadable: what its bytes are does not matter
		}
		b = binary.BigEndian.AppendUint64(b, uint64(r.Version))
		b = binary.BigEndian.AppendUint64(b, uint64(r.Parked))
		m.Write(append(b, r.Key[:]...))
		for _, label := range slices.SortedFunc(slices.Values(r.Labels), slices.Compare) {
			m.Write(binary.BigEndian.AppendUint32(nil, uint32(len(label))))
			m.Write(label)
		}
		m.Write(plain)
	default:
		return d, err
	}
	m.Sum(d.mac[:0])
	return d, nil
}

func (c *comparison) differences() []eventstore.StreamID {
	var differ []eventstore.StreamID
	for stream, left := range c.left {
		if right, ok := c.right[stream]; !ok || left.mac != right.mac {
			differ = append(differ, stream)
		}
	}
	for stream := range c.right {
		if _, ok := c.left[stream]; !ok {
			differ = append(differ, stream)
		}
	}
	slices.Sort(differ)
	return differ
}

func (c *comparison) report(at eventstore.Position, differ []eventstore.StreamID) Report {
	r := Report{Position: at, Rows: len(c.left), Live: c.hash(c.left), Rebuilt: c.hash(c.right), Differ: differ}
	for _, stream := range differ {
		if _, ok := c.left[stream]; !ok {
			r.Lacks = append(r.Lacks, stream)
		} else if _, ok := c.right[stream]; !ok {
			r.Extra = append(r.Extra, stream)
		}
	}
	for _, stream := range slices.Sorted(maps.Keys(c.left)) {
		if c.left[stream].parked {
			r.Parked = append(r.Parked, stream)
		}
		if c.left[stream].purged {
			r.Purged++
		}
	}
	return r
}

func (c *comparison) hash(view map[eventstore.StreamID]digest) string {
	m := hmac.New(sha256.New, c.secret[:])
	for _, stream := range slices.Sorted(maps.Keys(view)) {
		d := view[stream]
		m.Write(d.mac[:])
	}
	return hex.EncodeToString(m.Sum(nil))
}
