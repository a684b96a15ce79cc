package keyvault_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/uuid"

	"livret/eventstore/keyvault"
)

func newHalf(t testing.TB, name string) *keyvault.PrivateHalf {
	t.Helper()
	half, err := keyvault.NewPrivateHalf(name)
	if err != nil {
		t.Fatal(err)
	}
	return half
}

func split(t testing.TB, half *keyvault.PrivateHalf) [2]keyvault.Share {
	t.Helper()
	shares, err := half.Split()
	if err != nil {
		t.Fatal(err)
	}
	return shares
}

// TestPairBinds changes one thing at a time of what a key entrusted to a pair is bound to.
func TestPairBinds(t *testing.T) {
	raw := [keyvault.KeySize]byte{1, 2, 3}
	half := newHalf(t, "2018-juin")
	info := keyvault.Info{ID: uuid.UUID{1}, Owner: uuid.UUID{2}, Class: keyvault.Record, Fingerprint: keyvault.FingerprintOf(raw)}
	wrapped, err := half.Pair.Wrap(info, raw)
	if err != nil || len(wrapped) != keyvault.EntrustedSize {
		t.Fatalf("%d bytes, %v", len(wrapped), err)
	}
	if key, err := half.Unwrap(info, wrapped); err != nil || key.Fingerprint() != info.Fingerprint || key.ID != info.ID {
		t.Fatalf("Unwrap: %v", err)
	}
	for name, change := range map[string]func(*keyvault.Info){
		"id":          func(i *keyvault.Info) { i.ID[0]++ },
		"owner":       func(i *keyvault.Info) { i.Owner[0]++ },
		"class":       func(i *keyvault.Info) { i.Class = keyvault.Identity },
		"fingerprint": func(i *keyvault.Info) { i.Fingerprint[0]++ },
	} {
		other := info
		change(&other)
		if _, err := half.Unwrap(other, wrapped); !errors.Is(err, keyvault.ErrCorrupt) {
			t.Errorf("another %s: %v", name, err)
		}
	}
	for i := range wrapped {
		wrapped[i] ^= 4
		if _, err := half.Unwrap(info, wrapped); !errors.Is(err, keyvault.ErrCorrupt) {
			t.Errorf("byte %d: %v", i, err)
		}
		wrapped[i] ^= 4
	}
	if _, err := newHalf(t, "2018-juin").Unwrap(info, wrapped); !errors.Is(err, keyvault.ErrCorrupt) {
		t.Errorf("another pair of that name: %v", err)
	}
	if _, err := half.Unwrap(info, wrapped[1:]); !errors.Is(err, keyvault.ErrCorrupt) {
		t.Errorf("cut: %v", err)
	}
}

func TestBothSharesAreNeeded(t *testing.T) {
	half, other := newHalf(t, "2018-juin"), newHalf(t, "2018-juin")
	shares, again, others := split(t, half), split(t, half), split(t, other)
	for _, pair := range [][2]keyvault.Share{shares, {shares[1], shares[0]}} {
		if whole, err := keyvault.Combine(pair[0], pair[1]); err != nil || whole.Pair.Ref != half.Pair.Ref {
			t.Errorf("Combine: %v", err)
		}
	}
	for name, pair := range map[string][2]keyvault.Share{
		"the first twice": {shares[0], shares[0]}, "the second twice": {shares[1], shares[1]},
		"of two splits": {shares[0], again[1]}, "of two pairs": {shares[0], others[1]},
	} {
		if _, err := keyvault.Combine(pair[0], pair[1]); !errors.Is(err, keyvault.ErrShares) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSharesAsText(t *testing.T) {
	shares := split(t, newHalf(t, "gel-1"))
	first, second := shares[0].Text(), shares[1].Text()
	for _, text := range []string{first, second} {
		if share, err := keyvault.ParseShare(text); err != nil || share.Text() != text {
			t.Errorf("ParseShare: %v", err)
		}
	}
	for name, text := range map[string]string{
		"empty": "", "cut": first[:len(first)-1], "longer": first + "\n", "another pair": strings.Replace(first, "gel-1", "gel-2", 1),
		"other lines": strings.ReplaceAll(first, "\n", "\r\n"), "another number": strings.Replace(first, "1 of 2", "2 of 2", 1),
		"one digit": strings.Replace(first, "value ", "value 0", 1), "capitals": strings.ToUpper(first),
	} {
		if _, err := keyvault.ParseShare(text); !errors.Is(err, keyvault.ErrShares) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzParseShare looks for a text that is read as what it is not.
func FuzzParseShare(f *testing.F) {
	shares := split(f, newHalf(f, "2018-juin"))
	f.Add(shares[0].Text())
	f.Add(shares[1].Text())
	f.Add("livret-custody-share-v1\npair a\nref \nshare 1 of 2\nvalue \ncheck \n")
	f.Fuzz(func(t *testing.T, text string) {
		if share, err := keyvault.ParseShare(text); err == nil && share.Text() != text {
			t.Errorf("%q is read as %q", text, share.Text())
		}
	})
}
