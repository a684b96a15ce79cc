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
// event. Its errors are keyvault.ErrCorrupt or those of the codec: incidents, never an empty fact.
func Open(codec *domain.Codec, key *keyvault.Key, e *eventstore.Envelope) (domain.Fact, error) {
	content, err := keyvault.OpenEvent(key, e)
	if err != nil {
		return domain.Fact{}, err
	}
	event, err := codec.Decode(e.Type, e.Schema, content.Payload)
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
