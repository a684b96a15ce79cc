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
	"slices"
	"strings"
	"sync"

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
	return i.checkpoint(ctx)
}

// checkpoint does as Checkpoint, for who was allowed to.
func (i *Instance) checkpoint(ctx context.Context) (merkle.Checkpoint, []byte, error) {
	signed, text, err := i.sign(ctx)
	if err == nil || Unproven(err) {
		i.evidence.mu.Lock()
		defer i.evidence.mu.Unlock()
		i.evidence.fault = err
	}
	return signed, text, err
}

func (i *Instance) sign(ctx context.Context) (merkle.Checkpoint, []byte, error) {
	tree, err := i.tree(ctx)
	if err != nil {
		return merkle.Checkpoint{}, nil, err
	}
	return tree.Checkpoint(ctx, i.Ledger.Now())
}

// evidence is the tree of the ledger, opened once it is needed, and what was found wrong with it.
type evidence struct {
	mu    sync.Mutex
	tree  *merkle.Log // nil: not opened yet
	fault error       // of the last attempt to sign
}

// Unproven tells that the log is not what was signed, whatever else works.
func Unproven(err error) bool {
	return errors.Is(err, merkle.ErrForked) || errors.Is(err, merkle.ErrDamaged) || errors.Is(err, merkle.ErrCheckpoint)
}

// Ready answers nil, or the error of Unproven with which a checkpoint was last refused in this process: everything is
// served nevertheless, and somebody must look.
func (i *Instance) Ready() error {
	i.evidence.mu.Lock()
	defer i.evidence.mu.Unlock()
	return i.evidence.fault
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

// tree opens the tree, once: what failed is tried again.
func (i *Instance) tree(ctx context.Context) (*merkle.Log, error) {
	i.evidence.mu.Lock()
	defer i.evidence.mu.Unlock()
	if i.evidence.tree != nil {
		return i.evidence.tree, nil
	}
	tree, err := i.openTree(ctx, filepath.Join(i.dir, treeFolder), i.store)
	if err != nil {
		return nil, err
	}
	i.evidence.tree = tree
	return tree, nil
}

// Published answers what a stranger may read of the tree: see merkle.Log.Published.
func (i *Instance) Published(ctx context.Context, path string) ([]byte, error) {
	tree, err := i.tree(ctx)
	if err != nil {
		return nil, err
	}
	return tree.Published(path)
}

// PublishTree signs what is new, and writes what Published answers into a folder.
func (i *Instance) PublishTree(ctx context.Context, actor access.Actor, dir string) (merkle.Checkpoint, error) {
	if _, _, err := i.Checkpoint(ctx, actor); err != nil {
		return merkle.Checkpoint{}, err
	}
	tree, err := i.tree(ctx)
	if err != nil {
		return merkle.Checkpoint{}, err
	}
	return tree.Publish(ctx, dir)
}

// openTree opens the tree over a store, which is that of this instance unless the events are being moved.
func (i *Instance) openTree(ctx context.Context, dir string, store merkle.Events) (*merkle.Log, error) {
	key, err := i.signingKey()
	if err != nil {
		return nil, err
	}
	public, err := i.checkpointKey(key)
	if err != nil {
		return nil, err
	}
	known, err := i.knownKeys(public)
	if err != nil {
		return nil, err
	}
	var verifiers []note.Verifier
	for _, k := range known {
		v, err := note.NewVerifier(k)
		if err != nil {
			return nil, err
		}
		verifiers = append(verifiers, v)
	}
	signer, err := checkpointSigner(key, public)
	if err != nil {
		return nil, err
	}
	var others []merkle.Anchor
	if far := i.farAnchor(); far != "" {
		others = append(others, &merkle.FileAnchor{Path: far})
	}
	return merkle.Open(ctx, merkle.Config{
		Dir: dir, Ledger: i.Settings.Ledger, Events: store,
		Anchor: &merkle.FileAnchor{Path: filepath.Join(i.dir, checkpointFile)}, Others: others, Signer: signer, Known: verifiers,
	})
}

// farAnchor is the file in which the last checkpoint is kept besides, in a folder of another machine, which may serve
// several ledgers; empty if there is none.
func (i *Instance) farAnchor() string {
	if i.anchor == "" {
		return ""
	}
	return filepath.Join(i.anchor, checkpointFile+"-"+i.Settings.Ledger.String())
}

// verifiersFile has the public keys with which checkpoints were ever signed, a line each: when the private one is lost,
// what it signed must still be known.
const verifiersFile = "verifiers"

// knownKeys are these public keys, the present one included.
func (i *Instance) knownKeys(present string) ([]string, error) {
	path := filepath.Join(i.dir, verifiersFile)
	content, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	known := strings.Fields(string(content))
	if slices.Contains(known, present) {
		return known, nil
	}
	known = append(known, present)
	return known, merkle.WriteDurably(path, []byte(strings.Join(known, "\n")+"\n"))
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
