package instance

import (
	"cmp"
	"context"
	"slices"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/retention"
)

// Due is an owner of keys on its way to its end: a livret with its log, a sanction, the file of a hold.
type Due struct {
	Livret   uuid.UUID          `json:"livret"`
	Kind     retention.Rule     `json:"kind"`
	Standing retention.Standing `json:"standing"`
	Session  string             `json:"session,omitempty"`
	Active   domain.Date        `json:"active_until,omitzero"`
	Term     domain.Date        `json:"term,omitzero"`
	Holds    []uuid.UUID        `json:"holds,omitempty"`
	Presumed bool               `json:"presumed,omitempty"` // no proclamation is known: this project's decision
	Visa     string             `json:"visa,omitempty"`
}

// Group is how many stand alike: of one kind and session, with one term.
type Group struct {
	Kind     retention.Rule     `json:"kind"`
	Session  string             `json:"session,omitempty"`
	Term     domain.Date        `json:"term,omitzero"`
	Standing retention.Standing `json:"standing"`
	Presumed bool               `json:"presumed,omitempty"`
	Count    int                `json:"count"`
}

// Docket is what comes due by a day, and what is in its way.
type Docket struct {
	On         domain.Date                `json:"on"`
	Counts     map[retention.Standing]int `json:"counts"`
	Groups     []Group                    `json:"groups"`  // by term
	Livrets    []Due                      `json:"livrets"` // those that a person may have to do something about
	Unreadable []uuid.UUID                `json:"unreadable,omitempty"`
}

// Alarms is how many have come to their term and can not end for want of somebody's act: a visa, a receipt, a run.
func (d Docket) Alarms() int {
	return d.Counts[retention.VisaMissing] + d.Counts[retention.AwaitsVersement] + d.Counts[retention.Begun] + d.Counts[retention.Requested] + len(d.Unreadable)
}

// Due lists where owners of keys stand on a day, for an actor who may read it. Nothing in it names anybody.
func (i *Instance) Due(ctx context.Context, actor access.Actor, on domain.Date) (Docket, error) {
	read, err := i.docket(ctx, actor)
	if err != nil {
		return Docket{}, err
	}
	d := Docket{On: on, Counts: make(map[retention.Standing]int), Groups: []Group{}, Livrets: []Due{}, Unreadable: read.Unreadable}
	groups := make(map[Group]int)
	for owner, state := range read.Owners {
		due := dueOf(owner, state, on, read.Decided.Authorised())
		if due.Standing == retention.NotALivret {
			continue
		}
		d.Counts[due.Standing]++
		groups[Group{Kind: due.Kind, Session: due.Session, Term: due.Term, Standing: due.Standing, Presumed: due.Presumed}]++
		if due.Standing != retention.Current && due.Standing != retention.Archived && due.Standing != retention.Gone {
			d.Livrets = append(d.Livrets, due)
		}
	}
	for group, n := range groups {
		group.Count = n
		d.Groups = append(d.Groups, group)
	}
	slices.SortFunc(d.Groups, func(a, b Group) int {
		return cmp.Or(a.Term.Compare(b.Term), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Session, b.Session), cmp.Compare(a.Standing, b.Standing), b.Count-a.Count)
	})
	slices.SortFunc(d.Livrets, func(a, b Due) int {
		return cmp.Or(a.Term.Compare(b.Term), cmp.Compare(a.Standing, b.Standing), slices.Compare(a.Livret[:], b.Livret[:]))
	})
	return d, nil
}

func dueOf(owner uuid.UUID, state *retention.State, on domain.Date, by retention.Authorised) Due {
	due := Due{Livret: owner, Kind: state.Kind(), Standing: state.Standing(on, by), Holds: state.Holds(), Visa: state.VisaFor(state.Kind(), by)}
	if clock, started := state.Clock(state.Kind()); started {
		due.Session, due.Active, due.Term, due.Presumed = clock.Session, clock.Active, clock.Term, clock.Presumed
	}
	return due
}
