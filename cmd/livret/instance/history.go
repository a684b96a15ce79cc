package instance

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/google/uuid"

	"livret/domain/access"
	"livret/domain/identity"
	"livret/domain/record"
	"livret/eventstore"
	"livret/eventstore/keyvault"
	"livret/eventstore/ledger"
)

// Line is one fact of a livret's history, as an auditor reads it.
type Line struct {
	Stream     string             `json:"stream"`   // "record" or "identity"
	Sequence   eventstore.Version `json:"sequence"` // in the stream
	Type       string             `json:"type"`
	Schema     uint16             `json:"schema"`
	State      ledger.Readability `json:"state"`
	RecordedAt time.Time          `json:"recorded_at"`
	OccurredAt *time.Time         `json:"occurred_at,omitempty"`
	Role       string             `json:"role,omitempty"`
	Person     *uuid.UUID         `json:"person,omitempty"`
	Cause      *uuid.UUID         `json:"cause,omitempty"`
	Content    json.RawMessage    `json:"content,omitempty"`
	Event      uuid.UUID          `json:"event"`
}

// History is every fact of a livret in the order it was recorded, for an actor who may read it. A fact that
// can no longer be read is a line that says so.
func (i *Instance) History(ctx context.Context, actor access.Actor, livret uuid.UUID) ([]Line, error) {
	on, err := i.Target(ctx, livret)
	if err != nil && !errors.Is(err, keyvault.ErrShredded) && !errors.Is(err, keyvault.ErrArchived) {
		return nil, err
	}
	if err := access.May(actor, access.ReadHistory, on, i.Today()); err != nil {
		return nil, err
	}
	var lines []Line
	for _, category := range []string{identity.Category, record.Category} {
		for fact, err := range i.Ledger.Stream(ctx, eventstore.Stream(category, livret)) {
			if err != nil {
				return nil, err
			}
			line, err := i.line(category, fact)
			if err != nil {
				return nil, err
			}
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 {
		return nil, ErrNotFound
	}
	return lines, nil
}

func (i *Instance) line(category string, f ledger.Fact) (Line, error) {
	e := f.Envelope
	line := Line{Stream: category, Sequence: e.Sequence, Type: e.Type, Schema: e.Schema, State: f.State, RecordedAt: e.RecordedAt, Event: e.Event}
	if f.State != ledger.Readable {
		return line, nil
	}
	_, _, content, err := i.Ledger.Codec().Encode(f.Event)
	if err != nil {
		return line, err
	}
	line.OccurredAt, line.Role, line.Person, line.Cause, line.Content = &f.OccurredAt, f.Actor.Role, &f.Actor.Person, &f.Cause, content
	return line, nil
}
