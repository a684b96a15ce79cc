package intake

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"livret/domain"
	"livret/domain/exchange"
	"livret/domain/record"
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
	Refused       []Refused    `json:"refused"` // never nil; of each rule, the first listedRefusals
	Warnings      []Refused    `json:"warnings"`
	Notices       []string     `json:"notices"`
	Differences   []Difference `json:"differences,omitempty"` // of a dry run

	Unlisted map[string]int `json:"unlisted,omitempty"` // by rule, the refusals and warnings beyond those listed
}

// What a report lists of one rule, so that it stays readable and its size bounded whatever the file: a school of
// 400 pupils has 8,000 lines in two years.
const (
	listedRefusals = 5000
	listedWarnings = 1000
)

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
	mu       sync.Mutex
	report   Report
	refused  lines
	warnings lines
}

// lines are those of a report: the fresh ones in the order in which goroutines came, the others sorted.
type lines struct {
	fresh  []Refused
	listed []Refused
	counts map[string]int // by rule
}

func newTally(dry bool) *tally {
	return &tally{
		report:  Report{DryRun: dry, Notices: []string{}},
		refused: lines{listed: []Refused{}, counts: make(map[string]int)}, warnings: lines{listed: []Refused{}, counts: make(map[string]int)},
	}
}

// livret counts one pupil, and what was added to his livret.
func (t *tally) livret(pupil string, refused bool, events []domain.Event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	isNew := slices.ContainsFunc(events, func(e domain.Event) bool { _, opened := e.(record.LivretOpened); return opened })
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

// countStaff counts what was added about one member of staff.
func (t *tally) countStaff(events []domain.Event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(events) > 0 {
		t.report.Staff++
		t.report.EventsWritten += len(events)
	}
}

func (t *tally) refuse(r Refused) { t.note(&t.refused, r) }
func (t *tally) warn(r Refused)   { t.note(&t.warnings, r) }

func (t *tally) note(to *lines, r Refused) {
	t.mu.Lock()
	defer t.mu.Unlock()
	to.fresh = append(to.fresh, r)
}

func (t *tally) notice(text string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !slices.Contains(t.report.Notices, text) {
		t.report.Notices = append(t.report.Notices, text)
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

// file notes that a file was refused, from some line on or as a whole. Any other error says nothing about it.
func (t *tally) file(name string, err error) {
	var whole *domain.Refusal
	if !errors.As(err, &whole) {
		return
	}
	line := ofRefusal(whole)
	line.File = name
	if from, ok := errors.AsType[*exchange.FileRefused](err); ok {
		line.Line = from.Line
	}
	t.refuse(line)
}

// settle lists what was gathered about a part of a file whose pupils are all done: in an order that does not
// depend on who finished first, each line once, and no more of one rule than a report lists.
func (t *tally) settle() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.refused.settle(listedRefusals)
	t.warnings.settle(listedWarnings)
}

func (l *lines) settle(most int) {
	slices.SortFunc(l.fresh, byPlace)
	for _, r := range slices.Compact(l.fresh) {
		if l.counts[r.Rule]++; l.counts[r.Rule] <= most {
			l.listed = append(l.listed, r)
		}
	}
	clear(l.fresh)
	l.fresh = l.fresh[:0]
}

func byPlace(a, b Refused) int {
	return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Pupil, b.Pupil), cmp.Compare(a.Where, b.Where),
		cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Reason, b.Reason), cmp.Compare(a.Remedy, b.Remedy))
}

// done is the report.
func (t *tally) done() Report {
	t.settle()
	r := t.report
	r.Refused, r.Warnings = t.refused.listed, t.warnings.listed
	slices.SortFunc(r.Refused, byPlace)
	slices.SortFunc(r.Warnings, byPlace)
	slices.SortFunc(r.Differences, func(a, b Difference) int {
		return cmp.Or(cmp.Compare(a.Pupil, b.Pupil), cmp.Compare(a.Status, b.Status))
	})
	r.leaveUnlisted(t.refused.counts, listedRefusals)
	r.leaveUnlisted(t.warnings.counts, listedWarnings)
	return r
}

func (r *Report) leaveUnlisted(counts map[string]int, most int) {
	for _, rule := range slices.Sorted(maps.Keys(counts)) {
		if more := counts[rule] - most; more > 0 {
			if r.Unlisted == nil {
				r.Unlisted = make(map[string]int)
			}
			r.Unlisted[rule] += more
			r.Notices = append(r.Notices, fmt.Sprintf("%d autres lignes relèvent de la règle « %s » et ne sont pas listées : corrigez d’abord celles qui le sont.", more, rule))
		}
	}
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
	for _, notice := range other.Notices {
		if !slices.Contains(r.Notices, notice) {
			r.Notices = append(r.Notices, notice)
		}
	}
	r.Differences = append(r.Differences, other.Differences...)
	for rule, more := range other.Unlisted {
		if r.Unlisted == nil {
			r.Unlisted = make(map[string]int)
		}
		r.Unlisted[rule] += more
	}
}

// ofRefusal is a refusal of the domain as a line of the report.
func ofRefusal(r *domain.Refusal) Refused {
	return Refused{Rule: r.Rule, Reason: r.Reason, Remedy: r.Remedy}
}
