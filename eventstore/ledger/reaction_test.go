package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"

	"livret/domain/access"
	"livret/domain/deliberation"
	"livret/domain/identity"
	"livret/domain/masking"
	"livret/domain/nomenclature"
	"livret/domain/record"
	"livret/eventstore"
	"livret/eventstore/keyvault"
	"livret/eventstore/ledger"
)

const (
	here  nomenclature.UAI = "0000123J"
	there nomenclature.UAI = "0000124K"
	termS nomenclature.MEF = "20211010110"
	termL nomenclature.MEF = "20213019110"
)

// campus is a ledger with its schools: who is in them is what a view would tell.
type campus struct {
	*fixture
	livrets map[nomenclature.UAI][]uuid.UUID
	staff   map[nomenclature.UAI][]uuid.UUID
	cursors *cursors
}

func newCampus(t testing.TB) *campus {
	return &campus{fixture: open(t), livrets: make(map[nomenclature.UAI][]uuid.UUID), staff: make(map[nomenclature.UAI][]uuid.UUID), cursors: newCursors()}
}

func (c *campus) Livrets(_ context.Context, school nomenclature.UAI) ([]uuid.UUID, error) {
	return c.livrets[school], nil
}

func (c *campus) Staff(_ context.Context, school nomenclature.UAI) ([]uuid.UUID, error) {
	return c.staff[school], nil
}

// identify records who a pupil is, or is called now.
func (c *campus) identify(t testing.TB, livret uuid.UUID, family string, first ...string) {
	t.Helper()
	who := identity.RecordPupil{
		Civil:  &identity.CivilIdentityRecorded{FamilyName: family, FirstNames: first},
		Siecle: &identity.SiecleIDRecorded{UAI: here, SiecleID: 1},
	}
	if _, err := ledger.Execute(context.Background(), c.Ledger, c.order(), identity.PupilDecider, livret, who); err != nil {
		t.Fatal(err)
	}
}

// pupil enters a pupil of a school in terminale.
func (c *campus) pupil(t testing.TB, school nomenclature.UAI, mef nomenclature.MEF, family string, first ...string) uuid.UUID {
	t.Helper()
	livret := c.livret(t)
	c.identify(t, livret, family, first...)
	c.do(t, c.order(), livret, record.RecordSchooling{Year: 2017, UAI: school, MEF: mef, Division: "TS1"})
	c.livrets[school] = append(c.livrets[school], livret)
	return livret
}

func (c *campus) teacher(t testing.TB, id uuid.UUID, name, first string) {
	t.Helper()
	if _, err := ledger.Execute(context.Background(), c.Ledger, c.order(), identity.StaffDecider, id, identity.RecordStaff{UAI: here, Name: name, First: first}); err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(c.staff[here], id) {
		c.staff[here] = append(c.staff[here], id)
	}
}

func (c *campus) write(t testing.TB, livret uuid.UUID, text string) {
	t.Helper()
	c.do(t, c.order(), livret, record.WriteAppreciation{Enseignement: maths, Text: text})
}

// shown is what a jury reads of the appreciation: "" if it has no mask.
func (c *campus) shown(t testing.TB, livret uuid.UUID) string {
	t.Helper()
	state, _, err := ledger.Load(context.Background(), c.Ledger, record.Decider, livret)
	if err != nil {
		t.Fatal(err)
	}
	text := state.Line(maths).Appreciation
	if text.Mask == nil {
		return ""
	}
	var spans []masking.Span
	for _, span := range text.Mask.Spans {
		spans = append(spans, masking.Span{From: int(span[0]), To: int(span[1])})
	}
	return masking.Apply(text.Value, spans)
}

func (c *campus) react(t testing.TB, r ledger.Reaction) {
	t.Helper()
	if err := c.React(context.Background(), c.cursors, r); err != nil {
		t.Fatal(err)
	}
}

// settled fails if hearing everything again, or what is new, adds anything.
func (c *campus) settled(t testing.TB, r ledger.Reaction) {
	t.Helper()
	events, keys := c.count(t)
	c.react(t, r)
	c.untouched(t, events, keys)
	if err := c.React(context.Background(), newCursors(), r); err != nil {
		t.Fatal(err)
	}
	c.untouched(t, events, keys)
}

func TestMaskingHidesNames(t *testing.T) {
	c := newCampus(t)
	mask := ledger.Masking{Roster: c}
	rose := c.pupil(t, here, termS, "DUVALLON", "Apolline")
	c.pupil(t, here, termS, "KERGUELEN", "Maëlys")
	c.teacher(t, uuid.New(), "BEAUSOLEIL", "Hippolyte")
	c.write(t, rose, "Apolline aide Maëlys, comme le dit M. Beausoleil.")
	if c.shown(t, rose) != "" {
		t.Fatal("shown before it is masked")
	}
	c.react(t, mask)
	shown := c.shown(t, rose)
	for _, name := range []string{"Apolline", "Maëlys", "Beausoleil"} {
		if shown == "" || strings.Contains(shown, name) {
			t.Errorf("the jury reads %q", shown)
		}
	}
	if !strings.Contains(shown, "aide") {
		t.Errorf("all is hidden: %q", shown)
	}
	c.settled(t, mask)

	c.write(t, rose, "Maëlys progresse.") // another text: withheld until it is masked itself
	if c.shown(t, rose) != "" {
		t.Error("the mask of another text was taken")
	}
	c.react(t, mask)
	if shown := c.shown(t, rose); shown != masking.Replacement+" progresse." {
		t.Errorf("the jury reads %q", shown)
	}
	c.settled(t, mask)
}

// TestNewNamesMaskAgain lets each kind of name around a text change after it was masked.
func TestNewNamesMaskAgain(t *testing.T) {
	tests := []struct {
		name   string
		change func(t *testing.T, c *campus, livret, classmate, teacher uuid.UUID)
	}{
		{"the pupil's", func(t *testing.T, c *campus, livret, _, _ uuid.UUID) { c.identify(t, livret, "TREMENTINE", "Apolline") }},
		{"a classmate's", func(t *testing.T, c *campus, _, classmate, _ uuid.UUID) {
			c.identify(t, classmate, "TREMENTINE", "Maëlys")
		}},
		{"a teacher's", func(t *testing.T, c *campus, _, _, teacher uuid.UUID) {
			c.teacher(t, teacher, "TREMENTINE", "Hippolyte")
		}},
		{"a new classmate's", func(t *testing.T, c *campus, _, _, _ uuid.UUID) { c.pupil(t, here, termS, "TREMENTINE", "Noé") }},
		{"a new teacher's", func(t *testing.T, c *campus, _, _, _ uuid.UUID) { c.teacher(t, uuid.New(), "TREMENTINE", "Noé") }},
		{"a guardian's", func(t *testing.T, c *campus, _, classmate, _ uuid.UUID) {
			who := identity.RecordPupil{Guardians: []identity.GuardianRecorded{{PersonID: 7, Name: "TREMENTINE", Legal: 1}}}
			if _, err := ledger.Execute(context.Background(), c.Ledger, c.order(), identity.PupilDecider, classmate, who); err != nil {
				t.Fatal(err)
			}
		}},
		{"another school's", func(t *testing.T, c *campus, livret, _, _ uuid.UUID) {
			c.pupil(t, there, termS, "TREMENTINE", "Noé")
			c.react(t, ledger.Masking{Roster: c})
			c.do(t, c.order(), livret, record.RecordSchooling{Year: 2017, UAI: there, MEF: termS, Division: "TS1"})
			c.livrets[there] = append(c.livrets[there], livret)
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := newCampus(t)
			mask := ledger.Masking{Roster: c}
			livret, classmate, teacher := c.pupil(t, here, termS, "DUVALLON", "Apolline"), c.pupil(t, here, termS, "KERGUELEN", "Maëlys"), uuid.New()
			c.teacher(t, teacher, "BEAUSOLEIL", "Hippolyte")
			c.write(t, livret, "Un bon travail avec Trementine cette année.")
			c.react(t, mask)
			if shown := c.shown(t, livret); !strings.Contains(shown, "Trementine") {
				t.Fatalf("hidden already: %q", shown)
			}
			test.change(t, c, livret, classmate, teacher)
			c.react(t, mask)
			if shown := c.shown(t, livret); shown == "" || strings.Contains(shown, "Trementine") {
				t.Errorf("the jury reads %q", shown)
			}
			c.settled(t, mask)
		})
	}
}

// TestAMaskOutlivesTheNameItHides forgets a classmate, and lets the school's texts be searched again.
func TestAMaskOutlivesTheNameItHides(t *testing.T) {
	c := newCampus(t)
	mask := ledger.Masking{Roster: c}
	livret, classmate := c.pupil(t, here, termS, "DUVALLON", "Apolline"), c.pupil(t, here, termS, "KERGUELEN", "Maëlys")
	c.write(t, livret, "Elle soutient Maëlys Kerguelen et Noé.")
	c.react(t, mask)
	before := c.shown(t, livret)
	c.shred(t, c.key(t, classmate, keyvault.Identity))
	c.shred(t, c.key(t, classmate, keyvault.Record))
	for _, purged := range []bool{false, true} {
		if purged { // from the view that tells who is in the school, as well
			c.livrets[here] = slices.DeleteFunc(c.livrets[here], func(id uuid.UUID) bool { return id == classmate })
		}
		c.teacher(t, uuid.New(), "BEAUSOLEIL", fmt.Sprint("Hippolyte", purged))
		c.react(t, mask)
		if shown := c.shown(t, livret); shown != before {
			t.Errorf("the jury reads %q, before %q", shown, before)
		}
	}
	c.pupil(t, here, termS, "ABGRALL", "Noé")
	c.react(t, mask)
	if shown := c.shown(t, livret); strings.Contains(shown, "Noé") || strings.Contains(shown, "Maëlys") {
		t.Errorf("the jury reads %q", shown)
	}
	c.settled(t, mask)
}

// TestMaskingGoesOnBesideIncidents has livrets and identities that can no longer be read, lawfully or not.
func TestMaskingGoesOnBesideIncidents(t *testing.T) {
	c := newCampus(t)
	readable := c.pupil(t, here, termS, "DUVALLON", "Apolline")
	c.write(t, readable, "Apolline progresse.")
	var others []uuid.UUID
	for range 4 {
		other := c.pupil(t, here, termS, "KERGUELEN", "Maëlys")
		c.write(t, other, "Maëlys progresse.")
		others = append(others, other)
	}
	c.shred(t, c.key(t, others[0], keyvault.Record))
	c.shred(t, c.key(t, others[0], keyvault.Identity))
	c.move(t, c.key(t, others[1], keyvault.Identity), keyvault.Active, keyvault.Archived)
	c.forget(t, c.key(t, others[2], keyvault.Record))
	damaged := c.over(t, tampering{c.store, func(e *eventstore.Envelope) {
		if id, _ := e.Stream.UUID(); id == others[3] && e.Key != uuid.Nil {
			e.Sealed[50] ^= 1
		}
	}}, c.vault)
	if err := damaged.React(context.Background(), c.cursors, ledger.Masking{Roster: c}); err != nil {
		t.Fatal(err)
	}
	if shown := c.shown(t, readable); shown != masking.Replacement+" progresse." {
		t.Errorf("the jury reads %q", shown)
	}
}

// TestNothingIsMaskedBeforeTheSchoolIsKnown withholds a text as long as nobody can say whose names to look for.
func TestNothingIsMaskedBeforeTheSchoolIsKnown(t *testing.T) {
	c := newCampus(t)
	livret := c.livret(t)
	c.identify(t, livret, "DUVALLON", "Apolline")
	c.write(t, livret, "Apolline progresse.")
	c.react(t, ledger.Masking{Roster: c})
	if shown := c.shown(t, livret); shown != "" {
		t.Errorf("the jury reads %q", shown)
	}
	c.livrets[here] = append(c.livrets[here], livret)
	c.do(t, c.order(), livret, record.RecordSchooling{Year: 2017, UAI: here, MEF: termS, Division: "TS1"})
	c.react(t, ledger.Masking{Roster: c})
	if shown := c.shown(t, livret); shown != masking.Replacement+" progresse." {
		t.Errorf("the jury reads %q", shown)
	}
}

// TestReactionsUnderCrash crashes each reaction between what it does and its cursor, hears facts in batches of any
// size, and ends with the same ledger as without.
func TestReactionsUnderCrash(t *testing.T) {
	for _, batch := range []int{1, 2, 3, 5, 1000} {
		for _, crash := range []bool{false, true} {
			c := newCampus(t)
			c.SetBatch(batch)
			lists, err := nomenclature.Load()
			if err != nil {
				t.Fatal(err)
			}
			var pupils []uuid.UUID
			for i := range 4 {
				livret := c.pupil(t, here, termS, "DUVALLON", "Apolline")
				c.write(t, livret, "Apolline progresse.")
				c.do(t, c.order(), livret, record.IssueAvis{Avis: []record.Avis{record.Favorable, record.TresFavorable}[i%2]})
				c.lock(t, livret)
				pupils = append(pupils, livret)
			}
			for _, reaction := range []ledger.Reaction{ledger.Candidates{}, ledger.Masking{Roster: c}, ledger.AvisShares{Roster: c, Nomenclature: lists}} {
				if crash {
					c.cursors.crash = true
					for range 2 {
						if err := c.React(context.Background(), c.cursors, reaction); !errors.Is(err, errCrash) {
							t.Fatalf("got %v", err)
						}
					}
					c.cursors.crash = false
				}
				c.react(t, reaction)
				c.settled(t, reaction)
			}
			counts := make(map[string]int)
			for _, e := range c.envelopes(t) {
				counts[e.Type]++
			}
			if counts["candidate.CandidateRegistered"] != 4 || counts["record.PassagesMasked"] != 4 || counts["record.AvisSharesFrozen"] != 4 {
				t.Errorf("batches of %d, crash %v: %v", batch, crash, counts)
			}
			if c.cursors.moves < 3 || batch == 1 && c.cursors.moves < 60 {
				t.Errorf("batches of %d: %d moves", batch, c.cursors.moves)
			}
			for _, livret := range pupils {
				if c.shown(t, livret) != masking.Replacement+" progresse." {
					t.Errorf("the jury reads %q", c.shown(t, livret))
				}
			}
			if faults := natures(t, c.Ledger); len(faults) != 0 {
				t.Errorf("faults %v", faults)
			}
		}
	}
}

func (c *campus) lock(t testing.TB, livret uuid.UUID) {
	t.Helper()
	c.do(t, ledger.Order{ID: uuid.New(), Grant: c.allow(t, access.ChefEtablissement, access.LockPeriod, access.Target{Livret: livret})}, livret, record.LockPeriod{Year: 2017})
}

func (c *campus) unlock(t testing.TB, livret uuid.UUID) {
	t.Helper()
	c.do(t, ledger.Order{ID: uuid.New(), Grant: c.allow(t, access.ChefEtablissement, access.UnlockPeriod, access.Target{Livret: livret})}, livret,
		record.UnlockPeriod{Year: 2017, Reason: "Avis à corriger."})
}

// candidates lists those of a ledger, by livret.
func (f *fixture) candidates(t testing.TB) map[uuid.UUID][]deliberation.CandidateRegistered {
	t.Helper()
	all := make(map[uuid.UUID][]deliberation.CandidateRegistered)
	for fact, err := range f.Facts(context.Background(), eventstore.Position{}, deliberation.Category) {
		if err != nil {
			t.Fatal(err)
		}
		if e, ok := fact.Event.(deliberation.CandidateRegistered); ok {
			all[e.Livret] = append(all[e.Livret], e)
		}
	}
	return all
}

func TestEachLivretHasOneCandidate(t *testing.T) {
	f := open(t)
	var livrets []uuid.UUID
	for range 40 {
		livrets = append(livrets, f.livret(t))
	}
	forgotten, archived := f.livret(t), f.livret(t)
	if _, err := f.vault.Create(context.Background(), keyvault.Birth{Owner: forgotten, Class: keyvault.Candidate}, keyvault.Birth{Owner: archived, Class: keyvault.Candidate}); err != nil {
		t.Fatal(err)
	}
	f.shred(t, f.key(t, forgotten, keyvault.Candidate))
	f.move(t, f.key(t, archived, keyvault.Candidate), keyvault.Active, keyvault.Archived)
	colliding := &colliding{Vault: f.vault, taken: uuid.New()}
	l := f.over(t, f.store, colliding)
	for range 2 {
		if err := l.React(context.Background(), newCursors(), ledger.Candidates{}); err != nil {
			t.Fatal(err)
		}
	}
	if colliding.n == 0 {
		t.Error("no number collided")
	}
	all, numbers := f.candidates(t), make(map[string]bool)
	for _, livret := range livrets {
		if len(all[livret]) != 1 {
			t.Fatalf("%d candidates of one livret", len(all[livret]))
		}
		c := all[livret][0]
		if c.Session != 2018 || c.Round != deliberation.Juin || len(c.Number) != 8 || numbers[c.Number] {
			t.Errorf("candidate %+v", c)
		}
		numbers[c.Number] = true
	}
	if len(all) != 40 {
		t.Errorf("%d livrets have candidates", len(all))
	}
	// Registered again at the same time, by whoever: nothing more.
	events, keys := f.count(t)
	errs := make(chan error, 8)
	for range 8 {
		go func() {
			errs <- f.Register(context.Background(), livrets[0], deliberation.ExamSession{Year: 2018, Round: deliberation.Juin})
		}()
	}
	for range 8 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	f.untouched(t, events, keys)
}

// colliding answers every other claim of a number as if somebody had drawn it before.
type colliding struct {
	keyvault.Vault
	taken uuid.UUID
	draws uint32
	n     uint32
}

func (v *colliding) Resolve(ctx context.Context, claims ...keyvault.Claim) ([]uuid.UUID, error) {
	if claims[0].Kind == "candidate-number" && atomic.AddUint32(&v.draws, 1)%2 == 1 {
		atomic.AddUint32(&v.n, 1)
		claims = slices.Clone(claims)
		claims[0].Owner = v.taken
	}
	return v.Vault.Resolve(ctx, claims...)
}

// TestTwoRegistrationsOfOneLivret registers a livret that has no candidate yet, many times at once.
func TestTwoRegistrationsOfOneLivret(t *testing.T) {
	f := open(t)
	for range 20 {
		livret := f.livret(t)
		errs := make(chan error, 4)
		for range 4 {
			go func() {
				errs <- f.Register(context.Background(), livret, deliberation.ExamSession{Year: 2018, Round: deliberation.Juin})
			}()
		}
		for range 4 {
			if err := <-errs; err != nil {
				t.Fatal(err)
			}
		}
		if all := f.candidates(t)[livret]; len(all) != 1 {
			t.Fatalf("%d candidates", len(all))
		}
	}
}

// TestAvisSharesAreFrozenAtTheLock follows the shares of a série through a lock, a late avis, and another lock.
func TestAvisSharesAreFrozenAtTheLock(t *testing.T) {
	c := newCampus(t)
	lists, err := nomenclature.Load()
	if err != nil {
		t.Fatal(err)
	}
	freeze := ledger.AvisShares{Roster: c, Nomenclature: lists}
	var serieS []uuid.UUID
	for i := range 5 {
		livret := c.pupil(t, here, termS, "DUVALLON", "Apolline")
		if i < 4 { // the fifth has no avis yet
			c.do(t, c.order(), livret, record.IssueAvis{Avis: []record.Avis{record.TresFavorable, record.Favorable, record.Favorable, record.AssezFavorable}[i]})
		}
		serieS = append(serieS, livret)
	}
	for _, elsewhere := range []uuid.UUID{c.pupil(t, here, termL, "KERGUELEN", "Maëlys"), c.pupil(t, there, termS, "KERGUELEN", "Maëlys")} {
		c.do(t, c.order(), elsewhere, record.IssueAvis{Avis: record.FaireSesPreuves})
	}
	forgotten := c.pupil(t, here, termS, "KERGUELEN", "Maëlys")
	c.do(t, c.order(), forgotten, record.IssueAvis{Avis: record.FaireSesPreuves})
	c.shred(t, c.key(t, forgotten, keyvault.Record))
	shares := func(livret uuid.UUID) *record.AvisSharesFrozen {
		t.Helper()
		state, _, err := ledger.Load(context.Background(), c.Ledger, record.Decider, livret)
		if err != nil {
			t.Fatal(err)
		}
		if state.Shares == nil {
			return nil
		}
		return &state.Shares.AvisSharesFrozen
	}
	c.react(t, freeze)
	if shares(serieS[0]) != nil {
		t.Error("frozen without a lock")
	}
	c.lock(t, serieS[0])
	c.react(t, freeze)
	first := record.AvisSharesFrozen{Serie: "S", Headcount: 4, T: 2500, F: 5000, A: 2500}
	if got := shares(serieS[0]); got == nil || *got != first {
		t.Fatalf("frozen %+v, want %+v", got, first)
	}
	if shares(serieS[1]) != nil {
		t.Error("another livret was frozen")
	}
	c.settled(t, freeze)

	c.do(t, c.order(), serieS[4], record.IssueAvis{Avis: record.FaireSesPreuves})
	c.lock(t, serieS[4])
	c.react(t, freeze)
	second := record.AvisSharesFrozen{Serie: "S", Headcount: 5, T: 2000, F: 4000, A: 2000, D: 2000}
	if got := shares(serieS[4]); got == nil || *got != second {
		t.Errorf("the last one: %+v, want %+v", got, second)
	}
	if got := shares(serieS[0]); *got != first {
		t.Errorf("a late avis changed a locked livret: %+v", got)
	}
	c.settled(t, freeze)

	c.unlock(t, serieS[0])
	c.react(t, freeze)
	if got := shares(serieS[0]); *got != first {
		t.Errorf("an unlock changed %+v", got)
	}
	c.lock(t, serieS[0])
	c.react(t, freeze)
	if got := shares(serieS[0]); *got != second {
		t.Errorf("locked again: %+v, want %+v", got, second)
	}
	c.settled(t, freeze)
}

// TestNobodyHasAnAvis locks a terminale of which no avis is counted: nothing is frozen, and nothing fails.
func TestNobodyHasAnAvis(t *testing.T) {
	c := newCampus(t)
	lists, err := nomenclature.Load()
	if err != nil {
		t.Fatal(err)
	}
	c.lock(t, c.pupil(t, here, termS, "DUVALLON", "Apolline"))
	c.lock(t, c.livret(t)) // of no known school
	c.settled(t, ledger.AvisShares{Roster: c, Nomenclature: lists})
}

// TestAReactionThatFailsIsHeardAgain fails in the middle of a batch.
func TestAReactionThatFailsIsHeardAgain(t *testing.T) {
	f := open(t)
	for range 5 {
		f.livret(t)
	}
	f.SetBatch(2)
	heard := &hearing{failAt: 2}
	cursors := newCursors()
	if err := f.React(context.Background(), cursors, heard); !errors.Is(err, errCrash) {
		t.Fatalf("got %v", err)
	}
	heard.failAt = 0
	if err := f.React(context.Background(), cursors, heard); err != nil {
		t.Fatal(err)
	}
	if len(heard.sequences) != 12 { // ten facts, two of them twice
		t.Errorf("heard %v", heard.sequences)
	}
	heard.sequences = nil
	if err := f.React(context.Background(), cursors, heard); err != nil || len(heard.sequences) > 0 {
		t.Errorf("heard again: %v, %v", heard.sequences, err)
	}
}

type hearing struct {
	failAt    int
	calls     int
	sequences []uint64
}

func (*hearing) Name() string         { return "reaction.hearing" }
func (*hearing) Categories() []string { return []string{record.Category} }

func (h *hearing) React(_ context.Context, _ *ledger.Ledger, facts []ledger.Fact) error {
	for _, fact := range facts {
		if fact.Envelope.Sealed != nil {
			return errors.New("a reaction is handed sealed bytes")
		}
		h.sequences = append(h.sequences, fact.Sequence)
	}
	if h.calls++; h.calls == h.failAt {
		return errCrash
	}
	return nil
}
