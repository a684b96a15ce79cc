package ledger

import (
	"context"
	"maps"
	"slices"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/retention"
	"livret/eventstore"
)

// Docket is all that is recorded about the end of keys: by owner, a livret or a member of staff, and by lot. An
// owner whose retention stream can not be read in full is in Unreadable only: nothing may be decided on a part.
type Docket struct {
	Owners     map[uuid.UUID]*retention.State
	Lots       map[uuid.UUID]retention.Lot // certificates
	Decided    *retention.Conservation     // by the académie
	Wrapping   *retention.Wrapping         // what wraps keys
	Unreadable []uuid.UUID
	epochs     map[uuid.UUID]uint32 // of the wrapping key that stood when a lot was certified
}

// Docket reads the retention streams of the whole ledger. Nothing in them is sealed, so it needs no key.
func (l *Ledger) Docket(ctx context.Context) (Docket, error) {
	d := Docket{Owners: make(map[uuid.UUID]*retention.State), Lots: make(map[uuid.UUID]retention.Lot), Decided: retention.ConservationDecider.Initial(),
		Wrapping: retention.WrappingDecider.Initial(), epochs: make(map[uuid.UUID]uint32)}
	damaged, doubtful := make(map[uuid.UUID]bool), false
	for fact, err := range l.Facts(ctx, eventstore.Position{}, retention.Category, retention.LotCategory, retention.ConservationCategory, retention.WrappingCategory) {
		if err != nil {
			return d, err
		}
		id, ok := fact.Envelope.Stream.UUID()
		switch category := fact.Envelope.Stream.Category(); {
		case !ok:
		case fact.State != Readable:
			damaged[id] = true
			doubtful = doubtful || category == retention.ConservationCategory
		case category == retention.ConservationCategory:
			d.Decided = retention.ConservationDecider.Evolve(d.Decided, fact.Fact)
		case category == retention.WrappingCategory:
			d.Wrapping = retention.WrappingDecider.Evolve(d.Wrapping, fact.Fact)
		case category == retention.LotCategory:
			if n := len(d.Wrapping.Keys); n > 0 {
				d.epochs[id] = d.Wrapping.Keys[n-1].Epoch
			}
			d.Lots[id] = retention.LotDecider.Evolve(d.Lots[id], fact.Fact)
		default:
			state := d.Owners[id]
			if state == nil {
				state = retention.Decider.Initial()
			}
			d.Owners[id] = retention.Decider.Evolve(state, fact.Fact)
		}
	}
	if doubtful {
		d.Decided = retention.ConservationDecider.Initial() // what was authorised may have been revoked: nothing is
	}
	for id := range damaged {
		delete(d.Owners, id)
		delete(d.Lots, id)
	}
	d.Unreadable = slices.SortedFunc(maps.Keys(damaged), func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	return d, nil
}

// Certificate computes what the certificate of a lot says, from what is recorded of each livret; false while a
// destruction of the lot is under way.
func (d Docket) Certificate(lot uuid.UUID, dated domain.Date) (retention.IssueCertificate, bool) {
	c := retention.IssueCertificate{Dated: dated, Limits: []string{retention.LimitSoftwareKEK, retention.LimitBackups}}
	var keys []retention.Key
	for _, state := range d.Owners {
		if request, _, under := state.Requested(); under && request.Lot == lot {
			return c, false
		}
		for _, done := range state.Destroyed() {
			if done.Lot == lot {
				c.Livrets++
				c.Events += done.Events
				c.Visas = append(c.Visas, done.Visa)
				keys = append(keys, done.Keys...)
			}
		}
	}
	slices.Sort(c.Visas)
	c.Visas, c.Keys, c.Digest = slices.Compact(c.Visas), len(keys), retention.DigestOf(lot, keys)
	return c, len(keys) > 0
}

// Final tells whether a certified destruction can not be undone any more, by whoever has a copy of whatever age: the
// wrapping keys that stood when it was certified are destroyed, and the custody pairs that its keys were wrapped to.
func (d Docket) Final(lot uuid.UUID) bool {
	for _, state := range d.Owners {
		for _, done := range state.Destroyed() {
			if done.Lot == lot && slices.ContainsFunc(state.Pairs(), func(pair string) bool { return !d.Wrapping.Gone(pair) }) {
				return false
			}
		}
	}
	return d.Wrapping.Outlived(d.epochs[lot])
}

// uncertified lists the lots of which keys were destroyed and which have no certificate.
func (d Docket) uncertified() []uuid.UUID {
	lots := make(map[uuid.UUID]bool)
	for _, state := range d.Owners {
		for _, done := range state.Destroyed() {
			if d.Lots[done.Lot] == nil {
				lots[done.Lot] = true
			}
		}
	}
	return slices.Collect(maps.Keys(lots))
}
