package instance

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"livret/domain"
	"livret/eventstore"
	"livret/eventstore/merkle"
)

// When says which moment of the ledger is meant, by the first field that is set.
type When struct {
	Position *eventstore.Position // of the last event that counts
	Size     int64                // of a checkpoint that was signed
	Instant  time.Time            // what the last checkpoint signed by then holds
}

// ErrInstant says that a text is no time.
var ErrInstant = errors.New("a time is a day, as 2018-07-05, a day and an hour, as \"2018-07-05 10:00\", or RFC 3339")

// ParseInstant reads a time as an auditor says it, in Europe/Paris, or RFC 3339, or fails with ErrInstant. A day is meant as a whole: its
// last instant.
func ParseInstant(text string) (time.Time, error) {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		return time.Time{}, err
	}
	if day, err := time.ParseInLocation(time.DateOnly, text, paris); err == nil {
		return day.AddDate(0, 0, 1).Add(-time.Microsecond), nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02T15:04:05", time.DateTime} {
		if instant, err := time.ParseInLocation(layout, text, paris); err == nil {
			return instant, nil
		}
	}
	return time.Time{}, ErrInstant
}

// Moment is what stood in the ledger. Only a checkpoint proves it: a position is where somebody says that it was, even
// if a checkpoint signed later covers the facts before it.
type Moment struct {
	Position string    `json:"position"`        // of the last event that counts, in hexadecimal
	Time     time.Time `json:"time"`            // of the checkpoint, or of that event: days are counted from it
	Asked    time.Time `json:"asked,omitzero"`  // the instant that was asked for
	Proven   bool      `json:"proven"`          // the checkpoint was signed at Time, over this and nothing else
	Size     int64     `json:"size,omitempty"`  // of the checkpoint, in facts of the whole ledger; 0: none covers it
	Root     string    `json:"root,omitempty"`  // of the checkpoint, in base64
	Signed   time.Time `json:"signed,omitzero"` // of the checkpoint
	Facts    int       `json:"facts"`           // that what is shown is made of, each found under Root
	Unsigned int       `json:"unsigned"`        // facts recorded after the checkpoint and by the instant asked for: not shown
	Next     string    `json:"next,omitempty"`  // position that shows them, unproven

	Day        domain.Date `json:"-"` // of Time, in Europe/Paris
	at         eventstore.Position
	checkpoint merkle.Signed
}

// ErrNoMoment says that nothing stands at that position, or that no checkpoint of that size was signed.
var ErrNoMoment = errors.New("instance: no event stands at that position, or no checkpoint of that size was signed")

// moment finds what stood at a moment. It fails with a refusal by "instant-sans-point-de-controle" before the first
// checkpoint, and with ErrNoMoment.
func (i *Instance) moment(ctx context.Context, when When) (m Moment, err error) {
	tree, err := i.tree(ctx)
	if err != nil {
		return m, err
	}
	if when.Position != nil {
		m, err = i.momentAt(ctx, tree, *when.Position)
	} else {
		m, err = i.momentSigned(tree, when)
	}
	m.Position, m.Day = hex.EncodeToString(m.at[:]), domain.DateOf(m.Time.In(i.Ledger.Paris()))
	if c := m.checkpoint; c.Note != nil {
		m.Size, m.Root, m.Signed = c.Size, c.Root.String(), c.Time
	}
	return m, err
}

func (i *Instance) momentAt(ctx context.Context, tree *merkle.Log, at eventstore.Position) (Moment, error) {
	e, err := i.eventAt(ctx, at)
	if err != nil {
		return Moment{}, err
	}
	signed, _, err := tree.Covering(at)
	return Moment{Time: e.RecordedAt, at: at, checkpoint: signed}, err
}

func (i *Instance) momentSigned(tree *merkle.Log, when When) (Moment, error) {
	signed, found, err := tree.OfSize(when.Size)
	if when.Size == 0 {
		signed, found, err = tree.AsOf(when.Instant)
	}
	switch {
	case err == nil && !found && when.Size != 0:
		err = ErrNoMoment
	case err == nil && !found:
		err = i.beforeFirst(tree)
	}
	return Moment{Time: signed.Time, Asked: when.Instant, Proven: err == nil, at: signed.At, checkpoint: signed}, err
}

// RuleNoCheckpoint refuses an instant of which nothing is proven.
const RuleNoCheckpoint = "instant-sans-point-de-controle"

// beforeFirst refuses an instant of which nothing is proven.
func (i *Instance) beforeFirst(tree *merkle.Log) error {
	first, any, err := tree.First()
	switch {
	case err != nil:
		return err
	case !any:
		return domain.Refuse(RuleNoCheckpoint, "Aucun point de contrôle n’a encore été signé : rien ne prouve ce que le registre disait à un instant.",
			"Signez-en un (livret checkpoint), ou désignez une position du registre : elle sera dite non prouvée.")
	}
	return domain.Refuse(RuleNoCheckpoint,
		fmt.Sprintf("Le premier point de contrôle a été signé le %s : rien ne prouve ce que le registre disait auparavant.", i.parisian(first.Time)),
		"Choisissez un instant plus tardif, ou une position du registre : elle sera dite non prouvée.")
}

// parisian is an instant as a refusal says it: « 05/07/2018 à 09:30:12 ».
func (i *Instance) parisian(t time.Time) string {
	return t.In(i.Ledger.Paris()).Format("02/01/2006 à 15:04:05")
}

// eventAt is the event at a position, or ErrNoMoment.
func (i *Instance) eventAt(ctx context.Context, at eventstore.Position) (eventstore.Envelope, error) {
	before := at
	for n := len(before) - 1; n >= 0; n-- {
		before[n]--
		if before[n] != 0xff {
			break
		}
	}
	if at == (eventstore.Position{}) {
		return eventstore.Envelope{}, ErrNoMoment
	}
	for e, err := range i.store.Read(ctx, before) {
		if err != nil {
			return e, err
		}
		if e.Position == at {
			return e, nil
		}
		break
	}
	return eventstore.Envelope{}, ErrNoMoment
}

// prove reads the streams that something shown is made of once more: each of their events up to the moment must stand
// under the checkpoint. It fails as merkle.Log.Stand does for one that does not. Those that came after, by the instant asked
// for, are counted.
func (i *Instance) prove(ctx context.Context, m *Moment, streams []eventstore.StreamID) error {
	tree, err := i.tree(ctx)
	if err != nil {
		return err
	}
	var next eventstore.Position
	var shown []eventstore.Envelope
	for _, stream := range streams {
		for e, err := range i.store.Stream(ctx, stream, 0) {
			if err != nil {
				return err
			}
			if e.Position.Compare(m.at) > 0 {
				if m.Asked.IsZero() || e.RecordedAt.After(m.Asked) {
					break
				}
				if m.Unsigned++; e.Position.Compare(next) > 0 {
					next = e.Position
				}
				continue
			}
			if m.Facts++; m.Size > 0 {
				shown = append(shown, e)
			}
		}
	}
	if err := tree.Stand(ctx, m.checkpoint.Checkpoint, shown); err != nil {
		return err
	}
	if m.Unsigned > 0 {
		m.Next = hex.EncodeToString(next[:])
	}
	return nil
}
