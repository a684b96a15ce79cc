package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"livret/cmd/livret/instance"
	"livret/eventstore/ledger"
)

// close ends a verb, with what came of it: if it wrote anything, the state that the ledger is in now is signed. What
// could not be signed stands all the same, so that is said beside the result, and the exit code tells it unless the verb
// failed otherwise.
func (p *program) close(ctx context.Context, i *instance.Instance, came error) error {
	if i.Wrote() && ctx.Err() == nil {
		if _, _, err := i.Checkpoint(ctx, operator()); err != nil {
			fmt.Fprintf(p.err, "livret: what was written stands, but no checkpoint is signed over it: %v\n", err)
			if came == nil || errors.Is(came, errPartly) {
				came = unsigned(err)
			}
		}
	}
	return errors.Join(came, i.Close())
}

// unsigned is a failure to sign that was said.
func unsigned(err error) error {
	if instance.Unproven(err) {
		return errBroken
	}
	return errUnsigned
}

// gathering is how long a checkpoint waits after an act that matters, for others of the same sitting.
const gathering = 2 * time.Second

// keepSigning signs what is new at intervals, and soon after what matters, until its context ends; then a last time.
func (p *program) keepSigning(ctx context.Context, i *instance.Instance, every time.Duration) {
	for ctx.Err() == nil {
		p.signed(ctx, i)
		select {
		case <-ctx.Done():
		case <-time.After(every):
		case <-i.Matters():
			select {
			case <-ctx.Done():
			case <-time.After(gathering):
			}
		}
	}
	p.signed(context.WithoutCancel(ctx), i)
}

// signed signs, or says in the log why not: nothing else stops for it.
func (p *program) signed(ctx context.Context, i *instance.Instance) {
	_, _, err := i.Checkpoint(ctx, operator())
	switch {
	case err == nil || ctx.Err() != nil:
	case instance.Unproven(err):
		p.log().Error("NOTHING IS SIGNED ANY MORE: see «livret check»", "why", err)
	default:
		p.log().Error("no checkpoint could be signed, and it is tried again", "class", ledger.Class(err))
	}
}
