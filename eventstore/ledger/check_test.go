package ledger_test

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/identity"
	"livret/domain/record"
	"livret/domain/retention"
	"livret/eventstore"
	"livret/eventstore/keyvault"
	"livret/eventstore/ledger"
)

// natures counts the faults that a check finds.
func natures(t testing.TB, l *ledger.Ledger) map[ledger.Nature]int {
	t.Helper()
	checked, err := l.Check(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	found := make(map[ledger.Nature]int)
	for _, fault := range checked.Faults {
		found[fault.Nature]++
	}
	return found
}

func (f *fixture) envelopes(t testing.TB) []eventstore.Envelope {
	t.Helper()
	var all []eventstore.Envelope
	for e, err := range f.store.Read(context.Background(), eventstore.Position{}) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, e)
	}
	return all
}

// rewritten is a store that reads as some list says.
type rewritten struct {
	eventstore.Store
	envelopes []eventstore.Envelope
	end       error
}

func (s rewritten) Read(context.Context, eventstore.Position) iter.Seq2[eventstore.Envelope, error] {
	return func(yield func(eventstore.Envelope, error) bool) {
		for _, e := range s.envelopes {
			if !yield(e, nil) {
				return
			}
		}
		if s.end != nil {
			yield(eventstore.Envelope{}, s.end)
		}
	}
}

func TestASoundLedgerHasNoFault(t *testing.T) {
	f := open(t)
	first := f.livret(t)
	f.do(t, f.order(), first, average(t, 1, 1200))
	archived, forgotten := f.livret(t), f.livret(t)
	f.move(t, f.key(t, archived, keyvault.Record), keyvault.Active, keyvault.Archived)
	f.record(t, archived, retention.KeysArchived{Pair: "2018-juin", Keys: f.named(t, archived)})
	shredded := f.key(t, forgotten, keyvault.Record)
	f.shred(t, shredded)
	f.record(t, forgotten, retention.KeysDestroyed{Lot: uuid.New(), Visa: "2019/1", Keys: f.named(t, forgotten), Events: 2})
	if err := f.React(context.Background(), newCursors(), ledger.Candidates{}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		checked, err := f.Check(context.Background())
		if err != nil || len(checked.Faults) != 0 || checked.Faults == nil {
			t.Fatalf("%+v, %v", checked.Faults, err)
		}
		if checked.Archived != 2 || checked.Shredded != 2 || checked.Keys != 4 || checked.Streams != 7 || checked.Events != 14 || checked.Opened != 10 || checked.Unopened != 0 {
			t.Errorf("checked %+v", checked)
		}
		if _, err := f.store.Purge(context.Background(), shredded); err != nil { // as lawful as its key's destruction
			t.Fatal(err)
		}
	}
}

// TestTampering damages a ledger in every way that it can be damaged in, and names each.
func TestTampering(t *testing.T) {
	// The events are: KeyCreated of a, two of a; KeyCreated of b, two of b.
	type tampered struct {
		*fixture
		a, b      uuid.UUID
		envelopes []eventstore.Envelope
	}
	reposition := func(all []eventstore.Envelope) {
		for i := range all {
			all[i].Position = eventstore.Position{14: byte((i + 1) >> 8), 15: byte(i + 1)}
		}
	}
	tests := []struct {
		name   string
		tamper func(*tampered)
		want   map[ledger.Nature]int
	}{
		{"a bit of the sealed bytes", func(x *tampered) { x.envelopes[2].Sealed[40] ^= 1 }, map[ledger.Nature]int{ledger.FaultContent: 1}},
		{"a bit of the commitment", func(x *tampered) { x.envelopes[2].Commit[3] ^= 1 }, map[ledger.Nature]int{ledger.FaultContent: 1}},
		{"the hour", func(x *tampered) { x.envelopes[2].RecordedAt = x.envelopes[2].RecordedAt.AddDate(0, 0, 1) }, map[ledger.Nature]int{ledger.FaultContent: 1}},
		{"the type", func(x *tampered) { x.envelopes[2].Type = "record.B2iAttested" }, map[ledger.Nature]int{ledger.FaultContent: 1}},
		{"a record in clear", func(x *tampered) { x.envelopes[0].Sealed[60] ^= 1 }, map[ledger.Nature]int{ledger.FaultContent: 1, ledger.FaultOrphan: 1}},
		{"an event dropped", func(x *tampered) { x.envelopes = slices.Delete(x.envelopes, 1, 2); reposition(x.envelopes) }, map[ledger.Nature]int{ledger.FaultSequence: 1}},
		{"two events swapped", func(x *tampered) {
			x.envelopes[1], x.envelopes[2] = x.envelopes[2], x.envelopes[1]
			reposition(x.envelopes)
		}, map[ledger.Nature]int{ledger.FaultSequence: 2}},
		{"two events swapped with their sequences", func(x *tampered) {
			x.envelopes[1], x.envelopes[2] = x.envelopes[2], x.envelopes[1]
			x.envelopes[1].Sequence, x.envelopes[2].Sequence = 1, 2
			reposition(x.envelopes)
		}, map[ledger.Nature]int{ledger.FaultContent: 2}},
		{"an event doubled", func(x *tampered) {
			x.envelopes = slices.Insert(x.envelopes, 2, x.envelopes[1])
			reposition(x.envelopes)
		}, map[ledger.Nature]int{ledger.FaultSequence: 1}},
		{"an order of positions", func(x *tampered) {
			x.envelopes[2].Position, x.envelopes[3].Position = x.envelopes[3].Position, x.envelopes[2].Position
		}, map[ledger.Nature]int{ledger.FaultOrder: 1}},
		{"another ledger's event", func(x *tampered) { x.envelopes[2].Ledger = uuid.New() }, map[ledger.Nature]int{ledger.FaultLedger: 1, ledger.FaultContent: 1}},
		{"bytes gone while their key lives", func(x *tampered) { x.envelopes[2].Sealed = nil }, map[ledger.Nature]int{ledger.FaultUnsealed: 1}},
		{"bytes gone of what is in clear", func(x *tampered) { x.envelopes[0].Sealed = nil }, map[ledger.Nature]int{ledger.FaultUnsealed: 1, ledger.FaultOrphan: 1}},
		{"a key missing", func(x *tampered) { x.forget(t, x.key(t, x.a, keyvault.Record)) }, map[ledger.Nature]int{ledger.FaultKey: 2, ledger.FaultFingerprint: 1}},
		{"an orphan", func(x *tampered) { x.create(t, uuid.New(), keyvault.Record) }, map[ledger.Nature]int{ledger.FaultOrphan: 1}},
		{"a birth dropped", func(x *tampered) { x.envelopes = slices.Delete(x.envelopes, 0, 1); reposition(x.envelopes) }, map[ledger.Nature]int{ledger.FaultOrphan: 1}},
		{"an event under another's key", func(x *tampered) { x.reseal(t, &x.envelopes[2], x.key(t, x.b, keyvault.Record)) }, map[ledger.Nature]int{ledger.FaultTwoKeys: 1, ledger.FaultOwner: 1}},
		{"a livret under another's key", func(x *tampered) {
			x.reseal(t, &x.envelopes[1], x.key(t, x.b, keyvault.Record))
			x.reseal(t, &x.envelopes[2], x.key(t, x.b, keyvault.Record))
		}, map[ledger.Nature]int{ledger.FaultOwner: 1}},
		{"an event in clear", func(x *tampered) { x.reseal(t, &x.envelopes[2], uuid.Nil) }, map[ledger.Nature]int{ledger.FaultTwoKeys: 1, ledger.FaultClear: 1}},
		{"a key destroyed in secret", func(x *tampered) { x.shred(t, x.key(t, x.a, keyvault.Record)) }, map[ledger.Nature]int{ledger.FaultLost: 1}},
		{"a key fenced in secret", func(x *tampered) {
			x.move(t, x.key(t, x.a, keyvault.Record), keyvault.Active, keyvault.Fenced)
		}, map[ledger.Nature]int{ledger.FaultLost: 1}},
		{"a key taken into custody in secret", func(x *tampered) {
			x.move(t, x.key(t, x.a, keyvault.Record), keyvault.Active, keyvault.Archived)
		}, map[ledger.Nature]int{ledger.FaultTaken: 1}},
		{"a key that did not leave", func(x *tampered) {
			x.record(t, x.a, retention.KeysArchived{Pair: "2018-juin", Keys: x.named(t, x.a)})
			x.envelopes = x.fixture.envelopes(t)
		}, map[ledger.Nature]int{ledger.FaultReturned: 1}},
		{"a key that was not destroyed", func(x *tampered) {
			x.record(t, x.a, retention.KeysDestroyed{Lot: uuid.New(), Visa: "2019/1", Keys: x.named(t, x.a), Events: 2})
			x.envelopes = x.fixture.envelopes(t)
		}, map[ledger.Nature]int{ledger.FaultRisen: 1}},
		{"an event of the future", func(x *tampered) {
			x.envelopes[2].Type = "record.Unheard"
			x.reseal(t, &x.envelopes[2], x.key(t, x.a, keyvault.Record))
		}, map[ledger.Nature]int{ledger.FaultVocabulary: 1}},
	}
	named := make(map[ledger.Nature]bool)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			x := &tampered{fixture: open(t)}
			x.a, x.b = x.livret(t), x.livret(t)
			x.envelopes = x.fixture.envelopes(t)
			test.tamper(x)
			l := x.over(t, rewritten{x.store, x.envelopes, nil}, x.vault)
			found := natures(t, l)
			if fmt.Sprint(found) != fmt.Sprint(test.want) {
				t.Errorf("found %v, want %v", found, test.want)
			}
			for nature := range found {
				named[nature] = true
			}
		})
	}
	for _, nature := range []ledger.Nature{ledger.FaultOrder, ledger.FaultSequence, ledger.FaultLedger, ledger.FaultContent, ledger.FaultVocabulary, ledger.FaultKey,
		ledger.FaultOrphan, ledger.FaultFingerprint, ledger.FaultUnsealed, ledger.FaultTwoKeys, ledger.FaultOwner, ledger.FaultClear,
		ledger.FaultRisen, ledger.FaultLost, ledger.FaultReturned, ledger.FaultTaken} {
		if !named[nature] {
			t.Errorf("no damage shows %q", nature)
		}
	}
}

func (f *fixture) forget(t testing.TB, key uuid.UUID) {
	t.Helper()
	if err := f.vault.Forget(context.Background(), key); err != nil {
		t.Fatal(err)
	}
}

// record appends what the ledger would say, in clear, to the retention stream of an owner.
func (f *fixture) record(t testing.TB, owner uuid.UUID, event domain.Event) {
	t.Helper()
	ctx, stream := context.Background(), eventstore.Stream(retention.Category, owner)
	at, err := f.store.Head(ctx, stream)
	if err != nil {
		t.Fatal(err)
	}
	name, schema, payload, err := f.Codec().Encode(event)
	if err != nil {
		t.Fatal(err)
	}
	header := eventstore.Header{Ledger: f.envelopes(t)[0].Ledger, Stream: stream, Sequence: at + 1, Type: name, Schema: schema, Event: uuid.New(), RecordedAt: f.Now()}
	e, err := keyvault.SealEvent(nil, header, eventstore.Content{Role: "systeme", OccurredAt: f.Now(), Payload: payload})
	if err == nil {
		_, err = f.store.Append(ctx, e)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// named names the record key of an owner as the retention stream does.
func (f *fixture) named(t testing.TB, owner uuid.UUID) []retention.Key {
	t.Helper()
	info, err := f.vault.Find(context.Background(), owner, keyvault.Record)
	if err != nil {
		t.Fatal(err)
	}
	return []retention.Key{{Class: string(info.Class), Fingerprint: fmt.Sprintf("%x", info.Fingerprint)}}
}

func (f *fixture) create(t testing.TB, owner uuid.UUID, class keyvault.Class) {
	t.Helper()
	if _, err := f.vault.Create(context.Background(), keyvault.Birth{Owner: owner, Class: class}); err != nil {
		t.Fatal(err)
	}
}

// reseal seals the content of an event anew, under another key or none, as who holds all keys could.
func (f *fixture) reseal(t testing.TB, e *eventstore.Envelope, under uuid.UUID) {
	t.Helper()
	ctx := context.Background()
	was := f.envelopes(t)[slices.IndexFunc(f.envelopes(t), func(o eventstore.Envelope) bool { return o.Event == e.Event })]
	key, err := f.vault.Open(ctx, was.Key)
	if err != nil {
		t.Fatal(err)
	}
	content, err := keyvault.OpenEvent(key, &was)
	if err != nil {
		t.Fatal(err)
	}
	var other *keyvault.Key
	if under != uuid.Nil {
		if other, err = f.vault.Open(ctx, under); err != nil {
			t.Fatal(err)
		}
	}
	header := e.Header
	header.Key = under
	sealed, err := keyvault.SealEvent(other, header, content)
	if err != nil {
		t.Fatal(err)
	}
	sealed.Position = e.Position
	*e = sealed
}

// TestADamagedFile finds what a store says is damaged, and goes no further.
func TestADamagedFile(t *testing.T) {
	f := open(t)
	f.livret(t)
	all := f.envelopes(t)
	l := f.over(t, rewritten{f.store, all[:2], fmt.Errorf("page 7: %w", eventstore.ErrCorrupt)}, f.vault)
	checked, err := l.Check(context.Background())
	if err != nil || len(checked.Faults) != 1 || checked.Faults[0].Nature != ledger.FaultDamaged || checked.Faults[0].Event != 3 || checked.Streams != 2 {
		t.Errorf("checked %+v, %v", checked, err)
	}
}

// TestFaultsNameNobody prints what a check finds: streams, keys and positions, and nothing that was sealed.
func TestFaultsNameNobody(t *testing.T) {
	f := open(t)
	livret := uuid.New()
	who := identity.RecordPupil{Civil: &identity.CivilIdentityRecorded{FamilyName: "CANARI", FirstNames: []string{"Colibri"}}}
	if _, err := ledger.Execute(context.Background(), f.Ledger, f.order(), identity.PupilDecider, livret, who); err != nil {
		t.Fatal(err)
	}
	l := f.over(t, tampering{f.store, func(e *eventstore.Envelope) { e.Sealed[50] ^= 1 }}, f.vault)
	checked, err := l.Check(context.Background())
	if err != nil || len(checked.Faults) == 0 {
		t.Fatal(err)
	}
	said, err := json.Marshal(checked)
	if err != nil {
		t.Fatal(err)
	}
	_, _, failed := ledger.Load(context.Background(), l, identity.PupilDecider, livret)
	_, refused := ledger.Execute(context.Background(), f.Ledger, f.order(), identity.PupilDecider, livret, identity.RecordPupil{Civil: &identity.CivilIdentityRecorded{FamilyName: "CANARI", BirthDate: "le 3 CANARI"}})
	_, contended := ledger.Execute(context.Background(), l, f.order(), record.Decider, livret, record.OpenLivret{})
	for _, text := range []string{string(said), fmt.Sprint(failed), fmt.Sprint(refused), fmt.Sprint(contended)} {
		if text == "<nil>" || strings.Contains(text, "CANARI") || strings.Contains(text, "Colibri") {
			t.Errorf("said: %s", text)
		}
	}
}
