package facts_test

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/record"
	"livret/eventstore"
	"livret/eventstore/keyvault"
	"livret/eventstore/ledger/facts"
)

func sealed(t *testing.T, key *keyvault.Key, eventType string, schema uint16, payload string) eventstore.Envelope {
	t.Helper()
	at := time.Date(2018, 6, 10, 8, 0, 0, 0, time.UTC)
	h := eventstore.Header{Ledger: uuid.New(), Stream: eventstore.Stream(record.Category, uuid.New()), Sequence: 7, Type: eventType, Schema: schema, Event: uuid.New(), RecordedAt: at}
	if key == nil {
		h.Stream = eventstore.Stream("publication", uuid.New())
	} else {
		h.Key = key.ID
	}
	e, err := keyvault.SealEvent(key, h, eventstore.Content{Role: "cpe", Person: uuid.UUID{1}, Cause: uuid.UUID{2}, OccurredAt: at.Add(-time.Hour), Payload: []byte(payload)})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// TestOpen opens an event with all its circumstances, alone and in memory that served another.
func TestOpen(t *testing.T) {
	codec, err := domain.NewCodec(record.Events())
	if err != nil {
		t.Fatal(err)
	}
	key, err := keyvault.NewKey(uuid.New(), keyvault.Record, [keyvault.KeySize]byte{9})
	if err != nil {
		t.Fatal(err)
	}
	reader := facts.Reader{Codec: codec}
	for _, under := range []*keyvault.Key{key, nil} {
		long := sealed(t, under, "record.OtherEngagementDeclared", 1, `{"text":"Élue au conseil de la vie lycéenne."}`)
		short := sealed(t, under, "record.LivretOpened", 1, `{"session":2018}`)
		first, err := reader.Open(under, &long)
		if err != nil {
			t.Fatal(err)
		}
		second, err := reader.Open(under, &short)
		if err != nil {
			t.Fatal(err)
		}
		reader.Zero()
		if first.Event != (record.OtherEngagementDeclared{Text: "Élue au conseil de la vie lycéenne."}) {
			t.Errorf("the memory of an event was taken by the next: %+v", first.Event)
		}
		want := domain.Fact{
			Sequence: 7, Actor: domain.Actor{Role: "cpe", Person: uuid.UUID{1}}, Cause: uuid.UUID{2},
			OccurredAt: short.RecordedAt.Add(-time.Hour), RecordedAt: short.RecordedAt, Event: record.LivretOpened{Session: 2018},
		}
		alone, err := facts.Open(codec, under, &short)
		if err != nil || !reflect.DeepEqual(second, want) || !reflect.DeepEqual(alone, want) {
			t.Errorf("opened %+v and %+v, want %+v, %v", second, alone, want, err)
		}
	}
}

// TestWhatDoesNotOpen is an incident each time, and never an empty fact.
func TestWhatDoesNotOpen(t *testing.T) {
	codec, err := domain.NewCodec(record.Events())
	if err != nil {
		t.Fatal(err)
	}
	raw := [keyvault.KeySize]byte{9}
	key, err := keyvault.NewKey(uuid.New(), keyvault.Record, raw)
	if err != nil {
		t.Fatal(err)
	}
	other, err := keyvault.NewKey(key.ID, keyvault.Record, [keyvault.KeySize]byte{8})
	if err != nil {
		t.Fatal(err)
	}
	good := func() eventstore.Envelope { return sealed(t, key, "record.LivretOpened", 1, `{"session":2018}`) }
	flipped := good()
	flipped.Sealed[30] ^= 1
	tests := []struct {
		name string
		key  *keyvault.Key
		e    eventstore.Envelope
		want error // nil: any
	}{
		{"damaged", key, flipped, keyvault.ErrCorrupt},
		{"no key", nil, good(), keyvault.ErrCorrupt},
		{"other key", other, good(), keyvault.ErrCorrupt},
		{"unknown type", key, sealed(t, key, "record.Unheard", 1, `{}`), domain.ErrUnknownType},
		{"newer schema", key, sealed(t, key, "record.LivretOpened", 2, `{"session":2018}`), domain.ErrUnknownSchema},
		{"unknown field", key, sealed(t, key, "record.LivretOpened", 1, `{"session":2018,"more":1}`), nil},
		{"not JSON", key, sealed(t, key, "record.LivretOpened", 1, `session`), nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			fact, err := facts.Open(codec, test.key, &test.e)
			if err == nil || test.want != nil && !errors.Is(err, test.want) || fact.Event != nil {
				t.Errorf("got %v, %v", fact.Event, err)
			}
		})
	}
}

// TestNothingInClearWhereItMustBeSealed forges an event without any key in the stream of a livret.
func TestNothingInClearWhereItMustBeSealed(t *testing.T) {
	codec, err := domain.NewCodec(record.Events())
	if err != nil {
		t.Fatal(err)
	}
	for _, category := range []string{"identity", "record", "candidate", "staff", "consultation", "sanction"} {
		h := eventstore.Header{Stream: eventstore.Stream(category, uuid.New()), Sequence: 1, Type: "record.LivretOpened", Schema: 1, Event: uuid.New()}
		forged, err := keyvault.SealEvent(nil, h, eventstore.Content{Payload: []byte(`{"session":2018}`)})
		if err != nil {
			t.Fatal(err)
		}
		if fact, err := facts.Open(codec, nil, &forged); !errors.Is(err, keyvault.ErrCorrupt) {
			t.Errorf("%s: a forged event is read: %+v, %v", category, fact, err)
		}
	}
}
