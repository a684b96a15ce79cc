package bench

import (
	"crypto/rand"
	"fmt"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/note"

	"livret/eventstore"
	"livret/eventstore/ledger"
	"livret/eventstore/merkle"
	"livret/projections"
	"livret/projections/embedded"
	"livret/projections/family"
	"livret/projections/jury"
	"livret/projections/memory"
	"livret/projections/statistics"
)

// plant begins a tree over some events.
func plant(b *testing.B, id uuid.UUID, events merkle.Events) (*merkle.Log, merkle.AuditConfig) {
	b.Helper()
	private, public, err := note.GenerateKey(rand.Reader, merkle.Origin(id))
	if err != nil {
		b.Fatal(err)
	}
	signer, err := note.NewSigner(private)
	if err != nil {
		b.Fatal(err)
	}
	verifier, err := note.NewVerifier(public)
	if err != nil {
		b.Fatal(err)
	}
	dir := b.TempDir()
	tree, err := merkle.Open(b.Context(), merkle.Config{
		Dir: dir, Ledger: id, Events: events, Anchor: &merkle.FileAnchor{Path: filepath.Join(dir, "anchor")}, Signer: signer, Known: []note.Verifier{verifier},
	})
	if err != nil {
		b.Fatal(err)
	}
	return tree, merkle.AuditConfig{Dir: dir, Ledger: id, Known: []note.Verifier{verifier}}
}

// BenchmarkCheck reads 1 M sealed events again as «livret check» does: sequences, leaves, seals, commitments and
// vocabulary, each key, the tree and its checkpoint, and three views folded from nothing. The target is 60 s on two cores.
func BenchmarkCheck(b *testing.B) {
	s := fillShelf(b, false)
	var first eventstore.Envelope
	for e, err := range s.log.Store.Read(b.Context(), eventstore.Position{}) {
		if err != nil {
			b.Fatal(err)
		}
		first = e
		break
	}
	codec, err := ledger.Vocabulary()
	if err != nil {
		b.Fatal(err)
	}
	l, err := ledger.New(ledger.Config{ID: first.Ledger, Store: s.log.Store, Vault: s.log.Vault, Codec: codec, Now: time.Now})
	if err != nil {
		b.Fatal(err)
	}
	tree, audit := plant(b, first.Ledger, s.log.Store)
	if _, audit.Anchor.Note, err = tree.Checkpoint(b.Context(), time.Now()); err != nil {
		b.Fatal(err)
	}
	views, err := embedded.Open(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	defer views.Close()
	shown := []projections.Projection{family.Projection(), jury.Projection(), statistics.Projection()}
	for _, p := range shown {
		if _, err := projections.Run(b.Context(), s.log.Source(), views, p); err != nil {
			b.Fatal(err)
		}
	}
	runtime.GC()
	for b.Loop() {
		start := time.Now()
		a, err := merkle.NewAudit(audit)
		if err != nil {
			b.Fatal(err)
		}
		checked, err := l.Examine(b.Context(), ledger.Examination{Leaves: a})
		if err != nil {
			b.Fatal(err)
		}
		for _, f := range checked.Faults {
			if f.Nature != ledger.FaultOrphan { // this ledger was written without its rules, births included
				b.Fatalf("%+v", f)
			}
		}
		if grown := a.End(); len(grown.Findings) > 0 || grown.Leaves != int64(checked.Events) || checked.Opened != checked.Events {
			b.Fatalf("%+v of %d", grown, checked.Events)
		}
		log := time.Since(start)
		for _, p := range shown {
			report, err := projections.Check(b.Context(), s.log.Source(), views, memory.New(), p)
			if err != nil || !report.Exact() {
				b.Fatalf("%s: %v", p.Name, err)
			}
		}
		b.ReportMetric(log.Seconds(), "log-s")
		b.ReportMetric(time.Since(start).Seconds(), "check-s")
		b.ReportMetric(float64(checked.Events)/time.Since(start).Seconds(), "events/s")
	}
}

// BenchmarkTreeBesideAppends compares durable appends of one event each by 16 writers with and without a tree that
// follows the store and signs each second, in the same run: the target is that it costs less than 10 %. Rounds alternate, since the
// disk is not the same from one second to the next; "of-bare" is the ratio.
func BenchmarkTreeBesideAppends(b *testing.B) {
	const rounds = 4
	l, _ := openLedger(b)
	tree, _ := plant(b, uuid.New(), l.Store())
	if err := extend(b, tree); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		var bare, with float64
		for range rounds {
			bare += appendRate(b, l, 16)
			stop, stopped := make(chan struct{}), make(chan error, 1)
			if err := extend(b, tree); err != nil { // what the round before left is not charged to this one
				b.Fatal(err)
			}
			go func() {
				for {
					select {
					case <-stop:
						stopped <- nil
						return
					case <-time.After(time.Second):
						if _, _, err := tree.Checkpoint(b.Context(), time.Now()); err != nil {
							stopped <- fmt.Errorf("signing: %w", err)
							return
						}
					}
				}
			}()
			with += appendRate(b, l, 16)
			close(stop)
			if err := <-stopped; err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(bare/rounds, "bare-events/s")
		b.ReportMetric(with/rounds, "events/s")
		b.ReportMetric(with/bare, "of-bare")
	}
}

func extend(b *testing.B, tree *merkle.Log) error {
	_, err := tree.Extend(b.Context())
	return err
}

// BenchmarkProofs makes and checks proofs in a tree of 1 M leaves.
func BenchmarkProofs(b *testing.B) {
	s := fillShelf(b, false)
	tree, _ := plant(b, uuid.New(), s.log.Store)
	c, _, err := tree.Checkpoint(b.Context(), time.Now())
	if err != nil {
		b.Fatal(err)
	}
	b.Run("inclusion", func(b *testing.B) {
		for n := int64(0); b.Loop(); n += 7919 {
			if _, err := tree.Inclusion(n%c.Size, c.Size); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("consistency", func(b *testing.B) {
		for n := int64(0); b.Loop(); n += 7919 {
			if _, err := tree.Consistency(1+n%c.Size, c.Size); err != nil {
				b.Fatal(err)
			}
		}
	})
}
