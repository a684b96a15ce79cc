package jury

import (
	"livret/domain/deliberation"
)

// Standing is how far the jury is with a candidate.
type Standing struct {
	Jury         string   `json:"jury,omitempty"` // number of the jury; empty: none yet
	Supplied     bool     `json:"supplied"`       // a livret was transmitted
	Deliberation uint8    `json:"deliberation"`   // the one under way, from 1
	Rectified    int      `json:"rectified"`      // rectifications of which the jury was told
	Slots        []Slot   `json:"slots"`          // by group of tests
	Past         []Result `json:"past,omitempty"` // of earlier deliberations
}

// Done tells whether the jury is done with the candidate, as far as the deliberation under way goes.
func (s Standing) Done() bool {
	return len(s.Slots) > 0 && s.Slots[len(s.Slots)-1].Result != nil
}

// Slot is what the jury did after a group of tests. A group that is not to be held is not listed.
type Slot struct {
	Group      deliberation.Group `json:"group"`
	GroupLabel string             `json:"groupLabel"`
	Examined   bool               `json:"examined"`        // the livret as it is now
	Visa       bool               `json:"visa"`            // of the president, on the livret as it is now
	Stale      bool               `json:"stale"`           // there was an examination or a visa, and the livret has changed since
	Paper      bool               `json:"paper,omitempty"` // the visa was signed on the printed dossier
	Result     *Result            `json:"result,omitempty"`
}

// Result is what a jury decided after a group of tests.
type Result struct {
	Deliberation uint8                `json:"deliberation"`
	GroupLabel   string               `json:"groupLabel"`
	Result       deliberation.Result  `json:"result"`
	Label        string               `json:"label"`
	Mention      deliberation.Mention `json:"mention,omitempty"`
	MentionLabel string               `json:"mentionLabel,omitempty"`
}

// standing is that of a candidate: version is that of the livret as shown.
func standing(c *deliberation.Candidate, jury string, version uint64) Standing {
	s := Standing{Jury: jury, Supplied: c.Transmitted != 0, Deliberation: c.Deliberation, Rectified: len(c.Notified)}
	for _, group := range deliberation.Groups() {
		slot := c.Slot(group)
		if group == deliberation.Second && c.Slot(deliberation.Premier).Result != deliberation.SecondGroupe {
			continue
		}
		shown := Slot{Group: group, GroupLabel: group.Label(), Visa: slot.VisaStands(version), Paper: slot.Visa.Paper}
		shown.Examined = slot.Examined.RecordVersion == version && version != 0 && !slot.Stale
		shown.Stale = slot.Examined.RecordVersion != 0 && !shown.Examined
		if slot.Result != "" {
			shown.Result = result(deliberation.ResultRecorded{Deliberation: c.Deliberation, Group: group, Result: slot.Result, Mention: slot.Mention})
		}
		s.Slots = append(s.Slots, shown)
	}
	for _, r := range c.Past {
		s.Past = append(s.Past, *result(r))
	}
	return s
}

func result(r deliberation.ResultRecorded) *Result {
	return &Result{
		Deliberation: r.Deliberation, GroupLabel: r.Group.Label(), Result: r.Result, Label: r.Result.Label(),
		Mention: r.Mention, MentionLabel: r.Mention.Label(),
	}
}
