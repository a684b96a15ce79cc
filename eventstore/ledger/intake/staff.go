package intake

import (
	"context"
	"errors"
	"strings"
	"unicode"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"
	"golang.org/x/text/unicode/norm"

	"livret/domain"
	"livret/domain/exchange/sts"
	"livret/domain/identity"
	"livret/eventstore/keyvault"
)

// name is how a file calls a member of staff. There is no identifier in a file of marks: who bears the same
// name in a school is the same person.
type name struct{ family, first string }

// folded is one key for the ways in which files write a name.
func (n name) folded() name { return name{fold(n.family), fold(n.first)} }

func fold(s string) string {
	letters := strings.Map(func(c rune) rune {
		switch {
		case unicode.Is(unicode.Mn, c):
			return -1
		case unicode.IsLetter(c), unicode.IsDigit(c):
			return unicode.ToUpper(c)
		default:
			return ' '
		}
	}, norm.NFD.String(s))
	return strings.Join(strings.Fields(letters), " ")
}

// roll is the staff met in an import.
type roll struct {
	written map[name]name      // the folded name, by the name as it is written
	ids     map[name]uuid.UUID // by folded name
}

func newRoll() roll { return roll{make(map[name]name), make(map[name]uuid.UUID)} }

// id is that of somebody who was called, or uuid.Nil.
func (r roll) id(family, first string) uuid.UUID { return r.ids[r.written[name{family, first}]] }

// call answers whether somebody is named for the first time.
func (r roll) call(family, first string) (folded name, isNew bool) {
	written := name{family, first}
	folded, met := r.written[written]
	if met {
		return folded, false
	}
	folded = written.folded()
	r.written[written] = folded
	_, known := r.ids[folded]
	if !known {
		r.ids[folded] = uuid.Nil // until he is found; for good if he is refused
	}
	return folded, !known && folded != name{}
}

// member is somebody on his way to the roll.
type member struct {
	staffCommand
	name name // folded
	id   uuid.UUID
}

// callStaff finds members of staff by their names, or makes them: all those of a part of a file at once. In a
// dry run, one who is not known yet gets an id that will not be kept.
func (r *run) callStaff(ctx context.Context, named []staffCommand) error {
	var all []*member
	for _, s := range named {
		if folded, isNew := r.staff.call(s.Name, s.First); isNew {
			all = append(all, &member{staffCommand: s, name: folded})
		}
	}
	shuffle(all)
	if err := r.claimStaff(ctx, all); err != nil {
		return err
	}
	orders, ctx := errgroup.WithContext(ctx)
	orders.SetLimit(writers)
	for _, m := range all {
		if m.id == uuid.Nil {
			continue // refused
		}
		r.staff.ids[m.name] = m.id
		orders.Go(func() error {
			events, err := give(ctx, r, identity.StaffDecider, m.id, m.staffCommand)
			if err = r.refuseStaff(m, err); err == nil {
				r.countStaff(events)
			}
			return err
		})
	}
	return orders.Wait()
}

// claimStaff finds the id of each, or claims a new one. Who would be refused claims nothing.
func (r *run) claimStaff(ctx context.Context, all []*member) error {
	var claims []keyvault.Claim
	var claimed []*member
	for _, m := range all {
		claim := keyvault.Claim{Kind: claimStaff, Parts: []string{string(r.school), m.name.family, m.name.first}, Owner: uuid.New()}
		owner, err := r.Ledger.Vault().Lookup(ctx, claim.Kind, claim.Parts...)
		if errors.Is(err, keyvault.ErrUnknown) {
			if _, err = m.Decide(new(identity.Staff)); err == nil {
				claims, claimed = append(claims, claim), append(claimed, m)
				owner = claim.Owner
			}
			err = r.refuseStaff(m, err)
		}
		if err != nil {
			return err
		}
		m.id = owner
	}
	if r.DryRun || len(claims) == 0 {
		return nil
	}
	owners, err := r.Ledger.Vault().Resolve(ctx, claims...)
	if err != nil {
		return err
	}
	births := make([]keyvault.Birth, len(owners))
	for i, owner := range owners {
		claimed[i].id = owner
		births[i] = keyvault.Birth{Owner: owner, Class: keyvault.Staff}
	}
	_, err = r.Ledger.Vault().Create(ctx, births...) // all at once: one commit
	return err
}

// refuseStaff reports a refusal, and passes on what is none.
func (r *run) refuseStaff(m *member, err error) error {
	var refusal *domain.Refusal
	if !errors.As(err, &refusal) {
		return err
	}
	line := ofRefusal(refusal)
	line.Where = strings.TrimSpace(m.Name + " " + m.First)
	r.refuse(line)
	return nil
}

// warnOfHomonyms says which members of staff a file of marks could not tell apart.
func (r *run) warnOfHomonyms(file string, staff []sts.Staff) {
	ids := make(map[name]string)
	for _, s := range staff {
		folded := name{s.Name, s.First}.folded()
		if id, met := ids[folded]; met && id != s.ID {
			r.warn(Refused{
				Where: strings.TrimSpace(s.Name + " " + s.First), File: file, Line: s.Line, Rule: "personnels-homonymes",
				Reason: "Deux fiches portent ces nom et prénom, par lesquels seuls le logiciel de notes nomme les enseignants : elles n’en font qu’une dans le registre.",
				Remedy: "S’il s’agit de deux personnes, distinguez leurs prénoms dans STS-Web et dans le logiciel de notes avant tout import.",
			})
		}
		ids[folded] = s.ID
	}
}
