package bench

import (
	"crypto/rand"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/note"

	"livret/domain/nomenclature"
	"livret/eventstore"
	"livret/eventstore/merkle"
	"livret/projections/asof"
	"livret/projections/family"
	"livret/projections/memory"
)

// BenchmarkAsOf shows one livret of 150 events among 1 M as of a checkpoint, and finds each of its events, and of those that
// name its teachers, under the signed root. The target is a p99 under 50 ms.
func BenchmarkAsOf(b *testing.B) {
	s := fillShelf(b, true)
	skey, vkey, err := note.GenerateKey(rand.Reader, "livret-bench")
	if err != nil {
		b.Fatal(err)
	}
	signer, errSigner := note.NewSigner(skey)
	verifier, errVerifier := note.NewVerifier(vkey)
	if errSigner != nil || errVerifier != nil {
		b.Fatal(errSigner, errVerifier)
	}
	dir := b.TempDir()
	tree, err := merkle.Open(b.Context(), merkle.Config{
		Dir: filepath.Join(dir, "tree"), Ledger: uuid.UUID{1}, Events: s.log.Store, Anchor: &merkle.FileAnchor{Path: filepath.Join(dir, "checkpoint")},
		Signer: signer, Known: []note.Verifier{verifier},
	})
	if err != nil {
		b.Fatal(err)
	}
	now := time.Now()
	if _, _, err := tree.Checkpoint(b.Context(), now); err != nil {
		b.Fatal(err)
	}
	lists, err := nomenclature.Load()
	if err != nil {
		b.Fatal(err)
	}
	live := memory.New()
	var took []time.Duration
	for i := 0; b.Loop(); i++ {
		start := time.Now()
		signed, _, err := tree.AsOf(now)
		if err != nil {
			b.Fatal(err)
		}
		views, err := asof.New(b.Context(), s.log.Source(), live, family.Projection(), signed.At)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := family.NewReader(views, s.log.Vault, lists).Show(b.Context(), s.ids[i*7919%len(s.ids)]); err != nil {
			b.Fatal(err)
		}
		var shown []eventstore.Envelope
		for _, stream := range views.Streams() {
			for e, err := range s.log.Store.Stream(b.Context(), stream, 0) {
				if err != nil {
					b.Fatal(err)
				}
				shown = append(shown, e)
			}
		}
		if err := tree.Stand(b.Context(), signed.Checkpoint, shown); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
}
