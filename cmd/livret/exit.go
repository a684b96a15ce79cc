package main

import (
	"errors"

	"livret/cmd/livret/instance"
	"livret/domain"
	"livret/eventstore"
	"livret/eventstore/keyvault"
)

// Exit codes, the same for every verb; scripts may rely on them.
const (
	exitOK       = 0
	exitError    = 1  // anything else
	exitUsage    = 2  // unknown verb or flag, missing argument
	exitBroken   = 3  // an integrity check failed
	exitConflict = 4  // somebody else changed it first
	exitRefused  = 5  // a rule refuses, or part of an import was refused
	exitParked   = 6  // something that follows from the facts waits: see «livret reactions»
	exitAbsent   = 10 // no ledger in the data folder, or no such livret
	exitLocked   = 11 // another process holds the data folder
	exitShredded = 12 // the keys were destroyed: lawfully forgotten
)

// usageError is a mistake on the command line.
type usageError struct{ error }

// errBroken, errPartly, errParked and errUnsigned end a verb whose report was already printed.
var (
	errBroken = errors.New("integrity check failed")
	errPartly = errors.New("part of it was refused")
	errParked = errors.New("a reaction waits at a fact that it failed to take")

	errUnsigned = errors.New("no checkpoint could be signed")
)

func exitCode(err error) int {
	var usage usageError
	var refusal *domain.Refusal
	var fault *instance.NomenclatureFault
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &usage):
		return exitUsage
	case errors.Is(err, errBroken), errors.Is(err, eventstore.ErrCorrupt), errors.Is(err, keyvault.ErrCorrupt), instance.Unproven(err), instance.Disproved(err), errors.As(err, &fault):
		return exitBroken
	case errors.Is(err, eventstore.ErrConflict):
		return exitConflict
	case errors.As(err, &refusal), errors.Is(err, errPartly):
		return exitRefused
	case errors.Is(err, errParked):
		return exitParked
	case errors.Is(err, instance.ErrAbsent), errors.Is(err, instance.ErrNotFound), errors.Is(err, instance.ErrNoMoment):
		return exitAbsent
	case errors.Is(err, instance.ErrLocked):
		return exitLocked
	case errors.Is(err, keyvault.ErrShredded):
		return exitShredded
	default:
		return exitError
	}
}
