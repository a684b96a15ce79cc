package instance

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/consultation"
	"livret/domain/deliberation"
	"livret/domain/exchange/seda"
	"livret/domain/retention"
	"livret/eventstore/keyvault"
	"livret/eventstore/ledger"
)

// Handover is what is handed over to the archives, and how they know those who do.
type Handover struct {
	Session    deliberation.ExamSession // all livrets of it of which the versement is decided and awaited; or
	Livrets    []uuid.UUID              // these
	Agreement  string                   // see seda.Transfer
	Archives   string
	Producer   string
	AccessRule string
}

// Packaged is a submission package.
type Packaged struct {
	Versement uuid.UUID     `json:"versement"`
	Message   string        `json:"message"` // its identifier: what the reply must answer
	Livrets   int           `json:"livrets"`
	Bytes     int64         `json:"bytes"` // of what is handed over
	Left      []ledger.Left `json:"left"`  // never nil
}

// caseOf is the case under which the archives of a versement are asked for.
func caseOf(versement uuid.UUID) string { return "versement " + versement.String() }

// Package writes the submission package (SEDA 2.2) of a versement into a folder that is not there yet: the message, and
// for each livret its probatory archive, recorded as MakeArchive does, and under the same custody; its term does not close what is awaited. A livret that is refused is left, and the
// others go. It refuses by "versement-non-decide" and "versements-differents". The folder holds livrets in clear: it is for
// the archives, and to be destroyed once they have it.
func (i *Instance) Package(ctx context.Context, actor access.Actor, h Handover, out string, at ...*keyvault.PrivateHalf) (Packaged, error) {
	done := Packaged{Left: []ledger.Left{}}
	if err := access.May(actor, access.DecideVersement, access.Target{Academie: i.Settings.Academie}, i.Today()); err != nil {
		return done, err
	}
	if err := vacant(out); err != nil {
		return done, err
	}
	chosen, transfer, err := i.awaited(ctx, h)
	if err != nil {
		return done, err
	}
	done.Versement = chosen.versement.Versement
	transfer.Identifier = fmt.Sprintf("%s/%s", done.Versement, transfer.Date.Format("20060102T150405.000000Z"))
	done.Message = transfer.Identifier
	work := filepath.Clean(out) + ".en-cours"
	if err := os.RemoveAll(work); err != nil { // of one that was cut short
		return done, err
	}
	for _, livret := range chosen.livrets {
		made, err := i.makeArchive(ctx, actor, access.DecideVersement, consultation.RequestArchive{
			Livret: livret.ID, Case: caseOf(done.Versement), Motive: "conservation définitive par le service d’archives", Requester: h.Archives,
		}, at...)
		if refusal, refused := errors.AsType[*domain.Refusal](err); refused {
			done.Left = append(done.Left, ledger.Left{Livret: livret.ID, Rule: refusal.Rule, Reason: refusal.Reason, Remedy: refusal.Remedy})
			continue
		}
		path := filepath.Join(work, filepath.FromSlash(seda.File(livret.ID)))
		if err == nil {
			err = errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), WriteNew(path, made.File))
		}
		if err != nil {
			return done, errors.Join(err, os.RemoveAll(work))
		}
		livret.Digest, livret.Bytes = made.Digest, made.Bytes
		transfer.Livrets = append(transfer.Livrets, livret)
		done.Livrets, done.Bytes = done.Livrets+1, done.Bytes+made.Bytes
	}
	if done.Livrets == 0 {
		return done, nil
	}
	var message bytes.Buffer
	if err := transfer.Write(&message); err != nil {
		return done, err
	}
	if err := WriteNew(filepath.Join(work, "manifest.xml"), message.Bytes()); err != nil {
		return done, errors.Join(err, os.RemoveAll(work))
	}
	if err := os.Remove(out); err != nil && !errors.Is(err, os.ErrNotExist) {
		return done, err
	}
	return done, os.Rename(work, out)
}

// choice is what one versement hands over.
type choice struct {
	versement retention.VersementDecided
	livrets   []seda.Livret
}

// awaited chooses livrets of which the versement is decided, and no receipt recorded.
func (i *Instance) awaited(ctx context.Context, h Handover) (choice, seda.Transfer, error) {
	transfer := seda.Transfer{Date: i.Ledger.Now(), Agreement: h.Agreement, Archives: h.Archives, Producer: h.Producer, AccessRule: h.AccessRule}
	var c choice
	docket, err := i.Ledger.Docket(ctx)
	if err != nil {
		return c, transfer, err
	}
	for owner, state := range docket.Owners {
		decided, receipt, is := state.Versement()
		clock, _ := state.Clock(retention.Livret)
		named := slices.Contains(h.Livrets, owner)
		if len(h.Livrets) == 0 {
			named = is && receipt == "" && clock.Session == h.Session.String()
		}
		switch {
		case !named:
			continue
		case !is || receipt != "":
			return c, transfer, domain.Refuse("versement-non-decide", "Aucun versement n’est attendu pour l’un de ces livrets\u00a0: il n’est pas décidé, ou il est déjà reçu.",
				"Décidez-le d’abord\u00a0: « livret retention versement decide ».")
		case len(c.livrets) > 0 && c.versement != decided:
			return c, transfer, domain.Refuse("versements-differents", "Ces livrets relèvent de plusieurs versements.", "Préparez un paquet pour chacun, en nommant les livrets.")
		}
		c.versement, transfer.Session, transfer.Reference = decided, clock.Session, decided.Reference
		c.livrets = append(c.livrets, seda.Livret{ID: owner, From: clock.From})
	}
	if len(c.livrets) == 0 || len(h.Livrets) > len(c.livrets) {
		return c, transfer, ErrNotFound
	}
	slices.SortFunc(c.livrets, func(a, b seda.Livret) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	return c, transfer, nil
}

// Receive takes in the reply of the archives to a package (ArchiveTransferReply). It records the receipt in each livret of
// which they received, by its SHA-256, the very archive that this ledger recorded when it was made; the others are left. It
// refuses by "versement-refuse-par-les-archives" and "accuse-d-un-autre-versement", and what is no reply as seda.ReadReply does.
func (i *Instance) Receive(ctx context.Context, actor access.Actor, message io.Reader) (ledger.Stands, error) {
	all := ledger.Stands{Left: []ledger.Left{}}
	if err := access.May(actor, access.DecideVersement, access.Target{Academie: i.Settings.Academie}, i.Today()); err != nil {
		return all, err
	}
	reply, err := seda.ReadReply(message)
	if err != nil {
		return all, err
	}
	id, _, _ := strings.Cut(reply.To, "/")
	versement, err := uuid.Parse(id)
	if err != nil {
		return all, domain.Refuse("accuse-d-un-autre-versement", "Cette réponse ne répond à aucun paquet de ce registre.", "Vérifiez l’identifiant du message auquel elle répond.")
	}
	if !reply.Accepted() {
		return all, domain.Refuse("versement-refuse-par-les-archives", "Le service d’archives n’a pas pris en charge ce versement.", "Corrigez ce qu’il signale dans sa réponse, et préparez un nouveau paquet.")
	}
	docket, err := i.Ledger.Docket(ctx)
	if err != nil {
		return all, err
	}
	sent, err := i.sent(ctx, docket, versement)
	if err != nil {
		return all, err
	}
	for owner, state := range docket.Owners {
		if decided, _, is := state.Versement(); !is || decided.Versement != versement {
			continue
		}
		at := slices.IndexFunc(sent[owner], reply.Received)
		if at < 0 {
			all.Left = append(all.Left, ledger.Left{
				Livret: owner, Rule: "empreinte-absente", Reason: "Aucune empreinte de cette réponse n’est celle de l’archive envoyée pour ce livret.",
				Remedy: "Il reste conservé. Faites vérifier par le service d’archives ce qu’il a reçu, ou préparez un nouveau paquet.",
			})
			continue
		}
		stands, err := i.retainIn(ctx, actor, access.DecideVersement, []uuid.UUID{owner}, retention.AcknowledgeVersement{Versement: versement, Digest: sent[owner][at]})
		if err != nil {
			return all, err
		}
		all.Livrets, all.Changed, all.Left = all.Livrets+stands.Livrets, all.Changed+stands.Changed, append(all.Left, stands.Left...)
	}
	return found(all, nil)
}

// sent are the digests of the archives that were made for a versement, by livret: what the ledger recorded of them, and
// not what a folder says.
func (i *Instance) sent(ctx context.Context, docket ledger.Docket, versement uuid.UUID) (map[uuid.UUID][]string, error) {
	digests := make(map[uuid.UUID][]string)
	for id, state := range docket.Owners {
		if state.Kind() != retention.RequestFile {
			continue
		}
		request, _, err := ledger.Load(ctx, i.Ledger, consultation.RequestDecider, id)
		if errors.Is(err, keyvault.ErrShredded) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if request.Asked.Case == caseOf(versement) && request.Made != nil {
			digests[request.Asked.Livret] = append(digests[request.Asked.Livret], request.Made.Digest)
		}
	}
	return digests, nil
}
