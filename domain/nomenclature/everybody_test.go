package nomenclature_test

import (
	"testing"

	"livret/domain/nomenclature"
)

func TestWhatEverybodyFollows(t *testing.T) {
	n, err := nomenclature.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		mef      nomenclature.MEF
		matiere  nomenclature.Matiere
		modalite nomenclature.Modalite
		rank     uint8
		want     bool
	}{
		{"20211010110", "061300", "S", 1, true},  // maths of Terminale S
		{"20211010110", "061300", "S", 2, false}, // its spécialité
		{"20211010110", "373100", "S", 1, false}, // ISN, a spécialité at choice
		{"20211010110", "062900", "S", 1, true},  // SVT, which that MEF settles
		{"20211010110", "030201", "O", 1, false},
		{"21233104110", "307600", "S", 1, true},
	} {
		programme, err := n.Programme(2015, c.mef)
		if err != nil {
			t.Fatal(err)
		}
		line, ok := programme.Line(c.matiere, c.modalite, c.rank)
		if got := programme.ForEverybody(line); !ok || got != c.want {
			t.Errorf("%s %s %s %d: %v, found %v", c.mef, c.matiere, c.modalite, c.rank, got, ok)
		}
	}
}

func TestEntitle(t *testing.T) {
	n, err := nomenclature.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		matiere nomenclature.Matiere
		rank    uint8
		want    string
		inside  bool
	}{
		{"061300", 1, "MATHÉMATIQUES", true},
		{"061300", 2, "MATHÉMATIQUES (spécialité)", true},
		{"307600", 1, "SCIENCES ET TECHNIQUES SANITAIRES ET SOCIALES", false},
		{"999999", 1, "999999", false},
	} {
		title, position := n.Entitle(2015, "20211010110", c.matiere, "S", c.rank)
		if title != c.want || (position < 100) != c.inside {
			t.Errorf("%s: %q at %d", c.matiere, title, position)
		}
	}
}
