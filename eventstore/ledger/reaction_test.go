package ledger_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/google/uuid"

	"livret/domain/access"
	"livret/domain/identity"
	"livret/domain/masking"
	"livret/domain/nomenclature"
	"livret/domain/record"
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

// TestReactionsUnderCrash crashes each reaction between what it does and its cursor, hears facts in batches of any
// size, and ends with the same ledger as without.
func TestReactionsUnderCrash(t *testing.T) {
	for _, batch := range []int{1, 2, 3, 5, 1000} {
		for _, crash := range []bool{false, true} {
			c := newCampus(t)
			c.batch = batch
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
			if c.cursors.moves < 3 || batch == 1 && c.cursors.moves < 40 {
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
