package deliberation

import (
	"slices"

	"livret/domain"
)

// Result is what a jury decided after a group of tests.
type Result string

// The results.
const (
	Admis        Result = "admis"
	SecondGroupe Result = "second-groupe" // may sit the second group
	Ajourne      Result = "ajourne"
	Absent       Result = "absent"
)

// Results lists them in the order in which documents name them.
func Results() []Result { return []Result{Admis, SecondGroupe, Ajourne, Absent} }

// Label is the French name of the result.
func (r Result) Label() string {
	switch r {
	case Admis:
		return "admis"
	case SecondGroupe:
		return "autorisé à se présenter au second groupe"
	case Ajourne:
		return "ajourné"
	case Absent:
		return "absent"
	}
	return string(r)
}

// Mention is what the diploma bears beside its title; empty: none.
type Mention string

// The mentions.
const (
	AssezBien Mention = "AB"
	Bien      Mention = "B"
	TresBien  Mention = "TB"
)

// Mentions lists them, the best last.
func Mentions() []Mention { return []Mention{AssezBien, Bien, TresBien} }

// Label is the French name of the mention.
func (m Mention) Label() string {
	switch m {
	case AssezBien:
		return "assez bien"
	case Bien:
		return "bien"
	case TresBien:
		return "très bien"
	}
	return string(m)
}

// ResultRecorded says what the jury decided after a group. The ledger never computes it: the jury is sovereign
// (Code de l'éducation, art. D. 334-20) and no machine decides (RGPD, art. 22).
type ResultRecorded struct {
	Deliberation uint8   `json:"deliberation"` // from 1; a new one follows from DeliberationReopened
	Group        Group   `json:"group"`
	Result       Result  `json:"result"`
	Mention      Mention `json:"mention,omitempty"`
}

// EventType is the name on disk.
func (ResultRecorded) EventType() string { return "candidate.ResultRecorded" }

// RecordResult records what the jury decided.
type RecordResult struct {
	Group         Group
	Result        Result
	Mention       Mention
	RecordVersion uint64 // of what the jury is shown now
	Closed        bool   // the deliberations of the session are
}

// Decide refuses by "candidat-inconnu", "resultat-inconnu", "mention-inconnue", "mention-sans-admission",
// "mention-au-second-groupe", "jury-non-saisi", "deliberations-closes" and "visa-du-president-absent" beside the
// rules of the group. Nobody who supplied a livret is ajourné, nor sent to the second group, without the
// president's visa on the livret as it is; who supplied none is judged without.
func (c RecordResult) Decide(known *Candidate) ([]domain.Event, error) {
	if err := known.registered(); err != nil {
		return nil, err
	}
	if err := c.meaningful(); err != nil {
		return nil, err
	}
	slot := known.Slot(c.Group)
	if slot.Result == c.Result && slot.Mention == c.Mention {
		return nil, nil
	}
	if err := known.deliberates(c.Group); err != nil {
		return nil, err
	}
	if err := known.before(known.Jury); err != nil {
		return nil, err
	}
	switch {
	case c.Closed && known.Deliberation == 1:
		return nil, domain.Refuse("deliberations-closes", "Les délibérations de cette session sont closes.", "Une nouvelle délibération suppose une décision qui la rouvre.")
	case known.Transmitted != 0 && (c.Result == Ajourne || c.Result == SecondGroupe) && !slot.VisaStands(c.RecordVersion):
		return nil, domain.Refuse("visa-du-president-absent",
			"Ce candidat a produit un livret : son examen doit porter le visa du président du jury pour ce groupe (art. D. 334-10). Le visa manque, ou le livret a changé depuis.",
			"Examinez le livret tel qu’il est, apposez le visa, puis enregistrez le résultat.")
	}
	return []domain.Event{ResultRecorded{Deliberation: known.Deliberation, Group: c.Group, Result: c.Result, Mention: c.Mention}}, nil
}

func (c RecordResult) meaningful() error {
	switch {
	case !slices.Contains(Results(), c.Result) || c.Group == Second && c.Result == SecondGroupe:
		return domain.Refuse("resultat-inconnu", "Ce résultat n’existe pas pour ce groupe.", "Indiquez « admis », « second-groupe » (au premier groupe), « ajourne » ou « absent ».")
	case c.Mention == "":
		return nil
	case !slices.Contains(Mentions(), c.Mention):
		return domain.Refuse("mention-inconnue", "Cette mention n’existe pas.", "Indiquez « AB », « B », « TB », ou rien.")
	case c.Result != Admis:
		return domain.Refuse("mention-sans-admission", "Une mention ne s’attribue qu’à un candidat admis.", "Retirez la mention, ou vérifiez le résultat.")
	case c.Group == Second:
		return domain.Refuse("mention-au-second-groupe", "Aucune mention ne s’attribue à l’issue du second groupe.", "Retirez la mention.")
	}
	return nil
}
