package instance

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/consultation"
	"livret/domain/retention"
	"livret/eventstore/keyvault"
	"livret/eventstore/ledger"
	"livret/eventstore/merkle/bundle"
)

// ArchiveMade is a probatory archive as it leaves.
type ArchiveMade struct {
	Request uuid.UUID      `json:"request"`
	Livret  uuid.UUID      `json:"livret"`
	Digest  string         `json:"digest"` // SHA-256 of the file
	Bytes   int64          `json:"bytes"`
	Facts   int            `json:"facts"`   // in it
	Size    int64          `json:"size"`    // of the checkpoint under which they are proved
	Outcome bundle.Outcome `json:"outcome"` // of the verification before it leaves, under the ledger's own key
	File    []byte         `json:"-"`
}

// MakeArchive makes the probatory archive of a livret for a procedure, for an actor who may ask for one. Keys in custody
// are opened with the private halves at hand. The request is recorded, sealed, before anything is read, and what was made
// of it before anything leaves. It fails with ErrNotFound for a livret that never was, and with a refusal by
// "garde-requise" or "destruction-en-cours" beside those of package access and of the request.
func (i *Instance) MakeArchive(ctx context.Context, actor access.Actor, ask consultation.RequestArchive, at ...*keyvault.PrivateHalf) (ArchiveMade, error) {
	return i.makeArchive(ctx, actor, access.RequestArchive, ask, at...)
}

// makeArchive does as MakeArchive, by the right to do some act: to ask for one, or to hand the livret over for good.
func (i *Instance) makeArchive(ctx context.Context, actor access.Actor, by access.Act, ask consultation.RequestArchive, at ...*keyvault.PrivateHalf) (ArchiveMade, error) {
	made := ArchiveMade{Request: uuid.New(), Livret: ask.Livret}
	if err := i.CatchUp(ctx); err != nil {
		return made, err
	}
	state, version, err := ledger.Load(ctx, i.Ledger, retention.Decider, ask.Livret)
	if err != nil {
		return made, err
	}
	grant, err := access.Allow(actor, by, i.archiveTarget(state), i.Today())
	if err != nil {
		return made, err
	}
	if version == 0 || state.Kind() != retention.Livret {
		return made, ErrNotFound
	}
	custodian := i.vault.WithCustody(at...)
	if err := readable(ctx, custodian, ask.Livret, state); err != nil {
		return made, err
	}
	order := ledger.Order{ID: uuid.New(), Grant: grant, Quiet: true}
	if _, err := ledger.Execute(ctx, i.Ledger, order, consultation.RequestDecider, made.Request, ask); err != nil {
		return made, err
	}
	if err := i.CatchUp(ctx); err != nil { // its term is set
		return made, err
	}
	if err := i.assemble(ctx, custodian, &made); err != nil {
		return made, err
	}
	order.ID = uuid.New()
	_, err = ledger.Execute(ctx, i.Ledger, order, consultation.RequestDecider, made.Request, consultation.RecordArchive{Digest: made.Digest, Bytes: made.Bytes})
	if err == nil {
		err = i.CatchUp(ctx)
	}
	if err != nil {
		made.File = nil
	}
	return made, err
}

// archiveTarget is a livret as package access needs to know it, from what needs no key. It names none: who may ask for
// an archive is asked for the académie, and the request has an id of its own. Nothing closes what is destroyed: what
// remains is proof.
func (i *Instance) archiveTarget(state *retention.State) access.Target {
	on := access.Target{Academie: i.Settings.Academie, Held: state.Held()}
	if clock, runs := state.Clock(retention.Livret); runs && len(state.Destroyed()) == 0 {
		on.ActiveUntil, on.Term = clock.Active, clock.Term
	}
	return on
}

// readable refuses a livret of which the keys are in a custody that is not at hand, or are being destroyed.
func readable(ctx context.Context, keys keyvault.Vault, livret uuid.UUID, state *retention.State) error {
	for _, class := range []keyvault.Class{keyvault.Identity, keyvault.Record, keyvault.Candidate} {
		info, err := keys.Find(ctx, livret, class)
		if errors.Is(err, keyvault.ErrUnknown) || err == nil && info.State == keyvault.Shredded && len(state.Destroyed()) > 0 {
			continue
		}
		var key *keyvault.Key
		if err == nil {
			key, err = keys.Open(ctx, info.ID)
		}
		switch {
		case errors.Is(err, keyvault.ErrArchived):
			return needsCustody(state)
		case errors.Is(err, keyvault.ErrShredded):
			return domain.Refuse("destruction-en-cours", "La destruction de ce livret est en cours : elle n’est pas encore attestée.",
				"Faites achever la destruction par « livret retention run », puis demandez l’archive : elle produira le certificat.")
		case err != nil:
			return err
		}
		key.Zero()
	}
	return nil
}

// needsCustody says whose shares open a livret.
func needsCustody(state *retention.State) error {
	pairs := state.Pairs()
	for _, hold := range state.Holds() {
		pairs = append(pairs, hold.String())
	}
	return domain.Refuse("garde-requise", fmt.Sprintf("Ce livret est en archivage intermédiaire : ses clés sont confiées à la paire de garde %s, dont chacun des deux gardiens détient une part.", strings.Join(pairs, " ou ")),
		"Demandez leurs parts aux deux gardiens, et présentez-les ensemble : --share1 FICHIER --share2 FICHIER.")
}

// assemble makes the file of a request that was recorded, under a checkpoint that covers it.
func (i *Instance) assemble(ctx context.Context, keys keyvault.Custodian, made *ArchiveMade) error {
	file, err := i.gather(ctx, keys, made.Request)
	if err != nil {
		return err
	}
	verified, err := file.verify()
	if err != nil {
		return err
	}
	documents, err := file.Documents(verified)
	if err != nil {
		return err
	}
	for name, content := range documents {
		file.bundle.Others[name] = content
	}
	var out bytes.Buffer
	if err := file.bundle.Write(&out); err != nil {
		return err
	}
	made.File, made.Bytes, made.Digest = out.Bytes(), int64(out.Len()), fmt.Sprintf("%x", sha256.Sum256(out.Bytes()))
	made.Outcome, made.Size = verified.Outcome, file.Checkpoint.Size
	for _, events := range file.bundle.Events {
		made.Facts += len(events)
	}
	return nil
}

// RequestedArchive is a request of an archive, and what was made of it.
type RequestedArchive struct {
	Request uuid.UUID          `json:"request"`
	Asked   time.Time          `json:"asked,omitzero"` // UTC
	Role    string             `json:"role,omitempty"` // of who asked
	State   ledger.Readability `json:"state"`
	consultation.ArchiveRequested
	Made *consultation.ArchiveMade `json:"made,omitempty"` // nil: nothing left
	Term domain.Date               `json:"term,omitzero"`
}

// ArchiveRequests lists the requests of archives, the latest first, for an actor who may read them.
func (i *Instance) ArchiveRequests(ctx context.Context, actor access.Actor) ([]RequestedArchive, error) {
	if err := access.May(actor, access.ReadRequestFiles, access.Target{Academie: i.Settings.Academie}, i.Today()); err != nil {
		return nil, err
	}
	docket, err := i.Ledger.Docket(ctx)
	if err != nil {
		return nil, err
	}
	all := []RequestedArchive{}
	for id, state := range docket.Owners {
		if state.Kind() != retention.RequestFile {
			continue
		}
		clock, _ := state.Clock(retention.RequestFile)
		r := RequestedArchive{Request: id, Term: clock.Term, State: ledger.Readable}
		request, _, err := ledger.Load(ctx, i.Ledger, consultation.RequestDecider, id)
		switch {
		case errors.Is(err, keyvault.ErrShredded):
			r.State = ledger.Shredded
		case errors.Is(err, ledger.ErrUnreadable):
			r.State = ledger.Unreadable
		case err != nil:
			return nil, err
		case request.Asked.Livret == uuid.Nil:
			continue // a key without a request, of a crash in between
		default:
			r.ArchiveRequested, r.Made, r.Role, r.Asked = request.Asked, request.Made, request.Fact.Actor.Role, request.Fact.RecordedAt
		}
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b RequestedArchive) int {
		return cmp.Or(b.Asked.Compare(a.Asked), slices.Compare(a.Request[:], b.Request[:]))
	})
	return all, nil
}
