package jury

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"livret/domain/nomenclature"
)

// TestPercentsKeepTheirSum: whatever the shares, whole per cents of 100 % make 100, and none is off by 1 or
// more.
func TestPercentsKeepTheirSum(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cuts := rapid.SliceOfN(rapid.IntRange(0, 10000), 3, 3).Draw(t, "cuts")
		slices.Sort(cuts)
		shares := []uint16{uint16(cuts[0]), uint16(cuts[1] - cuts[0]), uint16(cuts[2] - cuts[1]), uint16(10000 - cuts[2])}
		sum := 0
		for i, p := range percents(shares...) {
			sum += p
			if off := p*100 - int(shares[i]); off <= -100 || off >= 100 {
				t.Errorf("%d hundredths became %d %%", shares[i], p)
			}
		}
		if sum != 100 {
			t.Errorf("%v make %d %%", shares, sum)
		}
	})
}

func TestSizes(t *testing.T) {
	for headcount, want := range map[uint16]string{0: "non communiqué", 1: "moins de 10", 9: "moins de 10", 10: "10 à 19", 39: "30 à 39", 40: "40 et plus", 65535: "40 et plus"} {
		label, withheld := groupSize(headcount)
		if label != want || withheld != (headcount < 10) {
			t.Errorf("a group of %d: %s, withheld %v", headcount, label, withheld)
		}
	}
	for headcount, want := range map[uint16]string{0: "non communiqué", 4: "moins de 10", 10: "10 à 49", 50: "50 à 99", 100: "100 et plus"} {
		if label := serieSize(headcount); label != want {
			t.Errorf("a série of %d: %s", headcount, label)
		}
	}
}

func TestRareLanguages(t *testing.T) {
	for code, want := range map[string]string{"030201": "030201", "030602": "030602", "031402": "030002", "031003": "030003", "061300": "061300", "020300": "020300"} {
		if got, ok := generalised(nomenclature.Matiere(code)); !ok || string(got) != want {
			t.Errorf("%s became %s, %v", code, got, ok)
		}
	}
	if got, ok := generalised("030209"); ok {
		t.Errorf("a European section is named %s", got)
	}
}
