// Package intake takes a school's files into the ledger: it finds again whose they speak of, turns what they
// say into orders, and reports what was left out and why. Interrupted anywhere, running it again finishes the
// work; run twice, the second time adds nothing.
package intake

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	random "math/rand/v2"
	"strconv"
	"sync/atomic"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

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
	claimINE    = "ine"    // INE, session: the same pupil in another school, or under another SIECLE id
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
	}
	if err := school.Within(d.Academie, d.Ledger.Now().Year()); err != nil {
		return access.Grant{}, err
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
	staff  roll

	closings
	finished atomic.Int64 // pupils
}

func (d *Desk) run(o Options) *run {
	return &run{Desk: d, tally: newTally(o.DryRun), Options: o, staff: newRoll()}
}

func (r *run) progress(done int) {
	if r.Progress != nil {
		r.Progress(done)
	}
}

// each does something for n pupils, several at a time, and tells of their progress.
func (r *run) each(ctx context.Context, n int, do func(ctx context.Context, i int) error) error {
	orders, ctx := errgroup.WithContext(ctx)
	orders.SetLimit(writers)
	for i := range n {
		orders.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			err := do(ctx, i)
			if err == nil {
				r.progress(int(r.finished.Add(1)))
			}
			return err
		})
	}
	return orders.Wait()
}

// lookup finds the livret of a pupil for a session, if there is one and the session is not closed.
func (r *run) lookup(ctx context.Context, id uint64, session nomenclature.SchoolYear) (uuid.UUID, bool, error) {
	if refusal, err := r.closed(ctx, session); refusal != nil || err != nil {
		return uuid.Nil, false, err
	}
	livret, err := r.Ledger.Vault().Lookup(ctx, ClaimLivret, LivretClaim(r.school, id, session)...)
	if errors.Is(err, keyvault.ErrUnknown) {
		return uuid.Nil, false, nil
	}
	return livret, err == nil, err
}

// pupilLabel names a pupil to the person who imports: by his number alone, or with the name that the livret knows.
func (r *run) pupilLabel(ctx context.Context, id uint64, livret uuid.UUID) string {
	if livret == uuid.Nil {
		return label(id, "", "", nil)
	}
	pupil, _, err := ledger.Load(ctx, r.Ledger, identity.PupilDecider, livret)
	if err != nil {
		return label(id, "", "", nil)
	}
	return label(id, pupil.Civil.UsageName, pupil.Civil.FamilyName, pupil.Civil.FirstNames)
}

// label is "élève 100001 (BERNARD Yanis)".
func label(id uint64, usage, family string, first []string) string {
	name := usage
	if name == "" {
		name = family
	}
	if name == "" {
		return fmt.Sprintf("élève %d", id)
	}
	if len(first) > 0 {
		name += " " + first[0]
	}
	return fmt.Sprintf("élève %d (%s)", id, name)
}

// shuffle puts what is about to be written in an order that nobody can find again: that of a file is the
// alphabet's, and ids and positions in clear would tell it.
func shuffle[T any](all []T) {
	var seed [32]byte
	rand.Read(seed[:]) // never fails since Go 1.24
	random.New(random.NewChaCha8(seed)).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
}
