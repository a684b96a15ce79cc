package deliberation

import (
	"slices"
	"strings"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/nomenclature"
)

// JuryCategory is the stream category of juries: in clear, because it names nobody. Jurors are staff ids, whose
// names are sealed elsewhere.
const JuryCategory = "jury"

// juries is the namespace of the ids of jury streams.
var juries = uuid.MustParse("7d1f3c52-8a39-4e0a-9f7e-52f1c1f0b7aa")

// JuryStream is the id of a jury. It is computed, not drawn: it names a public thing.
func JuryStream(session ExamSession, number string) uuid.UUID {
	return uuid.NewSHA1(juries, []byte(session.String()+"/"+number))
}

// Office is what a juror is in his jury.
type Office string

// The offices, of which the arrêté of 13 October 2014, art. 3, and that of 8 February 2016 speak.
const (
	President     Office = "president"
	VicePresident Office = "vice-president"
	Member        Office = "membre"
)

// Offices lists them.
func Offices() []Office { return []Office{President, VicePresident, Member} }

// Label is the French name of the office.
func (o Office) Label() string {
	switch o {
	case President:
		return "président"
	case VicePresident:
		return "vice-président"
	case Member:
		return "membre"
	}
	return string(o)
}

// JuryFormed creates a jury of a session.
type JuryFormed struct {
	Session nomenclature.SchoolYear `json:"session"` // calendar year of the exam
	Round   string                  `json:"round"`   // "juin" or "septembre"
	Number  string                  `json:"number"`  // as recours quote it, "0108"
}

// EventType is the name on disk.
func (JuryFormed) EventType() string { return "jury.JuryFormed" }

// JurorNamed gives a juror his office.
type JurorNamed struct {
	Staff  uuid.UUID `json:"staff"`
	Office Office    `json:"office"`
}

// EventType is the name on disk.
func (JurorNamed) EventType() string { return "jury.JurorNamed" }

// JurorWithdrawn ends it.
type JurorWithdrawn struct {
	Staff uuid.UUID `json:"staff"`
}

// EventType is the name on disk.
func (JurorWithdrawn) EventType() string { return "jury.JurorWithdrawn" }

// SittingHeld says that a jury sat, and who was there: a deliberation of which nothing proves it was annulled (TA
// Melun, 3 March 2020, n° 1907538).
type SittingHeld struct {
	Held    domain.Date `json:"held"`
	Present []uuid.UUID `json:"present"` // staff ids, sorted
}

// EventType is the name on disk.
func (SittingHeld) EventType() string { return "jury.SittingHeld" }

// Jury is a jury as it stands: the fold of its stream.
type Jury struct {
	Session  ExamSession
	Number   string // empty: not formed
	Jurors   []JurorNamed
	Sittings []SittingHeld // in the order recorded
}

// JuryDecider is that of jury streams.
var JuryDecider = domain.Decider[*Jury]{
	Category: JuryCategory,
	Initial:  func() *Jury { return new(Jury) },
	Evolve: func(j *Jury, fact domain.Fact) *Jury {
		switch e := fact.Event.(type) {
		case JuryFormed:
			j.Session, j.Number = ExamSession{e.Session, e.Round}, e.Number
		case JurorNamed:
			j.Jurors = append(slices.DeleteFunc(j.Jurors, e.same), e)
		case JurorWithdrawn:
			j.Jurors = slices.DeleteFunc(j.Jurors, JurorNamed{Staff: e.Staff}.same)
		case SittingHeld:
			j.Sittings = append(j.Sittings, e)
		}
		return j
	},
}

func (e JurorNamed) same(other JurorNamed) bool { return e.Staff == other.Staff }

// Office answers that of a juror; empty if he is none.
func (j *Jury) Office(staff uuid.UUID) Office {
	if i := slices.IndexFunc(j.Jurors, JurorNamed{Staff: staff}.same); i >= 0 {
		return j.Jurors[i].Office
	}
	return ""
}

// President answers who presides, and false if nobody was named.
func (j *Jury) President() (uuid.UUID, bool) {
	i := slices.IndexFunc(j.Jurors, func(e JurorNamed) bool { return e.Office == President })
	if i < 0 {
		return uuid.Nil, false
	}
	return j.Jurors[i].Staff, true
}

func (j *Jury) formed() error {
	if j.Number == "" {
		return domain.Refuse("jury-inconnu", "Ce jury n’a pas été constitué.", "Vérifiez la session et le numéro du jury.")
	}
	return nil
}

// FormJury creates a jury.
type FormJury struct {
	Session ExamSession
	Number  string
	Open    bool // the session is
}

// Decide refuses by "session-inconnue", "numero-de-jury-invalide" and "session-non-ouverte".
func (c FormJury) Decide(j *Jury) ([]domain.Event, error) {
	switch {
	case !c.Session.Known():
		return nil, unknownSession()
	case len(c.Number) == 0 || len(c.Number) > 8 || strings.Trim(c.Number, "0123456789") != "":
		return nil, domain.Refuse("numero-de-jury-invalide", "Un numéro de jury a de 1 à 8 chiffres.", "Indiquez le numéro sous lequel le jury est convoqué.")
	case j.Number != "":
		return nil, nil
	case !c.Open:
		return nil, sessionNotOpen()
	}
	return []domain.Event{JuryFormed{c.Session.Year, c.Session.Round, c.Number}}, nil
}

// NameJuror gives a juror an office, or another one.
type NameJuror struct {
	Staff  uuid.UUID
	Office Office
}

// Decide refuses by "jury-inconnu", "jure-inconnu", "fonction-inconnue" and "jury-deja-preside".
func (c NameJuror) Decide(j *Jury) ([]domain.Event, error) {
	if err := j.formed(); err != nil {
		return nil, err
	}
	presiding, presided := j.President()
	switch {
	case c.Staff == uuid.Nil:
		return nil, unknownJuror()
	case !slices.Contains(Offices(), c.Office):
		return nil, domain.Refuse("fonction-inconnue", "Cette fonction n’existe pas dans un jury.", "Indiquez « president », « vice-president » ou « membre ».")
	case j.Office(c.Staff) == c.Office:
		return nil, nil
	case c.Office == President && presided && presiding != c.Staff:
		return nil, domain.Refuse("jury-deja-preside", "Ce jury a déjà un président.", "Retirez-le d’abord du jury.")
	}
	return []domain.Event{JurorNamed(c)}, nil
}

func unknownJuror() error {
	return domain.Refuse("jure-inconnu", "Cette personne ne siège pas dans ce jury.", "Nommez-la d’abord.")
}

// WithdrawJuror ends a juror's office.
type WithdrawJuror struct{ Staff uuid.UUID }

// Decide refuses by "jury-inconnu".
func (c WithdrawJuror) Decide(j *Jury) ([]domain.Event, error) {
	if err := j.formed(); err != nil || j.Office(c.Staff) == "" {
		return nil, err
	}
	return []domain.Event{JurorWithdrawn(c)}, nil
}

// HoldSitting records that the jury sat.
type HoldSitting struct {
	Held    domain.Date
	Present []uuid.UUID // staff ids
	Today   domain.Date // the day in Europe/Paris
}

// Decide refuses by "jury-inconnu", "seance-future", "jure-inconnu" and "seance-sans-president".
func (c HoldSitting) Decide(j *Jury) ([]domain.Event, error) {
	if err := j.formed(); err != nil {
		return nil, err
	}
	present := slices.Clone(c.Present)
	slices.SortFunc(present, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	present = slices.Compact(present)
	presided := false
	for _, staff := range present {
		switch j.Office(staff) {
		case "":
			return nil, unknownJuror()
		case President, VicePresident:
			presided = true
		}
	}
	switch {
	case c.Held.IsZero() || c.Today.Before(c.Held):
		return nil, domain.Refuse("seance-future", "Cette date n’est pas encore venue.", "Enregistrez la séance le jour où elle a lieu, ou après.")
	case !presided:
		return nil, domain.Refuse("seance-sans-president", "Un jury siège sous son président ou son vice-président.", "Indiquez qui présidait la séance.")
	case slices.ContainsFunc(j.Sittings, func(s SittingHeld) bool { return s.Held == c.Held && slices.Equal(s.Present, present) }):
		return nil, nil
	}
	return []domain.Event{SittingHeld{c.Held, present}}, nil
}
