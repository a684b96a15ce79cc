package identity_test

import (
	"slices"
	"testing"

	"livret/domain/identity"
)

func TestWarnings(t *testing.T) {
	unborn, reborn := camille, camille
	unborn.BirthDate, reborn.BirthDate = "", "1999-06-11"
	known := pupil(camille, identity.INERecorded{INE: "0123456789M"}).State()
	for name, c := range map[string]struct {
		pupil   *identity.Pupil
		command identity.RecordPupil
		want    []string
	}{
		"nothing odd":        {known, identity.RecordPupil{Civil: &camille, INE: "0123456789M"}, nil},
		"nothing said":       {known, identity.RecordPupil{}, nil},
		"new INE":            {known, identity.RecordPupil{INE: "012345678AB"}, []string{"ine-modifie"}},
		"wrong key":          {known, identity.RecordPupil{INE: "0123456789A"}, []string{"ine-modifie", "ine-cle-fausse"}},
		"unheard of":         {new(identity.Pupil), identity.RecordPupil{INE: "12"}, []string{"ine-inconnu"}},
		"no birth date":      {new(identity.Pupil), identity.RecordPupil{Civil: &unborn}, []string{"naissance-absente"}},
		"birth date known":   {known, identity.RecordPupil{Civil: &unborn}, nil},
		"another birth date": {known, identity.RecordPupil{Civil: &reborn}, []string{"naissance-modifiee"}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, w := range c.command.Warnings(c.pupil) {
				got = append(got, w.Rule)
				if w.Reason == "" {
					t.Errorf("%s has no reason", w.Rule)
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

func TestINEFamilies(t *testing.T) {
	for _, c := range []struct {
		ine  string
		kind identity.INEKind
		key  bool
	}{
		{"0123456789M", identity.BEA, true},  // 123456789 mod 23 = 11: M
		{"0123456789A", identity.BEA, false}, //
		{"0000000000A", identity.BEA, true},  // remainder 0
		{"0000000022Z", identity.BEA, true},  // remainder 22
		{"9999999999I", "", false},           // I is no check letter
		{"012345678AB", identity.RNIE, true}, // the rule is not public
		{"012345678AI", "", false},           // letters stop at K and skip I
		{"1234A56789B", identity.SIFA, true}, //
		{"0A1B2C3D4E0", identity.NNE, true},  // 36 is 6 modulo 10, at any power: 6 times 56, and 14
		{"0A1B2C3D4E1", identity.NNE, false}, //
		{"00000000000", identity.NNE, true},  //
		{"10000000006", identity.NNE, true},  // 6 times 1
		{"000000000Z5", identity.NNE, true},  // 35 alone
		{"A0000000000", identity.NNE, true},  // 6 times 10 is 60
		{"0123456789", "", false},            // ten characters
		{"", "", false},                      //
		{"0123456789m", identity.BEA, true},  // as some bases have it
		{"０１２３４５６７８９K", "", false},           // full-width digits
	} {
		kind, key := identity.RecogniseINE(c.ine)
		if kind != c.kind || key != c.key {
			t.Errorf("%s is %q, %t; want %q, %t", c.ine, kind, key, c.kind, c.key)
		}
	}
}

func FuzzRecogniseINE(f *testing.F) {
	for _, ine := range []string{"0123456789M", "012345678AB", "1234A56789B", "0A1B2C3D4E0", "", "ZZZZZZZZZZ9"} {
		f.Add(ine)
	}
	f.Fuzz(func(t *testing.T, ine string) {
		kind, keyHolds := identity.RecogniseINE(ine)
		if kind == "" && keyHolds {
			t.Errorf("%q is of no family, and yet its key holds", ine)
		}
	})
}
