package sanction

import (
	"github.com/google/uuid"

	"livret/domain"
)

// Measure is a sanction as it is to be carried out.
type Measure struct {
	Kind      Kind        `json:"kind"`
	Ends      domain.Date `json:"ends,omitzero"`       // day on which a ban ends
	Suspended bool        `json:"suspended,omitempty"` // with sursis
}

// ProceedingsOpened says that a candidate is before the commission: as long as he is, no result is handed to him
// (art. D. 334-34). What he is reproached with is not said.
type ProceedingsOpened struct {
	On domain.Date `json:"on"`
}

// ProceedingsDropped says that they ended without any sanction.
type ProceedingsDropped struct {
	On domain.Date `json:"on"`
}

// SanctionPronounced is what the authority decided.
type SanctionPronounced struct {
	Measure
	Text       string      `json:"text"` // version of the catalogue
	Authority  Authority   `json:"authority"`
	Pronounced domain.Date `json:"pronounced"`
	Entry      bool        `json:"entry,omitempty"` // it is to be entered in the livret
}

// LivretLinked says in which livret the sanction is entered, or whose it is: the one of its session and, for who
// sits again, that of a later one.
type LivretLinked struct {
	Livret uuid.UUID `json:"livret"`
}

// PaperVoided says what the sanction takes away (art. D. 334-33): the paper, and perhaps the group of papers or
// the whole session. The candidate is deemed to have been present without having sat it, and a jury deliberates
// again.
type PaperVoided struct {
	Scope Scope `json:"scope"`
}

// SanctionAmended says that a recours put another measure in the place of the one pronounced.
type SanctionAmended struct {
	Measure
	On domain.Date `json:"on"`
}

// SursisRevoked says that a suspended ban is to be carried out after all, until its end.
type SursisRevoked struct {
	On   domain.Date `json:"on"`
	Ends domain.Date `json:"ends"`
}

// SanctionAnnulled says that a recours took the sanction away, as if it had never been.
type SanctionAnnulled struct {
	On domain.Date `json:"on"`
}

// EventType is the name on disk.
func (ProceedingsOpened) EventType() string { return "sanction.ProceedingsOpened" }

// EventType is the name on disk.
func (ProceedingsDropped) EventType() string { return "sanction.ProceedingsDropped" }

// EventType is the name on disk.
func (SanctionPronounced) EventType() string { return "sanction.SanctionPronounced" }

// EventType is the name on disk.
func (LivretLinked) EventType() string { return "sanction.LivretLinked" }

// EventType is the name on disk.
func (PaperVoided) EventType() string { return "sanction.PaperVoided" }

// EventType is the name on disk.
func (SanctionAmended) EventType() string { return "sanction.SanctionAmended" }

// EventType is the name on disk.
func (SursisRevoked) EventType() string { return "sanction.SursisRevoked" }

// EventType is the name on disk.
func (SanctionAnnulled) EventType() string { return "sanction.SanctionAnnulled" }
