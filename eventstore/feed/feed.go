// Package feed carries the facts of the ledger to the reactions, through a Watermill router: one handler for each
// reaction, and nobody else imports Watermill.
//
// The contract:
//
//   - Delivery. A message is a batch: its payload is a range of positions, and the facts are in its context, in
//     memory only, since Watermill would persist a payload. The handler acknowledges after the reaction did all that
//     follows from the batch; only then does the cursor move past it, compared and swapped. Killed anywhere, a
//     reaction hears the same facts again. That is at least once, and reactions are idempotent: exactly one effect.
//   - Order. Watermill runs a goroutine for each message, so the subscriber waits for the answer to one before it
//     sends the next. A reaction hears facts in the order of the ledger, and is never called twice at the same time,
//     whoever asked. Reactions do not wait for each other.
//   - Nothing is hidden. A fact that is shredded, archived or unreadable is handed over as what it is.
//   - Failures that pass. When time ran out, others wrote first or the files are closed, the message is refused, the
//     cursor stays, and the facts are read again later: after a pause that grows, or at the next call.
//   - Poison is parked, never skipped. Any other failure is narrowed down to the one fact that causes it. The stream
//     of that fact is parked for that reaction, at its sequence, and the row that says so is written together with the
//     cursor. Later facts of the same stream wait behind it; all other streams go on. Retry hands over what waits, in
//     order. A reaction that fails for very many streams is not parked but stopped where it stands.
//   - Days. A reaction that names ledger.Days hears days the same way, under a cursor of their own. Whoever catches up
//     hears the facts first: what a day puts an end to has had its effect before.
package feed

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"livret/eventstore"
	"livret/eventstore/ledger"
)

// Config is what a feed is made of.
type Config struct {
	Ledger    *ledger.Ledger
	Cursors   Cursors
	Reactions []ledger.Reaction
	Views     func(context.Context) error // shows all that is committed: what a reaction asks must be known; nil: none
	Log       *slog.Logger                // nil: silent
	Batch     int                         // facts of one message at most; 0: 50 000
}

// defaultBatch is enough for the texts of a school to be masked against names compiled once, and few enough to hold
// in some tens of megabytes.
const defaultBatch = 50_000

// Feed carries facts to reactions. It is safe for concurrent use.
type Feed struct {
	Config
	facts, days []*hearing
}

// New makes a feed. It starts nothing.
func New(c Config) *Feed {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Batch == 0 {
		c.Batch = defaultBatch
	}
	f := &Feed{Config: c}
	for _, r := range c.Reactions {
		turn := new(sync.Mutex)
		var categories []string
		for _, category := range r.Categories() {
			if category == ledger.Days {
				f.days = append(f.days, &hearing{Feed: f, name: r.Name() + ".days", reaction: r, turn: turn, source: days{f}})
			} else {
				categories = append(categories, category)
			}
		}
		var types []string
		if choosy, ok := r.(ledger.Choosy); ok {
			types = choosy.Types()
		}
		if len(categories) > 0 {
			f.facts = append(f.facts, &hearing{Feed: f, name: r.Name(), reaction: r, turn: turn, source: facts{f, categories, types}})
		}
	}
	return f
}

// CatchUp returns when every reaction has heard all that was committed, and all that followed from it. A reaction
// that fails keeps none of the others from catching up, and its error is answered; a stream that is parked is no
// error.
func (f *Feed) CatchUp(ctx context.Context) error {
	for {
		found, err := f.catchUp(ctx, f.facts)
		if !found && ctx.Err() == nil {
			var failed error
			found, failed = f.catchUp(ctx, f.days)
			err = errors.Join(err, failed)
		}
		if !found || ctx.Err() != nil {
			return err
		}
	}
}

// catchUp tells whether there was anything to hear.
func (f *Feed) catchUp(ctx context.Context, hearings []*hearing) (bool, error) {
	var found atomic.Bool
	err := f.route(ctx, hearings, func(ctx context.Context, h *hearing, send sending) error {
		some, _, err := h.catchUp(ctx, send)
		if some {
			found.Store(true)
		}
		return err
	})
	return found.Load(), err
}

// hearings are those of facts and of days.
func (f *Feed) hearings() []*hearing { return slices.Concat(f.facts, f.days) }

// Serve lets reactions hear facts as they are committed and days as they begin, until its context ends, which it
// answers as an error. It may run beside CatchUp. A failure that passes is waited for, and logged by its class.
func (f *Feed) Serve(ctx context.Context) error {
	return f.route(ctx, f.hearings(), func(ctx context.Context, h *hearing, send sending) error { return h.follow(ctx, send) })
}

// Retry hands over again what is parked, of one stream or of all, and returns when it was: what fails again stays
// parked.
func (f *Feed) Retry(ctx context.Context, streams ...eventstore.StreamID) error {
	return f.route(ctx, f.hearings(), func(ctx context.Context, h *hearing, send sending) error { return h.retry(ctx, send, streams) })
}

// How long a subscription waits.
const (
	firstPause = 100 * time.Millisecond // after a failure, then twice as long each time,
	lastPause  = time.Minute            // but no longer
	gathering  = 20 * time.Millisecond  // after news, for more of the same burst
	dayPoll    = 15 * time.Second       // until somebody looks at the calendar again: the clock may be moved
)

func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// follow catches up again and again.
func (h *hearing) follow(ctx context.Context, send sending) error {
	for pause := firstPause; ; {
		found, through, err := h.catchUp(ctx, send)
		if err == nil && found && h.Views != nil {
			err = h.Views(ctx) // what the reaction did is shown
		}
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, eventstore.ErrClosed):
			return err
		case err != nil:
			h.Log.Warn("a reaction waits", "reaction", h.name, "class", ledger.Class(err), "pause", pause)
			sleep(ctx, pause)
			pause = min(2*pause, lastPause)
		case !found:
			h.source.wait(ctx, through)
			pause = firstPause
		}
	}
}
