package instance

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/retention"
	"livret/eventstore/keyvault"
	"livret/eventstore/ledger"
)

// rotateAfter is the age of a wrapping key at which it is renewed.
const rotateAfter = 24 * time.Hour

// Epoch is a wrapping key that exists. It is named, not shown.
type Epoch struct {
	Number uint32    `json:"epoch"`
	Ref    string    `json:"ref"`
	Born   time.Time `json:"born"`
	InUse  bool      `json:"in_use"` // it wraps new keys
}

// Rotated is the wrapping key that began, and those that were destroyed.
type Rotated struct {
	Began     Epoch   `json:"began"`
	Destroyed []Epoch `json:"destroyed"` // never nil
}

// Rotate renews the wrapping key, and destroys those that have outlived the backups.
func (i *Instance) Rotate(ctx context.Context, actor access.Actor) (Rotated, error) {
	grant, err := access.Allow(actor, access.RotateKeys, access.Target{Academie: i.Settings.Academie}, i.Today())
	if err != nil {
		return Rotated{}, err
	}
	rotation, err := i.vault.Rotate(ctx, i.Ledger.Now())
	if err != nil {
		return Rotated{}, err
	}
	rotated := Rotated{Began: epochOf(rotation.Began, rotation.Began), Destroyed: []Epoch{}}
	for _, gone := range rotation.Destroyed {
		rotated.Destroyed = append(rotated.Destroyed, epochOf(gone, rotation.Began))
	}
	return rotated, i.recordWrapping(ctx, grant)
}

// RotateIfDue renews the wrapping key if it is a day old, in the name of the ledger itself, and tells whether it was.
// Whoever runs for long calls it now and then.
func (i *Instance) RotateIfDue(ctx context.Context) (bool, error) {
	status, err := i.vault.Status(ctx)
	if err != nil || i.Ledger.Now().Before(status.Now.Born.Add(rotateAfter)) {
		return false, err
	}
	_, err = i.Rotate(ctx, itself())
	return err == nil, err
}

// itself is the actor of what the ledger does without a person.
func itself() access.Actor { return access.Actor{Actor: domain.Actor{Role: access.Systeme}} }

// recordWrapping records in the ledger what the vault says that exists.
func (i *Instance) recordWrapping(ctx context.Context, grant access.Grant) error {
	status, err := i.vault.Status(ctx)
	if err != nil {
		return err
	}
	var exists retention.RecordWrapping
	for _, e := range status.Epochs {
		exists.Keys = append(exists.Keys, retention.WrappingKeyRotated{Epoch: e.Number, Ref: fmt.Sprintf("%x", e.Ref)})
	}
	for _, p := range status.Pairs {
		exists.Pairs = append(exists.Pairs, retention.CustodyPairCreated{Pair: p.Name, Ref: fmt.Sprintf("%x", p.Ref)})
	}
	_, err = ledger.Execute(ctx, i.Ledger, ledger.Order{ID: uuid.New(), Grant: grant, Quiet: true}, retention.WrappingDecider, i.Settings.Ledger, exists)
	return err
}

func epochOf(e, now keyvault.Epoch) Epoch {
	return Epoch{e.Number, fmt.Sprintf("%x", e.Ref), e.Born, e.Ref == now.Ref}
}

// KeyStatus is how many keys are where, and what wraps them. It holds no secret.
type KeyStatus struct {
	Epochs []Epoch     `json:"epochs"` // of which the wrapping keys exist, oldest first
	Due    time.Time   `json:"rotation_due"`
	Pairs  []KeyPair   `json:"pairs"`  // never nil
	Counts []KeyCounts `json:"counts"` // never nil
}

// KeyPair is a custody pair and how many living keys are in its custody.
type KeyPair struct {
	Name string `json:"pair"`
	Ref  string `json:"ref"`
	Keys int    `json:"keys"`
}

// KeyCounts is how many keys of a class are in a state.
type KeyCounts struct {
	Class keyvault.Class `json:"class"`
	State keyvault.State `json:"state"`
	Keys  int            `json:"keys"`
}

// KeyStatus counts the keys, for an actor who may read what retention does.
func (i *Instance) KeyStatus(ctx context.Context, actor access.Actor) (KeyStatus, error) {
	if err := access.May(actor, access.ReadRetention, access.Target{Academie: i.Settings.Academie}, i.Today()); err != nil {
		return KeyStatus{}, err
	}
	status, err := i.vault.Status(ctx)
	if err != nil {
		return KeyStatus{}, err
	}
	s := KeyStatus{Due: status.Now.Born.Add(rotateAfter), Pairs: []KeyPair{}, Counts: []KeyCounts{}}
	for _, e := range status.Epochs {
		s.Epochs = append(s.Epochs, epochOf(e, status.Now))
	}
	for _, p := range status.Pairs {
		s.Pairs = append(s.Pairs, KeyPair{p.Name, fmt.Sprintf("%x", p.Ref), p.Keys})
	}
	for _, c := range status.Counts {
		s.Counts = append(s.Counts, KeyCounts{c.Class, c.State, c.Keys})
	}
	return s, nil
}
