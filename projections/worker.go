package projections

import (
	"context"
	"encoding/binary"
	"errors"
	"hash/maphash"
	"slices"

	"github.com/google/uuid"

	"livret/eventstore"
	"livret/eventstore/keyvault"
	"livret/eventstore/ledger/facts"
)

// worker folds the streams that fall to it.
type worker struct {
	*batch
	index uint64
	pages chan *page
	rows  map[eventstore.StreamID]*row
	mine  []*row // the row of each envelope of the page, nil for somebody else's
	facts facts.Reader
}

// row is a row being folded.
type row struct {
	Row
	key     *keyvault.Key // nil: not opened, or the stream is in clear
	folder  Folder        // nil: not opened
	changed bool
}

// purge empties the row, as its key can no longer be used.
func (r *row) purge() {
	r.Row = Row{Stream: r.Stream, Key: r.Key}
	r.folder, r.changed = nil, true
}

func (w *worker) fold(ctx context.Context, envelopes []eventstore.Envelope) error {
	if err := w.meet(ctx, envelopes); err != nil {
		return err
	}
	for i, r := range w.mine {
		if r == nil {
			continue
		}
		if err := w.take(ctx, r, &envelopes[i]); err != nil {
			return err
		}
	}
	return nil
}

// meet finds the row of each envelope of a page, reading those that the view already holds.
func (w *worker) meet(ctx context.Context, envelopes []eventstore.Envelope) error {
	w.mine = slices.Grow(w.mine[:0], len(envelopes))[:len(envelopes)]
	clear(w.mine)
	var unknown []eventstore.StreamID
	for i := range envelopes {
		stream := envelopes[i].Stream
		if i > 0 && stream == envelopes[i-1].Stream {
			w.mine[i] = w.mine[i-1]
			continue
		}
		if maphash.String(w.seed, string(stream))%uint64(len(w.workers)) != w.index ||
			!slices.Contains(w.e.p.Categories, stream.Category()) || !w.e.source.has(stream) {
			continue
		}
		r, met := w.rows[stream]
		if !met {
			r = &row{Row: Row{Stream: stream, Key: envelopes[i].Key}}
			w.rows[stream] = r
			w.met.Add(1)
			if before, ok := w.previous[stream]; ok {
				r.Row = before
			} else if envelopes[i].Sequence > 1 { // a stream that begins here has no row yet
				unknown = append(unknown, stream)
			}
		}
		w.mine[i] = r
	}
	if len(unknown) == 0 || w.from == (eventstore.Position{}) {
		return nil
	}
	known, err := w.e.store.Rows(ctx, w.e.view, unknown...)
	if err != nil {
		return err
	}
	for stream, stands := range known {
		w.rows[stream].Row = stands
	}
	return nil
}

// take folds one envelope into its row. The error of a person's event parks or purges his row and is not
// returned: the others go on.
func (w *worker) take(ctx context.Context, r *row, e *eventstore.Envelope) error {
	if r.Parked != 0 || e.Sequence <= r.Version {
		return nil
	}
	if e.Sealed == nil {
		r.purge()
		return nil
	}
	if r.folder == nil {
		if err := w.open(ctx, r); r.folder == nil || err != nil {
			return err
		}
	}
	if e.Sequence != r.Version+1 {
		if err := w.fetch(ctx, r, e.Sequence); err != nil {
			return err
		}
	}
	w.apply(r, e)
	return nil
}

// open makes the folder of a row from what it holds. It leaves none if the row can not be folded further,
// which the row then says; a row whose own bytes are damaged is folded again from the first event.
func (w *worker) open(ctx context.Context, r *row) error {
	var err error
	if r.key == nil && r.Key != uuid.Nil {
		r.key, err = w.e.keys.Open(ctx, r.Key)
	}
	switch {
	case err == nil:
	case errors.Is(err, keyvault.ErrShredded), errors.Is(err, keyvault.ErrArchived):
		r.purge()
		return nil
	case errors.Is(err, keyvault.ErrCorrupt), errors.Is(err, keyvault.ErrUnknown), errors.Is(err, keyvault.ErrForbidden):
		r.Parked, r.changed = r.Version+1, true
		return nil
	default:
		return err
	}
	r.folder = w.e.p.New(r.Stream.Category())
	if r.Sealed == nil {
		return nil
	}
	plain, err := openRow(r.key, w.e.p.Name, &r.Row)
	if err == nil {
		err = r.folder.Unmarshal(plain)
	}
	if err != nil {
		r.folder, r.Version = w.e.p.New(r.Stream.Category()), 0
	}
	return nil
}

// fetch folds from the stream itself what lies between the row and an event: after a purge that was taken
// back, all that came before it.
func (w *worker) fetch(ctx context.Context, r *row, before eventstore.Version) error {
	if before == r.Version+1 {
		return nil
	}
	for e, err := range w.e.source.Store.Stream(ctx, r.Stream, r.Version) {
		if err != nil {
			return err
		}
		if e.Sequence >= before || r.Parked != 0 {
			break
		}
		w.apply(r, &e)
	}
	return nil
}

// apply folds one event, or parks the row at it.
func (w *worker) apply(r *row, e *eventstore.Envelope) {
	if r.Parked != 0 {
		return
	}
	r.changed = true
	parked := e.Sequence != r.Version+1 || e.Sealed == nil
	if !parked {
		fact, err := w.facts.Open(r.key, e)
		if err == nil {
			err = r.folder.Apply(fact)
		}
		parked = err != nil
	}
	if parked {
		r.Parked = r.Version + 1
		return
	}
	r.Version = e.Sequence
}

// seal writes the rows that changed.
func (w *worker) seal() error {
	for _, r := range w.rows {
		if !r.changed || r.folder == nil {
			continue
		}
		plain, err := r.folder.Marshal()
		if err != nil {
			return err
		}
		r.Sealed = plain
		if r.key != nil {
			r.Sealed = r.key.Seal(plain, boundTo(w.e.p.Name, &r.Row))
			clear(plain)
		}
		r.Labels = r.Labels[:0:0]
		for _, parts := range r.folder.Labels() {
			r.Labels = append(r.Labels, labelOf(w.e.keys, w.e.p.Name, parts))
		}
		r.folder = nil
	}
	return nil
}

// boundTo is what a row's seal is bound to: its projection, its stream and its place in it. So a row can not
// be put in another's place, nor an older one in that of a newer without its version saying so.
func boundTo(projection string, r *Row) []byte {
	b := make([]byte, 0, 32+len(projection)+len(r.Stream))
	b = append(b, "livret/row/v1"...)
	b = append(binary.BigEndian.AppendUint16(b, uint16(len(projection))), projection...)
	b = append(binary.BigEndian.AppendUint16(b, uint16(len(r.Stream))), r.Stream...)
	b = binary.BigEndian.AppendUint64(b, uint64(r.Version))
	return binary.BigEndian.AppendUint64(b, uint64(r.Parked))
}

func openRow(key *keyvault.Key, projection string, r *Row) ([]byte, error) {
	if key == nil {
		return r.Sealed, nil
	}
	return key.Open(r.Sealed, boundTo(projection, r))
}

func labelOf(keys keyvault.Opener, projection string, parts []string) []byte {
	return keys.Label(append([]string{"view", projection}, parts...)...)
}
