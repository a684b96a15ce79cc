package embedded

import (
	"context"
	"errors"

	"livret/eventstore/keyvault"
	"livret/eventstore/keyvault/internal/registry"
	"livret/eventstore/keyvault/keyfiles"
)

// maxCalls bounds how many calls share one commit.
const maxCalls = 1024

// call is a change that waits for its durable commit.
type call struct {
	change func(*registry.Draft) error
	wipe   bool
	answer chan error
}

// change makes a change durable together with those of other callers.
func (v *Vault) change(ctx context.Context, _ registry.Scope, wipe bool, change func(*registry.Draft) error) error {
	c := &call{change: change, wipe: wipe, answer: make(chan error, 1)}
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case v.calls <- c:
	case <-v.quit:
		return keyvault.ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-c.answer:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// soleCall is what the writer does while it commits nothing.
type soleCall struct {
	do     func() error
	answer chan error
}

// alone does something with the database while nobody writes. It is not left halfway when its caller gives up.
func (v *Vault) alone(ctx context.Context, do func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c := &soleCall{do: do, answer: make(chan error, 1)}
	select {
	case v.sole <- c:
		return <-c.answer
	case <-v.quit:
		return keyvault.ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}

// commitAll is the only writer of the database and of the registry.
func (v *Vault) commitAll() {
	defer close(v.done)
	defer func() { v.err = errors.Join(v.db.close(), v.destructions.Close()) }()
	for {
		select {
		case first := <-v.calls:
			v.commit(v.gather(first))
		case c := <-v.sole:
			if v.db.broken != nil {
				c.answer <- v.db.broken
			} else {
				c.answer <- c.do()
			}
		case <-v.quit:
			return
		}
	}
}

// gather takes, beside the first call, those that wait already.
func (v *Vault) gather(first *call) []*call {
	calls := []*call{first}
	for len(calls) < maxCalls {
		select {
		case c := <-v.calls:
			calls = append(calls, c)
		default:
			return calls
		}
	}
	return calls
}

func (v *Vault) commit(calls []*call) {
	d := v.r.Draft()
	errs, wipe := make([]error, len(calls)), false
	for i, c := range calls {
		errs[i] = c.change(d)
		wipe = wipe || c.wipe && errs[i] == nil
	}
	err := v.destructions.Add(keyfiles.DestroyedKeys(d.Destroyed())...)
	if err == nil {
		err = v.db.save(d, v.r.Secret())
	}
	if err == nil {
		v.mu.Lock()
		v.r.Apply(d)
		v.mu.Unlock()
		if wipe {
			err = v.db.wipe()
		}
	}
	for i, c := range calls {
		if errs[i] == nil {
			errs[i] = err
		}
		c.answer <- errs[i]
	}
}
