package bench

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/mark"
	"livret/domain/nomenclature"
	"livret/domain/record"
	"livret/eventstore"
	"livret/eventstore/embedded"
	vault "livret/eventstore/keyvault/embedded"
	"livret/eventstore/ledger"
)

// BenchmarkExecute measures the whole way of an order, from the command to a durable event: load and open the
// stream, decide, seal, commit to the plaintext, append. Beside it, in the same run on the same store, the
// bare append of one sealed event through the port: "of-port" is the ratio of the two.
func BenchmarkExecute(b *testing.B) {
	for _, writers := range []int{1, 16, 64} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
			l, grant := openLedger(b)
			ids := openLivrets(b, l, grant, 4096)
			port := appendRate(b, l, writers)
			var next atomic.Int64
			b.ResetTimer()
			started := time.Now()
			each(writers, func() {
				for {
					n := int(next.Add(1)) - 1
					if n >= b.N {
						return
					}
					m, err := mark.Hundredths(n % 2001)
					if err != nil {
						b.Error(err)
						return
					}
					// each livret is met once a round, under another matière: its stream grows as in life
					matiere := fmt.Sprintf("%06d", 10000+n/len(ids))
					command := record.RecordAverage{
						Enseignement: record.Enseignement{Year: 2017, Matiere: nomenclature.Matiere(matiere), Modalite: "S", Rank: 1},
						Period:       1, Mark: m,
					}
					order := ledger.Order{ID: uuid.New(), Grant: grant}
					if _, err := ledger.Execute(context.Background(), l, order, record.Decider, ids[n%len(ids)], command); err != nil {
						b.Error(err)
						return
					}
				}
			})
			rate := float64(b.N) / time.Since(started).Seconds()
			b.ReportMetric(rate, "events/s")
			b.ReportMetric(port, "port-events/s")
			b.ReportMetric(rate/port, "of-port")
		})
	}
}

func openLedger(b *testing.B) (*ledger.Ledger, access.Grant) {
	b.Helper()
	dir := b.TempDir()
	store, err := embedded.Open(filepath.Join(dir, "events.db"))
	if err != nil {
		b.Fatal(err)
	}
	keys, err := vault.Open(filepath.Join(dir, "keys"), vault.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { store.Close(); keys.Close() })
	codec, err := ledger.Vocabulary()
	if err != nil {
		b.Fatal(err)
	}
	l, err := ledger.New(ledger.Config{ID: uuid.New(), Store: store, Vault: keys, Codec: codec, Now: time.Now})
	if err != nil {
		b.Fatal(err)
	}
	operator := access.Actor{Actor: domain.Actor{Role: access.Exploitant}}
	grant, err := access.Allow(operator, access.ImportFiles, access.Target{}, l.Today())
	if err != nil {
		b.Fatal(err)
	}
	return l, grant
}

// openLivrets opens livrets with a year of three trimesters.
func openLivrets(b *testing.B, l *ledger.Ledger, grant access.Grant, n int) []uuid.UUID {
	b.Helper()
	ids := make([]uuid.UUID, n)
	var next atomic.Int64
	each(32, func() {
		for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
			ids[i] = uuid.New()
			opening := record.ImportLivret{Session: 2018, Years: []record.ImportedYear{{Year: 2017, Periods: 3}}}
			if _, err := ledger.Execute(context.Background(), l, ledger.Order{ID: uuid.New(), Grant: grant, Quiet: true}, record.Decider, ids[i], opening); err != nil {
				b.Error(err)
				return
			}
		}
	})
	return ids
}

// appendRate is how many events of the same size the port takes a second, each in an append of its own.
func appendRate(b *testing.B, l *ledger.Ledger, writers int) float64 {
	b.Helper()
	const appends = 20_000
	var next atomic.Int64
	started := time.Now()
	each(writers, func() {
		stream := eventstore.Stream("bench", uuid.New())
		for sequence := eventstore.Version(1); next.Add(1) <= appends; sequence++ {
			h := eventstore.Header{
				Stream: stream, Sequence: sequence, Type: "record.AverageRecorded", Schema: 1,
				Event: uuid.New(), Key: uuid.New(), RecordedAt: time.Now(),
			}
			if _, err := l.Store().Append(context.Background(), eventstore.Envelope{Header: h, Sealed: make([]byte, 316)}); err != nil {
				b.Error(err)
				return
			}
		}
	})
	return appends / time.Since(started).Seconds()
}

func each(n int, do func()) {
	var wg sync.WaitGroup
	for range n {
		wg.Go(do)
	}
	wg.Wait()
}
