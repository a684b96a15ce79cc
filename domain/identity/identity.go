// Package identity is the only room that knows names: of pupils, of their guardians, of staff.
package identity

import "livret/domain"

// Stream categories: identity-<livret> for a pupil and his guardians, staff-<random> for a member of staff; see also
// SubjectCategory.
const (
	Category      = "identity"
	StaffCategory = "staff"
)

// Events is the catalogue of what may stand in an identity, staff or subject stream.
func Events() []domain.Kind {
	return []domain.Kind{
		domain.Define[CivilIdentityRecorded](1),
		domain.Define[INERecorded](1),
		domain.Define[SiecleIDRecorded](1),
		domain.Define[GuardianRecorded](1),
		domain.Define[GuardianRemoved](1),
		domain.Define[SchoolAttended](1),
		domain.Define[StaffIdentified](1),
		domain.Define[SubjectIdentified](1),
	}
}
