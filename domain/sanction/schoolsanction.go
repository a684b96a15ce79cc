package sanction

import (
	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/nomenclature"
)

// SchoolSanctionPronounced is what a school decided about the pupil of a livret. Neither motive nor identity: it
// never outlives the livret, which says whose it is.
type SchoolSanctionPronounced struct {
	Text       string      `json:"text"` // version of the catalogue
	Kind       Kind        `json:"kind"`
	Pronounced domain.Date `json:"pronounced"`
	Days       uint8       `json:"days,omitempty"` // that an exclusion lasts
	Suspended  bool        `json:"suspended,omitempty"`
	Livret     uuid.UUID   `json:"livret"`
	Erased     domain.Date `json:"erased"` // day on which it leaves the file
}

// SchoolSanctionLifted says that it left the file before its day: it was annulled, or the pupil asked for it when he
// changed schools.
type SchoolSanctionLifted struct {
	On domain.Date `json:"on"`
}

// EventType is the name on disk.
func (SchoolSanctionPronounced) EventType() string { return "schoolsanction.SchoolSanctionPronounced" }

// EventType is the name on disk.
func (SchoolSanctionLifted) EventType() string { return "schoolsanction.SchoolSanctionLifted" }

// SchoolSanction is one of them as it stands: the fold of its stream.
type SchoolSanction struct {
	SchoolSanctionPronounced
	Lifted domain.Date
}

// SchoolDecider is that of the streams of schools' sanctions.
var SchoolDecider = domain.Decider[*SchoolSanction]{
	Category: SchoolCategory,
	Initial:  func() *SchoolSanction { return new(SchoolSanction) },
	Evolve:   func(s *SchoolSanction, fact domain.Fact) *SchoolSanction { s.Apply(fact.Event); return s },
}

// Apply adds one event of the stream.
func (s *SchoolSanction) Apply(event domain.Event) {
	switch e := event.(type) {
	case SchoolSanctionPronounced:
		s.SchoolSanctionPronounced = e
	case SchoolSanctionLifted:
		s.Lifted = e.On
	}
}

// Term is the day on which it leaves the file, zero if nothing was pronounced.
func (s *SchoolSanction) Term() domain.Date {
	if !s.Lifted.IsZero() {
		return s.Lifted
	}
	return s.Erased
}

// PronounceSchool records what a school decided.
type PronounceSchool struct {
	LegalAct   string // under which they are recorded; empty: they are not
	Kind       Kind
	Pronounced domain.Date
	Days       uint8
	Suspended  bool
	Livret     uuid.UUID
	Session    nomenclature.SchoolYear // calendar year of the exam that the livret prepares
	Today      domain.Date             // in Europe/Paris
}

// Decide refuses by "sanctions-d-etablissement-non-autorisees", "sanction-sans-date", "sanction-inconnue",
// "sanction-sans-livret", "exclusion-trop-longue", "sursis-exclu" and "sanction-deja-prononcee".
func (c PronounceSchool) Decide(s *SchoolSanction) ([]domain.Event, error) {
	if err := authorised(c.LegalAct); err != nil {
		return nil, err
	}
	text, known := SchoolTextOn(c.Pronounced)
	article, listed := text.Article(c.Kind)
	schooling := EndOfSchooling(c.Session)
	switch {
	case c.Pronounced.IsZero() || !known || c.Today.Before(c.Pronounced) || schooling.Before(c.Pronounced):
		return nil, domain.Refuse("sanction-sans-date", "Une sanction porte la date de son prononcé, qui n’est pas future et précède la fin de la scolarité.", "Vérifiez la date de la décision.")
	case !listed:
		return nil, unknownKind()
	case c.Livret == uuid.Nil:
		return nil, domain.Refuse("sanction-sans-livret", "Une sanction se rattache au livret de l’élève.", "Indiquez le livret.")
	case article.Lasts != (c.Days > 0) || c.Days > maxExclusionDays:
		return nil, domain.Refuse("exclusion-trop-longue", "Une exclusion temporaire dure d’un à huit jours ; les autres sanctions n’ont pas de durée.", "Vérifiez la décision.")
	case c.Suspended && !article.Sursis:
		return nil, domain.Refuse("sursis-exclu", "Cette sanction ne peut être assortie du sursis.", "Vérifiez la décision.")
	}
	decision := SchoolSanctionPronounced{
		Text: text.ID, Kind: c.Kind, Pronounced: c.Pronounced, Days: c.Days, Suspended: c.Suspended, Livret: c.Livret,
		Erased: article.Erased.on(c.Pronounced, schooling),
	}
	switch {
	case s.SchoolSanctionPronounced == decision:
		return nil, nil
	case !s.Pronounced.IsZero():
		return nil, domain.Refuse("sanction-deja-prononcee", "Cette sanction a déjà été prononcée en d’autres termes.", "Enregistrez une autre sanction.")
	}
	return []domain.Event{decision}, nil
}

// LiftSchool takes a sanction out of the file.
type LiftSchool struct {
	LegalAct string // see PronounceSchool
	On       domain.Date
	Today    domain.Date // in Europe/Paris
}

// Decide refuses by "sanctions-d-etablissement-non-autorisees", "sanction-sans-prononce" and "date-du-recours".
func (c LiftSchool) Decide(s *SchoolSanction) ([]domain.Event, error) {
	if err := authorised(c.LegalAct); err != nil {
		return nil, err
	}
	switch {
	case s.Pronounced.IsZero():
		return nil, domain.Refuse("sanction-sans-prononce", "Aucune sanction n’a été prononcée sous cet identifiant.", "Vérifiez l’identifiant dans la liste.")
	case !s.Lifted.IsZero():
		return nil, nil
	case c.On.Before(s.Pronounced) || c.Today.Before(c.On):
		return nil, domain.Refuse("date-du-recours", "Cette décision porte une date, entre celle du prononcé de la sanction et aujourd’hui.", "Vérifiez la date de la décision.")
	}
	return []domain.Event{SchoolSanctionLifted{On: c.On}}, nil
}

// authorised refuses what no legal act allows.
func authorised(legalAct string) error {
	if legalAct == "" {
		return domain.Refuse("sanctions-d-etablissement-non-autorisees",
			"Les sanctions disciplinaires d’un établissement n’entrent pas dans le livret : l’arrêté du 13 octobre 2014 n’y admet que celles de la commission de discipline du baccalauréat ; celles que la presse a annoncées n’ont pas de texte connu.",
			"Si un texte les autorise, le responsable de traitement enregistre une décision qui le nomme.")
	}
	return nil
}
