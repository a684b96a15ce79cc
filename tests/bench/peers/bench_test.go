// Package peers measures the event store beside what it competes with, in the same run on the same disk:
//
//	cd tests/bench/peers && go test -bench . -benchtime 5x
//
// It is a module of its own so that the peers stay out of the ledger's dependencies. Each round of a
// benchmark measures everybody in turn; what is reported is the median round.
package peers

import (
	"crypto/rand"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"livret/eventstore"
	"livret/eventstore/embedded"
)

const (
	// sealedSize is that of an event of ordinary size: nonce, salt, 256 bytes of padded content, tag.
	sealedSize = 12 + 32 + 256 + 16
	streams    = 200
	roundTime  = 700 * time.Millisecond
)

var ledger = uuid.MustParse("6f0d3c1e-2a94-4b57-8d11-0f4f5a3f9e21")

// rate calls do from so many goroutines for the time of a round and answers the calls per second.
func rate(b *testing.B, writers int, do func(writer int)) float64 {
	b.Helper()
	var wg sync.WaitGroup
	counts := make([]int, writers)
	start := time.Now()
	for w := range writers {
		wg.Go(func() {
			for time.Since(start) < roundTime {
				do(w)
				counts[w]++
			}
		})
	}
	wg.Wait()
	elapsed := time.Since(start)
	total := 0
	for _, n := range counts {
		total += n
	}
	return float64(total) / elapsed.Seconds()
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}

// floor answers how often per second the disk makes 4 KiB durable, overwritten in a preallocated file.
func floor(b *testing.B, dir string) func() float64 {
	b.Helper()
	f, err := os.Create(filepath.Join(dir, "floor"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { f.Close() })
	block := make([]byte, 4096)
	const blocks = 1024
	for range blocks {
		if _, err := f.Write(block); err != nil {
			b.Fatal(err)
		}
	}
	if err := f.Sync(); err != nil {
		b.Fatal(err)
	}
	n := int64(0)
	return func() float64 {
		return rate(b, 1, func(int) {
			rand.Read(block[:16])
			if _, err := f.WriteAt(block, n%blocks*4096); err != nil {
				b.Error(err)
			}
			if err := datasync(f); err != nil {
				b.Error(err)
			}
			n++
		})
	}
}

func open(b *testing.B, dir string) *embedded.Store {
	b.Helper()
	s, err := embedded.Open(filepath.Join(dir, "events.db"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	return s
}

// source makes the drafts of one writer, over streams that nobody else writes.
type source struct {
	streams []eventstore.StreamID
	heads   []eventstore.Version
	next    int
	sealed  []byte
}

func newSource(streams int) *source {
	s := &source{heads: make([]eventstore.Version, streams), sealed: make([]byte, sealedSize)}
	for range streams {
		s.streams = append(s.streams, eventstore.Stream("record", uuid.New()))
	}
	rand.Read(s.sealed)
	return s
}

// drafts makes a run of n events of the next stream.
func (s *source) drafts(n int) []eventstore.Envelope {
	i := s.next % len(s.streams)
	s.next++
	run := make([]eventstore.Envelope, n)
	for j := range run {
		s.heads[i]++
		run[j].Header = eventstore.Header{
			Ledger: ledger, Stream: s.streams[i], Sequence: s.heads[i], Type: "record.MarkEntered", Schema: 1,
			Event: uuid.New(), Key: uuid.UUID(s.sealed[:16]), RecordedAt: time.Now().UTC(),
		}
		run[j].Sealed = s.sealed
	}
	return run
}

func sources(writers int) []*source {
	made := make([]*source, writers)
	for i := range made {
		made[i] = newSource(max(1, streams/writers))
	}
	return made
}
