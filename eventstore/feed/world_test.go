package feed_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/mark"
	"livret/domain/record"
	"livret/eventstore"
	"livret/eventstore/feed"
	keys "livret/eventstore/keyvault/memory"
	"livret/eventstore/ledger"
	"livret/eventstore/memory"
)

// world is a ledger in memory, and who writes in it.
type world struct {
	*ledger.Ledger
	store *memory.Store
	vault *keys.Vault
	grant access.Grant
	now   func() time.Time
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{store: memory.New(), vault: keys.New(), now: func() time.Time { return time.Date(2018, 6, 10, 8, 0, 0, 0, time.UTC) }}
	codec, err := ledger.Vocabulary()
	if err != nil {
		t.Fatal(err)
	}
	w.Ledger, err = ledger.New(ledger.Config{ID: uuid.New(), Store: w.store, Vault: w.vault, Codec: codec, Now: func() time.Time { return w.now() }})
	if err != nil {
		t.Fatal(err)
	}
	head := access.Actor{Actor: domain.Actor{Role: access.ChefEtablissement, Person: uuid.New()}, UAI: "0000123J"}
	if w.grant, err = access.Allow(head, access.ImportFiles, access.Target{UAI: "0000123J"}, w.Today()); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) do(t testing.TB, livret uuid.UUID, command domain.Command[*record.State]) {
	t.Helper()
	if _, err := ledger.Execute(context.Background(), w.Ledger, ledger.Order{ID: uuid.New(), Grant: w.grant, Quiet: true}, record.Decider, livret, command); err != nil {
		t.Fatal(err)
	}
}

// livret opens one: two facts.
func (w *world) livret(t testing.TB) uuid.UUID {
	t.Helper()
	id := uuid.New()
	w.do(t, id, record.OpenLivret{Session: 2018})
	w.do(t, id, record.SetPeriods{Year: 2017, Count: 3})
	return id
}

// write enters a mark that no other writing entered: one fact.
func (w *world) write(t testing.TB, livret uuid.UUID, n int) {
	t.Helper()
	m, err := mark.Hundredths(n % 2001)
	if err != nil {
		t.Fatal(err)
	}
	of := record.Enseignement{Year: 2017, Matiere: "061300", Modalite: "S", Rank: uint8(1 + n/2001)}
	w.do(t, livret, record.RecordAverage{Enseignement: of, Period: 1, Mark: m})
}

// hearing is a reaction that remembers, and can be made to fail. What it remembers is an effect: it is there once.
type hearing struct {
	name       string
	categories []string
	fail       func(ledger.Fact) error // nil: never

	inside atomic.Bool
	mu     sync.Mutex // of what follows, and of fail once the reaction is served
	calls  int
	heard  []ledger.Fact // in order, each once
	broken []string      // laws that did not hold
}

func (h *hearing) Name() string {
	if h.name == "" {
		return "reaction.hearing"
	}
	return h.name
}

func (h *hearing) Categories() []string {
	if h.categories == nil {
		return []string{record.Category}
	}
	return h.categories
}

// React fails in the middle of what it does, as a reaction may.
func (h *hearing) React(_ context.Context, _ *ledger.Ledger, facts []ledger.Fact) error {
	twice := !h.inside.CompareAndSwap(false, true)
	h.mu.Lock()
	defer h.mu.Unlock()
	defer h.inside.Store(false)
	if twice {
		h.broken = append(h.broken, "called twice at the same time")
	}
	h.calls++
	for _, fact := range facts {
		if fact.Envelope.Sealed != nil {
			h.broken = append(h.broken, "handed sealed bytes")
		}
		if h.fail != nil {
			if err := h.fail(fact); err != nil {
				return err
			}
		}
		h.take(fact)
	}
	return nil
}

// fails makes a reaction that is being served fail from now on, or no more.
func (h *hearing) fails(fail func(ledger.Fact) error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.fail = fail
}

// days is how many it heard.
func (h *hearing) days() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.heard)
}

func (h *hearing) take(fact ledger.Fact) {
	stream := fact.Envelope.Stream
	known := h.of(stream)
	if slices.Contains(known, fact.Envelope.Sequence) {
		return
	}
	if len(known) > 0 && fact.Envelope.Sequence != known[len(known)-1]+1 || len(known) == 0 && fact.Envelope.Sequence != 1 && stream != ledger.DaysStream {
		h.broken = append(h.broken, "skipped a fact of "+string(stream))
	}
	h.heard = append(h.heard, fact)
}

// of lists what was heard of one stream.
func (h *hearing) of(stream eventstore.StreamID) (sequences []eventstore.Version) {
	for _, fact := range h.heard {
		if fact.Envelope.Stream == stream {
			sequences = append(sequences, fact.Envelope.Sequence)
		}
	}
	return sequences
}

// holds fails if a law was broken, or if something that it should have heard was not, or not in order.
func (h *hearing) holds(t testing.TB, w *world) {
	t.Helper()
	for _, law := range h.broken {
		t.Errorf("%s: %s", h.Name(), law)
	}
	for fact, err := range w.Facts(context.Background(), eventstore.Position{}, h.Categories()...) {
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(h.of(fact.Envelope.Stream), fact.Envelope.Sequence) {
			t.Fatalf("%s did not hear %s at %d", h.Name(), fact.Envelope.Stream, fact.Envelope.Sequence)
		}
	}
}

// cursors are in memory, and can be made to crash.
type cursors struct {
	mu     sync.Mutex
	at     map[string]eventstore.Position
	parked map[string]map[eventstore.StreamID]feed.Parked
	crash  func() (before, after bool) // nil: never
	moves  int
}

func newCursors() *cursors {
	return &cursors{at: make(map[string]eventstore.Position), parked: make(map[string]map[eventstore.StreamID]feed.Parked)}
}

var errCrash = errors.New("crashed")

func (c *cursors) Cursor(_ context.Context, name string) (eventstore.Position, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at[name], nil
}

func (c *cursors) Parked(_ context.Context, name string) (all []feed.Parked, _ error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range c.parked[name] {
		all = append(all, p)
	}
	return all, nil
}

func (c *cursors) Advance(_ context.Context, name string, from, to eventstore.Position, changed ...feed.Parked) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	var before, after bool
	if c.crash != nil {
		before, after = c.crash()
	}
	if before {
		return errCrash
	}
	if c.at[name] != from {
		return feed.ErrMoved
	}
	c.moves++
	c.at[name] = to
	if c.parked[name] == nil {
		c.parked[name] = make(map[eventstore.StreamID]feed.Parked)
	}
	for _, p := range changed {
		if c.parked[name][p.Stream] = p; p.Sequence == 0 {
			delete(c.parked[name], p.Stream)
		}
	}
	if after {
		return errCrash
	}
	return nil
}
