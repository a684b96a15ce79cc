package instance

import (
	"context"
	"encoding/hex"
	"slices"
	"time"

	"github.com/google/uuid"

	"livret/cmd/livret/chronicle"
	"livret/domain/access"
	"livret/eventstore"
	"livret/eventstore/ledger"
	"livret/eventstore/merkle"
)

// FactProof is how anybody can check, without a key and without this program, that a fact stands in the ledger as it
// was signed. It tells nothing of what the fact says.
type FactProof struct {
	Stream   string    `json:"stream"`
	Sequence uint64    `json:"sequence"`
	Type     string    `json:"type"`
	Rank     int64     `json:"rank"`           // of its leaf, from 0
	Leaf     string    `json:"leaf"`           // header, commitment and digest of the sealed bytes, in hexadecimal
	LeafHash string    `json:"leafHash"`       // SHA-256 of a zero byte and the leaf, in hexadecimal
	Size     int64     `json:"size,omitempty"` // of the earliest checkpoint over it; 0: none yet
	Root     string    `json:"root,omitempty"` // in hexadecimal
	Signed   time.Time `json:"signed,omitzero"`
	Path     []string  `json:"path,omitempty"` // hashes to combine with that of the leaf, from it up, in hexadecimal (RFC 9162, 2.1.3)
	Note     string    `json:"note,omitempty"` // the signed checkpoint (C2SP tlog-checkpoint)
}

// Trail is the history of a livret, for an actor who may replay it.
func (i *Instance) Trail(ctx context.Context, actor access.Actor, livret uuid.UUID) ([]chronicle.Line, error) {
	if err := i.mayReplay(ctx, actor, livret); err != nil && !gone(err) {
		return nil, err
	}
	return i.History(ctx, actor, livret)
}

// ProveFact proves that a fact of a trail stands in the ledger: the leaf is hashed anew from what the log holds and
// combined with its path, which must give the root that was signed. It fails with ErrNotFound for a fact of nothing that
// the actor may replay, and with merkle.ErrForked if the root is another.
func (i *Instance) ProveFact(ctx context.Context, trail []chronicle.Line, at eventstore.Position) (FactProof, error) {
	position := hex.EncodeToString(at[:])
	if !slices.ContainsFunc(trail, func(l chronicle.Line) bool { return l.Position == position }) {
		return FactProof{}, ErrNotFound
	}
	e, err := i.eventAt(ctx, at)
	if err != nil {
		return FactProof{}, err
	}
	leaf, err := e.Leaf()
	if err != nil {
		return FactProof{}, err
	}
	hash := merkle.LeafHash(leaf)
	p := FactProof{Stream: string(e.Stream), Sequence: uint64(e.Sequence), Type: e.Type, Leaf: hex.EncodeToString(leaf), LeafHash: hex.EncodeToString(hash[:])}
	tree, err := i.tree(ctx)
	if err != nil {
		return p, err
	}
	signed, covered, err := tree.Covering(at)
	if err != nil || !covered {
		return p, err
	}
	rank, path, err := tree.Proved(ctx, &e, signed.Checkpoint)
	if err != nil {
		return p, err
	}
	p.Rank, p.Size, p.Root, p.Signed, p.Note = rank, signed.Size, hex.EncodeToString(signed.Root[:]), signed.Time, string(signed.Note)
	for _, h := range path {
		p.Path = append(p.Path, hex.EncodeToString(h[:]))
	}
	return p, nil
}

// Candidatures are those of a livret, for an actor who may replay it.
func (i *Instance) Candidatures(ctx context.Context, actor access.Actor, livret uuid.UUID) ([]ledger.Candidature, error) {
	if err := i.mayReplay(ctx, actor, livret); err != nil {
		return nil, err
	}
	on, err := i.Target(ctx, livret)
	if err != nil {
		return nil, err
	}
	return i.Ledger.Candidatures(ctx, livret, on.Session)
}

// FirstCheckpoint is when the earliest checkpoint was signed; zero: none was.
func (i *Instance) FirstCheckpoint(ctx context.Context) (time.Time, error) {
	tree, err := i.tree(ctx)
	if err != nil {
		return time.Time{}, err
	}
	first, _, err := tree.First()
	return first.Time, err
}
