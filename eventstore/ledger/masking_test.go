package ledger_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"livret/domain/identity"
	"livret/domain/masking"
	"livret/domain/record"
	"livret/eventstore"
	"livret/eventstore/keyvault"
	"livret/eventstore/ledger"
)

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
	if err := react(context.Background(), damaged, c.cursors, ledger.Masking{Roster: c}, 0); err != nil {
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
