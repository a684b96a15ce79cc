package merkle_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/tlog"

	"livret/eventstore/merkle"
)

// faulty is an anchor that fails once, before it takes effect or after.
type faulty struct {
	merkle.Anchor
	fail, persist bool
	load          bool // it is Load that fails
}

var errFault = errors.New("the volume is gone")

func (f *faulty) Load(ctx context.Context) ([]byte, error) {
	if f.fail && f.load {
		f.fail = false
		return nil, errFault
	}
	return f.Anchor.Load(ctx)
}

func (f *faulty) Replace(ctx context.Context, old, signed []byte) error {
	if !f.fail || f.load {
		return f.Anchor.Replace(ctx, old, signed)
	}
	f.fail = false
	if f.persist {
		if err := f.Anchor.Replace(ctx, old, signed); err != nil {
			return err
		}
	}
	return errFault
}

// Whichever anchor fails, before or after it took effect, the next checkpoint of the same process goes on, and all that was
// ever signed is of one tree.
func TestAnAnchorFailsAndTheLogGoesOn(t *testing.T) {
	for name, c := range map[string]struct{ second, persist, load bool }{
		"first, before": {false, false, false}, "first, after": {false, true, false},
		"second, before": {true, false, false}, "second, after": {true, true, false}, "second, when read": {true, false, true},
	} {
		for _, more := range []int{0, 5} { // nothing new is a fault to be made up for as well
			t.Run(name, func(t *testing.T) {
				events := new(ledger)
				events.grow(300)
				dir := t.TempDir()
				config := config(t, dir, events)
				near := &faulty{Anchor: config.Anchor}
				far := &faulty{Anchor: &merkle.FileAnchor{Path: filepath.Join(dir, "far")}}
				config.Anchor, config.Others = near, []merkle.Anchor{far}
				log, err := merkle.Open(t.Context(), config)
				if err != nil {
					t.Fatal(err)
				}
				first, _, err := log.Checkpoint(t.Context(), noon)
				if err != nil {
					t.Fatal(err)
				}
				failing := near
				if c.second {
					failing = far
				}
				failing.fail, failing.persist, failing.load = true, c.persist, c.load
				events.grow(10)
				if _, _, err := log.Checkpoint(t.Context(), noon.Add(time.Hour)); !errors.Is(err, errFault) {
					t.Fatalf("it does not fail: %v", err)
				}
				events.grow(more)
				second, note, err := log.Checkpoint(t.Context(), noon.Add(2*time.Hour))
				if err != nil || second.Size != int64(310+more) {
					t.Fatalf("%+v, %v", second, err)
				}
				for _, anchor := range config.Others {
					if kept, err := anchor.Load(t.Context()); err != nil || string(kept) != string(note) {
						t.Errorf("an anchor keeps %s, %v", kept, err)
					}
				}
				if want := root(events.leaves(t)); second.Root != want {
					t.Errorf("root %s, want %s", second.Root, want)
				}
				proof, err := log.Consistency(first.Size, second.Size)
				if err != nil || tlog.CheckTree(proof, second.Size, second.Root, first.Size, first.Root) != nil {
					t.Errorf("it forked: %v", err)
				}
				if again, err := merkle.Open(t.Context(), config); err != nil {
					t.Error(err)
				} else if same, _, err := again.Checkpoint(t.Context(), noon.Add(3*time.Hour)); err != nil || same != second {
					t.Errorf("%+v, %v", same, err)
				}
			})
		}
	}
}

// A log that is open does not sign over an anchor that somebody else moved on, in another tree.
func TestAnAnchorMovedByAnother(t *testing.T) {
	events := new(ledger)
	events.grow(3)
	config := config(t, t.TempDir(), events)
	log, err := merkle.Open(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := log.Checkpoint(t.Context(), noon); err != nil {
		t.Fatal(err)
	}
	fork := new(ledger)
	fork.grow(3)
	other := config
	other.Events, other.Dir = fork, filepath.Join(t.TempDir(), "tree")
	stranger, err := merkle.Open(t.Context(), other)
	if err != nil {
		t.Fatal(err)
	}
	fork.grow(4)
	fork.events[5].Commit[0]++
	if _, _, err := stranger.Checkpoint(t.Context(), noon.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	events.grow(4)
	for range 3 {
		if c, _, err := log.Checkpoint(t.Context(), noon.Add(2*time.Hour)); !errors.Is(err, merkle.ErrMoved) && !errors.Is(err, merkle.ErrForked) {
			t.Errorf("signed %+v, %v", c, err)
		}
	}
	if note, err := log.Published(merkle.CheckpointPath); err != nil {
		t.Error(err)
	} else if c, err := merkle.OpenCheckpoint(note, merkle.Origin(uuid.UUID{1}), config.Known...); err != nil || c.Size != 3 {
		t.Errorf("what another signed is published as ours: %+v, %v", c, err)
	}
}
