package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/deliberation"
	"livret/domain/identity"
	"livret/domain/record"
	"livret/domain/retention"
	"livret/eventstore"
	"livret/eventstore/keyvault"
	keys "livret/eventstore/keyvault/memory"
	"livret/eventstore/ledger"
	"livret/eventstore/memory"
)

const june = "2018-juin"

var session = deliberation.ExamSession{Year: 2018, Round: deliberation.Juin}

// fate is when a process dies: at its n-th call that changes something, before it takes effect or after. All
// later calls find the files closed, as those of a dead process do. A negative n spares it.
type fate struct {
	mu    sync.Mutex
	n     int
	after bool
	dead  bool
}

func (f *fate) met(do func() error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.dead {
		return eventstore.ErrClosed
	}
	f.dead = f.n == 0
	f.n--
	if f.dead && !f.after {
		return eventstore.ErrClosed
	}
	if err := do(); err != nil || !f.dead {
		return err
	}
	return eventstore.ErrClosed
}

// mortal is what an eraser acts on, under a fate.
type mortal struct {
	*memory.Store
	fate *fate
}

func (m mortal) Append(ctx context.Context, drafts ...eventstore.Envelope) (at eventstore.Position, err error) {
	err = m.fate.met(func() error { at, err = m.Store.Append(ctx, drafts...); return err })
	return at, err
}

func (m mortal) Purge(ctx context.Context, ids ...uuid.UUID) (n int, err error) {
	err = m.fate.met(func() error { n, err = m.Store.Purge(ctx, ids...); return err })
	return n, err
}

type mortalVault struct {
	*keys.Vault
	fate *fate
}

func (m mortalVault) SetStates(ctx context.Context, from, to keyvault.State, ids ...uuid.UUID) error {
	return m.fate.met(func() error { return m.Vault.SetStates(ctx, from, to, ids...) })
}

func (m mortalVault) Forget(ctx context.Context, ids ...uuid.UUID) error {
	return m.fate.met(func() error { return m.Vault.Forget(ctx, ids...) })
}

// views remembers what was purged.
type views struct {
	fate   *fate
	purged map[uuid.UUID]bool
}

func (v views) Purge(_ context.Context, ids ...uuid.UUID) error {
	return v.fate.met(func() error {
		for _, id := range ids {
			v.purged[id] = true
		}
		return nil
	})
}

// world is a ledger on a clock that tests move.
type world struct {
	*fixture
	now    time.Time
	purged map[uuid.UUID]bool
}

func newWorld(t testing.TB) *world {
	w := &world{fixture: open(t), now: time.Date(2018, 6, 10, 8, 0, 0, 0, time.UTC), purged: make(map[uuid.UUID]bool)}
	w.Ledger = w.opened(t, w.store, w.vault)
	return w
}

func (w *world) opened(t testing.TB, store eventstore.Store, vault keyvault.Vault) *ledger.Ledger {
	t.Helper()
	codec, err := ledger.Vocabulary()
	if err != nil {
		t.Fatal(err)
	}
	l, err := ledger.New(ledger.Config{ID: uuid.MustParse("5e8f2d80-0000-4000-8000-000000000001"), Store: store, Vault: vault, Codec: codec, Now: func() time.Time { return w.now }})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// at moves the clock to noon of a day in Paris.
func (w *world) at(date string) domain.Date {
	day, err := domain.ParseDate(date)
	if err != nil {
		panic(err)
	}
	w.now, _ = time.Parse(time.DateOnly+" 15:04", date+" 11:00")
	return day
}

func (w *world) granted(t testing.TB, act access.Act) access.Grant {
	t.Helper()
	role := access.Exploitant
	if act == access.RecordKey {
		role = access.Systeme
	}
	grant, err := access.Allow(access.Actor{Actor: domain.Actor{Role: role}}, act, access.Target{}, w.Today())
	if err != nil {
		t.Fatal(err)
	}
	return grant
}

// retain gives an order to a retention stream.
func (w *world) retain(t testing.TB, act access.Act, livret uuid.UUID, command domain.Command[*retention.State]) error {
	t.Helper()
	_, err := ledger.Execute(context.Background(), w.Ledger, ledger.Order{ID: uuid.New(), Grant: w.granted(t, act), Quiet: true}, retention.Decider, livret, command)
	return err
}

// pupil is a livret with identity, record and candidate.
func (w *world) pupil(t testing.TB) uuid.UUID {
	t.Helper()
	id := w.livret(t)
	who := identity.RecordPupil{Civil: &identity.CivilIdentityRecorded{FamilyName: "MARTIN", FirstNames: []string{"Rose"}}}
	if _, err := ledger.Execute(context.Background(), w.Ledger, w.order(), identity.PupilDecider, id, who); err != nil {
		t.Fatal(err)
	}
	if err := w.Register(context.Background(), id, session); err != nil {
		t.Fatal(err)
	}
	return id
}

func (w *world) proclaim(t testing.TB, of deliberation.ExamSession, date string) {
	t.Helper()
	on := w.at(date)
	order := ledger.Order{ID: uuid.New(), Grant: w.granted(t, access.ProclaimSession), Quiet: true}
	if _, err := ledger.Execute(context.Background(), w.Ledger, order, deliberation.SessionDecider, of.Stream(), deliberation.ProclaimSession{Session: of, On: on, Today: w.Today()}); err != nil {
		t.Fatal(err)
	}
	w.clocks(t)
}

func (w *world) clocks(t testing.TB) {
	t.Helper()
	if err := w.React(context.Background(), newCursors(), ledger.Clocks{}); err != nil {
		t.Fatal(err)
	}
}

func (w *world) visa(t testing.TB, livrets ...uuid.UUID) {
	t.Helper()
	for _, livret := range livrets {
		if err := w.retain(t, access.GiveEliminationVisa, livret, retention.GiveEliminationVisa{Reference: "AD38-117", Session: june}); err != nil {
			t.Fatal(err)
		}
	}
}

// erase runs an eraser in a process of its own, which meets a fate.
func (w *world) erase(t testing.TB, f *fate) (ledger.Erased, error) {
	t.Helper()
	store, vault := mortal{w.store, f}, mortalVault{w.vault, f}
	l := w.opened(t, store, vault)
	if _, err := l.Sweep(context.Background()); err != nil {
		return ledger.Erased{}, err
	}
	e := ledger.Eraser{Ledger: l, Log: store, Keys: vault, Views: views{f, w.purged}}
	return e.Run(context.Background(), w.granted(t, access.DestroyKeys), w.Today())
}

func spared() *fate { return &fate{n: -1} }

func (w *world) standing(t testing.TB, livret uuid.UUID) retention.Standing {
	t.Helper()
	state, _, err := ledger.Load(context.Background(), w.Ledger, retention.Decider, livret)
	if err != nil {
		t.Fatal(err)
	}
	return state.Standing(w.Today(), nil)
}

// readable tells what a reader of the record finds.
func (w *world) readable(t testing.TB, livret uuid.UUID) bool {
	t.Helper()
	_, _, err := ledger.Load(context.Background(), w.Ledger, record.Decider, livret)
	if err != nil && !errors.Is(err, keyvault.ErrShredded) {
		t.Fatal(err)
	}
	return err == nil
}

// wantGone checks that nothing of a livret is left, and that its end is recorded once.
func (w *world) wantGone(t testing.TB, livret uuid.UUID) {
	t.Helper()
	if w.readable(t, livret) || w.standing(t, livret) != retention.Gone {
		t.Errorf("a livret is %s, readable: %t", w.standing(t, livret), w.readable(t, livret))
	}
	state, _, _ := ledger.Load(context.Background(), w.Ledger, retention.Decider, livret)
	if done := state.Destroyed(); len(done) != 1 || len(done[0].Keys) != 3 || done[0].Events != 4 {
		t.Errorf("its end is recorded as %+v", done)
	}
	owned := make(map[uuid.UUID]bool)
	all, _ := w.vault.Keys(context.Background())
	for _, info := range all {
		if info.Owner != livret {
			continue
		}
		owned[info.ID] = true
		if info.State != keyvault.Shredded || !w.purged[info.ID] {
			t.Errorf("its key of %s is %s, purged from views: %t", info.Class, info.State, w.purged[info.ID])
		}
	}
	for e, err := range w.store.Read(context.Background(), eventstore.Position{}) {
		if err != nil || owned[e.Key] && e.Sealed != nil {
			t.Errorf("%s at %d keeps its bytes, %v", e.Stream, e.Sequence, err)
		}
	}
}

func (w *world) wantSound(t testing.TB) ledger.Checked {
	t.Helper()
	checked, err := w.Check(context.Background())
	if err != nil || len(checked.Faults) > 0 {
		t.Fatalf("check: %+v, %v", checked.Faults, err)
	}
	return checked
}

// certificates checks that the certificates say, between them, what is recorded of each livret.
func (w *world) certificates(t testing.TB) (livrets int) {
	t.Helper()
	docket, err := w.Docket(context.Background())
	if err != nil || len(docket.Unreadable) > 0 {
		t.Fatal(docket.Unreadable, err)
	}
	for lot, certificate := range docket.Lots {
		again, complete := docket.Certificate(lot, certificate.Dated)
		if fmt.Sprint(again) != fmt.Sprint(retention.IssueCertificate(*certificate)) || !complete {
			t.Errorf("certificate %+v, from the facts %+v", certificate, again)
		}
		livrets += certificate.Livrets
	}
	return livrets
}

func TestALivretIsDestroyedOnItsDay(t *testing.T) {
	w := newWorld(t)
	dying, held, unseen, teacher := w.pupil(t), w.pupil(t), w.pupil(t), uuid.New()
	if _, err := ledger.Execute(context.Background(), w.Ledger, w.order(), identity.StaffDecider, teacher, identity.RecordStaff{UAI: "0000123J", Name: "DURAND", First: "Anne"}); err != nil {
		t.Fatal(err)
	}
	w.proclaim(t, session, "2018-07-05")
	if err := w.retain(t, access.PlaceHold, held, retention.PlaceHold{Hold: uuid.New()}); err != nil {
		t.Fatal(err)
	}
	w.visa(t, dying, held)

	w.now = time.Date(2019, 3, 4, 22, 59, 0, 0, time.UTC) // 23:59 in Paris
	if erased, err := w.erase(t, spared()); err != nil || erased.Livrets != 0 {
		t.Fatalf("the day before: %+v, %v", erased, err)
	}
	w.now = time.Date(2019, 3, 4, 23, 0, 0, 0, time.UTC) // midnight in Paris
	want := map[uuid.UUID]retention.Standing{dying: retention.Ready, held: retention.OnHold, unseen: retention.VisaMissing, teacher: retention.NotALivret}
	for livret, standing := range want {
		if got := w.standing(t, livret); got != standing {
			t.Errorf("a livret is %s, want %s", got, standing)
		}
	}
	erased, err := w.erase(t, spared())
	if err != nil || erased.Livrets != 1 || erased.Keys != 3 || erased.Events != 4 || len(erased.Lots) != 1 || len(erased.Left) != 0 {
		t.Fatalf("%+v, %v", erased, err)
	}
	w.wantGone(t, dying)
	for _, livret := range []uuid.UUID{held, unseen} {
		if !w.readable(t, livret) {
			t.Error("another livret is gone")
		}
	}
	if checked := w.wantSound(t); checked.Shredded != 4 {
		t.Errorf("%+v", checked)
	}
	if n := w.certificates(t); n != 1 {
		t.Errorf("certificates speak of %d livrets", n)
	}
	if again, err := w.erase(t, spared()); err != nil || again.Livrets != 0 || len(again.Lots) != 0 {
		t.Errorf("a second run: %+v, %v", again, err)
	}
	late := ledger.Eraser{Ledger: w.Ledger, Log: w.store, Keys: w.vault, Views: views{spared(), w.purged}}
	_, err = late.Run(context.Background(), w.granted(t, access.DestroyKeys), w.Today().PlusMonths(1))
	if refusal, refused := errors.AsType[*domain.Refusal](err); !refused || refusal.Rule != "destruction-anticipee" {
		t.Errorf("a run for a day to come: %v", err)
	}
}

// TestADestructionKilledAnywhereIsFinishedByTheNext kills a run at each of its effects, before and after it
// takes place, and lets another one finish.
func TestADestructionKilledAnywhereIsFinishedByTheNext(t *testing.T) {
	for _, after := range []bool{false, true} {
		for n := 0; ; n++ {
			w := newWorld(t)
			dying, held := []uuid.UUID{w.pupil(t), w.pupil(t)}, w.pupil(t)
			w.proclaim(t, session, "2018-07-05")
			w.visa(t, dying...)
			w.visa(t, held)
			if err := w.retain(t, access.PlaceHold, held, retention.PlaceHold{Hold: uuid.New()}); err != nil {
				t.Fatal(err)
			}
			w.at("2019-03-05")
			_, err := w.erase(t, &fate{n: n, after: after})
			if _, err := w.erase(t, spared()); err != nil {
				t.Fatalf("killed at %d: %v", n, err)
			}
			for _, livret := range dying {
				w.wantGone(t, livret)
			}
			if !w.readable(t, held) {
				t.Errorf("killed at %d: the livret under hold is gone", n)
			}
			w.wantSound(t)
			if livrets := w.certificates(t); livrets != 2 {
				t.Errorf("killed at %d: certificates speak of %d livrets", n, livrets)
			}
			if t.Failed() {
				t.Fatalf("killed at %d, after its effect: %t", n, after)
			}
			if err == nil {
				if n < 10 {
					t.Fatalf("a run has %d effects only", n)
				}
				break
			}
		}
	}
}

// TestAHoldComesInTimeOrIsRefused places a hold after a run that died at each of its effects: either it is
// acknowledged and the livret lives, or it is refused and the livret dies.
func TestAHoldComesInTimeOrIsRefused(t *testing.T) {
	saved, lost := 0, 0
	for n := range 9 {
		w := newWorld(t)
		livret := w.pupil(t)
		w.proclaim(t, session, "2018-07-05")
		w.visa(t, livret)
		w.at("2019-03-05")
		w.erase(t, &fate{n: n, after: true})
		err := w.retain(t, access.PlaceHold, livret, retention.PlaceHold{Hold: uuid.New()})
		if _, failed := w.erase(t, spared()); failed != nil {
			t.Fatal(failed)
		}
		refusal, refused := errors.AsType[*domain.Refusal](err)
		switch {
		case err == nil:
			saved++
			if !w.readable(t, livret) || w.standing(t, livret) != retention.OnHold {
				t.Errorf("killed at %d: a hold was acknowledged, and the livret is %s", n, w.standing(t, livret))
			}
		case refused && refusal.Rule == "destruction-engagee":
			lost++
			w.wantGone(t, livret)
		default:
			t.Fatal(err)
		}
		w.wantSound(t)
	}
	if saved == 0 || lost == 0 {
		t.Errorf("%d holds came in time and %d late: nothing was tried", saved, lost)
	}
}

// TestAppendsDuringADestruction writes in livrets while their keys are destroyed. What is written late is refused
// as shredded, and nothing under a dead key keeps its bytes.
func TestAppendsDuringADestruction(t *testing.T) {
	w := newWorld(t)
	var dying []uuid.UUID
	for range 8 {
		dying = append(dying, w.pupil(t))
	}
	w.proclaim(t, session, "2018-07-05")
	w.visa(t, dying...)
	w.at("2019-03-05")
	stop := make(chan struct{})
	var writing sync.WaitGroup
	for i, livret := range dying {
		writing.Go(func() {
			for n := range 500 {
				select {
				case <-stop:
					return
				default:
				}
				_, err := ledger.Execute(context.Background(), w.Ledger, w.order(), record.Decider, livret, average(t, uint8(1+n%3), (i+n)%2000))
				if err != nil && !errors.Is(err, keyvault.ErrShredded) {
					t.Error(err)
				}
			}
		})
	}
	e := ledger.Eraser{Ledger: w.Ledger, Log: w.store, Keys: w.vault, Views: views{spared(), w.purged}}
	erased, err := e.Run(context.Background(), w.granted(t, access.DestroyKeys), w.Today())
	close(stop)
	writing.Wait()
	if err != nil || erased.Livrets != len(dying) {
		t.Fatalf("%+v, %v", erased, err)
	}
	checked := w.wantSound(t)
	if checked.Shredded != erased.Events {
		t.Errorf("%d events are shredded, and the proofs say %d", checked.Shredded, erased.Events)
	}
	for e := range w.store.Read(context.Background(), eventstore.Position{}) {
		if e.Key != uuid.Nil && e.Sealed != nil {
			t.Errorf("%s at %d keeps its bytes", e.Stream, e.Sequence)
		}
	}
}

// TestNothingIsBornToTheForgotten registers a candidate of a livret that never had one, and is destroyed.
func TestNothingIsBornToTheForgotten(t *testing.T) {
	w := newWorld(t)
	livret, other := w.livret(t), w.pupil(t)
	if err := w.retain(t, access.PlaceHold, livret, retention.PlaceHold{Hold: uuid.New()}); err != nil {
		t.Fatal(err)
	}
	w.proclaim(t, session, "2018-07-05")
	if got := w.standing(t, livret); got != retention.NoClock { // it has no candidate
		t.Fatalf("a livret without candidate is %s", got)
	}
	w.visa(t, other)
	w.at("2019-03-05")
	if _, err := w.erase(t, spared()); err != nil {
		t.Fatal(err)
	}
	stranger := ledger.Order{ID: uuid.New(), Grant: w.granted(t, access.ImportFiles)}
	if _, err := ledger.Execute(context.Background(), w.Ledger, stranger, record.Decider, other, average(t, 1, 1200)); !errors.Is(err, keyvault.ErrShredded) {
		t.Errorf("a mark in a destroyed livret: %v", err)
	}
	infos, err := w.vault.Create(context.Background(), keyvault.Birth{Owner: other, Class: keyvault.Consultation})
	if err != nil {
		t.Fatal(err)
	}
	born := retention.RecordKeyCreated{Class: "consultation", Fingerprint: fmt.Sprintf("%x", infos[0].Fingerprint)}
	if err := w.retain(t, access.RecordKey, other, born); err == nil || err.Error() != "refused by rule "+retention.RuleForgotten {
		t.Errorf("a key is born to a destroyed livret: %v", err)
	}
	if n, err := w.Sweep(context.Background()); n != 1 || err != nil {
		t.Errorf("swept %d, %v", n, err)
	}
	w.wantSound(t)
}

// TestTheLastProclamationCounts follows a candidate of both sessions, and one who was registered late.
func TestTheLastProclamationCounts(t *testing.T) {
	w := newWorld(t)
	both, once := w.pupil(t), w.pupil(t)
	september := deliberation.ExamSession{Year: 2018, Round: deliberation.Septembre}
	if err := w.Register(context.Background(), both, september); err != nil {
		t.Fatal(err)
	}
	w.proclaim(t, session, "2018-07-05")
	late := w.pupil(t)
	w.clocks(t)
	clock := func(livret uuid.UUID) string {
		state, _, err := ledger.Load(context.Background(), w.Ledger, retention.Decider, livret)
		if err != nil {
			t.Fatal(err)
		}
		of, _ := state.Clock(retention.Livret)
		log, _ := state.Clock(retention.Consultations)
		if of.From != log.From {
			t.Errorf("the clocks of one livret count from %s and %s", of.From, log.From)
		}
		return of.Session + " " + of.From.String()
	}
	if got := []string{clock(both), clock(once), clock(late)}; fmt.Sprint(got) != "[  2018-juin 2018-07-05 2018-juin 2018-07-05]" {
		t.Errorf("after June: %q", got)
	}
	w.proclaim(t, september, "2018-09-20")
	if got := []string{clock(both), clock(once)}; fmt.Sprint(got) != "[2018-septembre 2018-09-20 2018-juin 2018-07-05]" {
		t.Errorf("after September: %q", got)
	}
}
