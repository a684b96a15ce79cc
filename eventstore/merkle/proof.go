package merkle

import "golang.org/x/mod/sumdb/tlog"

// Inclusion proves that a leaf, counted from 0, stands in the tree of that size (RFC 6962, 2.1.1): the hashes to
// combine with its own, from the leaf up. It fails with ErrFuture where the tree does not reach.
func (l *Log) Inclusion(index, size int64) (tlog.RecordProof, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if index < 0 || index >= size || size > l.tree.size {
		return nil, ErrFuture
	}
	return tlog.ProveRecord(size, index, l.tree)
}

// Consistency proves that the tree of a size begins with the smaller one (RFC 6962, 2.1.2): nothing that stood in
// it was changed, dropped, or moved. It fails with ErrFuture where the tree does not reach.
func (l *Log) Consistency(older, size int64) (tlog.TreeProof, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if older < 1 || older > size || size > l.tree.size {
		return nil, ErrFuture
	}
	return tlog.ProveTree(size, older, l.tree)
}

// CheckInclusion tells whether a proof shows a leaf, by its hash, to stand at an index under a checkpoint.
func CheckInclusion(c Checkpoint, index int64, leaf Hash, proof tlog.RecordProof) bool {
	return tlog.CheckRecord(proof, c.Size, c.Root, index, leaf) == nil
}

// CheckConsistency tells whether a proof shows a checkpoint to continue an older one.
func CheckConsistency(older, newer Checkpoint, proof tlog.TreeProof) bool {
	return tlog.CheckTree(proof, newer.Size, newer.Root, older.Size, older.Root) == nil
}
