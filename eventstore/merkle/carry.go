package merkle

import (
	"fmt"
	"os"
	"path/filepath"

	"livret/eventstore"
)

// Sizes are those of all checkpoints that were signed in a log's folder.
func Sizes(dir string) ([]int64, error) {
	entries, err := history{filepath.Join(dir, CheckpointsFolder)}.entries()
	sizes := make([]int64, len(entries))
	for i, e := range entries {
		sizes[i] = e.size
	}
	return sizes, err
}

// Carry writes the checkpoints of one folder into that of a log over another store, where the last event of each stands
// elsewhere. Tiles are not carried: they are made anew of that store, and held to what was signed.
func Carry(from, to string, at map[int64]eventstore.Position) error {
	old, carried := history{filepath.Join(from, CheckpointsFolder)}, history{filepath.Join(to, CheckpointsFolder)}
	entries, err := old.entries()
	if err != nil {
		return err
	}
	for _, e := range entries {
		position, known := at[e.size]
		if !known && e.size > 0 {
			return fmt.Errorf("%w: the store lacks event %d", ErrForked, e.size)
		}
		signed, err := os.ReadFile(filepath.Join(old.dir, e.name))
		if err != nil {
			return err
		}
		if err := carried.add(Checkpoint{Size: e.size}, position, signed); err != nil {
			return err
		}
	}
	return nil
}
