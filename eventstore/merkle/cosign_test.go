package merkle_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	cosignature "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"

	"livret/eventstore/merkle"
)

// witness is somebody who cosigns.
func witness(t *testing.T, name string) (note.Signer, note.Verifier) {
	t.Helper()
	skey, vkey, err := note.GenerateKey(rand.Reader, name)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := cosignature.NewSignerForCosignatureV1(skey)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := cosignature.NewVerifierForCosignatureV1(vkey)
	if err != nil {
		t.Fatal(err)
	}
	return signer, verifier
}

// cosign adds signatures to a checkpoint.
func cosign(t *testing.T, signed []byte, known note.Verifier, by ...note.Signer) []byte {
	t.Helper()
	n, err := note.Open(signed, note.VerifierList(known))
	if err != nil {
		t.Fatal(err)
	}
	cosigned, err := note.Sign(n, by...)
	if err != nil {
		t.Fatal(err)
	}
	return cosigned
}

func TestCosignaturesAreKeptBesideTheirCheckpoint(t *testing.T) {
	events := new(ledger)
	events.grow(3)
	c := config(t, t.TempDir(), events)
	known := c.Known[0]
	log, err := merkle.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	_, first, err := log.Checkpoint(t.Context(), noon)
	if err != nil {
		t.Fatal(err)
	}
	events.grow(2)
	_, last, err := log.Checkpoint(t.Context(), noon.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	alice, ofAlice := witness(t, "alice.example")
	bob, ofBob := witness(t, "bob.example")
	eve, _ := witness(t, "eve.example")

	both := cosign(t, first, known, alice, eve)
	got, err := log.Cosign(both, ofAlice, ofBob)
	if err != nil || got.Size != 3 || len(got.Added) != 1 || got.Added[0] != "alice.example" || got.Unknown != 1 {
		t.Fatalf("%+v, %v", got, err)
	}
	if again, err := log.Cosign(both, ofAlice, ofBob); err != nil || len(again.Added) != 0 || !bytes.Equal(again.Note, got.Note) {
		t.Errorf("twice: %+v, %v", again, err)
	}
	if more, err := log.Cosign(cosign(t, first, known, bob), ofAlice, ofBob); err != nil || len(more.Added) != 1 {
		t.Errorf("one more: %+v, %v", more, err)
	}
	kept, err := log.Cosigned(3)
	if n, failed := note.Open(kept, note.VerifierList(known, ofAlice, ofBob)); err != nil || failed != nil || len(n.Sigs) != 3 || len(n.UnverifiedSigs) != 0 {
		t.Errorf("kept %s: %v, %v", kept, err, failed)
	}
	if !bytes.Equal(merkle.Bare(kept), first) || !bytes.Equal(merkle.Bare(both), first) {
		t.Error("what the ledger signed is no more found under what others signed")
	}
	if c, err := merkle.OpenCheckpoint(kept, merkle.Origin(uuid.UUID{1}), known); err != nil || c.Size != 3 {
		t.Errorf("%+v, %v", c, err)
	}

	// Lines alone, as a witness answers them, are over the last checkpoint.
	_, lines, _ := strings.Cut(string(cosign(t, last, known, bob)), "\n\n")
	if alone, err := log.Cosign([]byte(lines[strings.Index(lines, "— bob"):]), ofBob); err != nil || alone.Size != 5 || len(alone.Added) != 1 {
		t.Errorf("lines: %+v, %v", alone, err)
	}
	if untouched, err := log.Cosigned(3); err != nil || !bytes.Equal(untouched, kept) {
		t.Error("the other checkpoint changed", err)
	}
	if _, err := log.Cosigned(4); !errors.Is(err, merkle.ErrFuture) {
		t.Errorf("a checkpoint that was never signed: %v", err)
	}
}

func TestNoCosignatureOfAnotherTree(t *testing.T) {
	events := new(ledger)
	events.grow(3)
	c := config(t, t.TempDir(), events)
	log, err := merkle.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	_, signed, err := log.Checkpoint(t.Context(), noon)
	if err != nil {
		t.Fatal(err)
	}
	alice, ofAlice := witness(t, "alice.example")

	// Another tree of the same ledger, signed by the same key, as a restored store would have it.
	fork := new(ledger)
	fork.grow(3)
	fork.events[1].Commit[0]++
	other := c
	other.Events, other.Dir, other.Anchor = fork, filepath.Join(t.TempDir(), "tree"), &merkle.FileAnchor{Path: filepath.Join(t.TempDir(), "anchor")}
	forked, err := merkle.Open(t.Context(), other)
	if err != nil {
		t.Fatal(err)
	}
	_, elsewhere, err := forked.Checkpoint(t.Context(), noon)
	if err != nil {
		t.Fatal(err)
	}
	forged := bytes.Replace(cosign(t, signed, c.Known[0], alice), []byte("— alice.example "), []byte("— alice.example AAAA"), 1)
	onOther := cosign(t, elsewhere, c.Known[0], alice)
	_, moved, _ := bytes.Cut(onOther, []byte("\n\n"))
	for name, tt := range map[string]struct {
		offered []byte
		want    error
	}{
		"over another tree":        {onOther, merkle.ErrOtherTree},
		"moved from another tree":  {moved[bytes.Index(moved, []byte("— alice")):], merkle.ErrForged},
		"of a key that is not his": {forged, nil},
		"garbage":                  {[]byte("hello"), merkle.ErrOtherTree},
		"no signature":             {[]byte("— alice.example\n"), merkle.ErrForged},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := log.Cosign(tt.offered, ofAlice)
			if !errors.Is(err, tt.want) || len(got.Added) != 0 {
				t.Errorf("%+v, %v", got, err)
			}
			if kept, err := log.Cosigned(3); err != nil || !bytes.Equal(kept, signed) {
				t.Errorf("kept %s, %v", kept, err)
			}
		})
	}
}
