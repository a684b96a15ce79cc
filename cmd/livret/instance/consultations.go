package instance

import (
	"context"
	"time"

	"github.com/google/uuid"

	"livret/domain/access"
	"livret/domain/identity"
	"livret/eventstore/ledger"
)

// Consultation is one line of the log of a livret: who, and when.
type Consultation struct {
	At        time.Time `json:"at"` // UTC, to the second
	Role      string    `json:"role"`
	RoleLabel string    `json:"roleLabel"`
	Person    uuid.UUID `json:"person"`        // random id
	Who       string    `json:"who,omitempty"` // if the ledger knows the person as staff
}

// Consultations is the log of a livret, oldest first, for an actor who may read it.
func (i *Instance) Consultations(ctx context.Context, actor access.Actor, livret uuid.UUID) ([]Consultation, error) {
	on, err := i.Target(ctx, livret)
	if gone(err) {
		on = access.Target{Livret: livret, Academie: i.Settings.Academie} // the log may outlive what was read
	} else if err != nil {
		return nil, err
	}
	if err := access.May(actor, access.ReadConsultations, on, i.Today()); err != nil {
		return nil, err
	}
	return i.consultations(ctx, livret)
}

func (i *Instance) consultations(ctx context.Context, livret uuid.UUID) ([]Consultation, error) {
	lines, err := i.Ledger.Consultations(ctx, livret)
	if err != nil {
		return nil, err
	}
	names := make(map[uuid.UUID]string)
	all := make([]Consultation, 0, len(lines))
	for _, line := range lines {
		who, met := names[line.Person]
		if !met {
			staff, _, err := ledger.Load(ctx, i.Ledger, identity.StaffDecider, line.Person)
			if err == nil && staff.Recorded() {
				who = staff.Identity.DisplayName()
			}
			names[line.Person] = who
		}
		all = append(all, Consultation{At: line.At, Role: line.Role, RoleLabel: access.RoleLabel(line.Role), Person: line.Person, Who: who})
	}
	return all, nil
}
