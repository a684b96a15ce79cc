package ledger

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/consultation"
	"livret/eventstore/keyvault"
)

// Consulted adds to the log of a livret that a reader reads it now. It answers once the line is durable: what is
// shown before could be shown unlogged.
func (l *Ledger) Consulted(ctx context.Context, livret uuid.UUID, reader domain.Actor) error {
	key, err := l.birth(ctx, consultation.Category, livret)
	if err != nil {
		return err
	}
	log := consultationID(key, livret)
	key.Zero()
	grant, err := l.itself(access.RecordConsultation)
	if err != nil {
		return err
	}
	order := Order{ID: uuid.New(), Grant: grant, Owner: livret, Quiet: true}
	_, err = Execute(ctx, l, order, consultation.Decider, log,
		consultation.RecordConsultation{Livret: livret, Reader: reader, At: l.Now()})
	return err
}

// Consultations is who read a livret and when, oldest first; none if nobody ever did. It fails with
// keyvault.ErrShredded or ErrArchived when the log can no longer be read.
func (l *Ledger) Consultations(ctx context.Context, livret uuid.UUID) ([]consultation.LivretConsulted, error) {
	info, err := l.vault.Find(ctx, livret, keyvault.Consultation)
	if errors.Is(err, keyvault.ErrUnknown) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	key, err := l.vault.Open(ctx, info.ID)
	if err != nil {
		return nil, err
	}
	log := consultationID(key, livret)
	key.Zero()
	state, _, err := Load(ctx, l, consultation.Decider, log)
	if err != nil {
		return nil, err
	}
	return state.Lines(), nil
}

// consultationID derives the id of a livret's log from the key that seals it: found again by who may open the
// key, random for anybody else.
func consultationID(key *keyvault.Key, livret uuid.UUID) uuid.UUID {
	return key.EventID(consultation.Category, livret, 0)
}
