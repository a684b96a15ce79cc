package deliberation

import "livret/domain"

// LivretTransmitted hands the livret to the exam: from here on the jury sees it, and it counts as supplied by the
// candidate (Code de l'éducation, art. D. 334-10).
type LivretTransmitted struct {
	RecordVersion uint64 `json:"recordVersion"` // of the livret as transmitted
}

// EventType is the name on disk.
func (LivretTransmitted) EventType() string { return "candidate.LivretTransmitted" }

// TransmitLivret is the head's order. It says what the caller saw of the record stream: another stream's state
// comes in as plain values.
type TransmitLivret struct {
	RecordVersion uint64
	Opposed       bool // the pupil objects (RGPD, art. 21)
	Restricted    bool // it is in quarantine (RGPD, art. 18)
	Locked        bool // the terminale is locked
	HeadVisa      bool // the head's visa stands on the page as it is
}

// Decide refuses by "candidat-inconnu", "transmission-opposee", "livret-restreint", "terminale-non-verrouillee",
// "visa-chef-absent" and "deliberation-rendue". A livret is transmitted once: what changes afterwards is a rectification.
func (c TransmitLivret) Decide(known *Candidate) ([]domain.Event, error) {
	if err := known.registered(); err != nil {
		return nil, err
	}
	result, _ := known.Outcome()
	switch {
	case known.Transmitted != 0:
		return nil, nil
	case c.Opposed:
		return nil, domain.Refuse("transmission-opposee", "L’élève s’oppose à la transmission de son livret.",
			"Le candidat est jugé sans livret. L’opposition peut être retirée jusqu’à la transmission.")
	case c.Restricted:
		return nil, domain.Refuse("livret-restreint", "Le traitement de ce livret est limité le temps d’une vérification.", "Levez la limitation quand l’exactitude des données est établie.")
	case !c.Locked:
		return nil, domain.Refuse("terminale-non-verrouillee", "L’année de terminale n’est pas verrouillée.", "Verrouillez l’année, puis visez la page.")
	case !c.HeadVisa:
		return nil, domain.Refuse("visa-chef-absent", "Le visa du chef d’établissement manque, ou la page a changé depuis.", "Visez la page de terminale telle qu’elle est.")
	case result != "":
		return nil, domain.Refuse("deliberation-rendue", "Le jury a déjà délibéré sur ce candidat.", "Une nouvelle délibération suppose une décision qui la rouvre.")
	}
	return []domain.Event{LivretTransmitted{c.RecordVersion}}, nil
}
