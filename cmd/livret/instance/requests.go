package instance

import (
	"cmp"
	"context"
	"slices"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/identity"
	"livret/domain/nomenclature"
	"livret/domain/record"
	"livret/domain/retention"
	"livret/eventstore/ledger"
)

// Rights is where a livret stands as to the rights on it.
type Rights struct {
	Target access.Target
	State  *record.State
	Exam   Exam
}

// Rights answers those on a livret, for an actor who may ask or declare something about it. Who refused the
// livret on line may still come here to accept it again.
func (i *Instance) Rights(ctx context.Context, actor access.Actor, livret uuid.UUID) (Rights, error) {
	on, err := i.Target(ctx, livret)
	if err != nil {
		return Rights{}, err
	}
	reached := on
	reached.Refused = false
	if err := access.May(actor, access.RequestRectification, reached, i.Today()); err != nil {
		return Rights{}, err
	}
	r := Rights{Target: on}
	if r.State, _, err = ledger.Load(ctx, i.Ledger, record.Decider, livret); err != nil {
		return r, err
	}
	r.Exam, err = i.ExamOf(ctx, on)
	return r, err
}

// Request is what stands about one livret that the head may have to do something about.
type Request struct {
	Livret   uuid.UUID `json:"livret"`
	Name     string    `json:"name"` // as in a list
	Division string    `json:"division"`
	record.Rights
	Unread         bool `json:"unread"`         // open to the family, which never consulted it
	Unacknowledged bool `json:"unacknowledged"` // validated, and nobody of the family took note of it as it is
}

// Requests is what the families of a school ask and declare, and who never consulted, for its head.
func (i *Instance) Requests(ctx context.Context, actor access.Actor, school nomenclature.UAI) ([]Request, error) {
	if err := access.May(actor, access.ReadRequests, access.Target{UAI: school, Academie: i.Settings.Academie}, i.Today()); err != nil {
		return nil, err
	}
	all := []Request{}
	err := i.pupilsOf(ctx, school, func(livret uuid.UUID, name string, at record.SchoolingRecorded, state *record.State) error {
		r := Request{Livret: livret, Name: name, Division: at.Division, Rights: state.Rights, Unacknowledged: state.Validated() && !state.Acknowledged()}
		if !i.Today().Before(access.OpenToFamilyFrom(state.Session)) {
			lines, err := i.Ledger.Consultations(ctx, livret)
			if err != nil && !gone(err) {
				return err
			}
			r.Unread = err == nil
			for _, line := range lines {
				r.Unread = r.Unread && line.Role != access.Eleve && line.Role != access.ResponsableLegal
			}
		}
		all = append(all, r)
		return nil
	})
	return all, err
}

// PaperDebt is a livret on paper that a school owes.
type PaperDebt struct {
	Livret     uuid.UUID   `json:"livret"`
	Name       string      `json:"name,omitempty"` // for the head only
	Division   string      `json:"division"`
	Proclaimed domain.Date `json:"proclaimed"`
	Refused    bool        `json:"refused"` // by the family; if not, the school does not offer the service
}

// PaperDue lists the livrets on paper that a school owes today. Names are for its head only.
func (i *Instance) PaperDue(ctx context.Context, actor access.Actor, school nomenclature.UAI) ([]PaperDebt, error) {
	if err := access.May(actor, access.ReadPaperDue, access.Target{UAI: school, Academie: i.Settings.Academie}, i.Today()); err != nil {
		return nil, err
	}
	declined, err := i.declined(ctx, school)
	if err != nil {
		return nil, err
	}
	debts := []PaperDebt{}
	err = i.pupilsOf(ctx, school, func(livret uuid.UUID, name string, at record.SchoolingRecorded, state *record.State) error {
		ends, _, err := ledger.Load(ctx, i.Ledger, retention.Decider, livret)
		clock, started := ends.Clock(retention.Livret)
		if err != nil || !started || clock.Presumed || !state.PaperOwed(declined, clock.From) {
			return err
		}
		debt := PaperDebt{Livret: livret, Division: at.Division, Proclaimed: clock.From, Refused: state.Rights.OnlineRefused}
		if actor.Role == access.ChefEtablissement {
			debt.Name = name
		}
		debts = append(debts, debt)
		return nil
	})
	return debts, err
}

// pupilsOf visits the livrets of the pupils who are in a school now, or were last, by division and name. Those
// that can no longer be read are passed over.
func (i *Instance) pupilsOf(ctx context.Context, school nomenclature.UAI, visit func(uuid.UUID, string, record.SchoolingRecorded, *record.State) error) error {
	livrets, err := i.Family.Roster().Livrets(ctx, school)
	if err != nil {
		return err
	}
	type entry struct {
		livret uuid.UUID
		name   string
		at     record.SchoolingRecorded
		state  *record.State
	}
	var found []entry
	for _, livret := range livrets {
		state, _, err := ledger.Load(ctx, i.Ledger, record.Decider, livret)
		if gone(err) {
			continue
		} else if err != nil {
			return err
		}
		at, ok := state.Latest()
		if !ok || at.UAI != school {
			continue
		}
		pupil, _, err := ledger.Load(ctx, i.Ledger, identity.PupilDecider, livret)
		if gone(err) {
			continue
		} else if err != nil {
			return err
		}
		found = append(found, entry{livret, pupil.Civil.ListName(), at, state})
	}
	slices.SortFunc(found, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.at.Division, b.at.Division), cmp.Compare(a.name, b.name), slices.Compare(a.livret[:], b.livret[:]))
	})
	for _, e := range found {
		if err := visit(e.livret, e.name, e.at, e.state); err != nil {
			return err
		}
	}
	return nil
}
