package bench

import (
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"livret/eventstore"
	"livret/eventstore/embedded"
	"livret/eventstore/esdb"
	"livret/eventstore/esdb/wire/wiretest"
)

// BenchmarkCluster appends one event per call, and scans, through the client and our own server in this process, which
// keeps everything in memory: what the client and the protocol cost, without the disks and the network of a cluster. The
// embedded store, which is durable, is measured beside.
func BenchmarkCluster(b *testing.B) {
	ledger := uuid.New()
	stores := map[string]func(b *testing.B) eventstore.Store{
		"esdb": func(b *testing.B) eventstore.Store {
			s, err := esdb.Open(esdb.Options{Connection: wiretest.Start(b).ConnectionString(), Ledger: ledger, Patience: time.Minute})
			if err != nil {
				b.Fatal(err)
			}
			return s
		},
		"embedded": func(b *testing.B) eventstore.Store {
			s, err := embedded.Open(filepath.Join(b.TempDir(), "events.db"))
			if err != nil {
				b.Fatal(err)
			}
			return s
		},
	}
	for _, name := range []string{"esdb", "embedded"} {
		for _, callers := range []int{1, 16, 64} {
			b.Run(fmt.Sprintf("append/%s/callers=%d", name, callers), func(b *testing.B) {
				s := stores[name](b)
				defer s.Close()
				var calling sync.WaitGroup
				for c := range callers {
					calling.Go(func() {
						stream := eventstore.Stream("record", uuid.New())
						for v := eventstore.Version(1); int(v) <= (b.N+callers-1-c)/callers; v++ {
							if _, err := s.Append(b.Context(), plain(ledger, stream, v, 1)...); err != nil {
								b.Error(err)
								return
							}
						}
					})
				}
				calling.Wait()
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
			})
		}
		b.Run("scan/"+name, func(b *testing.B) {
			s := stores[name](b)
			defer s.Close()
			const runs, run = 200, 100
			for range runs {
				if _, err := s.Append(b.Context(), plain(ledger, eventstore.Stream("record", uuid.New()), 1, run)...); err != nil {
					b.Fatal(err)
				}
			}
			n := 0
			for b.Loop() {
				for _, err := range s.Read(b.Context(), eventstore.Position{}) {
					if err != nil {
						b.Fatal(err)
					}
					n++
				}
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "events/s")
		})
	}
}

// plain is a run of events of the size that most have.
func plain(ledger uuid.UUID, stream eventstore.StreamID, first eventstore.Version, n int) []eventstore.Envelope {
	drafts := make([]eventstore.Envelope, n)
	for i := range drafts {
		drafts[i] = eventstore.Envelope{
			Header: eventstore.Header{
				Ledger: ledger, Stream: stream, Sequence: first + eventstore.Version(i), Type: "record.MarkEntered", Schema: 1,
				Event: uuid.New(), Key: ledger, RecordedAt: time.UnixMicro(1_780_000_000_000_000).UTC(),
			},
			Sealed: make([]byte, 316), // nonce, salt, the smallest padded content, tag
		}
	}
	return drafts
}
