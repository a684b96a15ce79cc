package instance

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"livret/cmd/livret/board"
	"livret/domain/access"
	"livret/domain/identity"
	"livret/domain/masking"
	"livret/domain/nomenclature"
	"livret/domain/record"
	"livret/eventstore/keyvault"
	"livret/eventstore/ledger"
)

// Completeness is what the livrets of a division lack, for an actor who may read them whole.
func (i *Instance) Completeness(ctx context.Context, actor access.Actor, year nomenclature.SchoolYear, division string) (board.Board, error) {
	entries, err := i.Pupils(ctx, actor, year, division)
	if err != nil {
		return board.Board{}, err
	}
	var pupils []board.Pupil
	for _, e := range entries {
		on, err := i.Target(ctx, e.Livret)
		if err == nil {
			err = access.May(actor, access.ReadFamilyView, on, i.Today())
		}
		if err != nil {
			return board.Board{}, err
		}
		state, _, err := ledger.Load(ctx, i.Ledger, record.Decider, e.Livret)
		if err != nil {
			return board.Board{}, err
		}
		pupils = append(pupils, board.Pupil{Livret: e.Livret, Name: e.ListName, State: state})
	}
	if len(pupils) == 0 {
		return board.Board{}, ErrNotFound
	}
	return i.Board(ctx, year, division, pupils)
}

// Board measures the pupils of a division, and names who is to fill what they lack.
func (i *Instance) Board(ctx context.Context, year nomenclature.SchoolYear, division string, pupils []board.Pupil) (board.Board, error) {
	staff := make(map[uuid.UUID]string)
	for _, p := range pupils {
		for line := range p.State.LinesOf(year) {
			for _, id := range line.Teachers {
				if _, known := staff[id]; known {
					continue
				}
				name, err := i.staffName(ctx, id)
				if err != nil {
					return board.Board{}, err
				}
				staff[id] = name
			}
		}
	}
	maker := board.Maker{
		Yardstick: record.Yardstick{Nomenclature: &i.Nomenclature, Suspect: func(text string) bool { return len(masking.Screen(text)) > 0 }},
		Staff:     func(id uuid.UUID) string { return staff[id] },
	}
	return maker.Make(year, division, pupils), nil
}

// staffName is empty for somebody forgotten.
func (i *Instance) staffName(ctx context.Context, id uuid.UUID) (string, error) {
	s, _, err := ledger.Load(ctx, i.Ledger, identity.StaffDecider, id)
	switch {
	case errors.Is(err, keyvault.ErrShredded), errors.Is(err, keyvault.ErrArchived):
		return "", nil
	case err != nil:
		return "", err
	}
	return s.Identity.DisplayName(), nil
}
