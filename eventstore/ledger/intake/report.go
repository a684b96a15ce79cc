package intake

import (
	"cmp"
	"slices"
	"sync"

	"livret/domain"
	"livret/domain/exchange"
)

// Report is what became of a set of files, for the person who imports them. It speaks of pupils: it is for
// his eyes and not for a log.
type Report struct {
	DryRun        bool         `json:"dry_run"`
	EventsWritten int          `json:"events_written"` // in a dry run, those that would have been
	Pupils        int          `json:"pupils"`         // met in the files, and meant for a livret
	New           int          `json:"new"`            // livrets opened
	Changed       int          `json:"changed"`        // livrets to which something was added
	Unchanged     int          `json:"unchanged"`
	Staff         int          `json:"staff"`   // members of staff of whom something was added
	Refused       []Refused    `json:"refused"` // never nil
	Warnings      []Refused    `json:"warnings"`
	Notices       []string     `json:"notices"`
	Differences   []Difference `json:"differences,omitempty"` // of a dry run
}

// Refused is something that was left out, of which pupil, by which rule, and what to do about it. A warning
// has the same form, and was taken.
type Refused struct {
	Pupil  string `json:"pupil,omitempty"` // "élève 100001 (BERNARD Yanis)"; empty if it concerns no pupil
	Where  string `json:"where,omitempty"`
	File   string `json:"file,omitempty"`
	Line   int    `json:"line,omitempty"`
	Rule   string `json:"rule"`
	Reason string `json:"reason"`
	Remedy string `json:"remedy"`
}

// Difference is what an import would add to one livret.
type Difference struct {
	Pupil  string         `json:"pupil"`
	Status string         `json:"status"` // "new", "changed", "unchanged", "refused"
	Added  map[string]int `json:"added,omitempty"`
}

// The statuses of a Difference.
const (
	statusNew       = "new"
	statusChanged   = "changed"
	statusUnchanged = "unchanged"
	statusRefused   = "refused"
)

// tally gathers a report from several goroutines.
type tally struct {
	mu     sync.Mutex
	report Report
	seen   map[Refused]bool
}

func newTally(dry bool) *tally {
	return &tally{seen: make(map[Refused]bool), report: Report{DryRun: dry, Refused: []Refused{}, Warnings: []Refused{}, Notices: []string{}}}
}

// livret counts one livret and what it was given.
func (t *tally) livret(pupil string, isNew bool, refused bool, events []domain.Event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	status := statusUnchanged
	switch {
	case refused:
		status = statusRefused
	case isNew:
		status = statusNew
		t.report.New++
	case len(events) > 0:
		status = statusChanged
		t.report.Changed++
	default:
		t.report.Unchanged++
	}
	t.report.Pupils++
	t.report.EventsWritten += len(events)
	if t.report.DryRun {
		added := make(map[string]int)
		for _, e := range events {
			added[e.EventType()]++
		}
		t.report.Differences = append(t.report.Differences, Difference{Pupil: pupil, Status: status, Added: added})
	}
}

func (t *tally) staff(events int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if events > 0 {
		t.report.Staff++
		t.report.EventsWritten += events
	}
}

func (t *tally) refuse(r Refused) { t.note(&t.report.Refused, r) }
func (t *tally) warn(r Refused)   { t.note(&t.report.Warnings, r) }
func (t *tally) notice(text string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.report.Notices = append(t.report.Notices, text)
}

func (t *tally) note(list *[]Refused, r Refused) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.seen[r] {
		t.seen[r] = true
		*list = append(*list, r)
	}
}

// findings notes what a reader found in a file about one pupil.
func (t *tally) findings(file, pupil string, all []exchange.Finding) {
	for _, f := range all {
		r := Refused{Pupil: pupil, Where: f.Where, File: file, Line: f.Line, Rule: f.Rule, Reason: f.Reason, Remedy: f.Remedy}
		if f.Refused() {
			t.refuse(r)
		} else {
			t.warn(r)
		}
	}
}

// done is the report, in an order that does not depend on who finished first.
func (t *tally) done() Report {
	t.mu.Lock()
	defer t.mu.Unlock()
	byPlace := func(a, b Refused) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Pupil, b.Pupil), cmp.Compare(a.Where, b.Where), cmp.Compare(a.Rule, b.Rule))
	}
	slices.SortFunc(t.report.Refused, byPlace)
	slices.SortFunc(t.report.Warnings, byPlace)
	slices.SortFunc(t.report.Differences, func(a, b Difference) int { return cmp.Compare(a.Pupil, b.Pupil) })
	return t.report
}

// Add adds the report of another file of the same import.
func (r *Report) Add(other Report) {
	r.EventsWritten += other.EventsWritten
	r.Pupils += other.Pupils
	r.New += other.New
	r.Changed += other.Changed
	r.Unchanged += other.Unchanged
	r.Staff += other.Staff
	r.Refused = append(r.Refused, other.Refused...)
	r.Warnings = append(r.Warnings, other.Warnings...)
	r.Notices = append(r.Notices, other.Notices...)
	r.Differences = append(r.Differences, other.Differences...)
}

// ofRefusal is a refusal of the domain as a line of the report.
func ofRefusal(r *domain.Refusal) Refused {
	return Refused{Rule: r.Rule, Reason: r.Reason, Remedy: r.Remedy}
}
