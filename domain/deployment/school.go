package deployment

import (
	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/nomenclature"
)

// SchoolCategory is the stream category of a school's decisions.
const SchoolCategory = "school"

// SchoolStream is the id of a school's decisions, computed from its public number.
func SchoolStream(school nomenclature.UAI) uuid.UUID {
	return uuid.NewSHA1(deployments, []byte(SchoolCategory+string(school)))
}

// ServiceDeclined says that the school does not offer families the livret on line: the téléservice is
// optional (arrêté of 8 February 2016). It still keeps livrets, and its jury still reads them.
type ServiceDeclined struct {
	School nomenclature.UAI `json:"school"`
}

// EventType is the name on disk.
func (ServiceDeclined) EventType() string { return "deployment.ServiceDeclined" }

// ServiceOffered says that a school which declined offers the livret on line again.
type ServiceOffered struct {
	School nomenclature.UAI `json:"school"`
}

// EventType is the name on disk.
func (ServiceOffered) EventType() string { return "deployment.ServiceOffered" }

// School is a school's decisions as they stand. A school that never said anything offers the service.
type School struct{ Declined bool }

// SchoolDecider is that of school streams.
var SchoolDecider = domain.Decider[School]{
	Category: SchoolCategory,
	Initial:  func() School { return School{} },
	Evolve: func(s School, fact domain.Fact) School {
		switch fact.Event.(type) {
		case ServiceDeclined:
			s.Declined = true
		case ServiceOffered:
			s.Declined = false
		}
		return s
	},
}

// DeclineService stops offering families the livret on line.
type DeclineService struct{ School nomenclature.UAI }

// Decide refuses what is not a UAI, as nomenclature.ParseUAI does.
func (c DeclineService) Decide(s School) ([]domain.Event, error) {
	school, err := nomenclature.ParseUAI(string(c.School))
	if err != nil || s.Declined {
		return nil, err
	}
	return []domain.Event{ServiceDeclined{School: school}}, nil
}

// OfferService offers families the livret on line again.
type OfferService struct{ School nomenclature.UAI }

// Decide refuses what is not a UAI, as nomenclature.ParseUAI does.
func (c OfferService) Decide(s School) ([]domain.Event, error) {
	school, err := nomenclature.ParseUAI(string(c.School))
	if err != nil || !s.Declined {
		return nil, err
	}
	return []domain.Event{ServiceOffered{School: school}}, nil
}
