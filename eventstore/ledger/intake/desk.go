// Package intake takes a school's files into the ledger: it finds again whose they speak of, turns what they
// say into orders, and reports what was left out and why. Interrupted anywhere, running it again finishes the
// work; run twice, the second time adds nothing.
package intake

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"github.com/google/uuid"
	"golang.org/x/text/unicode/norm"

	"livret/domain"
	"livret/domain/access"
	"livret/domain/identity"
	"livret/domain/nomenclature"
	"livret/eventstore/keyvault"
	"livret/eventstore/ledger"
)

// Desk is where files are handed in: the ledger of one académie, the State's lists, and in whose name.
type Desk struct {
	Ledger       *ledger.Ledger
	Nomenclature nomenclature.Nomenclature
	Calendar     nomenclature.Calendar
	Academie     string // code
	Actor        access.Actor
}

// Options of an import.
type Options struct {
	DryRun   bool           // tell what would change, and write nothing
	Progress func(done int) // called after each pupil, from several goroutines; may be nil
}

// writers is how many livrets are written at the same time: the store commits them together.
const writers = 16

// The kinds of claims by which the subjects of files are found again; only keyed hashes of them are kept.
const (
	ClaimLivret = "livret" // see LivretClaim: UAI, SIECLE id, session
	claimStaff  = "staff"  // UAI, name, first name
)

// LivretClaim is the parts of the claim by which a livret is found again.
func LivretClaim(school nomenclature.UAI, id uint64, session nomenclature.SchoolYear) []string {
	return []string{string(school), strconv.FormatUint(id, 10), strconv.Itoa(int(session))}
}

// admit checks that a school's files may be taken by this ledger, and by this actor.
func (d *Desk) admit(school nomenclature.UAI, t *tally) (access.Grant, error) {
	if school.Fictional() {
		t.notice("Établissement fictif (département 000) : accepté dans toute académie, sans calendrier de déploiement.")
	} else if a, ok := nomenclature.AcademieOf(school, d.Ledger.Now().Year()); !ok || a.Code != d.Academie {
		return access.Grant{}, domain.Refuse("etablissement-autre-academie",
			"L’établissement "+string(school)+" n’est pas du ressort de l’académie de ce registre.",
			"Vérifiez le numéro UAI, ou importez ce fichier dans le registre de son académie.")
	}
	return access.Allow(d.Actor, access.ImportFiles, access.Target{UAI: school, Academie: d.Academie}, d.Ledger.Today())
}

// run is one import under way.
type run struct {
	*Desk
	*tally
	Options
	grant  access.Grant
	school nomenclature.UAI
	staff  map[string]uuid.UUID // by folded name
}

func (r *run) order() ledger.Order {
	return ledger.Order{ID: uuid.New(), Grant: r.grant, Quiet: true}
}

func (r *run) progress(done int) {
	if r.Progress != nil {
		r.Progress(done)
	}
}

// lookup finds the livret of a pupil for a session, if there is one.
func (r *run) lookup(ctx context.Context, id uint64, session nomenclature.SchoolYear) (uuid.UUID, bool, error) {
	livret, err := r.Ledger.Vault().Lookup(ctx, ClaimLivret, LivretClaim(r.school, id, session)...)
	if errors.Is(err, keyvault.ErrUnknown) {
		return uuid.Nil, false, nil
	}
	return livret, err == nil, err
}

// staffCommand is what a file says of a member of staff. A file of marks only knows names: it adds nothing to
// somebody already known.
type staffCommand struct {
	identity.RecordStaff
	onlyNew bool
}

// Decide is that of identity.RecordStaff.
func (c staffCommand) Decide(s *identity.Staff) ([]domain.Event, error) {
	if c.onlyNew && s.Recorded() {
		return nil, nil
	}
	return c.RecordStaff.Decide(s)
}

// staffNamed finds members of staff by their names, or makes them: all those of a chunk of a file at once.
// In a dry run, one who is not known yet gets an id that will not be kept.
func (r *run) staffNamed(ctx context.Context, named []staffCommand) error {
	var claims []keyvault.Claim
	var fresh []staffCommand
	asked := make(map[string]bool)
	for _, s := range named {
		name := foldName(s.Name, s.First)
		if _, known := r.staff[name]; known || asked[name] || name == foldName("", "") {
			continue
		}
		asked[name] = true
		fresh = append(fresh, s)
		claims = append(claims, keyvault.Claim{Kind: claimStaff, Parts: []string{string(r.school), name}, Owner: uuid.New()})
	}
	if len(claims) == 0 {
		return nil
	}
	owners := make([]uuid.UUID, len(claims))
	if r.DryRun {
		for i, claim := range claims {
			owner, err := r.Ledger.Vault().Lookup(ctx, claim.Kind, claim.Parts...)
			if errors.Is(err, keyvault.ErrUnknown) {
				owner, err = claim.Owner, nil
			}
			if err != nil {
				return err
			}
			owners[i] = owner
		}
	} else {
		var err error
		if owners, err = r.Ledger.Vault().Resolve(ctx, claims...); err != nil {
			return err
		}
	}
	for i, s := range fresh {
		r.staff[foldName(s.Name, s.First)] = owners[i]
		if err := r.recordStaff(ctx, owners[i], s); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) recordStaff(ctx context.Context, id uuid.UUID, s staffCommand) error {
	events, err := give(ctx, r, identity.StaffDecider, id, s)
	var refusal *domain.Refusal
	if errors.As(err, &refusal) {
		line := ofRefusal(refusal)
		line.Where = strings.TrimSpace(s.Name + " " + s.First)
		r.refuse(line)
		return nil
	}
	r.tally.staff(len(events))
	return err
}

// staffID is the id of somebody that staffNamed found.
func (r *run) staffID(name, first string) uuid.UUID { return r.staff[foldName(name, first)] }

// foldName makes one key of the ways in which files write a name.
func foldName(name, first string) string {
	return fold(name) + "\x00" + fold(first)
}

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

// pupilLabel names a pupil to the person who imports.
func (r *run) pupilLabel(ctx context.Context, id uint64, livret uuid.UUID) string {
	label := fmt.Sprintf("élève %d", id)
	if livret == uuid.Nil {
		return label
	}
	pupil, _, err := ledger.Load(ctx, r.Ledger, identity.PupilDecider, livret)
	if err != nil || !pupil.Recorded() {
		return label
	}
	name := pupil.Civil.FamilyName
	if len(pupil.Civil.FirstNames) > 0 {
		name += " " + pupil.Civil.FirstNames[0]
	}
	return fmt.Sprintf("%s (%s)", label, name)
}
