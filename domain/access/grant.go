package access

import (
	"github.com/google/uuid"

	"livret/domain"
)

// Grant is May's yes, carried to the ledger: no order is taken without one, so that no way to the log goes
// around this package. It can only be made by Allow.
type Grant struct {
	actor  domain.Actor
	act    Act
	livret uuid.UUID
}

// Allow asks May and answers with a Grant, or with its refusal.
func Allow(actor Actor, act Act, on Target, today domain.Date) (Grant, error) {
	if err := May(actor, act, on, today); err != nil {
		return Grant{}, err
	}
	return Grant{actor: actor.Actor, act: act, livret: on.Livret}, nil
}

// Actor is who was allowed.
func (g Grant) Actor() domain.Actor { return g.actor }

// Act is what was allowed; it is empty if nothing was.
func (g Grant) Act() Act { return g.act }

// Covers tells whether what was allowed was allowed on that livret. A grant that named none, for a school's
// files or the ledger's own doing, covers all that it meets.
func (g Grant) Covers(livret uuid.UUID) bool { return g.livret == uuid.Nil || g.livret == livret }
