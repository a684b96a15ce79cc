package wording_test

import (
	"testing"

	"livret/domain/record"
	"livret/projections/wording"
)

func TestEveryCodeHasWords(t *testing.T) {
	for _, code := range []record.Avis{"T", "F", "A", "D"} {
		if wording.Avis(code) == string(code) {
			t.Errorf("avis %s has no words", code)
		}
	}
	for _, code := range []record.Engagement{"C", "V", "A", "E", "S"} {
		if wording.Engagement(code) == string(code) {
			t.Errorf("engagement %s has no words", code)
		}
	}
	for _, kind := range []record.Observation{"cpe", "team", "head"} {
		if wording.Observation(kind) == string(kind) {
			t.Errorf("observation %s has no words", kind)
		}
	}
	if wording.Avis("Z") != "Z" || wording.Engagement("Z") != "Z" || wording.Observation("z") != "z" {
		t.Error("a code without words is not its own label")
	}
}

func TestPeriodName(t *testing.T) {
	for want, got := range map[string]string{
		"1er trimestre": wording.PeriodName(1, 3), "3e trimestre": wording.PeriodName(3, 3),
		"2e semestre": wording.PeriodName(2, 2), "Année": wording.PeriodName(0, 3), "1re période": wording.PeriodName(1, 0),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
