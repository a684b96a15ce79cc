package wiretest

import (
	"context"
	"iter"
	"sync"
	"time"

	"livret/eventstore/esdb/wire"
)

// Faults are what a cluster is told to do wrong. All may be changed while it serves.
type Faults struct {
	cluster *Cluster
	mu      sync.Mutex
	before  int
	after   int
	silent  int
	cut     int
	delay   time.Duration
}

// FailBeforeApply has the next n appends cut their node's connections before they take effect.
func (f *Faults) FailBeforeApply(n int) { f.set(func() { f.before = n }) }

// FailAfterApply has the next n appends that succeed take effect, and cut their node's connections before the answer.
func (f *Faults) FailAfterApply(n int) { f.set(func() { f.after = n }) }

// AbortAfterApply has the next n appends that succeed take effect, and answer that the server gave them up, as it does
// when the other nodes are late.
func (f *Faults) AbortAfterApply(n int) { f.set(func() { f.silent = n }) }

// CutReadAfter has the next reading cut its node's connections once it gave so many events; 0: none does.
func (f *Faults) CutReadAfter(events int) { f.set(func() { f.cut = events }) }

// Delay has the network hold back for so long each piece of what nodes say.
func (f *Faults) Delay(d time.Duration) { f.set(func() { f.delay = d }) }

func (f *Faults) set(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
}

func (f *Faults) delayed() time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.delay
}

// due takes one of a number of faults, if there is one left.
func (f *Faults) due(n *int) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if *n == 0 {
		return false
	}
	*n--
	return true
}

// faulty is the store as one request sees it.
type faulty struct {
	*Store
	faults *Faults
	via    *network
}

// Append implements wire.Writer.
func (l *faulty) Append(ctx context.Context, stream string, expected wire.Expected, records []wire.Record) (wire.Written, error) {
	if l.faults.due(&l.faults.before) {
		l.via.cut()
		return wire.Written{}, wire.ErrUnavailable
	}
	written, err := l.Store.Append(ctx, stream, expected, records)
	switch {
	case err != nil:
	case l.faults.due(&l.faults.after):
		l.via.cut()
		err = wire.ErrUnavailable
	case l.faults.due(&l.faults.silent):
		err = wire.ErrAborted
	}
	return written, err
}

// Stream implements wire.Log.
func (l *faulty) Stream(ctx context.Context, stream string, from wire.From[uint64], backwards bool) iter.Seq2[wire.Record, error] {
	return l.cutting(l.Store.Stream(ctx, stream, from, backwards))
}

// All implements wire.Log.
func (l *faulty) All(ctx context.Context, from wire.From[wire.Position], backwards bool) iter.Seq2[wire.Record, error] {
	return l.cutting(l.Store.All(ctx, from, backwards))
}

// Follow implements wire.Log.
func (l *faulty) Follow(ctx context.Context, after wire.Position) iter.Seq2[wire.Record, error] {
	return l.cutting(l.Store.Follow(ctx, after))
}

// cutting yields records until it is time to cut the connection.
func (l *faulty) cutting(records iter.Seq2[wire.Record, error]) iter.Seq2[wire.Record, error] {
	return func(yield func(wire.Record, error) bool) {
		l.faults.mu.Lock()
		left := l.faults.cut
		l.faults.cut = 0
		l.faults.mu.Unlock()
		if left == 0 {
			records(yield)
			return
		}
		for r, err := range records {
			if left == 0 {
				l.via.cut()
				yield(wire.Record{}, wire.ErrUnavailable)
				return
			}
			if left--; !yield(r, err) {
				return
			}
		}
	}
}
