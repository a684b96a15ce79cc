package viewtest

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/deliberation"
	"livret/domain/identity"
	"livret/domain/record"
	"livret/domain/sanction"
	"livret/eventstore"
	"livret/eventstore/keyvault"
	"livret/projections"
)

// Log writes facts into a ledger as they are, without asking any rule: for tests of what views make of them.
type Log struct {
	Store eventstore.Store
	Vault keyvault.Vault
	Codec *domain.Codec
	Role  string    // of whoever writes
	Now   time.Time // of the ledger's clock

	ledger   uuid.UUID
	versions map[eventstore.StreamID]eventstore.Version
}

// NewLog makes a log over an empty store.
func NewLog(store eventstore.Store, vault keyvault.Vault) (*Log, error) {
	codec, err := domain.NewCodec(identity.Events(), record.Events(), deliberation.Events(), sanction.Events())
	return &Log{
		Store: store, Vault: vault, Codec: codec, Role: "enseignant", Now: time.Date(2015, 12, 1, 10, 0, 0, 0, time.UTC),
		ledger: uuid.New(), versions: make(map[eventstore.StreamID]eventstore.Version),
	}, err
}

// Source is what a projection runs on.
func (l *Log) Source() projections.Source {
	return projections.Source{Store: l.Store, Keys: l.Vault, Codec: l.Codec}
}

// Write appends events to the stream of their category and the given id, owned by owner, and answers its
// version.
func (l *Log) Write(t testing.TB, owner, id uuid.UUID, events ...domain.Event) uint64 {
	t.Helper()
	version, err := l.Append(owner, id, events...)
	if err != nil {
		t.Fatal(err)
	}
	return version
}

// Append is Write for those who have no test.
func (l *Log) Append(owner, id uuid.UUID, events ...domain.Event) (uint64, error) {
	category, class, err := placeOf(events[0])
	if err != nil {
		return 0, err
	}
	key, keyID, err := l.key(owner, class)
	if err != nil {
		return 0, err
	}
	stream := eventstore.Stream(category, id)
	at := l.versions[stream]
	drafts := make([]eventstore.Envelope, len(events))
	for i, event := range events {
		eventType, schema, payload, err := l.Codec.Encode(event)
		if err != nil {
			return 0, err
		}
		h := eventstore.Header{
			Ledger: l.ledger, Stream: stream, Sequence: at + 1 + eventstore.Version(i), Type: eventType, Schema: schema,
			Event: uuid.New(), Key: keyID, RecordedAt: l.Now,
		}
		c := eventstore.Content{Role: l.Role, Person: uuid.New(), Cause: uuid.New(), OccurredAt: l.Now, Payload: payload}
		if drafts[i], err = keyvault.SealEvent(key, h, c); err != nil {
			return 0, err
		}
	}
	if _, err := l.Store.Append(context.Background(), drafts...); err != nil {
		return 0, err
	}
	l.versions[stream] += eventstore.Version(len(events))
	return uint64(l.versions[stream]), nil
}

// key opens the owner's key of a class, which is born if need be; nil for streams in clear.
func (l *Log) key(owner uuid.UUID, class keyvault.Class) (*keyvault.Key, uuid.UUID, error) {
	if class == "" {
		return nil, uuid.Nil, nil
	}
	infos, err := l.Vault.Create(context.Background(), keyvault.Birth{Owner: owner, Class: class})
	if err != nil {
		return nil, uuid.Nil, err
	}
	key, err := l.Vault.Open(context.Background(), infos[0].ID)
	return key, infos[0].ID, err
}

// placeOf tells the stream category and key class of an event; no class: it stands in clear.
func placeOf(event domain.Event) (category string, class keyvault.Class, err error) {
	switch event.(type) {
	case identity.StaffIdentified:
		return identity.StaffCategory, keyvault.Staff, nil
	case identity.SubjectIdentified:
		return identity.SubjectCategory, keyvault.Subject, nil
	case sanction.SchoolSanctionPronounced, sanction.SchoolSanctionLifted:
		return sanction.SchoolCategory, keyvault.SchoolSanction, nil
	case identity.CivilIdentityRecorded, identity.INERecorded, identity.SiecleIDRecorded, identity.GuardianRecorded,
		identity.GuardianRemoved, identity.SchoolAttended:
		return identity.Category, keyvault.Identity, nil
	}
	switch room, _, _ := strings.Cut(event.EventType(), "."); room {
	case deliberation.Category:
		return deliberation.Category, keyvault.Candidate, nil
	case deliberation.JuryCategory:
		return deliberation.JuryCategory, "", nil
	case sanction.Category:
		return sanction.Category, keyvault.Sanction, nil
	}
	for _, kind := range record.Events() {
		if kind.Type == event.EventType() {
			return record.Category, keyvault.Record, nil
		}
	}
	return "", "", fmt.Errorf("viewtest: %s has no place", event.EventType())
}
