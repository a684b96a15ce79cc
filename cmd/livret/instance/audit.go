package instance

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/note"

	"livret/eventstore"
	"livret/eventstore/keyvault"
	"livret/eventstore/ledger"
	"livret/eventstore/merkle"
	"livret/eventstore/merkle/timestamp"
	"livret/projections"
	"livret/projections/memory"
)

// The natures of faults beside those of the log, of the vault and of the tree.
const (
	FaultRow         ledger.Nature = "row of a view not what the ledger gives"
	FaultLacking     ledger.Nature = "row missing from a view"
	FaultExtra       ledger.Nature = "row of a view that the ledger does not give"
	FaultView        ledger.Nature = "view not readable"
	FaultPublication ledger.Nature = "publication not what is counted again"
	FaultTimestamp   ledger.Nature = "timestamp that does not hold"
)

// Audit says how a check of the whole state goes.
type Audit struct {
	Percent float64                          // of the streams whose contents and rows are looked at; 0: all
	Seed    *ledger.Seed                     // of their choice; nil: drawn
	Resume  bool                             // go on from where a check was interrupted
	Kept    []merkle.Kept                    // checkpoints that somebody kept elsewhere
	Keys    []string                         // public keys that signed them, in place of the one of this folder
	Saw     func(what string, done, all int) // is told now and then how far it is; nil: nobody
}

// Audited is what a check of the whole state went through, and everything that it found wrong.
type Audited struct {
	Sound    bool           `json:"sound"`    // no fault was found
	Complete bool           `json:"complete"` // and nothing was left out
	Subset   *ledger.Subset `json:"subset,omitempty"`
	Faults   []ledger.Fault `json:"faults"` // never nil
	Ledger   ledger.Checked `json:"ledger"`
	Again    int            `json:"destroyed_again,omitempty"` // keys that a restore destroyed, of which the log knows no destruction
	Tree     AuditedTree    `json:"tree"`
	Views    []Replayed     `json:"-"`
	Counted  []Recounted    `json:"-"`
	Started  time.Time      `json:"started"`
	Ended    time.Time      `json:"ended"`
}

// AuditedTree is what was compared of the tree.
type AuditedTree struct {
	Leaves      int64 `json:"leaves"`
	Checkpoints int   `json:"checkpoints"`
	Timestamps  int   `json:"timestamps"`
}

// Check reads the whole state again: the log with its order, seals and commitments, each key against what is recorded of
// its life, the tree and every checkpoint and timestamp, each view and publication against the ledger. It lists all that
// is wrong; an error is that it could not go on. It mends nothing.
//
// Nothing is sampled but what needs keys: with a share of the streams, contents and rows of the others are not looked
// at, and the outcome says how many. Interrupted anywhere, another one with Resume goes on.
func (i *Instance) Check(ctx context.Context, a Audit) (Audited, error) {
	now := time.Now().UTC().Truncate(time.Second)
	progress, err := i.resume(a, now)
	if err != nil {
		return Audited{}, err
	}
	done := Audited{Started: progress.Started, Subset: progress.Subset, Faults: []ledger.Fault{}}
	tree, err := i.auditTree(ctx, a, &done)
	if err != nil {
		return done, err
	}
	x := ledger.Examination{Subset: progress.Subset, Leaves: tree, Before: progress.Reached, Save: progress.save}
	if a.Saw != nil {
		all := 0 // not known of a cluster
		if counts, ok := i.store.(interface{ Count() int }); ok {
			all = counts.Count()
		}
		x.Saw = func(events int) { a.Saw("events", events, all) }
	}
	if done.Ledger, err = i.Ledger.Examine(ctx, x); err != nil {
		return done, err
	}
	if err := i.lawfully(&done); err != nil {
		return done, err
	}
	grown := tree.End()
	done.Tree.Leaves, done.Tree.Checkpoints = grown.Leaves, grown.Checkpoints
	for _, f := range grown.Findings {
		done.Faults = append(done.Faults, ledger.Fault{Nature: ledger.Nature(f.Nature), Event: f.From, Through: f.Through, File: f.File})
	}
	if err := i.auditViews(ctx, a, &done); err != nil {
		return done, err
	}
	done.Ended = time.Now().UTC().Truncate(time.Second)
	done.Sound, done.Complete = len(done.Faults) == 0, done.Subset == nil
	return done, errors.Join(i.remember(done), progress.remove())
}

// lawfully takes in what was found in the ledger, but for keys of which a restore has completed the destruction.
func (i *Instance) lawfully(done *Audited) error {
	again, err := destroyedAgain(i.dir)
	if err != nil {
		return err
	}
	known := make(map[uuid.UUID]bool)
	for _, key := range again {
		known[key] = true
	}
	for _, f := range done.Ledger.Faults {
		if f.Nature == ledger.FaultLost && known[f.Key] {
			done.Again++
			continue
		}
		done.Faults = append(done.Faults, f)
	}
	done.Ledger.Faults = nil
	return nil
}

// auditTree begins the audit of the tree, with all that was signed, wherever it is kept.
func (i *Instance) auditTree(ctx context.Context, a Audit, done *Audited) (*merkle.Audit, error) {
	c := merkle.AuditConfig{Dir: filepath.Join(i.dir, treeFolder), Ledger: i.Settings.Ledger, Anchor: merkle.Kept{Name: checkpointFile}, Others: a.Kept}
	var err error
	if c.Known, err = i.believed(a.Keys); err != nil {
		return nil, err
	}
	if c.Anchor.Note, err = os.ReadFile(filepath.Join(i.dir, checkpointFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if far := i.farAnchor(); far != "" {
		text, err := os.ReadFile(far)
		if err == nil {
			c.Others = append(c.Others, merkle.Kept{Name: filepath.Base(far) + " of the anchor", Note: text})
		} else if !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	stamps, err := i.Stamps(ctx, 0, 1<<62)
	if err != nil && !errors.Is(err, ledger.ErrUnreadable) { // which the log says by itself
		return nil, err
	}
	authority, _, err := i.Authority()
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(authority.Roots))
	for n, s := range stamps {
		name := fmt.Sprintf("timestamp %d, of %d leaves", n+1, s.Size)
		c.Others = append(c.Others, merkle.Kept{Name: name, Note: s.Note})
		if _, err := timestamp.Verify(s.Token, s.Note, roots); err != nil {
			done.Faults = append(done.Faults, ledger.Fault{Nature: FaultTimestamp, File: name, Detail: err.Error()})
		}
	}
	done.Tree.Timestamps = len(stamps)
	return merkle.NewAudit(c)
}

// believed are the keys given, or those of this folder, of which none is made here.
func (i *Instance) believed(given []string) ([]note.Verifier, error) {
	if len(given) == 0 {
		former, err := os.ReadFile(filepath.Join(i.dir, verifiersFile))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		given = strings.Fields(string(former))
		if _, err := os.Stat(filepath.Join(i.dir, signingFile)); err == nil {
			own, err := i.CheckpointKey()
			if err != nil {
				return nil, err
			}
			if !slices.Contains(given, own) { // the library takes two of one name and hash for none
				given = append(given, own)
			}
		}
	}
	var known []note.Verifier
	for _, key := range given {
		v, err := note.NewVerifier(key)
		if err != nil {
			return nil, fmt.Errorf("%w: %q is no key of checkpoints", ErrUsage, key)
		}
		known = append(known, v)
	}
	return known, nil
}

// CheckTree adds to the tree what is new, and holds it to the log and to every checkpoint ever signed: it answers how
// many leaves are right, 0 if nothing was ever signed, and fails with merkle.ErrForked otherwise.
func (i *Instance) CheckTree(ctx context.Context) (int64, error) {
	if _, err := os.Stat(filepath.Join(i.dir, checkpointFile)); errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	grown, err := i.tree(ctx)
	if err == nil {
		_, err = grown.Extend(ctx)
	}
	if err != nil {
		return 0, err
	}
	tree, err := i.auditTree(ctx, Audit{}, new(Audited))
	if err != nil {
		return 0, err
	}
	for e, err := range i.store.Read(ctx, eventstore.Position{}) {
		if err != nil {
			return 0, err
		}
		leaf, err := e.Leaf()
		if err != nil {
			return 0, err
		}
		tree.Leaf(e.Position, merkle.LeafHash(leaf))
	}
	audited := tree.End()
	if len(audited.Findings) > 0 {
		return 0, fmt.Errorf("%w: %s", merkle.ErrForked, audited.Findings[0].Nature)
	}
	return audited.Leaves, nil
}

// auditViews holds each view and publication against the ledger.
func (i *Instance) auditViews(ctx context.Context, a Audit, done *Audited) error {
	source := i.Source
	source.Store = legible{source.Store}
	if done.Subset != nil {
		source.Only = done.Subset.Has
	}
	for n, p := range i.projected {
		if a.Saw != nil {
			a.Saw("views", n, len(i.projected))
		}
		report, err := projections.Check(ctx, source, i.Views, memory.New(), p)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			done.Faults = append(done.Faults, ledger.Fault{Nature: FaultView, View: p.Name, Detail: err.Error()})
			continue
		}
		done.Views = append(done.Views, Replayed{p.Name, report})
		natures := make(map[eventstore.StreamID]ledger.Nature)
		for _, stream := range report.Lacks {
			natures[stream] = FaultLacking
		}
		for _, stream := range report.Extra {
			natures[stream] = FaultExtra
		}
		for _, stream := range report.Differ {
			f := ledger.Fault{Nature: FaultRow, View: p.Name, Stream: stream}
			if nature, ok := natures[stream]; ok {
				f.Nature = nature
			}
			done.Faults = append(done.Faults, f)
		}
	}
	recounted, err := i.Recount(ctx)
	switch {
	case err == nil:
	case errors.Is(err, eventstore.ErrCorrupt), errors.Is(err, ledger.ErrUnreadable), errors.Is(err, keyvault.ErrCorrupt), errors.Is(err, keyvault.ErrShredded), errors.Is(err, keyvault.ErrArchived):
		done.Faults = append(done.Faults, ledger.Fault{Nature: FaultPublication, Detail: "what it was counted from can not be read"})
	default:
		return err
	}
	done.Counted = recounted
	for _, r := range recounted {
		if !r.Holds() {
			done.Faults = append(done.Faults, ledger.Fault{Nature: FaultPublication, View: fmt.Sprintf("publication %d/%d", r.Session, r.Number)})
		}
	}
	return nil
}

// seed draws the choice of a subset.
func seed() (s ledger.Seed) {
	rand.Read(s[:]) // never fails since Go 1.24
	return s
}
