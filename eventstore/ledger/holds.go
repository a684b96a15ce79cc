package ledger

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/deliberation"
	"livret/domain/retention"
)

// A hold goes through these steps, each of which may be repeated:
//
//  1. HoldOpened in its own stream, sealed under its own key: who asks, why, and what it covers.
//  2. HoldPlaced in the retention stream of each livret that it covers, at the exact version that was decided on.
//  3. HoldAcknowledged in its own stream: from here on it stands, and who asked may be told so.
//  4. HoldClosed in its own stream, when the procedure is over.
//  5. HoldReleased in each livret; then the term of the hold's own key is set.
//
// One that was interrupted has no acknowledgement, or no term, and is completed by SettleHolds.

// Hold opens a hold and places it wherever it is to stand. Given again under the same id, it goes on. It opens
// nothing if it could stand nowhere: then all that it covers is left.
func (l *Ledger) Hold(ctx context.Context, grant access.Grant, hold uuid.UUID, open retention.OpenHold) (Stands, error) {
	file, _, err := Load(ctx, l, retention.HoldDecider, hold)
	if err != nil {
		return Stands{}, err
	}
	if file.Opened.Origin != "" {
		return l.settle(ctx, grant, hold)
	}
	events, err := open.Decide(file)
	if err != nil {
		return Stands{}, err
	}
	docket, err := l.Docket(ctx)
	if err != nil {
		return Stands{}, err
	}
	covered, err := l.covered(ctx, docket, retention.HoldDecider.Evolve(file, domain.Fact{Event: events[0]}))
	if err != nil {
		return Stands{}, err
	}
	refused := Stands{Left: []Left{}}
	for _, livret := range covered {
		state := docket.Owners[livret]
		if state == nil {
			state = retention.NewState()
		}
		_, err := placing(docket, hold).Decide(state)
		if refusal, isRefused := errors.AsType[*domain.Refusal](err); isRefused {
			refused.Left = append(refused.Left, left(livret, refusal))
		}
	}
	if len(refused.Left) == len(covered) {
		return refused, nil
	}
	if _, err := Execute(ctx, l, Order{ID: uuid.New(), Grant: grant, Quiet: true}, retention.HoldDecider, hold, open); err != nil {
		return Stands{}, err
	}
	return l.settle(ctx, grant, hold)
}

// Release ends a hold wherever it stands, and sets the term of its file.
func (l *Ledger) Release(ctx context.Context, grant access.Grant, hold uuid.UUID) (Stands, error) {
	order := Order{ID: uuid.New(), Grant: grant, Quiet: true}
	if _, err := Execute(ctx, l, order, retention.HoldDecider, hold, retention.CloseHold{On: l.Today()}); err != nil {
		return Stands{}, err
	}
	return l.settle(ctx, grant, hold)
}

// SettleHolds completes the holds and releases that were interrupted, and extends those of a jury or a session to
// the livrets that came to it since. It answers how many livrets changed.
func (l *Ledger) SettleHolds(ctx context.Context) (int, error) {
	docket, err := l.Docket(ctx)
	if err != nil {
		return 0, err
	}
	place, err := l.itself(access.PlaceHold)
	if err != nil {
		return 0, err
	}
	release, err := l.itself(access.ReleaseHold)
	if err != nil {
		return 0, err
	}
	changed := 0
	for _, hold := range docket.Holds() {
		if _, over := docket.Owners[hold].Clock(retention.HoldFile); over {
			continue
		}
		file, _, err := Load(ctx, l, retention.HoldDecider, hold)
		if beyond(err) {
			continue // an incident, which Check describes: the hold stands where it does
		}
		if err != nil {
			return changed, err
		}
		grant := place
		if !file.Closed.IsZero() {
			grant = release
		}
		stands, err := l.settle(ctx, grant, hold)
		if changed += stands.Changed; err != nil {
			return changed, err
		}
	}
	return changed, nil
}

// settle makes what is recorded of a hold so in every retention stream.
func (l *Ledger) settle(ctx context.Context, grant access.Grant, hold uuid.UUID) (Stands, error) {
	file, _, err := Load(ctx, l, retention.HoldDecider, hold)
	if err != nil {
		return Stands{}, err
	}
	docket, err := l.Docket(ctx)
	if err != nil || file.Opened.Origin == "" {
		return Stands{Left: []Left{}}, err
	}
	if !file.Closed.IsZero() {
		return l.lift(ctx, grant, docket, hold, file.Closed)
	}
	covered, err := l.covered(ctx, docket, file)
	if err != nil {
		return Stands{}, err
	}
	stands, err := l.Retain(ctx, grant, covered, placing(docket, hold))
	if err != nil {
		return stands, err
	}
	_, err = Execute(ctx, l, Order{ID: uuid.New(), Grant: grant, Quiet: true}, retention.HoldDecider, hold,
		retention.AcknowledgeHold{Livrets: stands.Livrets, Refused: len(stands.Left)})
	return stands, err
}

func placing(docket Docket, hold uuid.UUID) retention.PlaceHold {
	return retention.PlaceHold{Hold: hold, SanctionHolds: docket.Decided.SanctionHolds.Allowed}
}

// lift releases a hold wherever it stands, then sets the term of its file.
func (l *Ledger) lift(ctx context.Context, grant access.Grant, docket Docket, hold uuid.UUID, on domain.Date) (Stands, error) {
	stands, err := l.Retain(ctx, grant, docket.Under(hold), retention.ReleaseHold{Hold: hold})
	if err != nil {
		return stands, err
	}
	set, err := l.itself(access.StartClock)
	if err != nil {
		return stands, err
	}
	_, err = Execute(ctx, l, Order{ID: uuid.New(), Grant: set, Quiet: true}, retention.Decider, hold, retention.EndHoldFile{Released: on})
	return stands, err
}

// covered lists the livrets that a hold is to stand in: those named, and those of its session or jury.
func (l *Ledger) covered(ctx context.Context, docket Docket, file *retention.HoldState) ([]uuid.UUID, error) {
	all := make(map[uuid.UUID]bool)
	for _, livret := range file.Opened.Livrets {
		all[livret] = true
	}
	for livret, state := range docket.Owners {
		if file.Covers(state) {
			all[livret] = true
		}
	}
	if file.Opened.Session != "" {
		sittings, err := l.sittings(ctx)
		if err != nil {
			return nil, err
		}
		for livret, sessions := range sittings {
			if slices.ContainsFunc(sessions, func(s deliberation.ExamSession) bool { return s.String() == file.Opened.Session }) {
				all[livret] = true
			}
		}
	}
	return slices.Collect(maps.Keys(all)), nil
}

// Holds lists the holds that were opened and of which the file is not destroyed, in the order of their random ids.
func (d Docket) Holds() []uuid.UUID {
	var holds []uuid.UUID
	for owner, state := range d.Owners {
		if state.Kind() == retention.HoldFile && len(state.Destroyed()) == 0 {
			holds = append(holds, owner)
		}
	}
	slices.SortFunc(holds, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	return holds
}

// Under lists the livrets that a hold stands in.
func (d Docket) Under(hold uuid.UUID) []uuid.UUID {
	var livrets []uuid.UUID
	for livret, state := range d.Owners {
		if slices.Contains(state.Holds(), hold) {
			livrets = append(livrets, livret)
		}
	}
	return livrets
}
