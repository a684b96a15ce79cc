package statistics

import (
	"errors"

	"github.com/google/uuid"

	"livret/domain"
	"livret/domain/nomenclature"
)

// Share is what one ledger adds to the statistics of a country: its sums, which point at pupils when they are
// few and travel sealed, and what it published itself, from which the country's tables could be subtracted.
type Share struct {
	Ledger    uuid.UUID               `json:"ledger"`
	Session   nomenclature.SchoolYear `json:"session"`
	Sums      Sufficient              `json:"sums"`
	Published Publication             `json:"published"` // in force, and made of these sums
}

// Errors of National.
var (
	ErrTwice        = errors.New("statistics: the same ledger is added twice")
	ErrOtherSession = errors.New("statistics: a share of another session")
	ErrNoShare      = errors.New("statistics: nothing to add")
)

// National adds the shares of several ledgers up, in any order, and publishes the tables of all. What it withholds
// besides is what would give away a cell that ledgers withheld: what remains of the country without those that
// show theirs must be the pupils of two ledgers at least, and as many as the threshold. The earlier publications
// are those of the country.
func National(shares []Share, policy Policy, dated domain.Date, earlier []Publication, n nomenclature.Nomenclature) (Publication, error) {
	if len(shares) == 0 {
		return Publication{}, ErrNoShare
	}
	session, met := shares[0].Session, map[uuid.UUID]bool{}
	var all Sufficient
	threshold := policy.Threshold()
	for _, s := range shares {
		switch {
		case met[s.Ledger]:
			return Publication{}, ErrTwice
		case s.Session != session || s.Published.Session != session:
			return Publication{}, ErrOtherSession
		}
		met[s.Ledger] = true
		all.Merge(s.Sums)
		threshold = max(threshold, s.Published.Threshold)
	}
	policy, err := NewPolicy(threshold)
	if err != nil {
		return Publication{}, err
	}
	return publish(all, session, policy, dated, earlier, shares, n)
}

func lastOf(shares []Share) []Publication {
	all := make([]Publication, len(shares))
	for i := range shares {
		all[i] = shares[i].Published
	}
	return all
}

// local is what one ledger has of a cell, and shows of it. Of the total it is what the ledger's cells leave open.
type local struct {
	ledger int
	n      int64
	below  []int64
	shown  bool
	cuts   uint8
}

// addLocals adds to each cell what each ledger has and shows of it. A ledger without pupils in a cell plays no
// part in it.
func (g *group) addLocals(shown []group, truth func(i int, serie nomenclature.Serie) *member) {
	for i := range shown {
		open := local{ledger: i, shown: shown[i].totalShown()}
		for _, m := range g.members {
			t := truth(i, m.serie)
			if t.n == 0 {
				continue
			}
			l := local{ledger: i, n: t.n, below: t.below}
			for _, v := range shown[i].members {
				if v.serie == m.serie {
					l.shown, l.cuts = !v.withheld, v.cuts
				}
			}
			if m.locals = append(m.locals, l); !l.shown {
				open.n += l.n
			}
		}
		if g.total != nil && open.n > 0 {
			g.total.locals = append(g.total.locals, open)
		}
	}
}

// restOfLocals tells whether what is left of the country's total may be found, once the cells that are shown are
// subtracted, those of ledgers included: nothing, or pupils enough of two ledgers or more.
func (g *group) restOfLocals(k int64) bool {
	open := map[int]int64{}
	for _, m := range g.members {
		for _, l := range m.locals {
			if m.withheld && !l.shown {
				open[l.ledger] += l.n
			}
		}
	}
	for _, l := range g.total.locals {
		if l.shown && open[l.ledger] == l.n {
			delete(open, l.ledger) // the ledger's own total tells it
		}
	}
	rest := int64(0)
	for _, n := range open {
		rest += n
	}
	return len(open) == 0 || len(open) > 1 && rest >= k
}

// between counts the pupils between two boundaries, -1 being the lower end and len(below) the upper one, and
// tells whether the ledger shows them.
func (l local) between(from, to int) (n int64, shown bool) {
	n, shown = l.n, l.shown
	if to < len(l.below) {
		n, shown = l.below[to], shown && l.cuts&(1<<to) != 0
	}
	if from >= 0 {
		n, shown = n-l.below[from], shown && l.cuts&(1<<from) != 0
	}
	return n, shown
}

// apartFromLocals tells whether a cell that adds ledgers up gives away none that some of them withhold.
func (m *member) apartFromLocals(k int64) bool { return m.rest(k, -1, len(m.below)) }

// cutApartFromLocals tells the same of its distribution. Each ledger shows it as finely, or not at all: what some
// show more coarsely would tell more of the others.
func (m *member) cutApartFromLocals(k int64, cuts uint8) bool {
	for _, l := range m.locals {
		if seen := l.shown && l.cuts != 0; seen && l.cuts&cuts != cuts {
			return false
		}
	}
	bounds := []int{-1}
	for i := range m.below {
		if cuts&(1<<i) != 0 {
			bounds = append(bounds, i)
		}
	}
	bounds = append(bounds, len(m.below))
	for i, from := range bounds {
		for _, to := range bounds[i+1:] {
			if !m.rest(k, from, to) {
				return false
			}
		}
	}
	return true
}

// rest tells whether what ledgers do not show, between two boundaries, may be found by subtraction: nothing, or
// pupils enough of two ledgers or more.
func (m *member) rest(k int64, from, to int) bool {
	hidden, rest := 0, int64(0)
	for _, l := range m.locals {
		if n, shown := l.between(from, to); !shown {
			hidden, rest = hidden+1, rest+n
		}
	}
	return hidden == 0 || hidden > 1 && (rest == 0 || rest >= k)
}
