package retention

import (
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"livret/domain"
)

// HoldCategory is the stream category of the files of holds, hold-<random>: sealed under the hold's own key.
const HoldCategory = "hold"

// Origin is what a hold comes from.
type Origin string

// The origins of holds: the recours of the arrêté of 8 February 2016, art. 9, 3°, and the request of a pupil who
// needs his livret for a claim of his own (RGPD, art. 18(1)(c)).
const (
	RecoursAdministratif Origin = "recours-administratif"
	RecoursContentieux   Origin = "recours-contentieux"
	DemandeEleve         Origin = "demande-eleve"
)

// HoldOpened says who asked that livrets be kept, why, and which. It comes before the hold stands anywhere, so that
// one which was interrupted is known and completed.
type HoldOpened struct {
	Origin    Origin      `json:"origin"`
	Case      string      `json:"case,omitempty"`      // number of the procedure
	Requester string      `json:"requester,omitempty"` // who asked
	Motive    string      `json:"motive,omitempty"`
	Livrets   []uuid.UUID `json:"livrets,omitempty"` // those named
	Session   string      `json:"session,omitempty"` // or all those of a session: "2018-juin"
	Jury      uuid.UUID   `json:"jury,omitzero"`     // or all those that came before a jury
}

// HoldAcknowledged says that the hold stands in every livret that it covers and that could still be kept.
type HoldAcknowledged struct {
	Livrets int `json:"livrets"` // where it stands
	Refused int `json:"refused"` // whose destruction was done or had begun
}

// HoldClosed says that the procedure is over.
type HoldClosed struct {
	On domain.Date `json:"on"`
}

// EventType is the name on disk.
func (HoldOpened) EventType() string { return "hold.HoldOpened" }

// EventType is the name on disk.
func (HoldAcknowledged) EventType() string { return "hold.HoldAcknowledged" }

// EventType is the name on disk.
func (HoldClosed) EventType() string { return "hold.HoldClosed" }

// HoldState is what became of a hold: the fold of its stream.
type HoldState struct {
	Opened       HoldOpened // its origin is empty as long as it is not
	Acknowledged *HoldAcknowledged
	Closed       domain.Date // zero: the procedure lasts
}

// Covers tells whether the hold is to stand on a livret, as far as the livret's retention stream tells.
func (h *HoldState) Covers(s *State) bool {
	if clock, runs := s.Clock(Livret); runs && h.Opened.Session != "" && clock.Session == h.Opened.Session {
		return true
	}
	return h.Opened.Jury != uuid.Nil && s.juries[h.Opened.Jury]
}

// HoldDecider is that of the files of holds.
var HoldDecider = domain.Decider[*HoldState]{
	Category: HoldCategory,
	Initial:  func() *HoldState { return new(HoldState) },
	Evolve: func(h *HoldState, fact domain.Fact) *HoldState {
		switch e := fact.Event.(type) {
		case HoldOpened:
			h.Opened = e
		case HoldAcknowledged:
			h.Acknowledged = &e
		case HoldClosed:
			h.Closed = e.On
		}
		return h
	},
}

// OpenHold begins a hold.
type OpenHold HoldOpened

// maxHoldText is how long each text of a hold's file may be, in characters.
const maxHoldText = 500

// Decide refuses by "gel-sans-origine", "gel-sans-perimetre", "gel-trop-long" and "gel-deja-ouvert".
func (c OpenHold) Decide(h *HoldState) ([]domain.Event, error) {
	c.Case, c.Requester, c.Motive = strings.TrimSpace(c.Case), strings.TrimSpace(c.Requester), strings.TrimSpace(c.Motive)
	switch {
	case h.Opened.Origin != "" && reflect.DeepEqual(h.Opened, HoldOpened(c)):
		return nil, nil
	case h.Opened.Origin != "":
		return nil, domain.Refuse("gel-deja-ouvert", "Ce gel existe déjà.", "Posez un nouveau gel.")
	case c.Origin != RecoursAdministratif && c.Origin != RecoursContentieux && c.Origin != DemandeEleve:
		return nil, domain.Refuse("gel-sans-origine", "Un gel tient à un recours administratif, à un recours contentieux ou à la demande de l’élève.",
			"Indiquez recours-administratif, recours-contentieux ou demande-eleve.")
	case len(c.Livrets) == 0 && c.Session == "" && c.Jury == uuid.Nil:
		return nil, domain.Refuse("gel-sans-perimetre", "Un gel porte sur des livrets, sur un jury ou sur une session.", "Indiquez lesquels.")
	case max(utf8.RuneCountInString(c.Case), utf8.RuneCountInString(c.Requester), utf8.RuneCountInString(c.Motive)) > maxHoldText:
		return nil, domain.Refuse("gel-trop-long", "Un texte de ce gel dépasse 500 caractères.", "Renvoyez au dossier de la procédure.")
	}
	return []domain.Event{HoldOpened(c)}, nil
}

// AcknowledgeHold records that the hold stands. Whoever asks has placed it.
type AcknowledgeHold HoldAcknowledged

// Decide refuses by "gel-inconnu".
func (c AcknowledgeHold) Decide(h *HoldState) ([]domain.Event, error) {
	switch {
	case h.Opened.Origin == "":
		return nil, unknownHold()
	case h.Acknowledged != nil, !h.Closed.IsZero():
		return nil, nil
	}
	return []domain.Event{HoldAcknowledged(c)}, nil
}

// CloseHold records that the procedure is over: the hold is released wherever it stands.
type CloseHold struct{ On domain.Date }

// Decide refuses by "gel-inconnu".
func (c CloseHold) Decide(h *HoldState) ([]domain.Event, error) {
	switch {
	case h.Opened.Origin == "":
		return nil, unknownHold()
	case !h.Closed.IsZero():
		return nil, nil
	}
	return []domain.Event{HoldClosed(c)}, nil
}

func unknownHold() error {
	return domain.Refuse("gel-inconnu", "Aucun gel n’a été posé sous cet identifiant.", "Vérifiez l’identifiant du gel.")
}

// EndHoldFile sets the term of a hold's file, once the hold stands nowhere any more.
type EndHoldFile struct{ Released domain.Date }

// Decide refuses by "gel-inconnu".
func (c EndHoldFile) Decide(s *State) ([]domain.Event, error) {
	if s.lacks(HoldFile) != nil {
		return nil, unknownHold()
	}
	return s.setTerm(HoldFile, HoldTerm(c.Released)), nil
}
