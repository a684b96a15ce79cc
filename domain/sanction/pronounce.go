package sanction

import (
	"slices"

	"github.com/google/uuid"

	"livret/domain"
)

// Pronounce records what the authority decided, and in which livret it is entered.
type Pronounce struct {
	Kind       Kind
	Authority  Authority
	Pronounced domain.Date
	Ends       domain.Date // of a ban
	Suspended  bool
	Entry      bool
	Livret     uuid.UUID   // may be left out where proceedings named it
	Today      domain.Date // in Europe/Paris: what has not happened is not recorded
}

// Decide refuses by "sanction-inconnue", "sanction-sans-livret", "sanction-sans-date", "autorite-inconnue",
// "autorite-incompetente", and as a measure is refused: see checked. What was pronounced is pronounced once: "sanction-deja-prononcee",
// "procedure-close".
func (c Pronounce) Decide(s *Sanction) ([]domain.Event, error) {
	text, known := TextOn(c.Pronounced)
	article, listed := text.Article(c.Kind)
	switch {
	case c.Pronounced.IsZero() || !known || c.Today.Before(c.Pronounced):
		return nil, domain.Refuse("sanction-sans-date", "Une sanction porte la date de son prononcé, qui n’est ni future ni antérieure au texte qui la prévoit.", "Vérifiez la date de la décision.")
	case !listed:
		return nil, unknownKind()
	case c.Authority != Commission && c.Authority != Recteur:
		return nil, domain.Refuse("autorite-inconnue", "Une sanction est prononcée par la commission de discipline ou par le recteur.", "Indiquez l’autorité que nomme la décision.")
	case c.Authority == Recteur && !article.Recteur:
		return nil, domain.Refuse("autorite-incompetente", "Le recteur seul ne peut prononcer que le blâme et la privation de mention (Code de l’éducation, art. D. 334-31).", "Vérifiez l’autorité qui a signé la décision.")
	}
	decision := SanctionPronounced{
		Measure: Measure{c.Kind, c.Ends, c.Suspended}, Text: text.ID, Authority: c.Authority, Pronounced: c.Pronounced, Entry: c.Entry,
	}
	if err := article.checked(decision.Measure, c.Pronounced); err != nil {
		return nil, err
	}
	switch {
	case s.IsPronounced() && s.Decision == decision:
		return nil, nil
	case s.IsPronounced():
		return nil, domain.Refuse("sanction-deja-prononcee", "Cette sanction a déjà été prononcée en d’autres termes.", "Enregistrez une autre sanction, ou ce qu’un recours a changé à celle-ci.")
	case !s.Dropped.IsZero():
		return nil, domain.Refuse("procedure-close", "Cette procédure s’est close sans sanction.", "Enregistrez une autre sanction.")
	}
	return s.with(decision, c.Livret)
}

// with is an event, and the first livret of the sanction, which no later one takes the place of.
func (s *Sanction) with(event domain.Event, livret uuid.UUID) ([]domain.Event, error) {
	if livret == uuid.Nil && len(s.Livrets) > 0 {
		return []domain.Event{event}, nil
	}
	link, err := LinkLivret{Livret: livret, SamePerson: len(s.Livrets) == 0}.link(s)
	if err != nil {
		return nil, err
	}
	return append([]domain.Event{event}, link...), nil
}

func unknownKind() error {
	return domain.Refuse("sanction-inconnue", "Cette sanction n’est pas de celles que le Code de l’éducation prévoit.", "Choisissez l’une de celles du catalogue.")
}

// checked refuses a measure that the article does not allow: "fin-d-interdiction" and "sursis-exclu".
func (a Article) checked(m Measure, pronounced domain.Date) error {
	switch {
	case !a.Bans() && !m.Ends.IsZero():
		return domain.Refuse("fin-d-interdiction", "Seule une interdiction a une fin ; cette sanction s’efface un an après son prononcé.", "N’indiquez pas de date de fin.")
	case a.Bans() && (m.Ends.IsZero() || !pronounced.Before(m.Ends)):
		return domain.Refuse("fin-d-interdiction", "Une interdiction a une date de fin, postérieure à son prononcé.", "Indiquez le jour où elle prend fin.")
	case a.Bans() && pronounced.PlusMonths(a.MaxMonths).Before(m.Ends):
		return domain.Refuse("fin-d-interdiction", "Une interdiction ne dépasse pas cinq ans.", "Vérifiez la date de fin.")
	case m.Suspended && (a.Sursis == 0 || pronounced.PlusMonths(a.Sursis).Before(m.Ends)):
		return domain.Refuse("sursis-exclu", "Le sursis ne se prononce que pour une interdiction d’examen de deux ans au plus.", "Vérifiez la décision.")
	}
	return nil
}

// LinkLivret says that a sanction is that of the pupil of another livret too: he sits again, and the jury of his
// new session may still see the entry while the first livret is gone. Whether both are one person is for who may
// know names to say.
type LinkLivret struct {
	Livret     uuid.UUID
	SamePerson bool // the subject of the sanction and the pupil of the livret agree
}

// Decide refuses by "sanction-sans-prononce", "sanction-sans-livret" and "autre-personne".
func (c LinkLivret) Decide(s *Sanction) ([]domain.Event, error) {
	if err := s.inForce(); err != nil {
		return nil, err
	}
	return c.link(s)
}

func (c LinkLivret) link(s *Sanction) ([]domain.Event, error) {
	switch {
	case c.Livret == uuid.Nil:
		return nil, domain.Refuse("sanction-sans-livret", "Une sanction se rattache au livret de la personne sanctionnée.", "Indiquez le livret, ou le numéro du candidat.")
	case slices.Contains(s.Livrets, c.Livret):
		return nil, nil
	case !c.SamePerson:
		return nil, domain.Refuse("autre-personne", "L’état civil de ce livret n’est pas celui de la personne sanctionnée.", "Vérifiez l’identifiant du livret.")
	}
	return []domain.Event{LivretLinked{Livret: c.Livret}}, nil
}
