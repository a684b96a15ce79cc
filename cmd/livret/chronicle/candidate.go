package chronicle

import (
	"fmt"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/deliberation"
)

// candidacy words the facts of a candidate stream.
type candidacy struct {
	state *deliberation.Candidate
	jury  func(uuid.UUID) string
}

func (c *candidacy) evolve(f domain.Fact) { c.state = deliberation.CandidateDecider.Evolve(c.state, f) }

func (c *candidacy) tell(event domain.Event) (what, from, to, reason string) {
	switch e := event.(type) {
	case deliberation.CandidateRegistered:
		return fmt.Sprintf("Inscription à la session de %s %d", e.Round, e.Session), "", "candidat n°\u00a0" + e.Number, ""
	case deliberation.LivretTransmitted:
		return "Transmission du livret au jury", "", version(e.RecordVersion), ""
	case deliberation.JuryAssigned:
		was := ""
		if c.state.Jury != uuid.Nil {
			was = c.jury(c.state.Jury)
		}
		return "Affectation à un jury", was, c.jury(e.Jury), ""
	case deliberation.LivretExamined:
		return "Examen du livret par le jury, " + e.Group.Label(), version(c.state.Slot(e.Group).Examined.RecordVersion),
			joined(version(e.RecordVersion), "vue "+e.Projection, imprint(e.ViewHash)), ""
	case deliberation.PresidentVisaGiven:
		paper := ""
		if e.Paper {
			paper = "porté sur le dossier imprimé"
		}
		return "Visa du président du jury, " + e.Group.Label(), version(c.state.Slot(e.Group).Visa.RecordVersion),
			joined(version(e.RecordVersion), "vue "+e.Projection, imprint(e.ViewHash), paper), ""
	case deliberation.RectificationNotified:
		return "Rectification portée à la connaissance du jury", "", version(e.RecordVersion), ""
	case deliberation.ResultRecorded:
		slot := c.state.Slot(e.Group)
		return "Décision du jury, " + e.Group.Label(), result(slot.Result, slot.Mention), result(e.Result, e.Mention), ""
	case deliberation.OrientationProposed:
		return "Orientation proposée", c.state.Orientation.Label(), e.Orientation.Label(), ""
	case deliberation.DeliberationReopened:
		return "Nouvelle délibération", result(c.state.Outcome()), fmt.Sprintf("délibération n°\u00a0%d", e.Deliberation), e.Ground.Label()
	}
	return unworded(event), "", "", ""
}

// version says which fact of the livret was its last, empty for none.
func version(sequence uint64) string {
	if sequence == 0 {
		return ""
	}
	return fmt.Sprintf("écriture n°\u00a0%d", sequence)
}

// imprint is the beginning of a hash, enough for a reader to tell two from each other.
func imprint(hash []byte) string {
	if len(hash) < 8 {
		return ""
	}
	return fmt.Sprintf("empreinte %x…", hash[:8])
}

func result(r deliberation.Result, m deliberation.Mention) string {
	if m != "" {
		return r.Label() + ", mention " + m.Label()
	}
	return r.Label()
}
