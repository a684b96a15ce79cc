package instance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"time"

	"github.com/google/uuid"

	"livret/eventstore"
	"livret/eventstore/ledger"
	"livret/eventstore/merkle"
)

// Files of checks, in the data folder: how far the one under way came, and what the last ones came to.
const (
	checkProgressFile = "check-progress.json"
	checkedFile       = "checked.json"
)

// auditProgress is a check under way.
type auditProgress struct {
	Ledger  uuid.UUID      `json:"ledger"`
	Started time.Time      `json:"started"`
	Subset  *ledger.Subset `json:"subset,omitempty"`
	Reached ledger.Reached `json:"reached"`
	path    string
}

// resume answers the check that was interrupted, if it is to go on, or else a new one. It fails with ErrUsage if the
// interrupted one had another subset than is asked for.
func (i *Instance) resume(a Audit, now time.Time) (*auditProgress, error) {
	fresh := &auditProgress{Ledger: i.Settings.Ledger, Started: now, path: filepath.Join(i.dir, checkProgressFile)}
	if a.Percent > 0 {
		fresh.Subset = &ledger.Subset{Percent: a.Percent, Seed: seed()}
		if a.Seed != nil {
			fresh.Subset.Seed = *a.Seed
		}
	}
	if !a.Resume {
		return fresh, nil
	}
	content, err := os.ReadFile(fresh.path)
	if errors.Is(err, fs.ErrNotExist) {
		return fresh, nil
	}
	if err != nil {
		return nil, err
	}
	before := &auditProgress{path: fresh.path}
	if err := json.Unmarshal(content, before); err != nil || before.Ledger != fresh.Ledger {
		return fresh, nil // left by a crash, or of another folder: nothing is lost but time
	}
	if a.Percent > 0 && (before.Subset == nil || before.Subset.Percent != a.Percent || a.Seed != nil && *a.Seed != before.Subset.Seed) {
		return nil, fmt.Errorf("%w: the check that was interrupted had another subset", ErrUsage)
	}
	return before, nil
}

func (p *auditProgress) save(reached ledger.Reached) error {
	p.Reached = reached
	content, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return merkle.WriteDurably(p.path, content)
}

func (p *auditProgress) remove() error {
	if err := os.Remove(p.path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// CheckRecord is what a check came to.
type CheckRecord struct {
	Started time.Time      `json:"started"`
	Ended   time.Time      `json:"ended"`
	Events  int            `json:"events"` // read, from the first: the position that it reached
	Opened  int            `json:"opened"`
	Subset  *ledger.Subset `json:"subset,omitempty"` // nil: it was complete
	Faults  int            `json:"faults"`
}

// CheckRecords are the last check, and the last complete one without a fault; nil: there was none.
type CheckRecords struct {
	Last *CheckRecord `json:"last,omitempty"`
	Good *CheckRecord `json:"good,omitempty"`
}

// Checks answers what the last checks came to.
func (i *Instance) Checks() (r CheckRecords, err error) {
	content, err := os.ReadFile(filepath.Join(i.dir, checkedFile))
	if errors.Is(err, fs.ErrNotExist) {
		return r, nil
	}
	if err == nil {
		err = json.Unmarshal(content, &r)
	}
	return r, err
}

func (i *Instance) remember(done Audited) error {
	records, err := i.Checks()
	if err != nil {
		records = CheckRecords{}
	}
	records.Last = &CheckRecord{done.Started, done.Ended, done.Ledger.Events, done.Ledger.Opened, done.Subset, len(done.Faults)}
	if done.Sound && done.Complete {
		records.Good = records.Last
	}
	content, err := json.MarshalIndent(records, "", "  ")
	if err != nil {
		return err
	}
	return merkle.WriteDurably(filepath.Join(i.dir, checkedFile), append(content, '\n'))
}

// legible is a store as far as it can be read: what is damaged is left out, since the log's own check says so.
type legible struct{ eventstore.Store }

// Read implements eventstore.Store.
func (s legible) Read(ctx context.Context, after eventstore.Position) iter.Seq2[eventstore.Envelope, error] {
	return func(yield func(eventstore.Envelope, error) bool) {
		for more := true; more; {
			more = false
			for e, err := range s.Store.Read(ctx, after) {
				if damaged, ok := errors.AsType[*eventstore.DamagedError](err); ok {
					after, more = damaged.Position, true
					break
				}
				if errors.Is(err, eventstore.ErrCorrupt) {
					return
				}
				if !yield(e, err) {
					return
				}
			}
		}
	}
}

// Stream implements eventstore.Store.
func (s legible) Stream(ctx context.Context, stream eventstore.StreamID, after eventstore.Version) iter.Seq2[eventstore.Envelope, error] {
	return func(yield func(eventstore.Envelope, error) bool) {
		for e, err := range s.Store.Stream(ctx, stream, after) {
			if errors.Is(err, eventstore.ErrCorrupt) || !yield(e, err) {
				return
			}
		}
	}
}
