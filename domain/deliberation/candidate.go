package deliberation

import (
	"slices"

	"github.com/google/uuid"

	"livret/domain"
)

// Candidate is a pupil before the juries: the fold of a candidate stream. Its id is random, as its number
// is: neither says anything of the livret without this stream's key.
type Candidate struct {
	Livret       uuid.UUID // uuid.Nil as long as nobody is registered
	Session      ExamSession
	Number       string
	Transmitted  uint64                 // version of the record that the head transmitted; 0: no livret is supplied
	Jury         uuid.UUID              // uuid.Nil: none yet
	Deliberation uint8                  // the one under way, from 1
	Slots        [2]Slot                // of the deliberation under way, by Group
	Orientation  Orientation            // empty: none proposed
	Notified     []uuid.UUID            // rectifications that the jury was told of
	Past         []ResultRecorded       // results of earlier deliberations
	Reopenings   []DeliberationReopened // in order
}

// Slot is what a deliberation has for one group of tests: the livret as examined, the president's visa, the
// result. It is the place that the paper livret keeps for the president's signature.
type Slot struct {
	Examined LivretExamined     // RecordVersion 0: not
	Visa     PresidentVisaGiven // RecordVersion 0: none
	Stale    bool               // a rectification was notified since: examination and visa count no more
	Result   Result             // empty: none
	Mention  Mention
}

// Slot answers that of a group; the zero one if there is no such group.
func (c *Candidate) Slot(g Group) Slot {
	if i := g.index(); i >= 0 {
		return c.Slots[i]
	}
	return Slot{}
}

// Outcome is the last result of the deliberation under way; empty if there is none.
func (c *Candidate) Outcome() (Result, Mention) {
	for _, s := range slices.Backward(c.Slots[:]) {
		if s.Result != "" {
			return s.Result, s.Mention
		}
	}
	return "", ""
}

// VisaStands tells whether the president's visa in that slot is for the livret as it is now: version is that
// of what the jury is shown.
func (s Slot) VisaStands(version uint64) bool {
	return s.Visa.RecordVersion != 0 && s.Visa.RecordVersion == version && !s.Stale
}

// CandidateDecider is that of candidate streams.
var CandidateDecider = domain.Decider[*Candidate]{
	Category: Category,
	Initial:  func() *Candidate { return new(Candidate) },
	Evolve:   evolveCandidate,
}

func evolveCandidate(c *Candidate, fact domain.Fact) *Candidate {
	switch e := fact.Event.(type) {
	case CandidateRegistered:
		*c = Candidate{Livret: e.Livret, Session: ExamSession{e.Session, e.Round}, Number: e.Number, Deliberation: 1}
	case LivretTransmitted:
		c.Transmitted = e.RecordVersion
	case JuryAssigned:
		c.Jury = e.Jury
	case LivretExamined:
		if s := c.slot(e.Group); s != nil {
			*s = Slot{Examined: e}
		}
	case PresidentVisaGiven:
		if s := c.slot(e.Group); s != nil {
			s.Visa = e
		}
	case RectificationNotified:
		c.Notified = append(c.Notified, e.Rectification)
		for i := range c.Slots {
			c.Slots[i].Stale = c.Slots[i].Examined.RecordVersion != 0
		}
	case ResultRecorded:
		if s := c.slot(e.Group); s != nil {
			s.Result, s.Mention = e.Result, e.Mention
		}
	case OrientationProposed:
		c.Orientation = e.Orientation
	case DeliberationReopened:
		c.reopen(e)
	}
	return c
}

func (c *Candidate) slot(g Group) *Slot {
	if i := g.index(); i >= 0 {
		return &c.Slots[i]
	}
	return nil
}

func (c *Candidate) reopen(e DeliberationReopened) {
	for i, s := range c.Slots {
		if s.Result != "" {
			c.Past = append(c.Past, ResultRecorded{c.Deliberation, groups[i], s.Result, s.Mention})
		}
	}
	c.Deliberation, c.Slots = e.Deliberation, [2]Slot{}
	c.Reopenings = append(c.Reopenings, e)
}

// started tells whether the deliberation under way has anything to show.
func (c *Candidate) started() bool {
	return slices.ContainsFunc(c.Slots[:], func(s Slot) bool { return s.Examined.RecordVersion != 0 || s.Result != "" })
}

// registered refuses by "candidat-inconnu" what is asked of nobody.
func (c *Candidate) registered() error {
	if c.Livret == uuid.Nil {
		return domain.Refuse("candidat-inconnu", "Aucun candidat ne porte ce numéro.", "Vérifiez le numéro et la session.")
	}
	return nil
}

// before refuses by "candidat-inconnu" and "jury-non-saisi" what a jury does for a candidate who is not his.
func (c *Candidate) before(jury uuid.UUID) error {
	if err := c.registered(); err != nil {
		return err
	}
	if jury == uuid.Nil || c.Jury != jury {
		return domain.Refuse("jury-non-saisi", "Ce candidat n’est pas affecté à ce jury.", "La division des examens affecte les candidats aux jurys.")
	}
	return nil
}
