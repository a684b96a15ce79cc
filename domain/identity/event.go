package identity

import "livret/domain/nomenclature"

// CivilIdentityRecorded is who a pupil is in civil law. A change of name is a new one.
type CivilIdentityRecorded struct {
	Redacted
	FamilyName string   `json:"familyName"`
	UsageName  string   `json:"usageName,omitempty"`
	FirstNames []string `json:"firstNames"`
	BirthDate  string   `json:"birthDate"` // ISO 8601; empty if unknown
	BirthPlace string   `json:"birthPlace,omitempty"`
	Sex        string   `json:"sex,omitempty"` // "1" or "2" as in SIECLE
}

// INERecorded is the national number of a pupil; it can change, and a wrong check letter is kept as it came.
type INERecorded struct {
	Redacted
	INE string `json:"ine"`
}

// SiecleIDRecorded is the number of the pupil in the base élèves of a school.
type SiecleIDRecorded struct {
	Redacted
	UAI      nomenclature.UAI `json:"uai"`
	SiecleID uint64           `json:"siecleId"`
}

// GuardianRecorded is a responsable of the pupil. Legal is 1 or 2 for parental authority, 0 for a mere
// contact, who sees nothing.
type GuardianRecorded struct {
	Redacted
	PersonID uint64 `json:"personId"` // SIECLE PERSONNE_ID
	Civility string `json:"civility,omitempty"`
	Name     string `json:"name"`
	First    string `json:"first,omitempty"`
	Legal    uint8  `json:"legal"`
	Parente  string `json:"parente,omitempty"` // SIECLE CODE_PARENTE
}

// GuardianRemoved says that a person is no longer a responsable of the pupil.
type GuardianRemoved struct {
	Redacted
	PersonID uint64 `json:"personId"`
}

// SchoolAttended is one line of the table of schools since sixième.
type SchoolAttended struct {
	Redacted
	Year     nomenclature.SchoolYear `json:"year"`
	UAI      nomenclature.UAI        `json:"uai,omitempty"`
	Name     string                  `json:"name,omitempty"`
	Town     string                  `json:"town,omitempty"`
	Division string                  `json:"division,omitempty"`
	Level    string                  `json:"level,omitempty"` // "6e" … "Tle"
}

// StaffIdentified is a member of staff of a school: teacher, CPE, head, or juror.
type StaffIdentified struct {
	Redacted
	UAI      nomenclature.UAI `json:"uai,omitempty"`
	StsID    string           `json:"stsId,omitempty"`
	Civility string           `json:"civility,omitempty"`
	Name     string           `json:"name"`
	First    string           `json:"first,omitempty"`
	Function string           `json:"function,omitempty"` // ENS, EDU, DIR as in STS; empty if unknown
}

// EventType is the name on disk.
func (CivilIdentityRecorded) EventType() string { return "identity.CivilIdentityRecorded" }

// EventType is the name on disk.
func (INERecorded) EventType() string { return "identity.INERecorded" }

// EventType is the name on disk.
func (SiecleIDRecorded) EventType() string { return "identity.SiecleIDRecorded" }

// EventType is the name on disk.
func (GuardianRecorded) EventType() string { return "identity.GuardianRecorded" }

// EventType is the name on disk.
func (GuardianRemoved) EventType() string { return "identity.GuardianRemoved" }

// EventType is the name on disk.
func (SchoolAttended) EventType() string { return "identity.SchoolAttended" }

// EventType is the name on disk.
func (StaffIdentified) EventType() string { return "identity.StaffIdentified" }
