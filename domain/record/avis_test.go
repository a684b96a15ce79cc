package record_test

import (
	"testing"

	"pgregory.net/rapid"

	"livret/domain/record"
)

func TestSharesOfAvisSumToTheWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		counts := map[record.Avis]int{}
		total := 0
		for _, avis := range []record.Avis{record.TresFavorable, record.Favorable, record.AssezFavorable, record.FaireSesPreuves} {
			counts[avis] = rapid.IntRange(0, 400).Draw(t, string(avis))
			total += counts[avis]
		}
		c := record.CountAvis("S", counts)
		if int(c.Headcount) != total {
			t.Fatalf("headcount %d of %d", c.Headcount, total)
		}
		if sum := int(c.T) + int(c.F) + int(c.A) + int(c.D); total > 0 && sum != 10000 {
			t.Fatalf("shares sum to %d", sum)
		}
		for avis, share := range map[record.Avis]uint16{record.TresFavorable: c.T, record.Favorable: c.F, record.AssezFavorable: c.A, record.FaireSesPreuves: c.D} {
			if exact := 10000 * counts[avis]; total > 0 && (int(share)*total-exact > 2*total || exact-int(share)*total > 2*total) {
				t.Fatalf("%s: share %d of %d in %d", avis, share, counts[avis], total)
			}
		}
	})
}

func TestSharesOfThreePupils(t *testing.T) {
	c := record.CountAvis("STMG", map[record.Avis]int{record.TresFavorable: 1, record.Favorable: 1, record.FaireSesPreuves: 1})
	if want := (record.FreezeAvisShares{Serie: "STMG", Headcount: 3, T: 3333, F: 3333, A: 0, D: 3334}); c != want {
		t.Fatalf("got %+v, want %+v", c, want)
	}
}
