// Package changes is what other software is told of a view: the sequence of what became of its subjects, for one audience.
//
// A change says what a subject of the view (a livret, a candidate, a publication) is now: present, with its whole
// document as the audience sees it, or archived, shredded or withdrawn, with none. So the last change of a subject is all
// that is to be known of it, and whoever is late is told less often, never less: changes that a reader was too slow for are
// told as one. Nothing is kept for a reader, neither a queue nor a place: he brings the place that he read last.
//
// The contract:
//
//   - Nothing is missed. The log is read first, then the view is brought up to it, then subjects are shown: a change
//     shows its fact or a later state, never an earlier one.
//   - At least once. Who read up to a place and comes back with it is told everything behind it, and nothing before. A
//     change told twice, and not changed in between, has the same id.
//   - Exact. Who writes a change and its place in one transaction has a copy that is the view, whenever he is killed.
//   - Nothing about a person stands in an id or a place: both are keyed, and a place can be read by the ledger only. A
//     position in clear would tell a jury's software which sealed stream a candidate is.
package changes

import (
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"

	"livret/eventstore"
)

// State is what became of a subject.
type State string

// The states of a subject. Only the first comes with a document.
const (
	Present   State = "present"
	Archived  State = "archived"  // beyond active service: to be deleted
	Shredded  State = "shredded"  // its key is destroyed: to be deleted for good, and never to be asked for again
	Withdrawn State = "withdrawn" // no longer for this audience: it moved to another school, or its processing is restricted
)

// States lists all of them.
func States() []State { return []State{Present, Archived, Shredded, Withdrawn} }

// Change is what became of a subject. Data is its document, and nil unless it is Present.
type Change struct {
	ID      string // of this change of this subject to this document
	Place   string // to go on from, once the change is written
	Subject string
	State   State
	Data    json.RawMessage
}

// Audience is a view as one reader sees it.
//
// Name is that of the view with its version, and of what it is restricted to: a place is good for one name only, since a
// new version of a view shows everything anew. Heeds tells by its header whether an event may change the view. Fold
// brings the view up to the log. Subjects are those that a stream is part of, once it is folded; how they are named
// stays between the two methods. Show is what a subject is now; it answers false if the audience is not to learn of it.
type Audience interface {
	Name() string
	Heeds(e *eventstore.Envelope) bool
	Fold(ctx context.Context) error
	Subjects(ctx context.Context, stream eventstore.StreamID) ([]string, error)
	Show(ctx context.Context, subject string) (Shown, bool, error)
}

// Shown is a subject as an audience sees it.
type Shown struct {
	Subject string // as the audience knows it
	State   State
	Data    json.RawMessage
}

// Labels is the part of a vault that ids and places are keyed by; see keyvault.Opener.
type Labels interface{ Label(parts ...string) []byte }

// Feed tells audiences what became of the subjects of their views. It is safe for concurrent use.
type Feed struct {
	Log  eventstore.Store
	Keys Labels
}

// Page is a run of changes, and the place behind them, which is further than that of the last change if nothing concerned
// the audience since.
type Page struct {
	Changes []Change
	Next    string
	More    bool // there may be more at once
}

// ErrPlace says that a place is not one of this audience: its view has another version now, or the ledger is another one.
// Who is told so begins again, from the empty place.
var ErrPlace = errors.New("changes: not a place of this audience")

// scan is how many events are looked at for one page, so that who begins has the first one soon.
const scan = 20_000

// Read answers what changed behind a place, "" being the beginning: subjects of at most limit streams.
func (f *Feed) Read(ctx context.Context, a Audience, after string, limit int) (Page, error) {
	from, err := f.open(a, after)
	if err != nil {
		return Page{}, err
	}
	streams, at, more, err := f.look(ctx, a, from, limit)
	if err != nil {
		return Page{}, err
	}
	page := Page{Next: after, More: more}
	if at != from {
		page.Next = f.place(a, at)
	}
	if len(streams) == 0 {
		return page, nil
	}
	if err := a.Fold(ctx); err != nil {
		return Page{}, err
	}
	touched, err := f.touched(ctx, a, streams)
	if err != nil {
		return Page{}, err
	}
	behind := after // all that was told with an earlier position
	for n, t := range touched {
		shown, known, err := a.Show(ctx, t.subject)
		if err != nil {
			return Page{}, err
		}
		switch {
		case n == len(touched)-1:
			behind = page.Next
		case t.last != touched[n+1].last: // who stops between two subjects of one event comes back before it
			behind = f.place(a, t.last)
		}
		if known {
			page.Changes = append(page.Changes, f.change(a, shown, t.last, behind))
		}
	}
	return page, nil
}

// look finds the streams that have events behind a position, and the last of each.
func (f *Feed) look(ctx context.Context, a Audience, from eventstore.Position, limit int) (last map[eventstore.StreamID]eventstore.Position, at eventstore.Position, more bool, err error) {
	last, at = make(map[eventstore.StreamID]eventstore.Position), from
	seen := 0
	for e, err := range f.Log.Read(ctx, from) {
		if err != nil {
			return nil, at, false, err
		}
		heeded := a.Heeds(&e)
		if _, met := last[e.Stream]; heeded && !met && len(last) == limit {
			return last, at, true, nil
		}
		at = e.Position
		if heeded {
			last[e.Stream] = at
		}
		if seen++; seen == scan {
			return last, at, true, nil
		}
	}
	return last, at, false, nil
}

// touched is a subject, and the last event of a page that may have changed it.
type touched struct {
	subject string
	last    eventstore.Position
}

// touched lists the subjects of some streams, in the order of the last event of each.
func (f *Feed) touched(ctx context.Context, a Audience, streams map[eventstore.StreamID]eventstore.Position) ([]touched, error) {
	last := make(map[string]eventstore.Position)
	for stream, at := range streams {
		subjects, err := a.Subjects(ctx, stream)
		if err != nil {
			return nil, err
		}
		for _, s := range subjects {
			if last[s].Compare(at) < 0 {
				last[s] = at
			}
		}
	}
	all := make([]touched, 0, len(last))
	for subject, at := range last {
		all = append(all, touched{subject, at})
	}
	slices.SortFunc(all, func(x, y touched) int { return cmp.Or(x.last.Compare(y.last), cmp.Compare(x.subject, y.subject)) })
	return all, nil
}

// change names a change.
func (f *Feed) change(a Audience, s Shown, last eventstore.Position, place string) Change {
	id := f.Keys.Label("feed", "id", a.Name(), string(last[:]), s.Subject, string(s.State), string(s.Data))
	return Change{ID: hex.EncodeToString(id[:16]), Place: place, Subject: s.Subject, State: s.State, Data: s.Data}
}
