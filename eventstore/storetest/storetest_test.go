package storetest_test

import (
	"context"
	"iter"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"livret/eventstore"
	"livret/eventstore/memory"
	"livret/eventstore/storetest"
)

const brokenEnv = "LIVRET_TEST_BROKEN_STORE"

// TestFindsBrokenStores runs the suite, in a process of its own, on stores that fail as stores do, and looks
// whether it notices, and where.
func TestFindsBrokenStores(t *testing.T) {
	for kind, notices := range map[string]string{
		"sound":      "",
		"numbers":    "Race16Writers", // are given before the commit, so that a later event shows first
		"forgetful":  "RetryForEver",  // takes a retry for a conflict once others have appended
		"polite":     "CutReadIsNotShortRead",
		"sleepy":     "FollowWaitsAndWakes",
		"generous":   "PartialOverlapIsRefused", // takes a run of which a part stands
		"borrowed":   "BytesBelongToTheCaller",
		"eager":      "OneWinner",     // checks the version, then appends
		"talkative":  "FaultMatrix",   // tells a lost answer as a conflict
		"optimistic": "Race64Writers", // numbers before the commit, again with many
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			cmd := exec.Command(os.Args[0], "-test.run=^TestBroken$", "-test.v")
			cmd.Env = append(os.Environ(), brokenEnv+"="+kind)
			out, err := cmd.CombinedOutput()
			if notices == "" {
				if err != nil {
					t.Fatalf("the suite finds fault with a sound store:\n%s", out)
				}
				return
			}
			if err == nil || !strings.Contains(string(out), "--- FAIL: TestBroken/"+notices) {
				t.Errorf("%s does not notice: %v", notices, err)
			}
		})
	}
}

func TestBroken(t *testing.T) {
	kind := os.Getenv(brokenEnv)
	if kind == "" {
		t.Skip("for TestFindsBrokenStores")
	}
	a := storetest.Adapter{New: func(testing.TB) eventstore.Store {
		return &broken{Store: memory.New(), kind: kind, hidden: make(map[eventstore.Position]bool)}
	}}
	if kind == "talkative" {
		a.FailAfter = func(s eventstore.Store, n int) { s.(*broken).Store.(*memory.Store).FailAfter(n) }
	}
	storetest.Run(t, a)
}

// broken is a store in memory with one fault.
type broken struct {
	eventstore.Store
	kind string

	mu     sync.Mutex
	hidden map[eventstore.Position]bool // numbered, and not committed yet
	last   []eventstore.Envelope        // what was yielded last, to be yielded again
}

func (b *broken) Append(ctx context.Context, drafts ...eventstore.Envelope) (eventstore.Position, error) {
	if eventstore.CheckAppend(drafts) != nil {
		return b.Store.Append(ctx, drafts...)
	}
	want := drafts[0].Sequence - 1
	head, err := b.Head(ctx, drafts[0].Stream)
	if err != nil {
		return eventstore.Position{}, err
	}
	conflict := &eventstore.ConflictError{Stream: drafts[0].Stream, Want: want, Actual: head}
	switch b.kind {
	case "forgetful":
		if head != want {
			return eventstore.Position{}, conflict
		}
	case "generous":
		if want < head && head < want+eventstore.Version(len(drafts)) {
			drafts = drafts[head-want:]
		}
	case "eager":
		time.Sleep(time.Millisecond)
		drafts = slices.Clone(drafts)
		for i := range drafts {
			if now, _ := b.Head(ctx, drafts[0].Stream); head == want && now > head {
				drafts[i].Sequence = now + 1 + eventstore.Version(i)
			}
		}
	case "talkative":
		position, err := b.Store.Append(ctx, drafts...)
		if err == memory.ErrFault {
			err = conflict
		}
		return position, err
	case "numbers", "optimistic":
		b.mu.Lock()
		position, err := b.Store.Append(ctx, drafts...)
		_, known := b.hidden[position]
		if err == nil && !known {
			b.hidden[position] = true
		}
		b.mu.Unlock()
		if err == nil && !known {
			time.Sleep(time.Duration(rand.IntN(800)) * time.Microsecond)
			b.mu.Lock()
			b.hidden[position] = false
			b.mu.Unlock()
		}
		return position, err
	}
	return b.Store.Append(ctx, drafts...)
}

func (b *broken) Stream(ctx context.Context, stream eventstore.StreamID, after eventstore.Version) iter.Seq2[eventstore.Envelope, error] {
	return b.spoil(b.Store.Stream(ctx, stream, after))
}

func (b *broken) Read(ctx context.Context, after eventstore.Position) iter.Seq2[eventstore.Envelope, error] {
	return b.spoil(b.Store.Read(ctx, after))
}

func (b *broken) Follow(ctx context.Context, after eventstore.Position) iter.Seq2[eventstore.Envelope, error] {
	switch b.kind {
	case "sleepy":
		return b.Read(ctx, after)
	case "numbers", "optimistic":
		return func(yield func(eventstore.Envelope, error) bool) {
			for at := after; ; time.Sleep(100 * time.Microsecond) {
				for e, err := range b.Read(ctx, at) {
					if !yield(e, err) || err != nil {
						return
					}
					at = e.Position
				}
			}
		}
	}
	return b.spoil(b.Store.Follow(ctx, after))
}

func (b *broken) spoil(events iter.Seq2[eventstore.Envelope, error]) iter.Seq2[eventstore.Envelope, error] {
	return func(yield func(eventstore.Envelope, error) bool) {
		for e, err := range events {
			b.mu.Lock()
			hidden := b.hidden[e.Position]
			if b.kind == "borrowed" && err == nil {
				for _, last := range b.last {
					if last.Event == e.Event {
						e.Sealed = last.Sealed
					}
				}
				b.last = append(b.last[max(0, len(b.last)-10):], e)
			}
			b.mu.Unlock()
			switch {
			case hidden:
				continue
			case b.kind == "polite" && err != nil:
				return // as if that were all
			}
			if !yield(e, err) {
				return
			}
		}
	}
}
