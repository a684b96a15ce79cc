package instance

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/record"
	"livret/eventstore"
	"livret/eventstore/feed"
	"livret/eventstore/ledger"
	views "livret/projections/embedded"
)

// stubborn is a reaction that fails at one livret as long as it is told to.
type stubborn struct {
	livret uuid.UUID
	fails  bool
	heard  map[eventstore.StreamID]bool
}

func (*stubborn) Name() string         { return "reaction.stubborn.v1" }
func (*stubborn) Categories() []string { return []string{record.Category} }

func (s *stubborn) React(_ context.Context, _ *ledger.Ledger, facts []ledger.Fact) error {
	for _, fact := range facts {
		if id, _ := fact.Envelope.Stream.UUID(); s.fails && id == s.livret {
			return errors.New("stubborn")
		}
		s.heard[fact.Envelope.Stream] = true
	}
	return nil
}

// TestWhatIsParkedIsKeptBesideTheViews parks a livret, opens the folder again and retries.
func TestWhatIsParkedIsKeptBesideTheViews(t *testing.T) {
	dir, ctx := t.TempDir(), t.Context()
	if _, err := Init(dir, "08"); err != nil {
		t.Fatal(err)
	}
	s := &stubborn{fails: true, heard: make(map[eventstore.StreamID]bool)}
	open := func() *Instance {
		i, err := Open(ctx, dir, Options{Now: func() time.Time { return time.Date(2018, 6, 10, 8, 0, 0, 0, time.UTC) }})
		if err != nil {
			t.Fatal(err)
		}
		i.feed = feed.New(feed.Config{Ledger: i.Ledger, Cursors: cursors{i.Views}, Reactions: append(i.reactions(), s), Views: i.fold})
		return i
	}
	i := open()
	grant, err := access.Allow(access.Actor{Actor: domain.Actor{Role: access.Exploitant}}, access.ImportFiles, access.Target{}, i.Today())
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		s.livret = uuid.New()
		if _, err := ledger.Execute(ctx, i.Ledger, ledger.Order{ID: uuid.New(), Grant: grant}, record.Decider, s.livret, record.OpenLivret{Session: 2018}); err != nil {
			t.Fatal(err)
		}
	}
	if err := i.CatchUp(ctx); err != nil {
		t.Fatal(err)
	}
	if len(s.heard) != 2 {
		t.Errorf("heard %v", s.heard)
	}
	if err := i.Close(); err != nil {
		t.Fatal(err)
	}
	i = open()
	defer i.Close()
	stands := func() feed.Status {
		all, err := i.Reactions(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return all[slices.IndexFunc(all, func(r feed.Status) bool { return r.Name == s.Name() })]
	}
	sick := eventstore.Stream(record.Category, s.livret)
	want := feed.Parked{Stream: sick, Sequence: 1, Class: "*errors.errorString", Since: i.Ledger.Now(), Tried: i.Ledger.Now(), Attempts: 1}
	if got := stands(); got.Lag != 0 || !slices.Equal(got.Parked, []feed.Parked{want}) {
		t.Fatalf("stands at %+v", got)
	}
	if err := spared(t, i, s.livret); err == nil || spared(t, i, uuid.New()) != nil {
		t.Errorf("a livret may end while a fact of it waits: %v", err)
	}
	if err := i.RetryParked(ctx, sick); err != nil || stands().Parked[0].Attempts != 2 {
		t.Errorf("retried in vain: %+v, %v", stands(), err)
	}
	s.fails = false
	if err := i.RetryParked(ctx); err != nil || len(stands().Parked) != 0 || len(s.heard) != 3 {
		t.Errorf("retried: %+v, %v", stands(), err)
	}
	if err := spared(t, i, s.livret); err != nil {
		t.Errorf("nothing waits any more: %v", err)
	}
	kept := cursors{i.Views}
	at, err := kept.Cursor(ctx, s.Name())
	if err == nil {
		err = kept.Advance(ctx, s.Name(), at, at, feed.Parked{Stream: "session-2018-juin", Sequence: 1})
	}
	if err != nil || spared(t, i, s.livret) == nil {
		t.Errorf("a livret may end while a proclamation waits: %v", err)
	}
}

// spared is why a livret may not end yet.
func spared(t *testing.T, i *Instance, livret uuid.UUID) error {
	t.Helper()
	waits, err := i.nothingWaits(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return waits(livret, nil)
}

// TestCursorsAreComparedAndSwapped keeps what is parked only if the cursor stands where it was seen.
func TestCursorsAreComparedAndSwapped(t *testing.T) {
	store, err := views.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	kept, ctx := cursors{store}, t.Context()
	one, two := ledger.Day(1), ledger.Day(2)
	parked := feed.Parked{Stream: "record-1", Sequence: 7, Class: "class", Attempts: 1}
	if err := kept.Advance(ctx, "r", one, two, parked); !errors.Is(err, feed.ErrMoved) {
		t.Errorf("got %v", err)
	}
	if all, err := kept.Parked(ctx, "r"); err != nil || len(all) != 0 {
		t.Errorf("parked %v, %v", all, err)
	}
	if err := kept.Advance(ctx, "r", eventstore.Position{}, one, parked); err != nil {
		t.Fatal(err)
	}
	if all, err := kept.Parked(ctx, "other"); err != nil || len(all) != 0 {
		t.Errorf("of another: %v, %v", all, err)
	}
	if err := kept.Advance(ctx, "r", one, one, feed.Parked{Stream: "record-1"}); err != nil {
		t.Fatal(err)
	}
	if all, err := kept.Parked(ctx, "r"); err != nil || len(all) != 0 {
		t.Errorf("parked %v, %v", all, err)
	}
	if at, err := kept.Cursor(ctx, "r"); err != nil || at != one {
		t.Errorf("at %x, %v", at, err)
	}
}
