package merkle

import (
	"context"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"livret/eventstore"
)

// Stand tells whether events all stand under a checkpoint, as Proved does of one: their leaves are hashed anew from what
// the store holds, and the tiles in which they must be are held to the root that was signed, each read and hashed once. It
// fails with ErrDamaged if a tile is not under that root, and with the errors of Proved if an event is not.
func (l *Log) Stand(ctx context.Context, under Checkpoint, events []eventstore.Envelope) error {
	if len(events) == 0 {
		return nil
	}
	leaves, indexes := make([]Hash, len(events)), make([]int64, len(events))
	for n := range events {
		h, err := leafOf(&events[n])
		if err != nil {
			return err
		}
		rank := gapless(events[n].Position) // of another event, its leaf differs, and Proved looks for the rank
		if rank < 0 || rank >= under.Size {
			if rank, err = l.Index(ctx, &events[n]); err != nil {
				return err
			}
		}
		if rank >= under.Size {
			return ErrFuture
		}
		leaves[n], indexes[n] = h, tlog.StoredHashIndex(0, rank)
	}
	signed, err := l.under(under, indexes)
	if err != nil {
		return err
	}
	for n := range events {
		if signed[n] == leaves[n] {
			continue
		}
		if _, _, err := l.Proved(ctx, &events[n], under); err != nil {
			return err
		}
	}
	return nil
}

// under reads hashes of the tree as the tree of a checkpoint holds them, authenticated by its root.
func (l *Log) under(c Checkpoint, indexes []int64) ([]Hash, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if c.Size > l.tree.size {
		return nil, ErrFuture
	}
	signed, err := tlog.TileHashReader(tlog.Tree{N: c.Size, Hash: c.Root}, kept{l.tree}).ReadHashes(indexes)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return signed, nil
}

// kept lets package tlog read tiles of a tree, as narrow as they were when it was smaller.
type kept struct{ tree *tree }

func (k kept) Height() int { return tileHeight }

func (k kept) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	all := make([][]byte, len(wanted))
	for n, of := range wanted {
		data, err := k.tree.data(of)
		if err != nil {
			return nil, err
		}
		all[n] = data[:of.W*tlog.HashSize]
	}
	return all, nil
}

func (k kept) SaveTiles([]tlog.Tile, [][]byte) {}
