package bundle

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/tlog"

	"livret/eventstore"
	"livret/eventstore/merkle"
	"livret/eventstore/merkle/timestamp"
)

// Verify looks at everything a bundle says. What could not be read at all is Invalid, with the reason. Without a policy
// of the verifier's own, the keys are those that the bundle brings, and nothing better than Indeterminate comes out.
func Verify(r io.ReaderAt, size int64, supplied *Policy) Report {
	b, sound, err := Read(r, size)
	if err != nil {
		var report Report
		report.add(LocalIntegrity, Invalid, "Ce fichier n’est pas une archive probatoire lisible.")
		return report
	}
	return b.verify(sound, supplied)
}

func (b *Bundle) verify(sound bool, supplied *Policy) Report {
	v := verification{Bundle: b}
	v.report.add(LocalIntegrity, when(sound), either(sound, "Chaque fichier de l’archive a l’empreinte que son manifeste déclare.",
		"Un fichier de l’archive n’a pas l’empreinte déclarée, manque, ou n’est pas déclaré."))
	v.believe(supplied)
	v.events()
	v.whole()
	if v.trusted() {
		v.inclusion()
		v.chain()
		v.witnessed()
		v.stamps()
	}
	v.complete()
	v.shown()
	v.jury()
	return v.report
}

type verification struct {
	*Bundle
	policy     Policy
	checkpoint merkle.Checkpoint
	report     Report
	opened     map[Reference]bool // events of which the opening holds
	continued  map[int64]bool     // older checkpoints that the archive's is seen to continue
}

func when(holds bool) Outcome {
	if holds {
		return Valid
	}
	return Invalid
}

func either(holds bool, yes, no string) string {
	if holds {
		return yes
	}
	return no
}

// believe settles whose keys are believed.
func (v *verification) believe(supplied *Policy) {
	if supplied != nil {
		v.policy = *supplied
		v.policy.Supplied = true
		return
	}
	var err error
	v.policy, err = ParsePolicy(v.Policy, v.Roots)
	if err != nil {
		v.report.add(MerkleIntegrity, Invalid, "L’archive ne dit pas par quelle clé le registre signe.")
		return
	}
	v.report.add(MerkleIntegrity, Indeterminate, "La clé du registre est celle que l’archive apporte elle-même\u00a0: elle reste à confronter à la clé publiée par l’académie.")
}

// events looks at each event by itself.
func (v *verification) events() {
	v.opened = make(map[Reference]bool)
	opened, closed, faults := 0, 0, 0
	for stream, events := range v.Events {
		for i := range events {
			p := &events[i]
			h, _, err := p.header()
			if err != nil || h.Stream != stream || h.Ledger != v.Dossier.Ledger {
				faults++
				continue
			}
			if p.Opening == nil {
				closed++
				continue
			}
			if _, err := p.content(); err != nil {
				faults++
				continue
			}
			opened++
			v.opened[Reference{stream, uint64(h.Sequence)}] = true
		}
	}
	switch {
	case faults > 0:
		v.report.add(LocalIntegrity, Invalid, fmt.Sprintf("%d faits ne sont pas ceux que leur engagement scelle, ou sont d’un autre registre.", faults))
	case opened+closed == 0:
		v.report.add(LocalIntegrity, Invalid, "L’archive ne contient aucun fait.")
	default:
		v.report.add(LocalIntegrity, Valid, fmt.Sprintf("%d faits sont, octet pour octet, ceux que leur engagement scelle\u00a0; %d autres ne sont présents que par leur preuve.", opened, closed))
	}
}

// trusted opens the checkpoint that everything is proved under.
func (v *verification) trusted() bool {
	if v.policy.Log == nil {
		return false
	}
	var err error
	signed := v.Checkpoints[v.Dossier.Size]
	v.checkpoint, err = merkle.OpenCheckpoint(signed, merkle.Origin(v.Dossier.Ledger), v.policy.Log...)
	if err != nil || v.checkpoint.Size != v.Dossier.Size {
		v.report.add(MerkleIntegrity, Invalid, "Le point de contrôle de l’archive n’est pas signé par la clé du registre.")
		return false
	}
	v.report.add(MerkleIntegrity, Valid, fmt.Sprintf("Le point de contrôle de %d faits est signé par la clé du registre\u00a0; il se date du %s.",
		v.checkpoint.Size, v.checkpoint.Time.Format("02/01/2006 à 15:04:05 UTC")))
	return true
}

// inclusion looks at each event's place in the tree.
func (v *verification) inclusion() {
	faults, n := 0, 0
	for _, events := range v.Events {
		last := int64(-1)
		for _, p := range events {
			n++
			if p.Index <= last || !merkle.CheckInclusion(v.checkpoint, p.Index, merkle.LeafHash(p.Leaf), p.Proof) {
				faults++
			}
			last = p.Index
		}
	}
	if faults > 0 {
		v.report.add(MerkleIntegrity, Invalid, fmt.Sprintf("%d faits n’appartiennent pas au registre à la place que l’archive leur donne.", faults))
		return
	}
	v.report.add(MerkleIntegrity, Valid, fmt.Sprintf("Les %d faits appartiennent au registre, à la place que l’archive leur donne.", n))
}

// chain looks at the other checkpoints: each must be a beginning of the tree of this one.
func (v *verification) chain() {
	v.continued = make(map[int64]bool)
	links := make(map[int64][]merkle.Hash)
	for _, link := range v.Dossier.Consistency {
		links[link.From] = link.Proof
	}
	for _, size := range slices.Sorted(maps.Keys(v.Checkpoints)) {
		if size == v.checkpoint.Size {
			continue
		}
		older, err := merkle.OpenCheckpoint(v.Checkpoints[size], merkle.Origin(v.Dossier.Ledger), v.policy.Log...)
		if err != nil || older.Size != size || !merkle.CheckConsistency(older, v.checkpoint, tlog.TreeProof(links[size])) {
			v.report.add(Chain, Invalid, fmt.Sprintf("Le registre n’est pas la continuation de son point de contrôle de %d faits.", size))
			continue
		}
		v.continued[size] = true
		v.report.add(Chain, Valid, fmt.Sprintf("Le registre continue, sans rien y changer, son point de contrôle de %d faits du %s.", size, older.Time.Format("02/01/2006 à 15:04:05 UTC")))
	}
}

// stamps looks at what authorities say of the time.
func (v *verification) stamps() {
	if len(v.Stamps) == 0 {
		if v.policy.Roots != nil && v.policy.Supplied {
			v.report.add(Timestamps, Indeterminate, "Aucun horodatage d’un tiers ne confirme l’heure du registre, et la politique de vérification en demande un.")
			return
		}
		v.report.add(Timestamps, NotRequired, "Aucun horodatage d’un tiers\u00a0: les heures sont celles de l’horloge du registre.")
		return
	}
	for _, size := range slices.Sorted(maps.Keys(v.Stamps)) {
		if v.policy.Roots == nil {
			v.report.add(Timestamps, Indeterminate, "Un jeton d’horodatage est présent, et l’autorité qui l’a émis n’est pas de celles que la politique de vérification connaît.")
			continue
		}
		stamp, err := timestamp.Verify(v.Stamps[size], merkle.Bare(v.Checkpoints[size]), v.policy.Roots)
		switch {
		case errors.Is(err, timestamp.ErrUntrusted):
			v.report.add(Timestamps, Indeterminate, "Un jeton d’horodatage émane d’une autorité que la politique de vérification ne connaît pas.")
		case err != nil || v.Checkpoints[size] == nil:
			v.report.add(Timestamps, Invalid, fmt.Sprintf("Le jeton d’horodatage du point de contrôle de %d faits ne tient pas.", size))
		default:
			v.report.add(Timestamps, Valid, fmt.Sprintf("Le point de contrôle de %d faits existait le %s, selon %s.", size, stamp.Time.Format("02/01/2006 à 15:04:05 UTC"), stamp.Authority))
		}
	}
}

// complete looks at what is missing.
func (v *verification) complete() {
	said := make(map[eventstore.StreamID]bool)
	for _, scope := range v.Dossier.Streams {
		said[scope.Stream] = true
		v.scope(scope)
		if livret, ok := v.livretOf(scope.Stream); scope.Stream.Category() == "candidate" && (!ok || v.Events[livret] == nil) {
			v.report.add(Completeness, Invalid, fmt.Sprintf("%s\u00a0: ce candidat n’est pas celui d’un livret de l’archive.", scope.What))
		}
	}
	for stream := range v.Events {
		if !said[stream] {
			v.report.add(Completeness, Invalid, "L’archive contient des faits que son dossier n’annonce pas.")
			return
		}
	}
}

func (v *verification) scope(s Scope) {
	events := v.Events[s.Stream]
	for i := range events {
		if h, _, err := events[i].header(); err != nil || uint64(h.Sequence) != uint64(i)+1 {
			v.report.add(Completeness, Invalid, fmt.Sprintf("%s\u00a0: le fait n° %d manque, ou n’est pas à sa place.", s.What, i+1))
			return
		}
	}
	if uint64(len(events)) != s.Last || s.Last == 0 {
		v.report.add(Completeness, Invalid, fmt.Sprintf("%s\u00a0: %d faits sont annoncés, %d sont présents.", s.What, s.Last, len(events)))
		return
	}
	if v.gone(s.Stream) {
		v.destroyed(s)
		return
	}
	if s.Closing == nil && s.Stream.Category() == "record" {
		v.report.add(Completeness, Indeterminate, fmt.Sprintf("%s\u00a0: suite sans lacune du fait n° 1 au n° %d, et aucun acte n’en arrête la version.", s.What, s.Last))
		return
	}
	if s.Closing == nil {
		v.report.add(Completeness, Valid, fmt.Sprintf("%s\u00a0: suite sans lacune du fait n° 1 au n° %d. Rien ne dit qu’aucun autre ne l’a suivi.", s.What, s.Last))
		return
	}
	var closing struct {
		RecordVersion uint64 `json:"recordVersion"`
	}
	eventType, err := v.payload(*s.Closing, &closing)
	livret, named := v.livretOf(s.Closing.Stream)
	closes := eventType == "candidate.LivretExamined" || eventType == "candidate.LivretTransmitted"
	if err != nil || !closes || !named || livret != s.Stream || closing.RecordVersion == 0 || closing.RecordVersion > s.Last {
		v.report.add(Completeness, Invalid, fmt.Sprintf("%s\u00a0: l’acte qui devrait en arrêter la version manque, ou en nomme une autre.", s.What))
		return
	}
	v.report.add(Completeness, Valid, fmt.Sprintf("%s\u00a0: complet jusqu’à la version n° %d, celle qui a été arrêtée.", s.What, closing.RecordVersion))
}

// destroyed looks for the proof that the content of a stream was lawfully destroyed.
func (v *verification) destroyed(s Scope) {
	for i := range v.Events[s.Stream] {
		if v.Events[s.Stream][i].Opening != nil {
			v.report.add(Completeness, Invalid, fmt.Sprintf("%s\u00a0: le contenu est dit détruit, et l’archive en montre.", s.What))
			return
		}
	}
	owner, _ := s.Stream.UUID()
	retention := eventstore.Stream("retention", owner)
	for i := range v.Events[retention] {
		var proof struct {
			Lot  uuid.UUID `json:"lot"`
			Visa string    `json:"visa"`
			Keys []struct {
				Class string `json:"class"`
			} `json:"keys"`
		}
		if eventType, err := v.payload(Reference{retention, uint64(i) + 1}, &proof); err != nil || eventType != "retention.KeysDestroyed" {
			continue
		}
		for _, key := range proof.Keys {
			if key.Class == s.Stream.Category() {
				h, _, _ := v.Events[retention][i].header()
				v.report.add(Completeness, Valid, fmt.Sprintf("%s\u00a0: contenu régulièrement détruit le %s, sous le visa %s%s.", s.What, h.RecordedAt.Format("02/01/2006"), printable(proof.Visa), v.certified(proof.Lot)))
				return
			}
		}
	}
	v.report.add(Completeness, Indeterminate, fmt.Sprintf("%s\u00a0: le contenu n’est pas montré, et aucun acte de destruction n’est produit.", s.What))
}

// certified says that the certificate of a lot is in the archive; nothing if it is not.
func (v *verification) certified(lot uuid.UUID) string {
	var certificate struct {
		Dated string `json:"dated"`
	}
	eventType, err := v.payload(Reference{eventstore.Stream("destruction", lot), 1}, &certificate)
	if err != nil || eventType != "destruction.CertificateIssued" {
		return ""
	}
	return "\u00a0; certificat du " + printable(certificate.Dated)
}

func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' {
			return -1
		}
		return r
	}, s)
}
