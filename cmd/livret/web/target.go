package web

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"livret/domain/access"
	"livret/domain/nomenclature"
	"livret/domain/record"
	"livret/domain/retention"
	"livret/eventstore"
	"livret/eventstore/keyvault"
	"livret/eventstore/ledger"
)

// book is a livret as the ledger has it at this moment: what package access is asked about, and what
// commands would decide on. Views may lag behind it; rights and versions may not.
type book struct {
	ID      uuid.UUID
	State   *record.State
	Version eventstore.Version
	Clock   retention.Clock
}

func (s *Site) load(ctx context.Context, livret uuid.UUID) (book, error) {
	clock, err := s.Clock(ctx, livret)
	if err != nil {
		return book{}, err
	}
	state, version, err := ledger.Load(ctx, s.Ledger, record.Decider, livret)
	return book{livret, state, version, clock}, err
}

// target is what is known of a livret in one year.
func (s *Site) target(b book, year nomenclature.SchoolYear) access.Target {
	on := access.Target{Livret: b.ID, Academie: s.Settings.Academie, Session: b.State.Session, Restricted: b.State.Restricted(),
		ActiveUntil: b.Clock.Active, Term: b.Clock.Term}
	if schooling, ok := b.State.Year(year).Schooling(); ok {
		on.UAI, on.Division = schooling.UAI, access.Division{Year: year, Name: schooling.Division}
	}
	return on
}

// line is what is known of one enseignement of a livret.
func (s *Site) line(b book, e record.Enseignement) access.Target {
	on := s.target(b, e.Year)
	if line := b.State.Line(e); line != nil {
		on.Teachers = line.Teachers
	}
	return on
}

// listed is what is known of a pupil in the list of a division: whoever teaches him anything that year.
func (s *Site) listed(b book, year nomenclature.SchoolYear) access.Target {
	on := s.target(b, year)
	for line := range b.State.LinesOf(year) {
		on.Teachers = append(on.Teachers, line.Teachers...)
	}
	return on
}

// latest is what is known of a livret in the last of its years: where the pupil is now.
func (s *Site) latest(b book) access.Target {
	at, _ := b.State.Latest()
	return s.target(b, at.Year)
}

// may asks whether the actor may do something with a whole livret. To whom it is not open, a livret that does
// not exist, one that was forgotten and one of another school are refused in the same words.
func (s *Site) may(ctx context.Context, actor access.Actor, act access.Act, livret uuid.UUID) error {
	on, err := s.Target(ctx, livret)
	if gone(err) && on.Session == 0 {
		// Of a forgotten livret nothing is known but its id, and that its exam is past.
		on.Session = nomenclature.SchoolYear(s.Ledger.Now().Year())
	} else if err != nil && !gone(err) {
		return err
	}
	if refusal := access.May(actor, act, on, s.Today()); refusal != nil {
		return refusal
	}
	if err == nil && on.Session == 0 {
		return errNoPage
	}
	return err
}

// gone tells an error that says a person is no longer readable here, lawfully.
func gone(err error) bool {
	return errors.Is(err, keyvault.ErrShredded) || errors.Is(err, keyvault.ErrArchived)
}
