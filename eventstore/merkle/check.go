package merkle

import (
	"context"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"livret/eventstore"
)

// Check reads everything again, and answers how many leaves it found right: that each event of the store hashes to
// its leaf, each tile to the one above it, and each checkpoint ever signed, and what other anchors keep, to a root of
// this very tree. It fails
// with ErrForked, ErrDamaged or ErrCheckpoint for the first thing that does not.
func (l *Log) Check(ctx context.Context) (int64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.same(ctx, eventstore.Position{}, 0); err != nil {
		return 0, err
	}
	if err := l.tree.check(); err != nil {
		return 0, err
	}
	entries, err := l.history.entries()
	if err != nil {
		return 0, err
	}
	for _, e := range entries {
		signed, err := l.signed(e)
		if err != nil {
			return 0, err
		}
		if err := l.continued(signed.Checkpoint); err != nil {
			return 0, err
		}
	}
	_, err = l.elsewhere(ctx)
	return l.tree.size, err
}

// check compares each full tile with the hash of it that stands a level above.
func (t *tree) check() error {
	for level := 0; level+1 < len(t.edge); level++ {
		for index := range t.size >> (tileHeight * (level + 1)) {
			of := tile(level, index, tileWidth)
			data, err := t.data(of)
			if err != nil {
				return err
			}
			above, err := t.ReadHashes([]int64{tlog.StoredHashIndex((level+1)*tileHeight, index)})
			if err != nil {
				return err
			}
			if fold(hashes(data)) != above[0] {
				return fmt.Errorf("%w: %s", ErrDamaged, of.Path())
			}
		}
	}
	return nil
}
