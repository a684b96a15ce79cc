// Package instance opens one data folder: the ledger, its keys, its views, and what keeps them up to date.
// Events, wrapped keys and views are files of their own, because they are backed up, and forgotten, apart.
package instance

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/nomenclature"
	"livret/eventstore"
	"livret/eventstore/feed"
	keys "livret/eventstore/keyvault/embedded"
	"livret/eventstore/ledger"
	"livret/eventstore/ledger/intake"
	"livret/projections"
	"livret/projections/discipline"
	views "livret/projections/embedded"
	"livret/projections/family"
	"livret/projections/jury"
	"livret/projections/statistics"
)

// Errors of an instance.
var (
	ErrAbsent   = errors.New("instance: no ledger in this folder")
	ErrExists   = errors.New("instance: this folder already holds a ledger")
	ErrNotFound = errors.New("instance: no such livret, candidate or publication")
	ErrLocked   = errors.New("instance: another process holds this folder")
	ErrUsage    = errors.New("instance: wrong argument")
)

// Instance is a data folder, open. It is safe for concurrent use.
type Instance struct {
	Settings     Settings
	Ledger       *ledger.Ledger
	Views        projections.Store
	Source       projections.Source
	Nomenclature nomenclature.Nomenclature // in force when the folder was opened
	Calendar     nomenclature.Calendar     // in force when the folder was opened
	Lists        []List                    // that Nomenclature is made of, in the order in which they came into force
	Family       *family.Reader
	Jury         *jury.Reader
	Discipline   *discipline.Reader

	dir       string
	anchor    string // folder of a second anchor
	store     eventstore.Receiver
	watched   *watched // the store, as the ledger writes to it
	evidence  evidence
	vault     *keys.Vault
	projected []projections.Projection
	folding   sync.Mutex
	feed      *feed.Feed
}

// Options of opening.
type Options struct {
	Now  func() time.Time // the ledger's clock; nil: the machine's, or a fictional one
	Wait time.Duration    // how long to wait for another process to let go of the folder
	Log  *slog.Logger     // where it is said that a reaction waits; nil: nowhere

	Audit bool // open what is damaged too, as it is, and mend nothing

	Cluster Credentials // for the cluster that keeps the events, if one does

	Anchor string // folder on another machine where the last checkpoint is kept besides; empty: none

	Watcher Watcher // nil: nobody
}

// Watcher stands before the stores and measures. What it answers does all that the store does, and the same.
type Watcher interface {
	Events(eventstore.Store) eventstore.Store
	Views(projections.Store) projections.Store
}

// Files of a data folder, beside livret.json.
const (
	eventsFile  = "events.db"
	keysFolder  = "keys"
	viewsFolder = "views"
)

// Open opens a data folder that Init made. One process holds it at a time: another one waits as long as the
// options say, and then fails with ErrLocked. What the académie decided is put in force, or the fault is a
// *NomenclatureFault. Keys orphaned by a crash are forgotten first.
func Open(ctx context.Context, dir string, o Options) (*Instance, error) {
	settings, err := ReadSettings(dir)
	if err != nil {
		return nil, err
	}
	i := &Instance{dir: dir, anchor: o.Anchor}
	if i.Nomenclature, err = nomenclature.Load(); err != nil {
		return nil, err
	}
	if i.Calendar, err = nomenclature.LoadCalendar(); err != nil {
		return nil, err
	}
	if i.store, err = openStore(ctx, dir, settings, o); err != nil {
		return nil, err
	}
	if i.Settings, err = ReadSettings(dir); err == nil && i.Settings.Store != settings.Store {
		err = ErrLocked // who held the folder meanwhile moved its events
	}
	if err == nil && i.Settings.Moved {
		err = arrive(dir, &i.Settings)
	}
	if err == nil && o.Now == nil {
		if o.Now, err = i.clock(ctx); o.Audit && errors.Is(err, eventstore.ErrCorrupt) {
			err = nil
		}
	}
	if err == nil {
		err = i.open(ctx, o)
	}
	if err != nil {
		return nil, errors.Join(err, i.Close())
	}
	return i, nil
}

// clock is that of the machine or, in a demonstration, one that goes on from the last fact.
func (i *Instance) clock(ctx context.Context) (func() time.Time, error) {
	if !i.Settings.Fictional {
		return time.Now, nil
	}
	last, err := i.LastFact(ctx)
	opened := time.Now()
	return func() time.Time { return last.Add(time.Since(opened)) }, err
}

// LastFact is when the last fact was recorded; zero for an empty ledger.
func (i *Instance) LastFact(ctx context.Context) (last time.Time, err error) {
	for e, err := range i.store.Read(ctx, eventstore.Position{}) {
		if err != nil {
			return last, err
		}
		last = e.RecordedAt
	}
	return last, nil
}

func (i *Instance) open(ctx context.Context, o Options) error {
	vault, err := keys.Open(filepath.Join(i.dir, keysFolder), keys.Options{Now: o.Now})
	if err != nil {
		return fmt.Errorf("keys: %w", err)
	}
	i.vault = vault
	viewStore, err := views.Open(filepath.Join(i.dir, viewsFolder))
	if err != nil {
		return fmt.Errorf("views: %w", err)
	}
	i.Views = viewStore
	log := eventstore.Store(i.store)
	if o.Watcher != nil {
		i.Views, log = o.Watcher.Views(viewStore), o.Watcher.Events(log)
	}
	codec, err := ledger.Vocabulary()
	if err != nil {
		return err
	}
	i.watched = watch(log)
	i.Ledger, err = ledger.New(ledger.Config{ID: i.Settings.Ledger, Store: i.watched, Vault: i.vault, Codec: codec, Now: o.Now})
	if err != nil {
		return err
	}
	if err := i.decisions(ctx); err != nil && !(o.Audit && errors.Is(err, ledger.ErrUnreadable)) {
		return err
	}
	i.Source = projections.Source{Store: i.store, Keys: i.vault, Codec: codec}
	i.projected = []projections.Projection{family.Projection(), jury.Projection(), statistics.Projection(), discipline.Projection()}
	i.Family = family.NewReader(i.Views, i.vault, i.Nomenclature)
	i.Jury = jury.NewReader(i.Views, i.vault, i.Nomenclature)
	i.feed = feed.New(feed.Config{Ledger: i.Ledger, Cursors: cursors{i.Views}, Reactions: i.reactions(), Views: i.fold, Log: o.Log})
	i.Discipline = discipline.NewReader(i.Views, i.vault)
	if o.Audit {
		return nil
	}
	_, err = i.Ledger.Sweep(ctx)
	return err
}

// Close closes all files.
func (i *Instance) Close() error {
	var failed []error
	if i.Views != nil {
		failed = append(failed, i.Views.Close())
	}
	if i.vault != nil {
		failed = append(failed, i.vault.Close())
	}
	if i.store != nil {
		failed = append(failed, i.store.Close())
	}
	return errors.Join(failed...)
}

// Projections are the views of this instance.
func (i *Instance) Projections() []projections.Projection { return i.projected }

// Today is the civil day of the ledger.
func (i *Instance) Today() domain.Date { return i.Ledger.Today() }

// Desk is where files are handed in, in the name of an actor.
func (i *Instance) Desk(actor access.Actor) *intake.Desk {
	return &intake.Desk{Ledger: i.Ledger, Nomenclature: i.Nomenclature, Calendar: i.Calendar, Academie: i.Settings.Academie, Actor: actor}
}
