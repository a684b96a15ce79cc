// Package facts opens envelopes into facts. It is apart from ledger so that a view can read the ledger
// without reaching, even indirectly, the rooms whose events it is never handed: the jury's code cannot name a
// pupil because nothing it is built from can.
package facts

import (
	"livret/domain"
	"livret/eventstore"
	"livret/eventstore/keyvault"
)

// Open opens one envelope with its key (nil for a stream in clear), checks its commitment and decodes its
// event. Its errors are keyvault.ErrCorrupt or those of the codec: incidents, never an empty fact. An event in
// clear in a category that is sealed is one: whoever may write in the file, and has no key, could forge it.
func Open(codec *domain.Codec, key *keyvault.Key, e *eventstore.Envelope) (domain.Fact, error) {
	r := Reader{Codec: codec}
	return r.Open(key, e)
}

// Reader opens one envelope after another in the same memory. It serves one goroutine at a time.
type Reader struct {
	Codec   *domain.Codec
	scratch keyvault.Scratch
}

// Open does as the function of that name.
func (r *Reader) Open(key *keyvault.Key, e *eventstore.Envelope) (domain.Fact, error) {
	if key == nil && sealed(e.Stream.Category()) {
		return domain.Fact{}, keyvault.ErrCorrupt
	}
	content, err := r.scratch.OpenEvent(key, e)
	if err != nil {
		return domain.Fact{}, err
	}
	event, err := r.Codec.Decode(e.Type, e.Schema, content.Payload)
	if err != nil {
		return domain.Fact{}, err
	}
	return domain.Fact{
		Sequence:   uint64(e.Sequence),
		Actor:      domain.Actor{Role: content.Role, Person: content.Person},
		Cause:      content.Cause,
		OccurredAt: content.OccurredAt,
		RecordedAt: e.RecordedAt,
		Event:      event,
	}, nil
}

// aggregates is the category sealed under keys of the class Session; that of the sessions themselves is in clear.
const aggregates = "aggregate"

// sealed tells the categories whose events are under a key: those that bear the name of a class of keys, and
// aggregates.
func sealed(category string) bool {
	switch keyvault.Class(category) {
	case keyvault.Identity, keyvault.Record, keyvault.Candidate, keyvault.Sanction, keyvault.Subject, keyvault.SchoolSanction, keyvault.Consultation, keyvault.Staff,
		keyvault.Hold, keyvault.Request:
		return true
	}
	return category == aggregates
}

// Zero overwrites what was opened last.
func (r *Reader) Zero() { r.scratch.Zero() }
