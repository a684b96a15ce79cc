package feed

import (
	"context"
	"fmt"
)

// Status is where a reaction stands.
type Status struct {
	Name   string   `json:"name"`   // of its cursor
	Cursor string   `json:"cursor"` // in hexadecimal
	Lag    int      `json:"lag"`    // facts that it has not heard, or days
	Parked []Parked `json:"parked"` // never nil
}

// Status tells where each reaction stands.
func (f *Feed) Status(ctx context.Context) ([]Status, error) {
	all := []Status{}
	for _, h := range f.hearings() {
		status, err := h.status(ctx)
		if err != nil {
			return nil, err
		}
		all = append(all, status)
	}
	return all, nil
}

// Parked lists all that is parked, whoever failed to take it.
func (f *Feed) Parked(ctx context.Context) ([]Parked, error) {
	var all []Parked
	for _, h := range f.hearings() {
		known, err := h.Cursors.Parked(ctx, h.name)
		if err != nil {
			return nil, err
		}
		all = append(all, known...)
	}
	return all, nil
}

func (h *hearing) status(ctx context.Context) (Status, error) {
	at, err := h.Cursors.Cursor(ctx, h.name)
	if err != nil {
		return Status{}, err
	}
	s := Status{Name: h.name, Cursor: fmt.Sprintf("%x", at), Parked: []Parked{}}
	known, err := h.Cursors.Parked(ctx, h.name)
	if err != nil {
		return s, err
	}
	s.Parked = append(s.Parked, known...)
	for {
		heard, err := h.source.read(ctx, at)
		if err != nil || len(heard.Facts) == 0 {
			return s, err
		}
		s.Lag += len(heard.Facts)
		at = heard.Through
	}
}
