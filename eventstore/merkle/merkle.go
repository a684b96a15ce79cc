// Package merkle is the tree over the ledger: one leaf an event, in commit order, as RFC 6962 hashes them. Its
// root, signed, is a checkpoint: whoever kept one can be shown that an event was there at that moment, and that
// nothing before it was changed, dropped or inserted since, without a key and without being shown any other event.
//
// A leaf is header, commitment and digest of the sealed bytes (see eventstore.Envelope.Leaf). It needs neither key
// nor sealed bytes, so every proof survives the destruction of both.
//
// The tree is kept as hash tiles in the layout of C2SP tlog-tiles. Entries are never written: the headers of
// leaves are for who may read the ledger, and hashes of salted commitments tell nothing to anybody else.
//
// The hashing and the proofs are those of golang.org/x/mod/sumdb/tlog, the signatures those of
// golang.org/x/mod/sumdb/note: the code under Go's own checksum database.
package merkle

import (
	"errors"

	"golang.org/x/mod/sumdb/tlog"
)

// Errors of a Log.
var (
	ErrForked  = errors.New("merkle: the ledger is not a continuation of the last signed checkpoint")
	ErrDamaged = errors.New("merkle: a tile does not hold what its leaves hash to")
	ErrFuture  = errors.New("merkle: no such leaf in that tree")
)

// Hash is a SHA-256 of the tree.
type Hash = tlog.Hash

// LeafHash is the hash of a leaf's bytes in the tree (RFC 6962, 2.1): SHA-256 of a zero byte and the bytes.
func LeafHash(leaf []byte) Hash { return tlog.RecordHash(leaf) }
