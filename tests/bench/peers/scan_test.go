package peers

import (
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"livret/eventstore"
)

const (
	scanned     = 1_000_000
	peerScanned = 200_000
	longRun     = 150 // events of one livret
)

// BenchmarkScan reads the whole log, checked and decoded up to the seal, with the file in the page cache.
func BenchmarkScan(b *testing.B) {
	dir := b.TempDir()
	ours, theirs := open(b, dir), openPeer(b, dir)
	mine, yours := newSource(streams), newSource(streams)
	for range scanned / 500 {
		if _, err := ours.Append(b.Context(), mine.drafts(500)...); err != nil {
			b.Fatal(err)
		}
	}
	for range peerScanned / 500 {
		if err := theirs.Save(peerEvents(yours.drafts(500))); err != nil {
			b.Fatal(err)
		}
	}
	// With the empty heap of a benchmark the collector would run a hundred times a second; a ledger's is not.
	heap := make([]byte, 64<<20)
	defer runtime.KeepAlive(heap)
	var peers, livret []float64
	for b.Loop() {
		start, n := time.Now(), 0
		for _, err := range ours.Read(b.Context(), eventstore.Position{}) {
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
		livret = append(livret, float64(n)/time.Since(start).Seconds())
		if n != scanned {
			b.Fatalf("read %d events", n)
		}
		start, n = time.Now(), 0
		events, err := theirs.All(0)()
		if err != nil {
			b.Fatal(err)
		}
		for events.Next() {
			if _, err := events.Value(); err != nil {
				b.Fatal(err)
			}
			n++
		}
		events.Close()
		peers = append(peers, float64(n)/time.Since(start).Seconds())
		if n != peerScanned {
			b.Fatalf("the peer read %d events", n)
		}
	}
	ourRate, peerRate := median(livret), median(peers)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(peerRate, "peer_events/s")
	b.ReportMetric(ourRate, "events/s")
	b.ReportMetric(ourRate/peerRate, "x_peer")
}

// BenchmarkStream reads one livret of 150 events, spread over a log of a million.
func BenchmarkStream(b *testing.B) {
	ours := open(b, b.TempDir())
	const writers = 32
	mine := make([]*source, writers)
	var wg sync.WaitGroup
	for w := range mine {
		mine[w] = newSource(scanned / longRun / writers)
		wg.Go(func() {
			for range longRun / 5 * len(mine[w].streams) {
				if _, err := ours.Append(b.Context(), mine[w].drafts(5)...); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	var took []time.Duration
	for i := 0; b.Loop(); i++ {
		start, n := time.Now(), 0
		for _, err := range ours.Stream(b.Context(), mine[i%writers].streams[i/writers%len(mine[0].streams)], 0) {
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
		took = append(took, time.Since(start))
		if n != longRun {
			b.Fatalf("read %d events", n)
		}
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50_µs")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99_µs")
}
