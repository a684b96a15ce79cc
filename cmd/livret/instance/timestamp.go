package instance

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/attestation"
	"livret/eventstore/ledger"
	"livret/eventstore/merkle"
	"livret/eventstore/merkle/timestamp"
)

// authorityFile names the time-stamping authority of a ledger. Nothing in it is secret.
const authorityFile = "authority.json"

// Authority is the time-stamping authority that a ledger asks each day, and the roots under which its tokens, and
// those of the authorities before it, are believed.
type Authority struct {
	URL   string `json:"url"`
	Roots string `json:"roots"` // PEM
}

// Authority answers that of this ledger, and whether it has one.
func (i *Instance) Authority() (a Authority, named bool, err error) {
	content, err := os.ReadFile(filepath.Join(i.dir, authorityFile))
	if errors.Is(err, fs.ErrNotExist) {
		return a, false, nil
	}
	if err == nil {
		err = json.Unmarshal(content, &a)
	}
	return a, err == nil, err
}

// NameAuthority has another authority be asked from now on. Former roots are kept: they are what former tokens are
// verified with.
func (i *Instance) NameAuthority(actor access.Actor, a Authority) error {
	if err := access.May(actor, access.AttestCheckpoint, access.Target{Academie: i.Settings.Academie}, i.Today()); err != nil {
		return err
	}
	if at, err := url.Parse(a.URL); err != nil || at.Host == "" || at.Scheme != "http" && at.Scheme != "https" {
		return fmt.Errorf("%w: %q is no address of an authority", ErrUsage, a.URL)
	}
	if !x509.NewCertPool().AppendCertsFromPEM([]byte(a.Roots)) {
		return fmt.Errorf("%w: no PEM certificate among the roots", ErrUsage)
	}
	before, _, err := i.Authority()
	if err != nil {
		return err
	}
	if !strings.Contains(before.Roots, a.Roots) {
		a.Roots = before.Roots + a.Roots
	} else {
		a.Roots = before.Roots
	}
	content, err := json.MarshalIndent(a, "", "  ")
	if err != nil {
		return err
	}
	return merkle.WriteDurably(filepath.Join(i.dir, authorityFile), append(content, '\n'))
}

// patience is how long an authority may take to answer.
const patience = 30 * time.Second

// Timestamp signs the state of the ledger, has the authority date it, keeps its token beside the checkpoint and records
// it in the ledger, where every later checkpoint covers it. An address other than that of the ledger's authority may be
// given: its certificate must lead to the same roots. Whatever is not a token over these very bytes is refused, as
// timestamp.ErrInvalid or ErrUntrusted; nothing is lost by it, and it may be asked again at any time.
func (i *Instance) Timestamp(ctx context.Context, actor access.Actor, address string) (timestamp.Stamp, error) {
	grant, err := access.Allow(actor, access.AttestCheckpoint, access.Target{Academie: i.Settings.Academie}, i.Today())
	if err != nil {
		return timestamp.Stamp{}, err
	}
	authority, named, err := i.Authority()
	if err != nil {
		return timestamp.Stamp{}, err
	}
	if !named {
		return timestamp.Stamp{}, domain.Refuse("aucune-autorite", "Aucune autorité d’horodatage n’est désignée pour ce registre.", "Désignez-en une\u00a0: « livret checkpoint authority --url … --roots … ».")
	}
	if address != "" {
		authority.URL = address
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(authority.Roots))
	checkpoint, note, err := i.checkpoint(ctx)
	if err != nil {
		return timestamp.Stamp{}, err
	}
	asking, enough := context.WithTimeout(ctx, patience)
	defer enough()
	token, stamp, err := timestamp.Authority{URL: authority.URL, Roots: roots}.Ask(asking, note)
	if err != nil {
		return timestamp.Stamp{}, err
	}
	tree, err := i.tree(ctx)
	if err == nil {
		err = tree.KeepStamp(merkle.Stamped{Size: checkpoint.Size, Note: note, Token: token})
	}
	if err != nil {
		return stamp, err
	}
	return stamp, i.recordStamps(ctx, grant, tree)
}

// recordStamps records in the ledger what is kept beside its checkpoints, what a crash left aside included.
func (i *Instance) recordStamps(ctx context.Context, grant access.Grant, tree *merkle.Log) error {
	state, _, err := ledger.Load(ctx, i.Ledger, attestation.Decider, i.Settings.Ledger)
	if err != nil {
		return err
	}
	kept, err := tree.Stamps()
	if err != nil {
		return err
	}
	for _, s := range kept {
		record := attestation.RecordTimestamp{Size: s.Size, Note: string(s.Note), Token: s.Token}
		if news, err := record.Decide(state); err != nil || len(news) == 0 {
			continue // recorded
		}
		if _, err := ledger.Execute(ctx, i.Ledger, ledger.Order{ID: uuid.New(), Grant: grant, Quiet: true}, attestation.Decider, i.Settings.Ledger, record); err != nil {
			return err
		}
	}
	return nil
}

// stampAfter is how old the last token may be: NF Z42-013 wants one each day at least.
const stampAfter = 24*time.Hour - time.Minute

// TimestampIfDue has the ledger dated if it names an authority and the last token is a day old, in its own name, and
// tells whether it was. Whoever runs for long calls it now and then.
func (i *Instance) TimestampIfDue(ctx context.Context) (bool, error) {
	if _, named, err := i.Authority(); err != nil || !named {
		return false, err
	}
	state, _, err := ledger.Load(ctx, i.Ledger, attestation.Decider, i.Settings.Ledger)
	if err != nil || i.Ledger.Now().Before(state.Last.Add(stampAfter)) {
		return false, err
	}
	_, err = i.Timestamp(ctx, itself(), "")
	return err == nil, err
}

// Stamps answers the tokens over checkpoints of at least one size and at most another, in the order in which they were
// recorded, each with the checkpoint it is over. A token covers every checkpoint before its own, earlier tokens included.
// The roots under which they are believed are those of Authority.
func (i *Instance) Stamps(ctx context.Context, from, to int64) ([]merkle.Stamped, error) {
	state, _, err := ledger.Load(ctx, i.Ledger, attestation.Decider, i.Settings.Ledger)
	var stamps []merkle.Stamped
	for _, t := range state.Timestamps {
		if t.Size >= from && t.Size <= to {
			stamps = append(stamps, merkle.Stamped{Size: t.Size, Note: []byte(t.Note), Token: t.Token})
		}
	}
	return stamps, err
}
