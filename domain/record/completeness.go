package record

import (
	"livret/domain"
	"livret/domain/nomenclature"
)

// Item is a thing that the page of a year is expected to hold.
type Item string

// What is looked for on a page, in the order in which it is filled.
const (
	ItemSchooling       Item = "scolarite"
	ItemPeriods         Item = "decoupage"    // trimesters or semesters
	ItemEnseignement    Item = "enseignement" // a line of the tronc commun
	ItemTeachers        Item = "enseignants"
	ItemAverage         Item = "moyenne" // of a period
	ItemGroup           Item = "groupe"  // headcount, average and shares of the group
	ItemCompetences     Item = "competences"
	ItemAppreciation    Item = "appreciation"
	ItemObservationTeam Item = "avis-equipe"
	ItemObservationCPE  Item = "observation-cpe"
	ItemAvis            Item = "avis-examen"
	ItemText            Item = "texte" // what becomes of a text that the screening points at
	ItemHeadVisa        Item = "visa"
	ItemLock            Item = "verrou" // of the whole year
	ItemRectification   Item = "rectification"
	ItemAcknowledgement Item = "prise-de-connaissance"
	ItemTransmission    Item = "transmission"
)

// Reason is why an item is not on the page.
type Reason string

// The reasons. From NoMarks on nothing is missing: the absence is explained.
const (
	NotEntered       Reason = "non-saisi"
	Unassigned       Reason = "sans-enseignant" // not entered, and nobody is named to enter it
	NoNomenclature   Reason = "sans-nomenclature"
	AwaitingDecision Reason = "a-relire"
	ChangedSince     Reason = "modifie-depuis" // the page, after the head's visa
	StillOpen        Reason = "ouvert"
	NoMarks          Reason = "non-note"       // the nomenclature gives this enseignement no average
	PupilNotMarked   Reason = "eleve-non-note" // not marked, absent or exempted, as recorded
	OtherFormation   Reason = "autre-formation"
	Optional         Reason = "facultatif"
	FamilyTurn       Reason = "famille" // hers alone to do, and nothing is inferred from her not doing it
	Opposition       Reason = "opposition"
)

// Gap is one item that is not on the page, and why.
type Gap struct {
	Item         Item
	Why          Reason
	Enseignement Enseignement              // of which; its Matiere is empty if the page as a whole is meant
	Period       uint8                     // of an average
	Competences  []nomenclature.Competence // not assessed yet
	Text         uint64                    // sequence of the text to decide on
	Refusal      *domain.Refusal           // what the nomenclature answers of the formation
}

// Missing tells what is to be filled from an absence that is explained.
func (g Gap) Missing() bool {
	switch g.Why {
	case NoMarks, PupilNotMarked, OtherFormation, Optional, FamilyTurn, Opposition:
		return false
	}
	return true
}

// Yardstick is what a page is measured by.
type Yardstick struct {
	Nomenclature *nomenclature.Nomenclature
	Suspect      func(text string) bool // whether the screening points at a text; nil: at none
}

// Gaps lists what the page of a year lacks, and what it lacks for a reason: the page's frame, its lines by
// enseignement, its signed texts, and on that of the terminale the last page of the cycle.
func (y Yardstick) Gaps(s *State, year nomenclature.SchoolYear) []Gap {
	m := measure{Yardstick: y, state: s, year: year, page: s.Year(year)}
	m.frame()
	m.lines()
	m.signed()
	m.texts()
	m.closing()
	m.rights()
	return m.gaps
}

// measure is one page being measured.
type measure struct {
	Yardstick
	state     *State
	year      nomenclature.SchoolYear
	page      *Year // nil: nothing is known of the year
	programme *nomenclature.Programme
	gaps      []Gap
}

func (m *measure) add(g Gap) { m.gaps = append(m.gaps, g) }

// frame looks for where the pupil is, how his year is cut, and what he is taught.
func (m *measure) frame() {
	schooling, ok := m.page.Schooling()
	if !ok {
		m.add(Gap{Item: ItemSchooling, Why: NotEntered})
	} else if programme, err := m.Nomenclature.Programme(m.year, schooling.MEF); err == nil {
		m.programme = &programme
	} else {
		refusal, _ := err.(*domain.Refusal)
		m.add(Gap{Item: ItemSchooling, Why: NoNomenclature, Refusal: refusal})
	}
	if m.page == nil || m.page.Periods == 0 {
		m.add(Gap{Item: ItemPeriods, Why: NotEntered})
	}
}

// lines looks at the enseignements that the pupil follows, and for those that everybody follows.
func (m *measure) lines() {
	seen := make(map[int]bool) // positions in the programme
	for line := range m.state.LinesOf(m.year) {
		e := line.Enseignement
		if m.programme == nil {
			m.line(line, nil)
			continue
		}
		of, known := m.programme.Line(e.Matiere, e.Modalite, e.Rank)
		if !known {
			m.add(Gap{Item: ItemEnseignement, Why: OtherFormation, Enseignement: e})
			continue
		}
		seen[of.Position] = true
		m.line(line, &of)
	}
	if m.programme == nil {
		return
	}
	for _, of := range m.programme.Lines {
		if m.programme.ForEverybody(of) && !seen[of.Position] {
			m.add(Gap{Item: ItemEnseignement, Why: NotEntered,
				Enseignement: Enseignement{Year: m.year, Matiere: of.Matiere, Modalite: of.Modalite, Rank: of.Rank}})
		}
	}
}

// line looks at one enseignement; of is what the programme says of it, nil if there is none.
func (m *measure) line(l *Line, of *nomenclature.Line) {
	e, why := l.Enseignement, NotEntered
	if len(l.Teachers) == 0 {
		m.add(Gap{Item: ItemTeachers, Why: NotEntered, Enseignement: e})
		why = Unassigned
	}
	if of != nil && !of.Marked {
		m.add(Gap{Item: ItemAverage, Why: NoMarks, Enseignement: e})
	} else {
		m.averages(l, why)
		if g := l.Group; g.Headcount == 0 || g.Shares == nil {
			m.add(Gap{Item: ItemGroup, Why: NotEntered, Enseignement: e})
		}
	}
	if of != nil {
		var left []nomenclature.Competence
		for _, code := range of.Competences {
			if l.Mastery(code) == "" {
				left = append(left, code)
			}
		}
		if len(left) > 0 {
			m.add(Gap{Item: ItemCompetences, Why: why, Enseignement: e, Competences: left})
		}
	}
	if l.Appreciation.Sequence == 0 {
		m.add(Gap{Item: ItemAppreciation, Why: why, Enseignement: e})
	}
}

func (m *measure) averages(l *Line, why Reason) {
	for period := uint8(1); period <= m.page.Periods; period++ {
		switch a := l.Average(period); {
		case !a.Recorded():
			m.add(Gap{Item: ItemAverage, Why: why, Enseignement: l.Enseignement, Period: period})
		case !a.Mark.IsMarked():
			m.add(Gap{Item: ItemAverage, Why: PupilNotMarked, Enseignement: l.Enseignement, Period: period})
		}
	}
}

// signed looks for the texts of the year, and for the avis on the last page.
func (m *measure) signed() {
	if m.page.Observation(ObservationTeam).Sequence == 0 {
		m.add(Gap{Item: ItemObservationTeam, Why: NotEntered})
	}
	if m.year != m.state.Terminale() {
		return
	}
	if engaged := len(m.state.Engagements) > 0 || m.state.Other.Sequence != 0; engaged && m.page.Observation(ObservationCPE).Sequence == 0 {
		m.add(Gap{Item: ItemObservationCPE, Why: Optional})
	}
	if m.state.Avis == "" {
		m.add(Gap{Item: ItemAvis, Why: NotEntered})
	}
}

// texts looks for those that a human still has to decide on.
func (m *measure) texts() {
	if m.Suspect == nil {
		return
	}
	look := func(t Text, e Enseignement) {
		if t.Sequence != 0 && t.Screening == nil && m.Suspect(t.Value) {
			m.add(Gap{Item: ItemText, Why: AwaitingDecision, Enseignement: e, Text: t.Sequence})
		}
	}
	for line := range m.state.LinesOf(m.year) {
		look(line.Appreciation, line.Enseignement)
	}
	for _, kind := range []Observation{ObservationCPE, ObservationTeam, ObservationHead} {
		look(m.page.Observation(kind).Text, Enseignement{})
	}
	if m.year == m.state.Terminale() {
		look(m.state.Other, Enseignement{})
	}
}

// closing looks for what the head does last.
func (m *measure) closing() {
	switch {
	case m.page.VisaStands():
	case m.page != nil && m.page.VisaAt != 0:
		m.add(Gap{Item: ItemHeadVisa, Why: ChangedSince})
	default:
		m.add(Gap{Item: ItemHeadVisa, Why: NotEntered})
	}
	if !m.state.Locked(m.year, 0) {
		m.add(Gap{Item: ItemLock, Why: StillOpen})
	}
}

// rights looks for what the family waits for, and for what it may still do, once: with the terminale.
func (m *measure) rights() {
	if m.year != m.state.Terminale() {
		return
	}
	for _, r := range m.state.Rights.Rectifications {
		if r.Status == RectificationPending {
			m.add(Gap{Item: ItemRectification, Why: AwaitingDecision})
		}
	}
	if m.state.Validated() && !m.state.Acknowledged() {
		m.add(Gap{Item: ItemAcknowledgement, Why: FamilyTurn})
	}
	if m.state.Opposed() {
		m.add(Gap{Item: ItemTransmission, Why: Opposition})
	}
}
