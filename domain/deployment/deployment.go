// Package deployment is what an académie and a school decide about the service itself, and about no pupil:
// which nomenclatures of the ministry are in force beside those built in, from which exam session each série
// has a livret, and whether a school offers the livret to families.
//
// The streams hold no personal data; they are kept in clear and never destroyed, because a livret can only be
// explained with the lists and the calendar under which it was taken in.
package deployment

import (
	"slices"
	"strings"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/nomenclature"
)

// Category is the stream category of an académie's decisions: one stream per ledger.
const Category = "deployment"

// deployments is the namespace of the ids of this package's streams.
var deployments = uuid.MustParse("0b6c1d52-3f0e-4c39-9a70-6e2f4d1b8c35")

// Stream is the id of an académie's decisions, by its code. It is computed, not drawn: it names a public
// thing, and two decisions taken at the same moment must meet in one stream.
func Stream(academie string) uuid.UUID { return uuid.NewSHA1(deployments, []byte(Category+academie)) }

// NomenclatureLoaded says that a nomenclature file of the ministry came into force. The file itself is kept
// beside the ledger: it is the State's, public, and as large as a thousand events.
type NomenclatureLoaded struct {
	Digest     string                    `json:"digest"`     // SHA-256 of the file, in lower-case hexadecimal
	Millesimes []nomenclature.SchoolYear `json:"millesimes"` // that it has formations for, ascending
}

// EventType is the name on disk.
func (NomenclatureLoaded) EventType() string { return "deployment.NomenclatureLoaded" }

// CalendarMoved says that the académie opens a série from another exam session than planned. PRO stands for
// every spécialité of the baccalauréat professionnel.
type CalendarMoved struct {
	Serie nomenclature.Serie      `json:"serie"`
	First nomenclature.SchoolYear `json:"first"` // calendar year of the first exam session
}

// EventType is the name on disk.
func (CalendarMoved) EventType() string { return "deployment.CalendarMoved" }

// Events is the catalogue of what may stand in the streams of this package.
func Events() []domain.Kind {
	return []domain.Kind{
		domain.Define[NomenclatureLoaded](1), domain.Define[CalendarMoved](1),
		domain.Define[ServiceDeclined](1), domain.Define[ServiceOffered](1),
		domain.Define[SchoolSanctionsEnabled](1), domain.Define[SchoolSanctionsRevoked](1),
	}
}

// State is an académie's decisions as they stand.
type State struct {
	Nomenclatures []NomenclatureLoaded // in the order in which they were loaded
	Moves         []CalendarMoved      // the last one of each série
	Sanctions     string               // legal act under which schools record theirs; empty: they may not
}

// Decider is that of deployment streams.
var Decider = domain.Decider[*State]{
	Category: Category,
	Initial:  func() *State { return &State{} },
	Evolve: func(s *State, fact domain.Fact) *State {
		switch e := fact.Event.(type) {
		case NomenclatureLoaded:
			s.Nomenclatures = append(s.Nomenclatures, e)
		case CalendarMoved:
			s.Moves = slices.DeleteFunc(s.Moves, func(m CalendarMoved) bool { return m.Serie == e.Serie })
			s.Moves = append(s.Moves, e)
		case SchoolSanctionsEnabled:
			s.Sanctions = e.LegalAct
		case SchoolSanctionsRevoked:
			s.Sanctions = ""
		}
		return s
	},
}

// Moved is the planned calendar with what the académie moved. It fails with the refusal of Calendar.Move.
func (s *State) Moved(planned nomenclature.Calendar, academie string) (nomenclature.Calendar, error) {
	for _, m := range s.Moves {
		var err error
		if planned, err = planned.Move(m.Serie, academie, m.First); err != nil {
			return planned, err
		}
	}
	return planned, nil
}

// LoadNomenclature puts a nomenclature file in force after those already loaded. A file that is in force
// keeps its place: loading it again is nothing.
type LoadNomenclature struct {
	Digest     string // see NomenclatureLoaded
	Millesimes []nomenclature.SchoolYear
}

// Decide refuses by "nomenclature-sans-empreinte" and "nomenclature-vide".
func (c LoadNomenclature) Decide(s *State) ([]domain.Event, error) {
	switch {
	case len(c.Digest) != 64 || strings.Trim(c.Digest, "0123456789abcdef") != "":
		return nil, domain.Refuse("nomenclature-sans-empreinte", "Une nomenclature se charge avec l’empreinte SHA-256 de son fichier.", "")
	case len(c.Millesimes) == 0:
		return nil, domain.Refuse("nomenclature-vide", "Cette nomenclature ne contient aucune année scolaire.", "Demandez à l’académie le fichier de nomenclature remis aux éditeurs.")
	case slices.ContainsFunc(s.Nomenclatures, func(n NomenclatureLoaded) bool { return n.Digest == c.Digest }):
		return nil, nil
	}
	return []domain.Event{NomenclatureLoaded(c)}, nil
}

// The sessions an opening may be moved to: the experiment of 2015 was the first (arrêté of 13 October 2014,
// article 1); the other bound only catches typing errors.
const (
	earliest nomenclature.SchoolYear = 2015
	latest   nomenclature.SchoolYear = 2099
)

// MoveCalendar opens a série of an académie from another session than planned, earlier or later. The planned
// calendar comes with the command, because what is already so depends on it.
type MoveCalendar struct {
	Serie    nomenclature.Serie
	First    nomenclature.SchoolYear
	Academie string                // code
	Planned  nomenclature.Calendar // without any move
}

// Decide refuses by "serie-hors-livret", "serie-inconnue", "session-inconnue", "serie-eteinte" and
// "academie-inconnue".
func (c MoveCalendar) Decide(s *State) ([]domain.Event, error) {
	if err := c.Serie.Excluded(); err != nil {
		return nil, err
	}
	known := c.Planned.Series()
	last, ends := c.Planned.Last(c.Serie)
	switch {
	case !slices.Contains(known, c.Serie):
		return nil, domain.Refuse("serie-inconnue", "Le calendrier ne connaît pas cette série.",
			"Indiquez l’une des séries "+list(known)+" ; PRO désigne toutes les spécialités du baccalauréat professionnel.")
	case c.First < earliest || c.First > latest:
		return nil, domain.Refuse("session-inconnue", "Aucun livret numérique n’a existé ou n’est prévu pour cette session.", "Indiquez l’année de l’examen.")
	case ends && c.First > last:
		return nil, domain.Refuse("serie-eteinte", "Cette série n’existe plus à cette session.", "Vérifiez la série et l’année de l’examen.")
	}
	inForce, err := s.Moved(c.Planned, c.Academie)
	if err != nil {
		return nil, err
	}
	if first, opened := inForce.First(c.Serie, nomenclature.SansVoie, c.Academie); opened && first == c.First {
		return nil, nil
	}
	if _, err := inForce.Move(c.Serie, c.Academie, c.First); err != nil {
		return nil, err
	}
	return []domain.Event{CalendarMoved{Serie: c.Serie, First: c.First}}, nil
}

func list(series []nomenclature.Serie) string {
	names := make([]string, len(series))
	for i, s := range series {
		names[i] = string(s)
	}
	return strings.Join(names, ", ")
}
