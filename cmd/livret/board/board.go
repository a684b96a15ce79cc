// Package board puts together what the livrets of a division still lack, for its page and for the command line:
// by pupil, and by enseignement with who is to fill it. It judges nothing: domain/record does.
package board

import (
	"cmp"
	"slices"

	"github.com/google/uuid"

	"livret/domain/nomenclature"
	"livret/domain/record"
)

// Pupil is one livret of the division, as far as the reader of the board may know it.
type Pupil struct {
	Livret uuid.UUID
	Name   string // surname first
	State  *record.State
	Sees   func(record.Enseignement) bool // whether a line is open to the reader; nil: the whole livret is
}

// Board is what a division lacks.
type Board struct {
	Year      nomenclature.SchoolYear `json:"year"`
	Label     string                  `json:"label"`
	Division  string                  `json:"division"`
	Complete  int                     `json:"complete"` // pupils who lack nothing, locks and visas included
	Missing   int                     `json:"missing"`  // items, of all pupils
	Counts    []Count                 `json:"counts,omitempty"`
	Teachings []*Teaching             `json:"teachings,omitempty"`
	Pupils    []Row                   `json:"pupils"`
}

// Count is how many times an item is missing.
type Count struct {
	Item   record.Item `json:"item"`
	Label  string      `json:"label"`
	Number int         `json:"number"`
}

// Teaching is one enseignement of the division.
type Teaching struct {
	Enseignement record.Enseignement `json:"enseignement"`
	Label        string              `json:"label"`
	Teachers     []string            `json:"teachers,omitempty"`
	Pupils       int                 `json:"pupils"` // who follow it, or should
	NoMarks      bool                `json:"noMarks,omitempty"`
	Missing      []Count             `json:"missing,omitempty"`
	Href         string              `json:"-"`

	position int
}

// Row is one pupil.
type Row struct {
	Livret    uuid.UUID `json:"livret"`
	Name      string    `json:"name"`
	Missing   int       `json:"missing"`
	Parts     []Part    `json:"parts,omitempty"`     // what is missing
	Explained []Part    `json:"explained,omitempty"` // what is absent for a reason
	Href      string    `json:"-"`                   // of the livret, if it is open to the reader
}

// Part is what one enseignement of a pupil, or his page as a whole, lacks.
type Part struct {
	Label string `json:"label"`
	Gaps  []Gap  `json:"gaps"`
}

// Gap is one item that is not on the page, in French.
type Gap struct {
	record.Gap `json:"-"`
	What       string `json:"what"`
	Reason     string `json:"reason"`
	Href       string `json:"-"` // where it is filled; empty if the reader has no such page
}

// Maker makes the board of a division.
type Maker struct {
	Yardstick record.Yardstick
	Staff     func(uuid.UUID) string // name of a member of staff; empty if it is no longer known
}

// Make measures the pupils of a division, in the order in which they are given.
func (m Maker) Make(year nomenclature.SchoolYear, division string, pupils []Pupil) Board {
	b := Board{Year: year, Label: year.Label(), Division: division, Pupils: []Row{}}
	teachings := make(map[record.Enseignement]*Teaching)
	counts := make(map[record.Item]int)
	for _, p := range pupils {
		row := Row{Livret: p.Livret, Name: p.Name}
		for line := range p.State.LinesOf(year) {
			if p.Sees == nil || p.Sees(line.Enseignement) {
				m.follow(&b, teachings, p.State, line.Enseignement, line.Teachers).Pupils++
			}
		}
		for _, g := range m.Yardstick.Gaps(p.State, year) {
			if p.Sees != nil && (g.Enseignement.Matiere == "" || !p.Sees(g.Enseignement)) {
				continue
			}
			said := Gap{Gap: g, What: what(g, p.State.Year(year)), Reason: m.reason(g, p.State)}
			label := wholePage
			if g.Enseignement.Matiere != "" {
				t := m.follow(&b, teachings, p.State, g.Enseignement, nil)
				label = t.Label
				t.meet(g, said.What, p.State.Line(g.Enseignement) == nil)
			}
			switch {
			case g.Missing():
				row.Missing++
				counts[g.Item]++
				row.Parts = put(row.Parts, label, said)
			case g.Why != record.NoMarks: // said once, of the enseignement
				row.Explained = put(row.Explained, label, said)
			}
		}
		if b.Missing += row.Missing; row.Missing == 0 {
			b.Complete++
		}
		b.Pupils = append(b.Pupils, row)
	}
	for _, item := range items {
		if n := counts[item]; n > 0 {
			b.Counts = append(b.Counts, Count{item, itemLabel(item, n), n})
		}
	}
	slices.SortStableFunc(b.Teachings, func(s, t *Teaching) int { return cmp.Compare(s.position, t.position) })
	return b
}

// follow answers the enseignement of the division, made if need be, with these teachers besides.
func (m Maker) follow(b *Board, all map[record.Enseignement]*Teaching, s *record.State, e record.Enseignement, teachers []uuid.UUID) *Teaching {
	t := all[e]
	if t == nil {
		schooling, _ := s.Year(e.Year).Schooling()
		t = &Teaching{Enseignement: e}
		t.Label, t.position = m.Yardstick.Nomenclature.Entitle(e.Year, schooling.MEF, e.Matiere, e.Modalite, e.Rank)
		all[e] = t
		b.Teachings = append(b.Teachings, t)
	}
	for _, id := range teachers {
		if name := m.Staff(id); name != "" && !slices.Contains(t.Teachers, name) {
			t.Teachers = append(t.Teachers, name)
		}
	}
	return t
}

// meet counts a gap of a pupil in this enseignement; absent tells that he has no line of it at all.
func (t *Teaching) meet(g record.Gap, what string, absent bool) {
	if absent {
		t.Pupils++
	}
	if t.NoMarks = t.NoMarks || g.Why == record.NoMarks; !g.Missing() {
		return
	}
	i := slices.IndexFunc(t.Missing, func(c Count) bool { return c.Label == what })
	if i < 0 {
		i = len(t.Missing)
		t.Missing = append(t.Missing, Count{Item: g.Item, Label: what})
	}
	t.Missing[i].Number++
}

func put(parts []Part, label string, g Gap) []Part {
	for i := range parts {
		if parts[i].Label == label {
			parts[i].Gaps = append(parts[i].Gaps, g)
			return parts
		}
	}
	return append(parts, Part{label, []Gap{g}})
}
