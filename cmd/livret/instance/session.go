package instance

import (
	"context"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/deliberation"
	"livret/eventstore/ledger"
	"livret/projections/jury"
)

// OpenSession opens an exam session: juries are formed from here on. It answers false if it was open.
func (i *Instance) OpenSession(ctx context.Context, actor access.Actor, session deliberation.ExamSession) (bool, error) {
	return i.orderSession(ctx, actor, access.OpenSession, session, deliberation.OpenSession{Session: session})
}

// CloseDeliberations records the day on which the deliberations of a session ended: families may download the
// livret from here on. It answers false if it was so already.
func (i *Instance) CloseDeliberations(ctx context.Context, actor access.Actor, session deliberation.ExamSession, on domain.Date) (bool, error) {
	return i.orderSession(ctx, actor, access.CloseDeliberations, session, deliberation.CloseDeliberations{Session: session, On: on, Today: i.Today()})
}

// Proclaim records the day on which the results of a session were proclaimed, and starts the clocks of those
// who sat in it. It answers false if it was so already.
func (i *Instance) Proclaim(ctx context.Context, actor access.Actor, session deliberation.ExamSession, on domain.Date) (bool, error) {
	return i.orderSession(ctx, actor, access.ProclaimSession, session, deliberation.ProclaimSession{Session: session, On: on, Today: i.Today()})
}

func (i *Instance) orderSession(ctx context.Context, actor access.Actor, act access.Act, session deliberation.ExamSession, command domain.Command[deliberation.Sitting]) (bool, error) {
	grant, err := access.Allow(actor, act, access.Target{Academie: i.Settings.Academie}, i.Today())
	if err != nil {
		return false, err
	}
	result, err := ledger.Execute(ctx, i.Ledger, ledger.Order{ID: uuid.New(), Grant: grant, Quiet: true}, deliberation.SessionDecider, session.Stream(), command)
	if err != nil {
		return false, err
	}
	return len(result.Events) > 0, i.CatchUp(ctx)
}

// DeliberationsClosed tells whether the deliberations of a session are.
func (i *Instance) DeliberationsClosed(ctx context.Context, session deliberation.ExamSession) (bool, error) {
	sitting, err := i.sitting(ctx, session)
	return !sitting.Closed.IsZero(), err
}

func (i *Instance) sitting(ctx context.Context, session deliberation.ExamSession) (deliberation.Sitting, error) {
	sitting, _, err := ledger.Load(ctx, i.Ledger, deliberation.SessionDecider, session.Stream())
	return sitting, err
}

// SessionStatus is how far a session is.
type SessionStatus struct {
	Session     string       `json:"session"`
	Opened      bool         `json:"opened"`
	Closed      domain.Date  `json:"closed,omitzero"`
	Proclaimed  domain.Date  `json:"proclaimed,omitzero"`
	Candidates  int          `json:"candidates"`
	Transmitted int          `json:"transmitted"`
	Assigned    int          `json:"assigned"`
	Results     int          `json:"results"` // candidates of whom the jury is done
	Juries      []JuryStatus `json:"juries"`
	Waiting     []Waiting    `json:"waiting"` // candidates of whom something is missing, by number
}

// JuryStatus is how far a jury is.
type JuryStatus struct {
	Number     string `json:"number"`
	Jurors     int    `json:"jurors"`
	President  bool   `json:"president"` // one is named
	Sittings   int    `json:"sittings"`
	Candidates int    `json:"candidates"`
	Visas      int    `json:"visas"`   // that stand, for the group under way
	Stale      int    `json:"stale"`   // livrets that changed since they were examined, of candidates not done
	Results    int    `json:"results"` // candidates of whom the jury is done
}

// Waiting is a candidate of whom something is missing.
type Waiting struct {
	Number      string `json:"number"`
	Jury        string `json:"jury,omitempty"`
	Transmitted bool   `json:"transmitted"`
	Result      bool   `json:"result"`
}

// SessionStatus tells how far a session is, for an actor who may read it.
func (i *Instance) SessionStatus(ctx context.Context, actor access.Actor, session deliberation.ExamSession) (SessionStatus, error) {
	s := SessionStatus{Session: session.String(), Juries: []JuryStatus{}, Waiting: []Waiting{}}
	if err := access.May(actor, access.ReadSession, access.Target{Academie: i.Settings.Academie}, i.Today()); err != nil {
		return s, err
	}
	sitting, err := i.sitting(ctx, session)
	if err != nil {
		return s, err
	}
	s.Opened, s.Closed, s.Proclaimed = sitting.Opened, sitting.Closed, sitting.Proclaimed
	juries, err := i.Jury.Juries(ctx, session)
	if err != nil {
		return s, err
	}
	place := make(map[string]int)
	for n, j := range juries {
		_, presided := j.President()
		place[j.Number] = n
		s.Juries = append(s.Juries, JuryStatus{Number: j.Number, Jurors: len(j.Jurors), President: presided, Sittings: len(j.Sittings)})
	}
	entries, err := i.Jury.List(ctx, session)
	for _, e := range entries {
		w := Waiting{Number: e.Number, Jury: e.Jury, Transmitted: e.Supplied, Result: e.Done()}
		s.add(w)
		if n, assigned := place[e.Jury]; assigned {
			s.Juries[n].add(e)
		}
	}
	return s, err
}

func (s *SessionStatus) add(w Waiting) {
	s.Candidates++
	s.Transmitted += count(w.Transmitted)
	s.Assigned += count(w.Jury != "")
	s.Results += count(w.Result)
	if !w.Transmitted || w.Jury == "" || !w.Result {
		s.Waiting = append(s.Waiting, w)
	}
}

func (s *JuryStatus) add(e jury.Entry) {
	slot := e.Slots[len(e.Slots)-1]
	s.Candidates++
	s.Visas += count(slot.Visa)
	s.Stale += count(slot.Stale && slot.Result == nil)
	s.Results += count(e.Done())
}

func count(is bool) int {
	if is {
		return 1
	}
	return 0
}
