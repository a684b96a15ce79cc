package ledger

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"slices"

	"livret/domain"
	"livret/domain/retention"
	"livret/eventstore"
	"livret/eventstore/keyvault"
)

// owned is what the retention stream of an owner says of his keys.
type owned struct {
	keys  []recorded
	begun bool // a destruction that is past the point of no return
}

// recorded is what is recorded of one key.
type recorded struct {
	class, fingerprint    string
	archived, dead, found bool
}

// life notes what becomes of the keys of an owner.
func (c *checker) life(stream eventstore.StreamID, event domain.Event) {
	owner, ok := stream.UUID()
	if !ok {
		return
	}
	o := c.owners[owner]
	if o == nil {
		o = new(owned)
		c.owners[owner] = o
	}
	switch e := event.(type) {
	case retention.KeyCreated:
		o.of(retention.Key(e))
	case retention.KeysArchived:
		for _, key := range e.Keys {
			o.of(key).archived = true
		}
	case retention.DestructionBegun:
		o.begun = true
	case retention.KeysDestroyed:
		o.begun = false
		for _, key := range e.Keys {
			o.of(key).dead = true
		}
	}
}

func (o *owned) of(key retention.Key) *recorded {
	i := slices.IndexFunc(o.keys, func(r recorded) bool { return r.class == key.Class && r.fingerprint == key.Fingerprint })
	if i < 0 {
		i, o.keys = len(o.keys), append(o.keys, recorded{class: key.Class, fingerprint: key.Fingerprint})
	}
	return &o.keys[i]
}

// keys compares each key of the vault with what is recorded of it, both ways.
func (c *checker) keys(ctx context.Context) error {
	infos, err := c.vault.Keys(ctx)
	if err != nil {
		return err
	}
	c.Keys = len(infos)
	slices.SortFunc(infos, func(a, b keyvault.Info) int { return slices.Compare(a.ID[:], b.ID[:]) })
	for _, info := range infos {
		nature, err := c.keyOf(ctx, info)
		if err != nil {
			return err
		}
		if nature != "" {
			c.list(Fault{Nature: nature, Stream: eventstore.Stream(retention.Category, info.Owner), Key: info.ID})
		}
	}
	var lost []Fault
	for owner, o := range c.owners {
		for _, r := range o.keys {
			if !r.found {
				lost = append(lost, Fault{Nature: FaultFingerprint, Stream: eventstore.Stream(retention.Category, owner), Detail: r.class})
			}
		}
	}
	slices.SortFunc(lost, func(a, b Fault) int { return cmp.Or(cmp.Compare(a.Stream, b.Stream), cmp.Compare(a.Detail, b.Detail)) })
	c.list(lost...)
	return nil
}

// keyOf answers what is wrong with a key, if anything is.
func (c *checker) keyOf(ctx context.Context, info keyvault.Info) (Nature, error) {
	var r *recorded
	o := c.owners[info.Owner]
	if o != nil {
		fingerprint := hex.EncodeToString(info.Fingerprint[:])
		if i := slices.IndexFunc(o.keys, func(r recorded) bool { return r.class == string(info.Class) && r.fingerprint == fingerprint }); i >= 0 {
			r = &o.keys[i]
		}
	}
	if r == nil {
		return FaultOrphan, nil
	}
	r.found = true
	key, err := c.vault.Open(ctx, info.ID) // a row that is not as the vault wrote it says so in any state
	if err == nil {
		key.Zero()
	}
	gone := info.State == keyvault.Fenced || info.State == keyvault.Shredded
	away := info.State == keyvault.Archived || info.State == keyvault.Held
	switch {
	case errors.Is(err, keyvault.ErrCorrupt):
		return FaultKey, nil
	case r.dead && info.State != keyvault.Shredded:
		return FaultRisen, nil
	case gone && !r.dead && !o.begun:
		return FaultLost, nil
	case info.State == keyvault.Active && r.archived:
		return FaultReturned, nil
	case away && !r.archived:
		return FaultTaken, nil
	case gone, away, err == nil:
		return "", nil
	case errors.Is(err, keyvault.ErrUnknown), errors.Is(err, keyvault.ErrShredded), errors.Is(err, keyvault.ErrArchived):
		return FaultKey, nil
	}
	return "", err
}
