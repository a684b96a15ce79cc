package instance

import (
	"context"
	"errors"
	"slices"

	"golang.org/x/sync/errgroup"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/deliberation"
	"livret/domain/exchange/results"
	"livret/eventstore/ledger"
)

// ImportResults records what juries decided of the candidates of a session, as a file says it. Each line is taken or
// left aside by itself, with the reason; imported twice, it changes nothing. dry tells what would become of it, and
// writes nothing.
func (i *Instance) ImportResults(ctx context.Context, actor access.Actor, session deliberation.ExamSession, file results.File, dry bool) (Batch, error) {
	b := Batch{Refused: []LeftAside{}}
	for _, r := range file.Refused {
		b.Refused = append(b.Refused, LeftAside{r.Number, r.Line, r.Refusal.Rule, r.Refusal.Reason, r.Refusal.Remedy})
	}
	closed, err := i.DeliberationsClosed(ctx, session)
	if err != nil {
		return b, err
	}
	candidates := byCandidate(file.Lines)
	taken := make([]taking, len(candidates))
	orders, grouped := errgroup.WithContext(ctx)
	orders.SetLimit(together)
	for n, lines := range candidates {
		orders.Go(func() error {
			taken[n] = taking{Instance: i, actor: actor, session: session, closed: closed, dry: dry}
			return taken[n].take(grouped, lines)
		})
	}
	err = orders.Wait()
	for _, t := range taken {
		b.Changed, b.Already, b.Refused = b.Changed+t.Changed, b.Already+t.Already, append(b.Refused, t.Refused...)
	}
	slices.SortStableFunc(b.Refused, func(a, b LeftAside) int { return a.Line - b.Line })
	return b, errors.Join(err, i.CatchUp(ctx))
}

// byCandidate gathers the lines of each candidate, the first group before the second.
func byCandidate(lines []results.Line) [][]results.Line {
	var all [][]results.Line
	place := make(map[string]int)
	for _, l := range lines {
		n, met := place[l.Number]
		if !met {
			n = len(all)
			place[l.Number], all = n, append(all, nil)
		}
		all[n] = append(all[n], l)
	}
	for _, lines := range all {
		slices.SortStableFunc(lines, func(a, b results.Line) int {
			return slices.Index(deliberation.Groups(), a.Group) - slices.Index(deliberation.Groups(), b.Group)
		})
	}
	return all
}

// taking is the import of one candidate's lines.
type taking struct {
	*Instance
	actor   access.Actor
	session deliberation.ExamSession
	closed  bool
	dry     bool
	tried   *deliberation.Candidate // dry: as the lines before would have left him
	Batch
}

func (t *taking) take(ctx context.Context, lines []results.Line) error {
	c, err := t.before(ctx, t.actor, access.RecordResult, t.session, lines[0].Number)
	if err == nil && t.dry {
		t.tried, _, err = ledger.Load(ctx, t.Ledger, deliberation.CandidateDecider, c.Candidate)
	}
	if err != nil {
		err = unknownCandidate(err)
		for _, l := range lines {
			if failed := t.refuse(l.Number, l.Line, err); failed != nil {
				return failed
			}
		}
		return nil
	}
	for _, l := range lines {
		changed, err := t.line(ctx, c, l)
		if err != nil {
			if err := t.refuse(l.Number, l.Line, err); err != nil {
				return err
			}
			continue
		}
		t.Changed += count(changed)
		t.Already += count(!changed)
	}
	return nil
}

// line takes one line: its result, then its orientation.
func (t *taking) line(ctx context.Context, c brought, l results.Line) (bool, error) {
	var commands []domain.Command[*deliberation.Candidate]
	if record, said := l.Record(); said {
		record.RecordVersion, record.Closed = c.RecordVersion, t.closed
		commands = append(commands, record)
	}
	if propose, said := l.Propose(); said {
		commands = append(commands, propose)
	}
	changed := false
	for _, command := range commands {
		added, err := t.give(ctx, c, command)
		if err != nil {
			return changed, err
		}
		changed = changed || added
	}
	return changed, nil
}

func (t *taking) give(ctx context.Context, c brought, command domain.Command[*deliberation.Candidate]) (bool, error) {
	if !t.dry {
		return t.write(ctx, c.grant, c.Livret, c.Candidate, command)
	}
	events, err := command.Decide(t.tried)
	for _, event := range events {
		t.tried = deliberation.CandidateDecider.Evolve(t.tried, domain.Fact{Event: event})
	}
	return len(events) > 0, err
}

// Results are what is recorded of the candidates of a session, or of one of its juries, as a file to complete: who
// has no result yet has a line without.
func (i *Instance) Results(ctx context.Context, actor access.Actor, of JuryName) ([]results.Line, error) {
	if err := access.May(actor, access.ReadSession, access.Target{Academie: i.Settings.Academie}, i.Today()); err != nil {
		return nil, err
	}
	entries, err := i.Jury.List(ctx, of.Session)
	if of.Number != "" {
		entries, err = i.Jury.ListOf(ctx, of.Stream())
	}
	if err != nil {
		return nil, err
	}
	var lines []results.Line
	for _, e := range entries {
		for _, slot := range e.Slots {
			l := results.Line{Number: e.Number, Group: slot.Group}
			if slot.Result != nil {
				l.Result, l.Mention = slot.Result.Result, slot.Result.Mention
			}
			lines = append(lines, l)
		}
	}
	return lines, nil
}
