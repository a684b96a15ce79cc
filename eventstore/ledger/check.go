package ledger

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"livret/domain/retention"
	"livret/eventstore"
	"livret/eventstore/merkle"
)

// Checked is what a check of the ledger went through. Events are read whole, their sealed contents are opened: what was
// not opened is counted, and nothing is said of it.
type Checked struct {
	Events   int     `json:"events"` // read: header, sequence, leaf
	Streams  int     `json:"streams"`
	Keys     int     `json:"keys"`
	Opened   int     `json:"opened"`            // contents: seal, commitment, vocabulary
	Shredded int     `json:"shredded"`          // not opened: their key was lawfully destroyed
	Archived int     `json:"archived"`          // not opened: their key is in custody
	Unopened int     `json:"unopened"`          // not opened: outside of the subset
	Resumed  int     `json:"resumed,omitempty"` // of all these, by the check that was interrupted
	Faults   []Fault `json:"faults,omitempty"`  // never nil; in commit order, those of keys last
}

// Examination says how a check goes. Its zero value opens everything, from the beginning.
type Examination struct {
	Subset *Subset             // of the streams whose contents are opened; nil: all
	Leaves Leaves              // is told each leaf; nil: nobody
	Before Reached             // by a check that was interrupted
	Save   func(Reached) error // is told now and then how far it came; nil: nobody
	Every  time.Duration       // between two calls of Save; 0: two seconds
	Saw    func(events int)    // is told now and then how many events were read; nil: nobody
}

// Leaves is told the leaves of the log, in commit order: what the tree of the ledger is held against.
type Leaves interface {
	Leaf(at eventstore.Position, leaf merkle.Hash)
	Lost(count int64) // as many could not be read
}

// saveEvery is how much of a check is lost at most when it is killed.
const saveEvery = 2 * time.Second

// Check examines everything.
func (l *Ledger) Check(ctx context.Context) (Checked, error) { return l.Examine(ctx, Examination{}) }

// Examine reads the whole ledger again: order, sequences, seals, commitments, contents, and each key against what is
// recorded of its life. What it finds wrong it lists and goes on; an error is that it could not go on. The log is read in
// order by one goroutine; contents are opened by as many as there are processors.
//
// Interrupted, and given what it had saved, it opens nothing again of which the leaves are still the same; what has
// changed meanwhile is a fault, since a leaf never does.
func (l *Ledger) Examine(ctx context.Context, x Examination) (Checked, error) {
	c := newChecker(l, x)
	defer c.reader.Zero()
	if err := c.log(ctx); err != nil {
		return c.Checked, err
	}
	c.Events, c.Streams = int(c.n-c.lost), len(c.streams)
	for _, r := range c.reached.Runs {
		c.count(r)
	}
	c.list(c.reached.Faults...)
	slices.SortStableFunc(c.Faults, func(a, b Fault) int { return cmp.Compare(a.Event, b.Event) })
	if c.blind { // births may stand behind it
		return c.Checked, nil
	}
	return c.Checked, c.keys(ctx)
}

// checker reads the log in order.
type checker struct {
	opener
	Examination
	Checked
	n, lost int64 // events read, and those of them that could not be
	blind   bool  // the log could not be read to its end
	last    eventstore.Position
	streams map[eventstore.StreamID]*seen
	owners  map[uuid.UUID]*owned
	run     *run
	saved   time.Time

	mu      sync.Mutex // of the faults and of what follows, which those who open report to
	reached Reached
}

// seen is what is known of a stream: where it stands, what seals it, and whether its contents are opened.
type seen struct {
	version eventstore.Version
	key     uuid.UUID
	outside bool // of the subset
}

func newChecker(l *Ledger, x Examination) *checker {
	return &checker{
		opener: l.opener(), Examination: x, Checked: Checked{Faults: []Fault{}}, saved: time.Now(),
		streams: make(map[eventstore.StreamID]*seen), owners: make(map[uuid.UUID]*owned), run: newRun(),
	}
}

// log reads the log, and has it opened.
func (c *checker) log(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	runs := make(chan *run, 2*runtime.GOMAXPROCS(0))
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			if err := c.openRuns(ctx, runs); err != nil {
				cancel(err)
			}
		})
	}
	err := c.read(ctx, runs)
	if err == nil {
		err = c.pass(ctx, runs)
	}
	close(runs)
	workers.Wait()
	return cmp.Or(err, context.Cause(ctx))
}

// read goes through all events, those behind a damage too.
func (c *checker) read(ctx context.Context, runs chan<- *run) error {
	for {
		damaged, err := c.readOn(ctx, runs)
		if err != nil || damaged == nil {
			return err
		}
		c.damage(damaged)
	}
}

func (c *checker) readOn(ctx context.Context, runs chan<- *run) (*eventstore.DamagedError, error) {
	for e, err := range c.store.Read(ctx, c.last) {
		if damaged, ok := errors.AsType[*eventstore.DamagedError](err); ok {
			return damaged, nil
		}
		if errors.Is(err, eventstore.ErrCorrupt) { // and nobody knows where it goes on
			c.list(Fault{Nature: FaultDamaged, Event: c.n + 1, Detail: "nothing can be read behind it"})
			c.blind = true
			return nil, nil
		}
		if err == nil {
			err = c.event(ctx, &e)
		}
		if err == nil && c.n%runSize == 0 {
			err = c.pass(ctx, runs)
		}
		if err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// list adds to the faults: those who read and those who open find some at the same time.
func (c *checker) list(faults ...Fault) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.Faults = append(c.Faults, faults...)
}

// damage lists events that can not be read. Their run will be opened again, if there is another check.
func (c *checker) damage(d *eventstore.DamagedError) {
	f := Fault{Nature: FaultDamaged, Event: int64(d.N), Position: hex.EncodeToString(d.Position[:]), Detail: d.How}
	if d.Missing {
		f.Nature, f.Detail = FaultMissing, ""
	}
	if d.Through > d.N {
		f.Through = int64(d.Through)
	}
	c.list(f)
	count := int64(d.Through) - c.n
	c.n, c.lost, c.last, c.run.broken = int64(d.Through), c.lost+count, d.Position, true
	if c.Leaves != nil {
		c.Leaves.Lost(count)
	}
}

// event checks what needs no key.
func (c *checker) event(ctx context.Context, e *eventstore.Envelope) error {
	c.n++
	if e.Position.Compare(c.last) <= 0 {
		c.fault(FaultOrder, e)
	}
	c.last = e.Position
	stream, met := c.streams[e.Stream]
	if !met {
		stream = &seen{key: e.Key, outside: c.Subset != nil && !c.Subset.Has(e.Stream)}
		c.streams[e.Stream] = stream
	}
	if e.Sequence != stream.version+1 {
		c.fault(FaultSequence, e)
	}
	if stream.key != e.Key {
		c.fault(FaultTwoKeys, e)
	}
	class, sealed := classOf(e.Stream.Category())
	if sealed != (e.Key != uuid.Nil) {
		c.fault(FaultClear, e)
	} else if sealed && (!met || stream.key != e.Key) {
		if info, err := c.vault.Info(ctx, e.Key); err == nil && !mayHold(info, class, e.Stream) {
			c.fault(FaultOwner, e)
		}
	}
	stream.version, stream.key = e.Sequence, e.Key
	if e.Ledger != c.id {
		c.fault(FaultLedger, e)
	}
	if err := c.leaf(e); err != nil {
		return err
	}
	c.run.add(c.n, e, stream.outside)
	if e.Stream.Category() == retention.Category && e.Key == uuid.Nil && e.Sealed != nil {
		if fact, err := c.reader.Open(nil, e); err == nil { // its faults are for those who open
			c.life(e.Stream, fact.Event)
		}
	}
	return nil
}

func (c *checker) leaf(e *eventstore.Envelope) error {
	leaf, err := e.Leaf()
	if err != nil {
		return err
	}
	h := merkle.LeafHash(leaf)
	c.run.digest.Write(h[:])
	if c.Leaves != nil {
		c.Leaves.Leaf(e.Position, h)
	}
	return nil
}

func (c *checker) fault(nature Nature, e *eventstore.Envelope) {
	c.list(faultIn(nature, c.n, e))
}

// pass hands the run over to those who open, unless they had it before this check was interrupted, and begins another.
func (c *checker) pass(ctx context.Context, runs chan<- *run) error {
	r := c.run
	c.run = newRun()
	if c.Saw != nil {
		c.Saw(int(c.n))
	}
	if len(r.events) > 0 && !c.known(r) {
		select {
		case runs <- r:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	if c.Save == nil || time.Since(c.saved) < cmp.Or(c.Every, saveEvery) {
		return nil
	}
	c.saved = time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.Save(c.reached)
}
