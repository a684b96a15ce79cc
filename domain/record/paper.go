package record

import "livret/domain"

// OnlineServiceRefused says that the family does not want the livret on line: the téléservice is optional
// (arrêté of 8 February 2016). A livret on paper is then owed at the proclamation of results.
type OnlineServiceRefused struct{}

// OnlineServiceAccepted says that the family wants it on line again.
type OnlineServiceAccepted struct{}

// PaperLivretHandedOver says on which day the final livret was handed over on paper.
type PaperLivretHandedOver struct {
	On domain.Date `json:"on"`
}

// EventType is the name on disk.
func (OnlineServiceRefused) EventType() string { return "record.OnlineServiceRefused" }

// EventType is the name on disk.
func (OnlineServiceAccepted) EventType() string { return "record.OnlineServiceAccepted" }

// EventType is the name on disk.
func (PaperLivretHandedOver) EventType() string { return "record.PaperLivretHandedOver" }

// PaperOwed tells whether a livret on paper is owed now: the results are proclaimed, and the family can not read
// it on line, because it refused to or because the school declined to offer it. It is owed until it is handed
// over, or the family can read on line again.
func (s *State) PaperOwed(declined bool, proclaimed domain.Date) bool {
	return !proclaimed.IsZero() && (declined || s.Rights.OnlineRefused) && s.Rights.PaperHandedOver.IsZero()
}

// RefuseOnlineService closes the livret on line to the family.
type RefuseOnlineService struct{}

// Decide grants it once.
func (RefuseOnlineService) Decide(s *State) ([]domain.Event, error) {
	if s.Rights.OnlineRefused {
		return nil, nil
	}
	if err := checkOpened(s); err != nil {
		return nil, err
	}
	return one(OnlineServiceRefused{})
}

// AcceptOnlineService opens it again.
type AcceptOnlineService struct{}

// Decide grants it where it was refused.
func (AcceptOnlineService) Decide(s *State) ([]domain.Event, error) {
	if !s.Rights.OnlineRefused {
		return nil, nil
	}
	return one(OnlineServiceAccepted{})
}

// HandOverPaperLivret records that the final livret was handed over on paper.
type HandOverPaperLivret struct {
	On         domain.Date
	Proclaimed domain.Date // day of the proclamation; zero if there was none yet
	Today      domain.Date
}

// Decide grants it once, from the proclamation on: what is handed over before is not the final livret.
func (c HandOverPaperLivret) Decide(s *State) ([]domain.Event, error) {
	if was := s.Rights.PaperHandedOver; !was.IsZero() {
		if was == c.On {
			return nil, nil
		}
		return nil, domain.Refuse("papier-deja-remis", "La remise du livret sur papier est déjà enregistrée.", "Consultez l’historique du livret.")
	}
	if err := checkOpened(s); err != nil {
		return nil, err
	}
	if c.Proclaimed.IsZero() || c.On.Before(c.Proclaimed) || c.Today.Before(c.On) {
		return nil, domain.Refuse("remise-hors-delai", "Le livret définitif se remet à partir de la proclamation des résultats, et au plus tard aujourd’hui.",
			"Indiquez le jour où il a été remis.")
	}
	return one(PaperLivretHandedOver{On: c.On})
}
