package ledger

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"hash"

	"github.com/google/uuid"

	"livret/eventstore"
	"livret/eventstore/keyvault"
)

// runSize is how many events are opened together, and known as opened together: those of one full tile of the tree.
const runSize = 256

// Reached is how far a check had come: the runs of which the contents were opened, and what was wrong with them. Events
// are counted anew, and sequences and leaves are read again, each time: only opening is spared.
type Reached struct {
	Runs   Runs    `json:"runs"` // in commit order; the zero Run was not opened
	Faults []Fault `json:"faults,omitempty"`
}

// Run is what is known of 256 consecutive events that were opened.
type Run struct {
	Digest                               [sha256.Size]byte // SHA-256 over the hashes of their leaves
	Opened, Shredded, Archived, Unopened uint16
}

// Runs is written as 40 bytes a run, in hexadecimal.
type Runs []Run

// MarshalText implements encoding.TextMarshaler.
func (r Runs) MarshalText() ([]byte, error) {
	b, err := binary.Append(nil, binary.BigEndian, []Run(r))
	return hex.AppendEncode(nil, b), err
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (r *Runs) UnmarshalText(text []byte) error {
	b, err := hex.AppendDecode(nil, text)
	if err != nil {
		return err
	}
	*r = make(Runs, len(b)/binary.Size(Run{}))
	_, err = binary.Decode(b, binary.BigEndian, []Run(*r))
	return err
}

// run is a run on its way to be opened.
type run struct {
	first   int64 // of its events
	events  []eventstore.Envelope
	outside []bool    // of the subset, by event
	digest  hash.Hash // over the hashes of the leaves
	broken  bool      // some of its events can not be read
}

func newRun() *run { return &run{digest: sha256.New()} }

func (r *run) add(n int64, e *eventstore.Envelope, outside bool) {
	if len(r.events) == 0 {
		r.first = n
	}
	r.events, r.outside = append(r.events, *e), append(r.outside, outside)
}

// whole tells whether a run is one that may be known by its digest.
func (r *run) whole() bool { return len(r.events) == runSize && !r.broken }

// place is the number of the run.
func (r *run) place() int { return int((r.first - 1) / runSize) }

// known tells whether a run was opened before, and is still the same.
func (c *checker) known(r *run) bool {
	if !r.whole() || !c.Before.Has(r.place()) {
		return false
	}
	before := c.Before.Runs[r.place()]
	last := r.first + runSize - 1
	if before.Digest != [sha256.Size]byte(r.digest.Sum(nil)) {
		c.list(Fault{Nature: FaultChanged, Event: r.first, Through: last})
		return false
	}
	c.Resumed += runSize
	var faults []Fault
	for _, f := range c.Before.Faults {
		if f.Event >= r.first && f.Event <= last {
			faults = append(faults, f)
		}
	}
	c.reach(r, before, faults)
	return true
}

// reach notes what came out of a run.
func (c *checker) reach(r *run, found Run, faults []Fault) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !r.whole() {
		c.count(found)
		c.Checked.Faults = append(c.Checked.Faults, faults...)
		return
	}
	for len(c.reached.Runs) <= r.place() {
		c.reached.Runs = append(c.reached.Runs, Run{})
	}
	c.reached.Runs[r.place()] = found
	c.reached.Faults = append(c.reached.Faults, faults...)
}

func (c *checker) count(r Run) {
	c.Opened += int(r.Opened)
	c.Shredded += int(r.Shredded)
	c.Archived += int(r.Archived)
	c.Unopened += int(r.Unopened)
}

// openRuns opens one run after another, until there are none.
func (c *checker) openRuns(ctx context.Context, runs <-chan *run) error {
	o := c.Ledger.opener()
	defer o.zero()
	for r := range runs {
		if ctx.Err() != nil {
			continue // and let who hands them over finish
		}
		found := Run{Digest: [sha256.Size]byte(r.digest.Sum(nil))}
		var faults []Fault
		for i := range r.events {
			if r.outside[i] {
				found.Unopened++
				continue
			}
			nature, err := o.examine(ctx, &r.events[i], &found)
			if err != nil {
				return err
			}
			if nature != "" {
				faults = append(faults, faultIn(nature, r.first+int64(i), &r.events[i]))
			}
		}
		c.reach(r, found, faults)
	}
	return nil
}

// examine opens one event, and answers what is wrong with it, if anything is.
func (o *opener) examine(ctx context.Context, e *eventstore.Envelope, found *Run) (Nature, error) {
	if _, sealed := classOf(e.Stream.Category()); sealed != (e.Key != uuid.Nil) {
		return "", nil // which was said of its header
	}
	if o.key != nil && o.key.ID != e.Key {
		o.zero()
	}
	var err error
	if o.key == nil && e.Key != uuid.Nil {
		o.key, err = o.vault.Open(ctx, e.Key)
	}
	switch {
	case err == nil && e.Sealed == nil:
		return FaultUnsealed, nil
	case err == nil:
		_, err := o.reader.Open(o.key, e)
		found.Opened++
		switch {
		case errors.Is(err, keyvault.ErrCorrupt):
			return FaultContent, nil
		case err != nil:
			return FaultVocabulary, nil
		}
		return "", nil
	case errors.Is(err, keyvault.ErrShredded):
		found.Shredded++
		return "", nil
	case errors.Is(err, keyvault.ErrArchived):
		found.Archived++
		return "", nil
	case errors.Is(err, keyvault.ErrUnknown), errors.Is(err, keyvault.ErrCorrupt):
		return FaultKey, nil
	}
	return "", err
}

// mayHold tells whether a key is of the class of a stream, and of its owner: the destruction of another's
// would not empty it.
func mayHold(key keyvault.Info, class keyvault.Class, stream eventstore.StreamID) bool {
	owner, ok := stream.UUID()
	return key.Class == class && (random(stream.Category()) || ok && key.Owner == owner)
}

// Has tells whether a run was opened.
func (r Reached) Has(place int) bool { return place < len(r.Runs) && r.Runs[place] != Run{} }
