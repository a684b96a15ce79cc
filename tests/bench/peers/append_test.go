package peers

import (
	"fmt"
	"testing"
)

// BenchmarkAppend appends one event per call, durable before the answer.
func BenchmarkAppend(b *testing.B) {
	for _, writers := range []int{1, 16, 64} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
			dir := b.TempDir()
			ours, theirs, disk := open(b, dir), openPeer(b, dir), floor(b, dir)
			mine, yours := sources(writers), sources(writers)
			// As in a process that has run for a while: SQLite's log has its size and is written over.
			for range 80 {
				if err := theirs.Save(peerEvents(yours[0].drafts(500))); err != nil {
					b.Fatal(err)
				}
				if _, err := ours.Append(b.Context(), mine[0].drafts(500)...); err != nil {
					b.Fatal(err)
				}
			}
			var floors, peers, livret []float64
			for b.Loop() {
				floors = append(floors, disk())
				peers = append(peers, rate(b, writers, func(w int) {
					if err := theirs.Save(peerEvents(yours[w].drafts(1))); err != nil {
						b.Error(err)
					}
				}))
				livret = append(livret, rate(b, writers, func(w int) {
					if _, err := ours.Append(b.Context(), mine[w].drafts(1)...); err != nil {
						b.Error(err)
					}
				}))
			}
			floor, peer, events := median(floors), median(peers), median(livret)
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(floor, "fdatasync/s")
			b.ReportMetric(peer, "peer_events/s")
			b.ReportMetric(events, "events/s")
			b.ReportMetric(events/floor, "x_fdatasync")
			b.ReportMetric(events/peer, "x_peer")
		})
	}
}

// BenchmarkImport appends runs of a thousand events from two goroutines, as an import does.
func BenchmarkImport(b *testing.B) {
	ours := open(b, b.TempDir())
	mine := sources(2)
	var livret []float64
	for b.Loop() {
		livret = append(livret, 1000*rate(b, 2, func(w int) {
			if _, err := ours.Append(b.Context(), mine[w].drafts(1000)...); err != nil {
				b.Error(err)
			}
		}))
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(livret), "events/s")
}
