package deliberation

import (
	"bytes"
	"encoding/json"
	"strconv"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/nomenclature"
)

// PublicationCategory is the stream category of published statistics: one stream for each exam session, in
// clear and never destroyed, since a publication can point at nobody and outlives the pupils' keys.
const PublicationCategory = "publication"

// publications is the namespace of the ids of publication streams.
var publications = uuid.MustParse("5d0f7a0e-9a43-4f0c-8b57-1f6f7c1d2a60")

// PublicationStream is the id of the publications of an exam session. It is computed, not drawn: it names a
// public thing, and two statisticians who publish at the same moment must meet in one stream.
func PublicationStream(session nomenclature.SchoolYear) uuid.UUID {
	return uuid.NewSHA1(publications, []byte(strconv.Itoa(int(session))))
}

// StatisticsPublished freezes a publication: what was shown, from which day on, for ever. The document is
// that of projections/statistics, which alone decides what may stand in it.
type StatisticsPublished struct {
	Session  nomenclature.SchoolYear `json:"session"` // calendar year of the exam
	Number   int                     `json:"number"`  // from 1, without gap
	Dated    domain.Date             `json:"dated"`
	Document json.RawMessage         `json:"document"`
}

// EventType is the name on disk.
func (StatisticsPublished) EventType() string { return "publication.StatisticsPublished" }

// Publications is what was published for a session: the fold of a publication stream.
type Publications []StatisticsPublished

// InForce answers the publication that stood on a day: the last one of that day or before, and false if
// nothing was published yet.
func (p Publications) InForce(day domain.Date) (StatisticsPublished, bool) {
	for i := len(p) - 1; i >= 0; i-- {
		if p[i].Dated.Compare(day) <= 0 {
			return p[i], true
		}
	}
	return StatisticsPublished{}, false
}

// PublicationDecider is that of publication streams.
var PublicationDecider = domain.Decider[Publications]{
	Category: PublicationCategory,
	Initial:  func() Publications { return nil },
	Evolve: func(p Publications, fact domain.Fact) Publications {
		if e, ok := fact.Event.(StatisticsPublished); ok {
			p = append(p, e)
		}
		return p
	},
}

// maxDocument is how many bytes of JSON one publication may have, so that its event fits in one append.
const maxDocument = 900_000

// PublishStatistics freezes the next publication of a session. Its number says which publications it was
// compared with before cells were withheld: if another one came in first, it must be computed again.
type PublishStatistics struct {
	Session  nomenclature.SchoolYear
	Number   int
	Dated    domain.Date
	Document json.RawMessage
}

// Decide refuses by "session-inconnue", "publication-illisible", "publication-trop-grande",
// "publication-depassee" and "publication-antidatee".
func (c PublishStatistics) Decide(published Publications) ([]domain.Event, error) {
	document, err := json.Marshal(c.Document) // compact, as it will be kept
	switch {
	case c.Session < 2000:
		return nil, domain.Refuse("session-inconnue", "Cette session d’examen n’existe pas.", "Indiquez l’année de l’examen.")
	case err != nil || len(c.Document) == 0:
		return nil, domain.Refuse("publication-illisible", "Le document à publier n’est pas lisible.", "Calculez à nouveau la publication.")
	case len(document) > maxDocument:
		return nil, domain.Refuse("publication-trop-grande", "Le document à publier est trop grand pour être gardé d’un seul tenant.", "Signalez-le à l’exploitant : le catalogue des tableaux ne devrait jamais l’atteindre.")
	}
	next := StatisticsPublished{Session: c.Session, Number: c.Number, Dated: c.Dated, Document: document}
	if i := c.Number - 1; i >= 0 && i < len(published) && same(published[i], next) {
		return nil, nil
	}
	if c.Number != len(published)+1 {
		return nil, domain.Refuse("publication-depassee", "Une autre publication de cette session a été arrêtée entre-temps.", "Calculez à nouveau la publication : elle doit être comparée à la dernière.")
	}
	if c.Dated.IsZero() || len(published) > 0 && c.Dated.Before(published[len(published)-1].Dated) {
		return nil, domain.Refuse("publication-antidatee", "Une publication porte une date, qui n’est pas antérieure à celle de la précédente.", "Datez la publication du jour.")
	}
	return []domain.Event{next}, nil
}

func same(a, b StatisticsPublished) bool {
	return a.Session == b.Session && a.Dated == b.Dated && bytes.Equal(a.Document, b.Document)
}
