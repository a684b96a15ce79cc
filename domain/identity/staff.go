package identity

import "livret/domain"

// Staff is a member of staff: the fold of a staff stream.
type Staff struct {
	Redacted
	Identity StaffIdentified // without name as long as nothing was recorded
	names    KnownNames
}

// StaffDecider is that of staff streams.
var StaffDecider = domain.Decider[*Staff]{
	Category: StaffCategory,
	Initial:  func() *Staff { return new(Staff) },
	Evolve: func(s *Staff, fact domain.Fact) *Staff {
		if e, ok := fact.Event.(StaffIdentified); ok {
			s.Identity = e
			s.names.addPerson(e.Name, "", e.First)
			s.names.addSchool(string(e.UAI), "", "")
		}
		return s
	},
}

// Recorded tells whether the member of staff has a name yet.
func (s *Staff) Recorded() bool { return s.Identity.Name != "" }

// KnownNames is the names of the member of staff, and of his school as far as its UAI.
func (s *Staff) KnownNames() KnownNames { return s.names.clone() }

// RecordStaff is what a source says of a member of staff. What it leaves blank is not a deletion.
type RecordStaff StaffIdentified

// Decide refuses by "personnel-sans-nom".
func (c RecordStaff) Decide(s *Staff) ([]domain.Event, error) {
	known := s.Identity
	stated := StaffIdentified{
		UAI:      cleanUAI(c.UAI),
		StsID:    firstOf(cleanText(c.StsID), known.StsID),
		Civility: firstOf(cleanText(c.Civility), known.Civility),
		Name:     cleanText(c.Name),
		First:    firstOf(cleanText(c.First), known.First),
		Function: firstOf(cleanText(c.Function), known.Function),
	}
	if stated.UAI == "" {
		stated.UAI = known.UAI
	}
	switch {
	case stated.Name == "":
		return nil, domain.Refuse("personnel-sans-nom", "Un membre du personnel n’a pas de nom.",
			"Complétez sa fiche dans STS, puis refaites l’export.")
	case stated == known:
		return nil, nil
	}
	return []domain.Event{stated}, nil
}
