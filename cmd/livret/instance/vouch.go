package instance

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"livret/eventstore/merkle"
	"livret/eventstore/merkle/bundle"
)

// errUnproven says that an archive does not hold by the ledger's own key: it does not leave.
var errUnproven = fmt.Errorf("%w: the archive that was made does not verify", merkle.ErrDamaged)

// vouch adds what the proofs of an archive rest on: the checkpoints, cosignatures and timestamps that first covered what
// a court asks the date of, and the last of each; what links them to the archive's own checkpoint; whom to believe.
func (g *gathering) vouch(ctx context.Context) error {
	cosigned, err := g.tree.CosignedSizes()
	if err != nil {
		return err
	}
	stamps, err := g.i.Stamps(ctx, 1, g.Checkpoint.Size)
	if err != nil {
		return err
	}
	g.bundle.Stamps = make(map[int64][]byte)
	sizes := map[int64]bool{g.Checkpoint.Size: true}
	stamp := func(covering int64) { // the first token over a tree of that size or more
		for _, s := range stamps {
			if s.Size >= covering {
				g.bundle.Stamps[s.Size], sizes[s.Size] = s.Token, true
				return
			}
		}
	}
	for _, e := range g.Moments() {
		covering, found, err := g.tree.Covering(e.Position)
		if err != nil {
			return err
		}
		if found {
			sizes[covering.Size] = true
		}
		if n, _ := slices.BinarySearch(cosigned, e.Index+1); n < len(cosigned) {
			sizes[cosigned[n]] = true
		}
		stamp(e.Index + 1)
	}
	if len(cosigned) > 0 {
		sizes[cosigned[len(cosigned)-1]] = true
	}
	if len(stamps) > 0 {
		stamp(stamps[len(stamps)-1].Size)
	}
	g.bundle.Dossier = g.Dossier()
	for size := range sizes {
		if err := g.link(size); err != nil {
			return err
		}
	}
	slices.SortFunc(g.bundle.Dossier.Consistency, func(a, b bundle.Link) int { return int(a.From - b.From) })
	return g.believe()
}

// link adds a checkpoint, and the proof that the archive's own continues it. One signed since is left aside.
func (g *gathering) link(size int64) (err error) {
	if size > g.Checkpoint.Size {
		return nil
	}
	if g.bundle.Checkpoints[size], err = g.tree.Cosigned(size); err != nil || size == g.Checkpoint.Size {
		return err
	}
	proof, err := g.tree.Consistency(size, g.Checkpoint.Size)
	g.bundle.Dossier.Consistency = append(g.bundle.Dossier.Consistency, bundle.Link{From: size, Proof: proof})
	return err
}

// believe adds the ledger's policy, and the roots of its time-stamping authorities, for whom has neither yet.
func (g *gathering) believe() (err error) {
	if g.bundle.Policy, err = g.i.Policy(); err != nil {
		return err
	}
	authority, named, err := g.i.Authority()
	if named {
		g.bundle.Roots = []byte(authority.Roots)
	}
	g.bundle.Others = g.Views()
	return err
}

// verify verifies the bundle as a stranger would who believes the ledger's key. What is not established there is for the
// reader to judge; what is false does not leave.
func (g *gathering) verify() (bundle.Report, error) {
	policy, err := bundle.ParsePolicy(g.bundle.Policy, g.bundle.Roots)
	if err != nil {
		return bundle.Report{}, err
	}
	var out bytes.Buffer
	if err := g.bundle.Write(&out); err != nil {
		return bundle.Report{}, err
	}
	report := bundle.Verify(bytes.NewReader(out.Bytes()), int64(out.Len()), &policy)
	if report.Outcome == bundle.Invalid {
		return report, errUnproven
	}
	return report, nil
}
