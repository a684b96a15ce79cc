package instance

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"livret/domain/access"
	"livret/eventstore/merkle"
)

// The tree of the ledger, and its last checkpoint apart from it: a copy of the second on another machine is what shows
// that an older folder was put in the place of this one.
const (
	treeFolder     = "tree"
	checkpointFile = "checkpoint"
)

// Checkpoint adds what is new to the tree of the ledger, signs it, and answers the note; the same as before if nothing
// is new. It fails with merkle.ErrForked if the log is not the continuation of the last checkpoint.
func (i *Instance) Checkpoint(ctx context.Context, actor access.Actor) (merkle.Checkpoint, []byte, error) {
	if err := access.May(actor, access.CheckLedger, access.Target{Academie: i.Settings.Academie}, i.Today()); err != nil {
		return merkle.Checkpoint{}, nil, err
	}
	tree, err := i.tree(ctx)
	if err != nil {
		return merkle.Checkpoint{}, nil, err
	}
	return tree.Checkpoint(ctx, i.Ledger.Now())
}

// CheckTree reads the tree and all its checkpoints again against the log, and answers how many leaves are right; 0 if
// there is no tree yet.
func (i *Instance) CheckTree(ctx context.Context) (int64, error) {
	if _, err := os.Stat(filepath.Join(i.dir, checkpointFile)); errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	tree, err := i.tree(ctx)
	if err != nil {
		return 0, err
	}
	if _, err := tree.Extend(ctx); err != nil {
		return 0, err
	}
	return tree.Check(ctx)
}

// CheckpointKey is the public half of the key that signs checkpoints, as C2SP signed-note writes it: what a verifier
// is to be given.
func (i *Instance) CheckpointKey() (string, error) {
	key, err := i.signingKey()
	if err != nil {
		return "", err
	}
	return i.checkpointKey(key)
}

func (i *Instance) checkpointKey(key ed25519.PrivateKey) (string, error) {
	return note.NewEd25519VerifierKey(merkle.Origin(i.Settings.Ledger), key.Public().(ed25519.PublicKey))
}

func (i *Instance) tree(ctx context.Context) (*merkle.Log, error) {
	key, err := i.signingKey()
	if err != nil {
		return nil, err
	}
	public, err := i.checkpointKey(key)
	if err != nil {
		return nil, err
	}
	verifier, err := note.NewVerifier(public)
	if err != nil {
		return nil, err
	}
	signer, err := checkpointSigner(key, public)
	if err != nil {
		return nil, err
	}
	return merkle.Open(ctx, merkle.Config{
		Dir: filepath.Join(i.dir, treeFolder), Ledger: i.Settings.Ledger, Events: i.store,
		Anchor: &merkle.FileAnchor{Path: filepath.Join(i.dir, checkpointFile)}, Signer: signer, Known: []note.Verifier{verifier},
	})
}

// checkpointSigner is the signing key as package note reads one: "PRIVATE+KEY+name+hash+key", the key after one byte
// that says Ed25519.
func checkpointSigner(key ed25519.PrivateKey, public string) (note.Signer, error) {
	name, rest, _ := strings.Cut(public, "+")
	hash, _, _ := strings.Cut(rest, "+")
	const algorithm = 1
	encoded := base64.StdEncoding.EncodeToString(append([]byte{algorithm}, key.Seed()...))
	return note.NewSigner(fmt.Sprintf("PRIVATE+KEY+%s+%s+%s", name, hash, encoded))
}
