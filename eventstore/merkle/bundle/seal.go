package bundle

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"iter"
	"maps"
	"slices"

	"golang.org/x/mod/sumdb/note"

	"livret/eventstore"
	"livret/eventstore/merkle"
)

// sealFile is the ledger's signature over the whole archive. Proofs say that what is there is true; this says that
// nothing was taken out, put in or written otherwise since the ledger handed it out.
const sealFile = "signature.note"

// sealed is what the signature is over: the ledger, and the digest of the manifest, which has that of every file.
func (b *Bundle) sealed(manifest []byte) string {
	digest := sha256.Sum256(manifest)
	return fmt.Sprintf("%s/archive\n%s\n", merkle.Origin(b.Dossier.Ledger), base64.StdEncoding.EncodeToString(digest[:]))
}

// seal signs a manifest, or answers the signature that the bundle was read with.
func (b *Bundle) seal(manifest []byte) ([]byte, error) {
	if b.Signer == nil {
		return b.Seal, nil
	}
	return note.Sign(&note.Note{Text: b.sealed(manifest)}, b.Signer)
}

// whole looks at the signature over the archive.
func (v *verification) whole() {
	switch {
	case v.policy.Log == nil:
		return
	case v.Seal == nil:
		v.report.add(LocalIntegrity, Indeterminate, "L’archive n’est pas signée dans son ensemble\u00a0: rien ne dit qu’aucune pièce n’en a été retirée.")
		return
	}
	signed, err := note.Open(v.Seal, note.VerifierList(v.policy.Log...))
	holds := err == nil && signed.Text == v.sealed(v.manifest)
	v.report.add(LocalIntegrity, when(holds), either(holds, "L’archive est, pièce pour pièce, celle que le registre a signée.",
		"L’archive n’est pas celle que le registre a signée\u00a0: une pièce en a été retirée, ajoutée ou récrite."))
}

// shown looks for what should be shown and is not: the content of an event that is neither of civil identity nor
// destroyed, and the dossier of an examination that stands.
func (v *verification) shown() {
	withheld := 0
	for stream, events := range v.Events {
		for n := range events {
			if events[n].Opening == nil && stream.Category() != "identity" && !v.gone(stream) {
				withheld++
			}
		}
	}
	if withheld > 0 {
		v.report.add(Completeness, Indeterminate, fmt.Sprintf("%d faits sont présents par leur seule preuve, alors que leur contenu n’est ni d’état civil, ni détruit.", withheld))
	}
	for act := range v.examinations() {
		if !slices.ContainsFunc(v.Dossier.Views, func(view View) bool { return view.Event == act }) {
			v.report.add(Jury, Indeterminate, "Un examen du livret par un jury est inscrit, et le dossier examiné n’est pas produit.")
			return
		}
	}
}

// examinations are those that stand: the last of each deliberation and group, of each candidate.
func (v *verification) examinations() iter.Seq[Reference] {
	type examination struct {
		stream       eventstore.StreamID
		deliberation int
		group        string
	}
	standing := make(map[examination]Reference)
	for stream, events := range v.Events {
		for n := range events {
			if h, _, err := events[n].header(); err != nil || h.Type != "candidate.LivretExamined" {
				continue // before anything is hashed again
			}
			var act examined
			at := Reference{stream, uint64(n) + 1}
			if _, err := v.payload(at, &act); err == nil {
				standing[examination{stream, act.Deliberation, act.Group}] = at
			}
		}
	}
	return maps.Values(standing)
}

// gone tells whether a stream is said to be destroyed.
func (v *verification) gone(stream eventstore.StreamID) bool {
	return slices.Contains(v.Dossier.Destroyed, string(stream))
}
