package instance

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"livret/domain/access"
	"livret/eventstore/merkle"
	"livret/eventstore/merkle/bundle"
)

// witnessFile is the policy of the ledger's witnesses: the lines of a C2SP tlog-policy that name them and their quorum.
// It is public.
const witnessFile = "witnesses.txt"

// Cosigned is a checkpoint, who cosigned it just now, and whether the quorum of the policy is reached.
type Cosigned struct {
	Size    int64    `json:"size"`
	Added   []string `json:"added"`   // witnesses
	Unknown int      `json:"unknown"` // signatures by nobody that the policy names
	Quorum  bool     `json:"quorum"`
}

// Policy is what a verifier of this ledger is to be given, a C2SP tlog-policy: its keys, its witnesses, their quorum.
func (i *Instance) Policy() ([]byte, error) {
	witnesses, err := os.ReadFile(filepath.Join(i.dir, witnessFile))
	if errors.Is(err, fs.ErrNotExist) {
		witnesses, err = []byte("quorum none\n"), nil
	}
	if err != nil {
		return nil, err
	}
	known, err := i.checkpointKeys()
	var policy []byte
	for _, key := range known {
		policy = fmt.Appendf(policy, "log %s\n", key)
	}
	return append(policy, witnesses...), err
}

// checkpointKeys are the public keys of this ledger, the present one and those before it.
func (i *Instance) checkpointKeys() ([]string, error) {
	present, err := i.CheckpointKey()
	if err != nil {
		return nil, err
	}
	return i.knownKeys(present)
}

// NameWitnesses has a policy be that of this ledger from now on. If it names the key of a ledger, it must be that of this
// one.
func (i *Instance) NameWitnesses(actor access.Actor, policy []byte) error {
	if err := access.May(actor, access.AttestCheckpoint, access.Target{Academie: i.Settings.Academie}, i.Today()); err != nil {
		return err
	}
	known, err := i.checkpointKeys()
	if err != nil {
		return err
	}
	var witnesses strings.Builder
	ours, named := false, false
	for line := range strings.Lines(string(policy)) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "log" {
			named, ours = true, ours || slices.Contains(known, fields[1])
			continue
		}
		witnesses.WriteString(line)
	}
	if named && !ours {
		return fmt.Errorf("%w: that policy is for another ledger", ErrUsage)
	}
	if _, err := bundle.ParsePolicy([]byte("log "+known[0]+"\n"+witnesses.String()), nil); err != nil {
		return fmt.Errorf("%w: %w", ErrUsage, err)
	}
	return merkle.WriteDurably(filepath.Join(i.dir, witnessFile), []byte(witnesses.String()))
}

// Cosign keeps cosignatures of the ledger's witnesses over one of its checkpoints: a signed checkpoint, or signature
// lines over the last. It fails with merkle.ErrOtherTree or ErrForged, and then keeps none of them.
func (i *Instance) Cosign(ctx context.Context, actor access.Actor, offered []byte) (Cosigned, error) {
	if err := access.May(actor, access.AttestCheckpoint, access.Target{Academie: i.Settings.Academie}, i.Today()); err != nil {
		return Cosigned{}, err
	}
	text, err := i.Policy()
	if err != nil {
		return Cosigned{}, err
	}
	policy, err := bundle.ParsePolicy(text, nil)
	if err != nil {
		return Cosigned{}, err
	}
	tree, err := i.tree(ctx)
	if err != nil {
		return Cosigned{}, err
	}
	cosigned, err := tree.Cosign(offered, policy.Witness...)
	if err != nil {
		return Cosigned{}, err
	}
	return Cosigned{cosigned.Size, slices.Concat([]string{}, cosigned.Added), cosigned.Unknown, policy.Quorum.Satisfied(cosigned.Note)}, nil
}

// Disproved tells that somebody signed, or claims to have, what is no checkpoint of this ledger.
func Disproved(err error) bool {
	return errors.Is(err, merkle.ErrOtherTree) || errors.Is(err, merkle.ErrForged)
}

// Witnessed answers a checkpoint by its size, with the cosignatures kept beside it.
func (i *Instance) Witnessed(ctx context.Context, size int64) ([]byte, error) {
	tree, err := i.tree(ctx)
	if err != nil {
		return nil, err
	}
	return tree.Cosigned(size)
}
