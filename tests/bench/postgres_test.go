package bench

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"livret/projections"
	"livret/projections/family"
	"livret/projections/postgres"
	"livret/tests/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// BenchmarkProjectIntoPostgres folds 1 M sealed events, those of all pupils mixed, into the family's view in PostgreSQL,
// cursor and rows in one transaction, the server waiting for its disk: with batches as large as memory allows, as a
// rebuild does, and as a view does that follows closely. The target is 60,000 events/s.
func BenchmarkProjectIntoPostgres(b *testing.B) {
	server := pgtest.Get(b)
	server.Durable(b)
	s := fillShelf(b, true)
	for _, batch := range []int{0, 10_000, 1_000} {
		b.Run(fmt.Sprintf("batch=%d", batch), func(b *testing.B) {
			source := s.log.Source()
			source.Batch = batch
			var rates []float64
			for b.Loop() {
				dsn := server.Database(b)
				if err := postgres.Migrate(b.Context(), dsn); err != nil {
					b.Fatal(err)
				}
				views, err := postgres.Open(b.Context(), dsn)
				if err != nil {
					b.Fatal(err)
				}
				start := time.Now()
				if _, err := projections.Run(b.Context(), source, views, family.Projection()); err != nil {
					b.Fatal(err)
				}
				rates = append(rates, livrets*eventsPerLivret/time.Since(start).Seconds())
				if err := views.Close(); err != nil {
					b.Fatal(err)
				}
			}
			slices.Sort(rates)
			b.ReportMetric(rates[len(rates)/2], "events/s")
		})
	}
}
