package ledger_test

import (
	"context"
	"errors"
	"iter"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/identity"
	"livret/domain/record"
	"livret/eventstore"
	"livret/eventstore/keyvault"
	"livret/eventstore/keyvault/vaulttest"
	"livret/eventstore/ledger"
)

func (f *fixture) move(t testing.TB, key uuid.UUID, states ...keyvault.State) {
	t.Helper()
	vaulttest.Move(t, f.vault, key, states...)
}

func (f *fixture) shred(t testing.TB, key uuid.UUID) {
	t.Helper()
	f.move(t, key, keyvault.Active, keyvault.Fenced, keyvault.Shredded)
}

func (f *fixture) key(t testing.TB, owner uuid.UUID, class keyvault.Class) uuid.UUID {
	t.Helper()
	info, err := f.vault.Find(context.Background(), owner, class)
	if err != nil {
		t.Fatal(err)
	}
	return info.ID
}

// statesOf reads all facts of livrets and gives the state of the first of each.
func statesOf(t testing.TB, facts iter.Seq2[ledger.Fact, error]) map[uuid.UUID]ledger.Readability {
	t.Helper()
	states := make(map[uuid.UUID]ledger.Readability)
	for fact, err := range facts {
		if err != nil {
			t.Fatal(err)
		}
		if (fact.Event == nil) == (fact.State == ledger.Readable) {
			t.Errorf("%s with the event %v", fact.State, fact.Event)
		}
		livret, _ := fact.Envelope.Stream.UUID()
		if was, met := states[livret]; met && was != fact.State {
			t.Errorf("one stream is %s and %s", was, fact.State)
		}
		states[livret] = fact.State
	}
	return states
}

// TestStatesOfFacts reads livrets whose keys went all the ways that a key may go.
func TestStatesOfFacts(t *testing.T) {
	f := open(t)
	ctx := context.Background()
	want := make(map[uuid.UUID]ledger.Readability)
	in := func(state ledger.Readability) uuid.UUID {
		livret := f.livret(t)
		want[livret] = state
		return livret
	}
	readable := in(ledger.Readable)
	f.move(t, f.key(t, in(ledger.Archived), keyvault.Record), keyvault.Active, keyvault.Archived)
	f.move(t, f.key(t, in(ledger.Archived), keyvault.Record), keyvault.Active, keyvault.Held)
	f.move(t, f.key(t, in(ledger.Shredded), keyvault.Record), keyvault.Active, keyvault.Fenced)
	f.shred(t, f.key(t, in(ledger.Shredded), keyvault.Record))
	purged := f.key(t, in(ledger.Shredded), keyvault.Record)
	f.shred(t, purged)
	if n, err := f.store.Purge(ctx, purged); err != nil || n != 2 {
		t.Fatal(n, err)
	}
	if _, err := f.store.Purge(ctx, f.key(t, in(ledger.Unreadable), keyvault.Record)); err != nil { // bytes gone, and their key lives
		t.Fatal(err)
	}
	if err := f.vault.Forget(ctx, f.key(t, in(ledger.Unreadable), keyvault.Record)); err != nil { // a key that is missing
		t.Fatal(err)
	}
	damaged := in(ledger.Unreadable)
	l := f.over(t, tampering{f.store, func(e *eventstore.Envelope) {
		if e.Stream == eventstore.Stream(record.Category, damaged) {
			e.Sealed[len(e.Sealed)-1] ^= 1
		}
	}}, f.vault)

	if got := statesOf(t, l.Facts(ctx, eventstore.Position{}, record.Category)); len(got) != len(want) {
		t.Errorf("%d livrets, want %d", len(got), len(want))
	} else {
		for livret := range want {
			if got[livret] != want[livret] {
				t.Errorf("%s, want %s", got[livret], want[livret])
			}
		}
	}
	for livret, state := range want {
		stream := eventstore.Stream(record.Category, livret)
		if got := statesOf(t, l.Stream(ctx, stream)); got[livret] != state {
			t.Errorf("the stream is %s, want %s", got[livret], state)
		}
		_, _, err := ledger.Load(ctx, l, record.Decider, livret)
		_, ordered := ledger.Execute(ctx, l, f.order(), record.Decider, livret, average(t, 1, 1000))
		for _, err := range []error{err, ordered} {
			is := map[ledger.Readability]error{ledger.Archived: keyvault.ErrArchived, ledger.Shredded: keyvault.ErrShredded, ledger.Unreadable: ledger.ErrUnreadable}[state]
			if !errors.Is(err, is) {
				t.Errorf("%s fails with %v", state, err)
			}
			if state != ledger.Shredded && errors.Is(err, keyvault.ErrShredded) {
				t.Errorf("%s passes for forgotten: %v", state, err)
			}
		}
	}
	if _, _, err := ledger.Load(ctx, l, record.Decider, readable); err != nil {
		t.Error(err)
	}
}

// tampering changes what is read from a store.
type tampering struct {
	eventstore.Store
	change func(*eventstore.Envelope)
}

func (s tampering) changed(envelopes iter.Seq2[eventstore.Envelope, error]) iter.Seq2[eventstore.Envelope, error] {
	return func(yield func(eventstore.Envelope, error) bool) {
		for e, err := range envelopes {
			if err == nil && e.Sealed != nil {
				s.change(&e)
			}
			if !yield(e, err) {
				return
			}
		}
	}
}

func (s tampering) Stream(ctx context.Context, stream eventstore.StreamID, after eventstore.Version) iter.Seq2[eventstore.Envelope, error] {
	return s.changed(s.Store.Stream(ctx, stream, after))
}

func (s tampering) Read(ctx context.Context, after eventstore.Position) iter.Seq2[eventstore.Envelope, error] {
	return s.changed(s.Store.Read(ctx, after))
}

// TestNothingInClearPassesForSealed puts an event in clear, well formed, into a livret.
func TestNothingInClearPassesForSealed(t *testing.T) {
	f := open(t)
	ctx := context.Background()
	for _, livret := range []uuid.UUID{uuid.New(), f.livret(t)} {
		stream := eventstore.Stream(record.Category, livret)
		head, err := f.store.Head(ctx, stream)
		if err != nil {
			t.Fatal(err)
		}
		eventType, schema, payload, err := f.Codec().Encode(record.LivretOpened{Session: 2018})
		if err != nil {
			t.Fatal(err)
		}
		forged, err := keyvault.SealEvent(nil, eventstore.Header{Ledger: uuid.MustParse("5e8f2d80-0000-4000-8000-000000000001"), Stream: stream, Sequence: head + 1, Type: eventType, Schema: schema, Event: uuid.New(), RecordedAt: f.Now()},
			eventstore.Content{Role: "chef-etablissement", OccurredAt: f.Now(), Payload: payload})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.store.Append(ctx, forged); err != nil {
			t.Fatal(err)
		}
		var last ledger.Fact
		for fact, err := range f.Stream(ctx, stream) {
			if err != nil {
				t.Fatal(err)
			}
			last = fact
		}
		if last.State != ledger.Unreadable {
			t.Errorf("a forged event is %s", last.State)
		}
		if _, _, err := ledger.Load(ctx, f.Ledger, record.Decider, livret); !errors.Is(err, ledger.ErrUnreadable) {
			t.Errorf("the livret loads: %v", err)
		}
	}
	if faults := natures(t, f.Ledger); faults[ledger.FaultClear] != 2 {
		t.Errorf("faults %v", faults)
	}
}

// TestAFailingVaultIsNotAFact lets the vault fail in a way that says nothing about any key.
func TestAFailingVaultIsNotAFact(t *testing.T) {
	f := open(t)
	f.livret(t)
	broken := errors.New("disk")
	l := f.over(t, f.store, failing{f.vault, broken})
	for fact, err := range l.Facts(context.Background(), eventstore.Position{}, record.Category) {
		if !errors.Is(err, broken) {
			t.Errorf("got %s, %v", fact.State, err)
		}
	}
	if _, err := l.Check(context.Background()); !errors.Is(err, broken) {
		t.Errorf("check: %v", err)
	}
}

type failing struct {
	keyvault.Vault
	err error
}

func (v failing) Open(context.Context, uuid.UUID) (*keyvault.Key, error) { return nil, v.err }

// TestKeysAreZeroed counts the keys that anything left open.
func TestKeysAreZeroed(t *testing.T) {
	f := open(t)
	ctx := context.Background()
	watched := &watching{Vault: f.vault}
	l := f.over(t, f.store, watched)
	zeroed := func(what string) {
		t.Helper()
		if len(watched.keys) == 0 {
			t.Errorf("%s opened no key", what)
		}
		for _, key := range watched.keys {
			if key.Fingerprint() != keyvault.FingerprintOf([keyvault.KeySize]byte{}) {
				t.Errorf("%s left a key open", what)
			}
		}
		watched.keys = nil
	}
	livret, other := uuid.New(), uuid.New()
	execute := func(order ledger.Order, livret uuid.UUID, cmd domain.Command[*record.State]) error {
		_, err := ledger.Execute(ctx, l, order, record.Decider, livret, cmd)
		return err
	}
	order := f.order()
	if err := errors.Join(execute(order, livret, record.OpenLivret{Session: 2018}), execute(f.order(), other, record.OpenLivret{Session: 2018})); err != nil {
		t.Fatal(err)
	}
	zeroed("a first order")
	if err := execute(order, livret, record.OpenLivret{Session: 2018}); err != nil {
		t.Fatal(err)
	}
	zeroed("a retry")
	if execute(f.order(), livret, average(t, 9, 1000)) == nil {
		t.Fatal("no refusal")
	}
	zeroed("a refusal")
	for range l.Facts(ctx, eventstore.Position{}, record.Category) {
	}
	zeroed("Facts")
	for range l.Facts(ctx, eventstore.Position{}, record.Category) {
		break
	}
	zeroed("Facts left early")
	if _, err := l.Check(ctx); err != nil {
		t.Fatal(err)
	}
	zeroed("Check")
	damaged := f.over(t, tampering{f.store, func(e *eventstore.Envelope) { e.Commit[0] ^= 1 }}, watched)
	if _, _, err := ledger.Load(ctx, damaged, record.Decider, livret); err == nil {
		t.Fatal("no damage")
	}
	zeroed("a failed Load")
	following, cancel := context.WithCancel(ctx)
	for fact, err := range l.Follow(following, eventstore.Position{}, record.Category) {
		if err != nil {
			break
		}
		zeroed("Follow, before it yields")
		if fact.Envelope.Stream == eventstore.Stream(record.Category, other) {
			cancel()
		}
	}
	cancel()
	if err := react(ctx, l, newCursors(), ledger.Candidates{}, 0); err != nil {
		t.Fatal(err)
	}
	zeroed("a reaction")
}

type watching struct {
	keyvault.Vault
	mu   sync.Mutex
	keys []*keyvault.Key
}

func (v *watching) Open(ctx context.Context, id uuid.UUID) (*keyvault.Key, error) {
	key, err := v.Vault.Open(ctx, id)
	if err == nil {
		v.mu.Lock()
		v.keys = append(v.keys, key)
		v.mu.Unlock()
	}
	return key, err
}

// TestFollowWaits hears what is recorded later, of its categories only, finds a key destroyed meanwhile dead, and
// ends with its context.
func TestFollowWaits(t *testing.T) {
	f := open(t)
	first := f.livret(t)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	var heard []ledger.Readability
	for fact, err := range f.Follow(ctx, eventstore.Position{}, record.Category) {
		if err != nil {
			if !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
			break
		}
		switch heard = append(heard, fact.State); len(heard) {
		case 1:
			f.shred(t, f.key(t, first, keyvault.Record))
		case 2:
			go f.livret(t)
		case 4:
			cancel()
		}
	}
	if !slices.Equal(heard, []ledger.Readability{ledger.Readable, ledger.Shredded, ledger.Readable, ledger.Readable}) {
		t.Errorf("heard %v", heard)
	}
}

func TestFactsEndWithTheirContext(t *testing.T) {
	f := open(t)
	livret := f.livret(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, facts := range []iter.Seq2[ledger.Fact, error]{
		f.Facts(ctx, eventstore.Position{}, record.Category), f.Follow(ctx, eventstore.Position{}, record.Category), f.Stream(ctx, eventstore.Stream(record.Category, livret)),
	} {
		n := 0
		for _, err := range facts {
			if n++; !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
		}
		if n != 1 {
			t.Errorf("%d yields", n)
		}
	}
	if _, _, err := ledger.Load(ctx, f.Ledger, record.Decider, livret); !errors.Is(err, context.Canceled) {
		t.Errorf("load: %v", err)
	}
	for range f.Facts(context.Background(), eventstore.Position{}, identity.Category) {
		t.Error("a fact of a category that nobody asked for")
	}
}
