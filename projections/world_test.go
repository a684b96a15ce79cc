package projections_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"livret/domain"
	"livret/eventstore"
	"livret/eventstore/keyvault"
	vaultmemory "livret/eventstore/keyvault/memory"
	"livret/eventstore/memory"
	"livret/projections"
	viewmemory "livret/projections/memory"
)

// noted is the one event of these tests.
type noted struct {
	Text string `json:"text"`
}

func (noted) EventType() string { return "test.Noted" }

// notes is a row of these tests: all that was noted, in order.
type notes struct{ Texts []string }

func (n *notes) Unmarshal(plain []byte) error { *n = notes{}; return json.Unmarshal(plain, n) }
func (n *notes) Marshal() ([]byte, error)     { return json.Marshal(n) }
func (n *notes) Labels() [][]string {
	if len(n.Texts) == 0 {
		return nil
	}
	return [][]string{{"last", n.Texts[len(n.Texts)-1]}, {"all"}}
}

func (n *notes) Apply(f domain.Fact) error {
	if f.Event.(noted).Text == "inapplicable" {
		return errors.New("this can not be applied")
	}
	n.Texts = append(n.Texts, f.Event.(noted).Text)
	return nil
}

var testView = projections.Projection{
	Name:       "notes.v1",
	Categories: []string{"record", "identity"},
	Classes:    []keyvault.Class{keyvault.Record, keyvault.Identity},
	New:        func(string) projections.Folder { return new(notes) },
}

// tb is what *testing.T and *rapid.T have in common.
type tb interface {
	Helper()
	Fatal(args ...any)
	Errorf(format string, args ...any)
}

// world is a ledger under a test's control: its vault can lose keys and its store can be tampered with.
type world struct {
	t      tb
	log    *memory.Store
	vault  *vaultmemory.Vault
	views  *viewmemory.Store
	codec  *domain.Codec
	ledger uuid.UUID

	mu       sync.Mutex
	states   map[uuid.UUID]keyvault.State // of the keys that are no longer active
	moved    uint64                       // how often a state changed
	opened   map[uuid.UUID]int
	handed   []*keyvault.Key // all that were ever opened
	onOpen   func(key uuid.UUID)
	tamper   func(e *eventstore.Envelope)
	versions map[eventstore.StreamID]eventstore.Version
	keys     map[eventstore.StreamID]uuid.UUID
	batch    int
}

func newWorld(t tb) *world {
	codec, err := domain.NewCodec([]domain.Kind{domain.Define[noted](1)})
	if err != nil {
		t.Fatal(err)
	}
	return &world{
		t: t, log: memory.New(), vault: vaultmemory.New(), views: viewmemory.New(), codec: codec, ledger: uuid.New(),
		states: make(map[uuid.UUID]keyvault.State), opened: make(map[uuid.UUID]int),
		versions: make(map[eventstore.StreamID]eventstore.Version), keys: make(map[eventstore.StreamID]uuid.UUID),
	}
}

func (w *world) source() projections.Source {
	return projections.Source{Store: tampered{w.log, w}, Keys: w, Codec: w.codec, Workers: 2, Batch: w.batch}
}

// note appends a text to a stream, under a key of the given class (that of the category if it is none).
func (w *world) note(stream eventstore.StreamID, class keyvault.Class, texts ...string) {
	w.t.Helper()
	owner, _ := stream.UUID()
	infos, err := w.vault.Create(context.Background(), keyvault.Birth{Owner: owner, Class: class})
	w.must(err)
	key, err := w.vault.Open(context.Background(), infos[0].ID)
	w.must(err)
	defer key.Zero()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.keys[stream] = key.ID
	for _, text := range texts {
		eventType, schema, payload, err := w.codec.Encode(noted{text})
		w.must(err)
		if text == "unknown" {
			eventType = "test.Unknown"
		}
		h := eventstore.Header{
			Ledger: w.ledger, Stream: stream, Sequence: w.versions[stream] + 1, Type: eventType, Schema: schema,
			Event: uuid.New(), Key: key.ID, RecordedAt: time.UnixMicro(1_450_000_000_000_000).UTC(),
		}
		e, err := keyvault.SealEvent(key, h, eventstore.Content{Role: "enseignant", OccurredAt: h.RecordedAt, Payload: payload})
		w.must(err)
		_, err = w.log.Append(context.Background(), e)
		w.must(err)
		w.versions[stream]++
	}
}

// become puts the key of a stream into a state.
func (w *world) become(stream eventstore.StreamID, state keyvault.State) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.states[w.keys[stream]] = state
	w.moved++
}

// Open implements keyvault.Opener.
func (w *world) Open(ctx context.Context, key uuid.UUID) (*keyvault.Key, error) {
	w.mu.Lock()
	state, hook := w.states[key], w.onOpen
	w.opened[key]++
	w.mu.Unlock()
	if state != "" && state.Err() != nil {
		return nil, state.Err()
	}
	k, err := w.vault.Open(ctx, key)
	if err == nil {
		w.mu.Lock()
		w.handed = append(w.handed, k)
		w.mu.Unlock()
	}
	if hook != nil {
		hook(key)
	}
	return k, err
}

// Info implements keyvault.Opener.
func (w *world) Info(ctx context.Context, key uuid.UUID) (keyvault.Info, error) {
	info, err := w.vault.Info(ctx, key)
	w.mu.Lock()
	defer w.mu.Unlock()
	if state, ok := w.states[key]; ok {
		info.State = state
	}
	return info, err
}

// Generation implements keyvault.Opener.
func (w *world) Generation(ctx context.Context) (uint64, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.moved, nil
}

// Label implements keyvault.Opener.
func (w *world) Label(parts ...string) []byte { return w.vault.Label(parts...) }

// tampered is the ledger as its damaged disk gives it.
type tampered struct {
	eventstore.Store
	w *world
}

func (s tampered) Stream(ctx context.Context, stream eventstore.StreamID, after eventstore.Version) iter.Seq2[eventstore.Envelope, error] {
	return s.damage(s.Store.Stream(ctx, stream, after))
}

func (s tampered) Read(ctx context.Context, after eventstore.Position) iter.Seq2[eventstore.Envelope, error] {
	return s.damage(s.Store.Read(ctx, after))
}

func (s tampered) damage(envelopes iter.Seq2[eventstore.Envelope, error]) iter.Seq2[eventstore.Envelope, error] {
	return func(yield func(eventstore.Envelope, error) bool) {
		for e, err := range envelopes {
			if s.w.tamper != nil && err == nil {
				s.w.tamper(&e)
			}
			if !yield(e, err) {
				return
			}
		}
	}
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) run() eventstore.Position {
	w.t.Helper()
	to, err := projections.Run(context.Background(), w.source(), w.views, testView)
	w.must(err)
	return to
}

// texts reads a row as a page would.
func (w *world) texts(stream eventstore.StreamID) ([]string, error) {
	r := projections.NewReader(w.views, w, testView)
	row, err := r.Row(context.Background(), stream)
	if err != nil {
		return nil, err
	}
	var n notes
	if err := r.Open(context.Background(), row, &n); err != nil {
		return nil, err
	}
	return n.Texts, nil
}

func (w *world) expect(stream eventstore.StreamID, want ...string) {
	w.t.Helper()
	got, err := w.texts(stream)
	if err != nil || !slices.Equal(got, want) {
		w.t.Errorf("%s: %v, %v; want %v", stream, got, err, want)
	}
}

func (w *world) expectError(stream eventstore.StreamID, want error) {
	w.t.Helper()
	if got, err := w.texts(stream); !errors.Is(err, want) {
		w.t.Errorf("%s: %v, %v; want error %v", stream, got, err, want)
	}
}

// check is a check that must find the view exact.
func (w *world) check() projections.Report {
	w.t.Helper()
	report, err := projections.Check(context.Background(), w.source(), w.views, viewmemory.New(), testView)
	w.must(err)
	if !report.Exact() {
		w.t.Errorf("the view is not what a rebuild gives: %v", report.Differ)
	}
	return report
}

func stream(category string) eventstore.StreamID { return eventstore.Stream(category, uuid.New()) }

func numbered(n int) []string {
	texts := make([]string, n)
	for i := range texts {
		texts[i] = fmt.Sprint("n° ", i)
	}
	return texts
}

// holds tells whether a view's bytes contain a text.
func (w *world) holds(text string) bool {
	for _, category := range testView.Categories {
		for r, err := range w.views.Scan(context.Background(), testView.Name, category) {
			w.must(err)
			if bytes.Contains(r.Sealed, []byte(text)) || bytes.Contains(bytes.Join(r.Labels, nil), []byte(text)) {
				return true
			}
		}
	}
	return false
}
