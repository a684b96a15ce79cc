package embedded

import (
	"context"

	"livret/eventstore/keyvault"
	"livret/eventstore/keyvault/internal/registry"
)

// maxCalls bounds how many calls share one commit.
const maxCalls = 1024

// call is a change that waits for its durable commit.
type call struct {
	change func(*registry.Draft) error
	wipe   bool
	answer chan error
}

// write makes a change durable together with those of other callers.
func (v *Vault) write(ctx context.Context, change func(*registry.Draft) error) error {
	return v.submit(ctx, &call{change: change, answer: make(chan error, 1)})
}

// wipe makes a change durable and answers once the files no longer hold what it took away.
func (v *Vault) wipe(ctx context.Context, change func(*registry.Draft) error) error {
	return v.submit(ctx, &call{change: change, wipe: true, answer: make(chan error, 1)})
}

func (v *Vault) submit(ctx context.Context, c *call) error {
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

// commitAll is the only writer of the database and of the registry.
func (v *Vault) commitAll() {
	defer close(v.done)
	defer func() { v.err = v.db.close() }()
	for {
		select {
		case first := <-v.calls:
			v.commit(v.gather(first))
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
	err := v.db.save(d)
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
