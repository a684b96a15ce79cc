package record

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/mark"
	"livret/domain/nomenclature"
)

// MaxStatement is how long what a family asks, and what the head answers, may be, in Unicode code points.
const MaxStatement = 1000

// SubjectKind is what kind of thing a rectification is about.
type SubjectKind string

// The kinds of subjects. Identity is rectified in the identity stream; what is neither a mark nor an appreciation
// is corrected by the usual commands once the head has unlocked the page.
const (
	SubjectIdentity     SubjectKind = "identite"
	SubjectAverage      SubjectKind = "moyenne"
	SubjectAppreciation SubjectKind = "appreciation"
	SubjectOther        SubjectKind = "autre"
)

// Subject is what a rectification is about.
type Subject struct {
	Kind         SubjectKind  `json:"kind"`
	Enseignement Enseignement `json:"enseignement,omitzero"` // of an average or an appreciation
	Period       uint8        `json:"period,omitempty"`      // of an average, from 1
}

// String is the subject as forms and flags name it: its kind, then year, matière, modalité, rank and period if it is a
// line of the livret.
func (a Subject) String() string {
	if a.Enseignement == (Enseignement{}) {
		return string(a.Kind)
	}
	e := a.Enseignement
	return fmt.Sprintf("%s|%d|%s|%s|%d|%d", a.Kind, e.Year, e.Matiere, e.Modalite, e.Rank, a.Period)
}

// ParseSubject reads what Subject.String wrote, or refuses by "objet-inconnu".
func ParseSubject(text string) (Subject, error) {
	part := strings.Split(text, "|")
	a := Subject{Kind: SubjectKind(part[0])}
	if text != "" && len(part) == 1 {
		return a, nil
	}
	if len(part) != 6 {
		return Subject{}, unknownSubject()
	}
	year, errYear := strconv.ParseInt(part[1], 10, 16)
	rank, errRank := strconv.ParseUint(part[4], 10, 8)
	period, errPeriod := strconv.ParseUint(part[5], 10, 8)
	if errYear != nil || errRank != nil || errPeriod != nil {
		return Subject{}, unknownSubject()
	}
	a.Enseignement = Enseignement{Year: nomenclature.SchoolYear(year), Matiere: nomenclature.Matiere(part[2]), Modalite: nomenclature.Modalite(part[3]), Rank: uint8(rank)}
	a.Period = uint8(period)
	if a.String() != text { // one way to name a subject, no other
		return Subject{}, unknownSubject()
	}
	return a, nil
}

func unknownSubject() error {
	return domain.Refuse("objet-inconnu", "Ce qui est à rectifier n’est pas dans ce livret.", "Choisissez une ligne du livret, l’état civil, ou « autre ».")
}

// RectificationRequested is a demand to correct what the livret says (RGPD, art. 16; arrêté of 13 October 2014,
// art. 4). No jury is ever shown it.
type RectificationRequested struct {
	Rectification uuid.UUID `json:"rectification"`
	About         Subject   `json:"about"`
	Demand        string    `json:"demand"`
}

// RectificationGranted is the head of school's yes. What it corrects in this stream stands just before it, so its
// sequence is a version of the livret as rectified.
type RectificationGranted struct {
	Rectification uuid.UUID `json:"rectification"`
	About         Subject   `json:"about"` // as requested: who hears this fact need not look for the other one
	Reason        string    `json:"reason"`
}

// RectificationRefused is the head's no, and why.
type RectificationRefused struct {
	Rectification uuid.UUID `json:"rectification"`
	Reason        string    `json:"reason"`
}

// EventType is the name on disk.
func (RectificationRequested) EventType() string { return "record.RectificationRequested" }

// EventType is the name on disk.
func (RectificationGranted) EventType() string { return "record.RectificationGranted" }

// EventType is the name on disk.
func (RectificationRefused) EventType() string { return "record.RectificationRefused" }

// RectificationStatus is what became of a demand.
type RectificationStatus string

// A demand waits for the head, or has his answer.
const (
	RectificationPending RectificationStatus = "en-attente"
	RectificationAllowed RectificationStatus = "accordee"
	RectificationDenied  RectificationStatus = "refusee"
)

// Rectification is a demand as it stands.
type Rectification struct {
	RectificationRequested
	RequestedAt uint64 // sequence of the demand
	Status      RectificationStatus
	Reason      string `json:",omitempty"` // of the answer
	DecidedAt   uint64 `json:",omitempty"` // sequence of the answer
}

// Rectification answers a demand by its id, nil if there is none.
func (s *State) Rectification(id uuid.UUID) *Rectification {
	i := slices.IndexFunc(s.Rights.Rectifications, func(r Rectification) bool { return r.Rectification == id })
	if i < 0 {
		return nil
	}
	return &s.Rights.Rectifications[i]
}

// decide notes the head's answer to a demand.
func (s *State) decide(id uuid.UUID, status RectificationStatus, reason string, f domain.Fact) {
	if r := s.Rectification(id); r != nil {
		r.Status, r.Reason, r.DecidedAt = status, reason, f.Sequence
	}
}

// RequestRectification asks the head to correct something, at any time of the livret's life.
type RequestRectification struct {
	Rectification uuid.UUID // random
	About         Subject
	Demand        string // 1 to MaxStatement characters, tidied here
}

// Decide grants it once, on something that the livret says.
func (c RequestRectification) Decide(s *State) ([]domain.Event, error) {
	event := RectificationRequested{Rectification: c.Rectification, About: c.About, Demand: Tidy(c.Demand)}
	if known := s.Rectification(c.Rectification); known != nil {
		if known.RectificationRequested == event {
			return nil, nil
		}
		return nil, domain.Refuse("demande-deja-faite", "Une autre demande porte déjà ce numéro.", "Rechargez la page et recommencez.")
	}
	if err := checkOpened(s); err != nil {
		return nil, err
	}
	if c.Rectification == uuid.Nil || !c.About.in(s) {
		return nil, unknownSubject()
	}
	if err := checkStatement(event.Demand); err != nil {
		return nil, err
	}
	return one(event)
}

// in tells whether the livret says anything on the subject.
func (a Subject) in(s *State) bool {
	switch a.Kind {
	case SubjectIdentity, SubjectOther:
		return a == Subject{Kind: a.Kind}
	case SubjectAverage:
		return s.Line(a.Enseignement).Average(a.Period).Recorded()
	case SubjectAppreciation:
		return s.Line(a.Enseignement) != nil && a.Period == 0
	}
	return false
}

// GrantRectification is the head of school granting a demand, and correcting what it is about in the same
// decision: a mark or an appreciation, locked or not, transmitted or not. Identity is rectified first, by
// identity.RecordPupil; granted again after a crash between the two, nothing is done twice.
type GrantRectification struct {
	Rectification uuid.UUID
	Reason        string                     // 1 to MaxText characters, tidied here
	Mark          mark.Mark                  // of a rectified average
	Text          string                     // of a rectified appreciation
	Nomenclature  *nomenclature.Nomenclature // nil: only the form of codes is checked
}

// Decide grants it on a demand that waits.
func (c GrantRectification) Decide(s *State) ([]domain.Event, error) {
	r, err := s.undecided(c.Rectification, RectificationAllowed)
	if r == nil {
		return nil, err
	}
	reason, err := checkReason(c.Reason)
	if err != nil {
		return nil, err
	}
	var events []domain.Event
	switch r.About.Kind {
	case SubjectAverage:
		events, err = CorrectAverage{Enseignement: r.About.Enseignement, Period: r.About.Period, Mark: c.Mark, Reason: reason}.Decide(s.lifted())
	case SubjectAppreciation:
		events, err = WriteAppreciation{Enseignement: r.About.Enseignement, Text: c.Text, Nomenclature: c.Nomenclature}.Decide(s.lifted())
	}
	if err != nil {
		return nil, err
	}
	return append(events, RectificationGranted{Rectification: c.Rectification, About: r.About, Reason: reason}), nil
}

// lifted is the livret without what keeps its pages from being changed: a rectification is owed whatever was
// locked since, and ends a dispute for which processing was restricted.
func (s *State) lifted() *State {
	open := *s
	open.Rights.Restricted = ""
	open.Years = slices.Clone(s.Years)
	for i := range open.Years {
		open.Years[i].Locks = 0
	}
	return &open
}

// RefuseRectification is the head of school refusing a demand, and why: it stays in the livret.
type RefuseRectification struct {
	Rectification uuid.UUID
	Reason        string // 1 to MaxText characters, tidied here
}

// Decide grants it on a demand that waits.
func (c RefuseRectification) Decide(s *State) ([]domain.Event, error) {
	r, err := s.undecided(c.Rectification, RectificationDenied)
	if r == nil {
		return nil, err
	}
	reason, err := checkReason(c.Reason)
	if err != nil {
		return nil, err
	}
	return one(RectificationRefused{Rectification: c.Rectification, Reason: reason})
}

// undecided answers a demand that waits; neither it nor an error if it was answered so already.
func (s *State) undecided(id uuid.UUID, answer RectificationStatus) (*Rectification, error) {
	r := s.Rectification(id)
	switch {
	case r == nil:
		return nil, domain.Refuse("demande-inconnue", "Cette demande de rectification n’existe pas.", "Relisez la liste des demandes.")
	case r.Status == answer:
		return nil, nil
	case r.Status != RectificationPending:
		return nil, domain.Refuse("demande-deja-tranchee", "Cette demande a déjà reçu l’autre réponse.", "Une nouvelle demande peut être faite.")
	}
	return r, nil
}

func checkStatement(text string) error { return checkLength(text, MaxStatement) }
