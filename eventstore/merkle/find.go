package merkle

import (
	"cmp"
	"fmt"
	"slices"
)

// Find answers where leaves stand in the tree of a size, and -1 for one that does not. It goes through the tiles of
// the leaves, thirty-two bytes for each, and through no event: what it finds, a proof of inclusion holds.
func (l *Log) Find(leaves []Hash, size int64) ([]int64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if size > l.tree.size {
		return nil, ErrFuture
	}
	wanted := make(map[Hash]int, len(leaves))
	found := make([]int64, len(leaves))
	for n, leaf := range leaves {
		wanted[leaf], found[n] = n, -1
	}
	for first := int64(0); first < size && len(wanted) > 0; first += tileWidth {
		width := int(min(tileWidth, size-first))
		data, err := l.tree.data(tile(0, first/tileWidth, width))
		if err != nil {
			return nil, err
		}
		for i, leaf := range hashes(data)[:width] {
			if n, ok := wanted[leaf]; ok {
				found[n] = first + int64(i)
				delete(wanted, leaf)
			}
		}
	}
	return found, nil
}

// Covering is the first checkpoint signed under which a leaf stands, and false if there is none yet: the earliest
// moment by which this ledger vouched for it.
func (l *Log) Covering(index int64) (Signed, bool, error) {
	entries, err := l.history.entries()
	if err != nil {
		return Signed{}, false, err
	}
	i, _ := slices.BinarySearchFunc(entries, index+1, func(e entry, size int64) int { return cmp.Compare(e.size, size) })
	if i == len(entries) {
		return Signed{}, false, nil
	}
	signed, err := l.signed(entries[i])
	if err != nil {
		return Signed{}, false, fmt.Errorf("checkpoint of %d: %w", entries[i].size, err)
	}
	return signed, true, nil
}
