package web

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/mark"
	"livret/domain/masking"
	"livret/domain/record"
	"livret/eventstore/ledger"
)

// cell is one place of a livret that is written by hand: the average of a period, the appreciation of the year,
// or one of the fields that are of no enseignement.
type cell struct {
	Livret       uuid.UUID
	Enseignement record.Enseignement // of a field, its Year alone
	Period       uint8               // 0: the appreciation, or a field
	Field        field               // empty in a grid
}

// standing is what a cell holds: a mark or a text, and the sequence of the event that says so, 0 if none.
type standing struct {
	Mark     mark.Mark
	Text     string
	Sequence uint64
	Imported bool
}

func (c cell) in(state *record.State) standing {
	line := state.Line(c.Enseignement)
	switch {
	case c.Field != "":
		return c.Field.in(state, c.Enseignement.Year)
	case line == nil:
		return standing{}
	case c.Period == 0:
		return standing{Text: line.Appreciation.Value, Sequence: line.Appreciation.Sequence}
	}
	a := line.Average(c.Period)
	return standing{Mark: a.Mark, Sequence: a.Sequence, Imported: a.Imported}
}

// entry is what somebody wants a cell to hold.
type entry struct {
	cell
	ID     uuid.UUID // of the command: see orderID
	Mark   mark.Mark
	Text   string
	Reason string              // of the correction of an average
	Kept   bool                // he has read the warning of the screening, and keeps his text
	Mended bool                // he was warned, and has rewritten his text
	Fresh  func(standing) bool // whether what stands in the cell is what he saw
}

// errMoved says that somebody else wrote in the cell since the writer looked at it.
var errMoved = errors.New("web: the cell was written meanwhile")

// suspectText says that the screening draws attention to a text: nothing is written until a human decides.
type suspectText struct{ passages []masking.Warning }

func (*suspectText) Error() string { return "web: a human has to decide on this text" }

func (e *suspectText) problem() problem {
	p := problem{Status: http.StatusUnprocessableEntity, Title: "Texte à relire", Code: "texte-a-relire", Detail: masking.ScreeningMessage,
		Remedy: "La décision est la vôtre ; elle est conservée avec la version de la règle."}
	for _, w := range e.passages {
		p.Passages = append(p.Passages, [2]int{w.Span.From, w.Span.To})
	}
	return p
}

// unlessMoved is a command that gives way if the cell was written since its author looked at it. The ledger
// decides again after each conflict, so nothing can slip in between.
type unlessMoved struct {
	domain.Command[*record.State]
	cell  cell
	fresh func(standing) bool
}

// Decide is that of the command, on a cell that did not move.
func (c unlessMoved) Decide(state *record.State) ([]domain.Event, error) {
	if !c.fresh(c.cell.in(state)) {
		return nil, errMoved
	}
	return c.Command.Decide(state)
}

// attempts lists the ways in which a cell can be written, each with its act: a teacher records an average,
// the head corrects one.
func (s *Site) attempts(actor access.Actor, e entry) []attempt {
	if e.Field != "" {
		return []attempt{e.Field.attempt(actor, e, s.Today())}
	}
	if e.Period == 0 {
		return []attempt{{access.WriteAppreciation, record.WriteAppreciation{Enseignement: e.Enseignement, Text: e.Text, Nomenclature: &s.Nomenclature}}}
	}
	return []attempt{
		{access.RecordAverage, record.RecordAverage{Enseignement: e.Enseignement, Period: e.Period, Mark: e.Mark, Nomenclature: &s.Nomenclature}},
		{access.CorrectAverage, record.CorrectAverage{Enseignement: e.Enseignement, Period: e.Period, Mark: e.Mark, Reason: e.Reason}},
	}
}

type attempt struct {
	act     access.Act
	command domain.Command[*record.State]
}

// way is the way in which this actor may write a cell.
func (s *Site) way(actor access.Actor, b book, e entry) (attempt, access.Grant, error) {
	var refusal error
	for _, a := range s.attempts(actor, e) {
		grant, err := access.Allow(actor, a.act, s.line(b, e.Enseignement), s.Today())
		if err == nil {
			return a, grant, nil
		}
		if refusal == nil {
			refusal = err
		}
	}
	return attempt{}, access.Grant{}, refusal
}

// write carries an entry out. It fails with the refusal of access or of the command, with a *suspectText, or
// with errMoved.
func (s *Site) write(ctx context.Context, actor access.Actor, e entry) (ledger.Result, error) {
	b, err := s.load(ctx, e.Livret)
	if err != nil {
		return ledger.Result{}, s.quietly(actor, e, err)
	}
	way, grant, err := s.way(actor, b, e)
	if err != nil {
		return ledger.Result{}, err
	}
	suspect := e.suspect(b.State)
	if len(suspect) > 0 && !e.Kept {
		return ledger.Result{}, &suspectText{suspect}
	}
	order := ledger.Order{ID: e.ID, Grant: grant}
	result, err := ledger.Execute(ctx, s.Ledger, order, record.Decider, e.Livret, unlessMoved{way.command, e.cell, e.Fresh})
	if err == nil && e.free() && (e.Mended || len(suspect) > 0) {
		err = s.decideScreening(ctx, actor, e, len(suspect) > 0)
	}
	return result, err
}

// free tells a free text from a mark, an avis or a box.
func (c cell) free() bool { return c.Period == 0 && (c.Field == "" || c.Field.free()) }

// suspect is what the screening says of a text on which nobody decided yet.
func (e entry) suspect(state *record.State) []masking.Warning {
	if !e.free() {
		return nil
	}
	text, stands := record.Tidy(e.Text), e.in(state)
	if t := state.Text(stands.Sequence); t != nil && t.Value == text && t.Screening != nil {
		return nil
	}
	return masking.Screen(text)
}

// decideScreening records what the writer decided on the text he was warned of, if it still stands.
func (s *Site) decideScreening(ctx context.Context, actor access.Actor, e entry, kept bool) error {
	b, err := s.load(ctx, e.Livret)
	if err != nil {
		return err
	}
	stands := e.in(b.State)
	if stands.Text != record.Tidy(e.Text) {
		return nil
	}
	grant, err := access.Allow(actor, access.DecideScreening, s.line(b, e.Enseignement), s.Today())
	if err != nil {
		return err
	}
	decision := record.DecideScreening{Text: stands.Sequence, Decision: record.TextRewritten, Rule: masking.ScreeningVersion}
	if kept {
		decision.Decision = record.TextKept
	}
	order := ledger.Order{ID: orderID(e.ID, e.cell, string(access.DecideScreening)), Grant: grant}
	_, err = ledger.Execute(ctx, s.Ledger, order, record.Decider, e.Livret, decision)
	return err
}

// quietly hides from whom a livret is not open that it was forgotten.
func (s *Site) quietly(actor access.Actor, e entry, err error) error {
	if !gone(err) {
		return err
	}
	for _, a := range s.attempts(actor, e) {
		if refusal := access.May(actor, a.act, access.Target{Livret: e.Livret, Academie: s.Settings.Academie}, s.Today()); refusal != nil {
			return refusal
		}
	}
	return err
}

// orderID is the id of the command that one order (a form, a request) gives to one cell: the same when it is
// sent twice. The order is random, so the id tells nothing.
func orderID(order uuid.UUID, c cell, what ...string) uuid.UUID {
	h := sha256.New()
	fmt.Fprintf(h, "livret/order/v1\x00%s\x00%s\x00%v\x00%d\x00%s\x00%q", order, c.Livret, c.Enseignement, c.Period, c.Field, what)
	id := uuid.UUID(h.Sum(nil)[:16])
	id[6], id[8] = id[6]&0x0f|0x80, id[8]&0x3f|0x80 // version 8, RFC 9562 variant
	return id
}

// probe asks whether a cell could be written by the actor as things stand, and why not: access first, then
// the command itself, on a value that is not the one it holds. corrects tells a correction, with its reason.
func (s *Site) probe(actor access.Actor, b book, c cell) (corrects bool, err error) {
	e := entry{cell: c, Mark: mark.Must(mark.Hundredths(1000)), Text: "…", Reason: "…"}
	if stands := c.in(b.State); stands.Mark == e.Mark {
		e.Mark = mark.Must(mark.Hundredths(1100))
	} else if c.Field == fieldAvis {
		e.Text = string(anotherAvis(record.Avis(stands.Text)))
	} else if stands.Text == e.Text {
		e.Text = "… …"
	}
	way, _, err := s.way(actor, b, e)
	if err != nil {
		return false, err
	}
	_, err = way.command.Decide(b.State)
	return way.act == access.CorrectAverage, err
}

// readMark reads what a teacher typed in the grid. A cell that is emptied erases nothing: not marked is said.
func readMark(typed string) (mark.Mark, error) {
	switch strings.TrimSpace(typed) {
	case "":
		return mark.Mark{}, domain.Refuse("moyenne-videe", "Vider la case n’efface pas une moyenne.",
			"Saisissez « NN » si l’élève n’est pas noté, ou rétablissez la valeur.")
	case "-", "–", "—", "−":
		return mark.NotMarked(), nil
	}
	return mark.ParseTyped(typed)
}

// writeMark is a mark as readMark reads it.
func writeMark(m mark.Mark) string {
	switch m {
	case mark.NotMarked():
		return "NN"
	case mark.Absent():
		return "abs"
	case mark.Dispensed():
		return "disp"
	}
	return m.String()
}
