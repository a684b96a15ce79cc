package ledger

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/retention"
	"livret/eventstore/keyvault"
)

// birth makes the key of an owner and class, or finds it, and opens it. The order is: row in the vault, then
// KeyCreated in the owner's retention stream, then the first event under it; a crash in between leaves an
// orphan that Sweep forgets, never an event under an unknown key.
func (l *Ledger) birth(ctx context.Context, category string, owner uuid.UUID) (*keyvault.Key, error) {
	class, sealed := classOf(category)
	if !sealed {
		return nil, nil
	}
	infos, err := l.vault.Create(ctx, keyvault.Birth{Owner: owner, Class: class})
	if err != nil {
		return nil, err
	}
	if dead := infos[0].State.Err(); errors.Is(dead, keyvault.ErrShredded) {
		return nil, dead // and is not born again
	}
	born := retention.RecordKeyCreated{Class: string(class), Fingerprint: fmt.Sprintf("%x", infos[0].Fingerprint)}
	grant, err := l.itself(access.RecordKey)
	if err != nil {
		return nil, err
	}
	order := Order{ID: uuid.New(), Grant: grant, Quiet: true}
	if _, err := Execute(ctx, l, order, retention.Decider, owner, born); err != nil {
		if refusal, refused := errors.AsType[*domain.Refusal](err); refused && refusal.Rule == retention.RuleForgotten {
			return nil, keyvault.ErrShredded
		}
		return nil, err
	}
	return l.vault.Open(ctx, infos[0].ID)
}

// itself is the grant of what the ledger does without a person.
func (l *Ledger) itself(act access.Act) (access.Grant, error) {
	system := access.Actor{Actor: domain.Actor{Role: access.Systeme}}
	return access.Allow(system, act, access.Target{}, l.Today())
}
