package retention

import "livret/domain"

// EndRequestFile sets the term of a request of a probatory archive.
type EndRequestFile struct{ Requested domain.Date }

// Decide refuses by "demande-inconnue".
func (c EndRequestFile) Decide(s *State) ([]domain.Event, error) {
	if s.lacks(RequestFile) != nil {
		return nil, domain.Refuse("demande-inconnue", "Aucune demande d’archive n’existe sous cet identifiant.", "Vérifiez l’identifiant de la demande.")
	}
	return s.setTerm(RequestFile, RequestTerm(c.Requested)), nil
}
