package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"livret/cmd/livret/instance"
	"livret/domain"
	"livret/domain/access"
	"livret/domain/deliberation"
	"livret/domain/exchange/results"
	"livret/domain/retention"
	"livret/domain/sanction"
	"livret/projections/jury"
	"livret/projections/statistics"
)

// fictionalClock is that of the demonstration: it stands on the morning of a day, and goes on from there.
type fictionalClock struct {
	started time.Time
	morning atomic.Pointer[time.Time]
}

// newClock makes a clock that stands on the morning of a day.
func newClock(day domain.Date) *fictionalClock {
	c := &fictionalClock{started: time.Now()}
	c.set(day)
	return c
}

func (c *fictionalClock) set(day domain.Date) {
	morning, _ := time.Parse(time.DateOnly, day.String())
	morning = morning.Add(7*time.Hour + 30*time.Minute)
	c.morning.Store(&morning)
}

func (c *fictionalClock) now() time.Time { return c.morning.Load().Add(time.Since(c.started)) }

// lifeBegins is the day on which the livrets are complete and the juries not yet met.
var lifeBegins = on(2018, time.June, 11)

// chapter is what befalls the fictional lycée on a day. It may be lived again: what is so already is left as it is.
type chapter struct {
	day  domain.Date
	said string // on the error stream
	live func(ctx context.Context, i *instance.Instance) error
}

// life is that of the livrets of the session of 2018, from the day on which they are complete. A demonstration at a
// later day lives through all that came before.
func (p *program) life(pupils int) []chapter {
	session := demoJury().Session
	return []chapter{
		{lifeBegins, "livrets complets, visés, transmis au jury", func(ctx context.Context, i *instance.Instance) error { return p.complete(ctx, i, pupils) }},
		{on(2018, 7, 4), "délibérations : examens, visas, résultats", deliberate},
		{on(2018, 7, 5), "délibérations closes, résultats proclamés", func(ctx context.Context, i *instance.Instance) error {
			_, err := i.CloseDeliberations(ctx, operator(), session, i.Today())
			if err == nil {
				_, err = i.Proclaim(ctx, operator(), session, i.Today())
			}
			return err
		}},
		{on(2018, 8, 20), "un recours gèle un livret", appeal},
		{on(2018, 9, 4), "la commission de discipline prononce un blâme", blame},
		{on(2018, 9, 5), "fin du service courant : archivage intermédiaire", p.archive},
		{on(2019, 3, 5), "échéance : sans visa, rien n’est détruit", erase},
		{on(2019, 3, 20), "le visa d’élimination est donné, les clés sont détruites", func(ctx context.Context, i *instance.Instance) error {
			if _, err := i.GiveVisa(ctx, operator(), "AD-000-2019-4", session); err != nil && !errors.Is(err, instance.ErrNotFound) {
				return err
			}
			return erase(ctx, i)
		}},
		{on(2019, 9, 4), "le blâme s’efface, le recours prend fin", func(ctx context.Context, i *instance.Instance) error {
			_, err := i.Authorise(ctx, operator(), retention.AuthoriseElimination{Reference: "AP-000-2019-1", Categories: []retention.Rule{retention.Sanction}})
			if err == nil {
				_, err = i.ReleaseHold(ctx, operator(), fictional(i, "recours"))
			}
			if err != nil && !errors.Is(err, instance.ErrNotFound) {
				return err
			}
			return erase(ctx, i)
		}},
	}
}

func on(year int, month time.Month, day int) domain.Date { return domain.NewDate(year, month, day) }

// fictional is the id of something that happens once in the demonstration.
func fictional(i *instance.Instance, what string) uuid.UUID {
	return uuid.NewSHA1(i.Settings.Ledger, []byte("demo/"+what))
}

// liveUntil lives through the chapters up to a day. Those of days before the last fact of the ledger are past.
func (p *program) liveUntil(ctx context.Context, i *instance.Instance, clock *fictionalClock, day domain.Date, pupils int) error {
	last, err := i.LastFact(ctx)
	if err != nil {
		return err
	}
	past := domain.DateOf(last)
	if last.IsZero() {
		past = domain.Date{}
	}
	if day.Before(past) {
		return domain.Refuse("demonstration-plus-avancee", fmt.Sprintf("La démonstration de ce dossier en est déjà au %s\u00a0: le temps ne revient pas en arrière.", past),
			"Choisissez un jour plus tardif, ou un autre dossier par --data.")
	}
	for _, c := range p.life(pupils) {
		if day.Before(c.day) || c.day.Before(past) {
			continue
		}
		clock.set(c.day)
		if c.day != lifeBegins {
			p.note("%s : %s", c.day, c.said)
		}
		err := c.live(ctx, i)
		if err == nil {
			err = i.CatchUp(ctx)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", c.day, err)
		}
		p.signed(ctx, i) // on the fictional clock: what a jury saw the day after is shown by this
	}
	clock.set(day)
	return i.CatchUp(ctx)
}

// complete imports what the school knows, has the head validate and transmit, and publishes statistics.
func (p *program) complete(ctx context.Context, i *instance.Instance, pupils int) error {
	seeded, err := i.Seeded(ctx)
	if err == nil && !seeded {
		err = p.importLycee(ctx, i, pupils)
	}
	if err == nil {
		err = i.CatchUp(ctx)
	}
	if err == nil {
		err = convene(ctx, i)
	}
	if err == nil {
		_, err = i.Publish(ctx, statistician(i), demoYear+1, statistics.Policy{})
	}
	return err
}

// deliberate has the jury examine each livret, its president sign, and its results recorded. Who is admitted is
// drawn from the candidate's number, which is itself drawn at random: nothing in a livret decides.
func deliberate(ctx context.Context, i *instance.Instance) error {
	before := demoJury()
	entries, err := i.Jury.ListOf(ctx, before.Stream())
	if err != nil {
		return err
	}
	president := juror(i, access.PresidentJury, deliberation.President)
	for _, group := range []deliberation.Group{deliberation.Premier, deliberation.Second} {
		var file results.File
		for _, e := range entries {
			for _, line := range verdict(e.Number) {
				if line.Group != group {
					continue
				}
				if err := examine(ctx, i, president, e.Number, group); err != nil {
					return err
				}
				file.Lines = append(file.Lines, line)
			}
		}
		batch, err := i.ImportResults(ctx, operator(), before.Session, file, false)
		if err == nil && len(batch.Refused) > 0 {
			err = fmt.Errorf("result of %s: %s", batch.Refused[0].Subject, batch.Refused[0].Rule)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// verdict is what the jury decides of a candidate: one line for each group of tests.
func verdict(number string) []results.Line {
	line := results.Line{Number: number, Group: deliberation.Premier, Result: deliberation.Admis}
	last, before := int(number[len(number)-1]-'0'), int(number[len(number)-2]-'0')
	orientation := deliberation.Orientations()[before%len(deliberation.Orientations())]
	switch last {
	case 0:
		line.Result = deliberation.Ajourne
		return []results.Line{line}
	case 1, 2:
		line.Result = deliberation.SecondGroupe
		return []results.Line{line, {Number: number, Group: deliberation.Second, Result: deliberation.Admis, Orientation: orientation}}
	case 7, 8:
		line.Mention = deliberation.AssezBien
	case 9:
		line.Mention = deliberation.TresBien
	}
	line.Orientation = orientation
	return []results.Line{line}
}

// examine has the president examine a livret and sign, for one group.
func examine(ctx context.Context, i *instance.Instance, president access.Actor, number string, group deliberation.Group) error {
	session := demoJury().Session
	shown, err := i.ShowJury(ctx, president, session, number)
	if err != nil || shown.Imprint == "" {
		return err
	}
	if _, err := i.Examine(ctx, president, session, number, group, shown.Imprint); err != nil {
		return err
	}
	_, err = i.GivePresidentVisa(ctx, president, session, number, group, shown.Imprint)
	return err
}

// appeal holds the livret of the first candidate.
func appeal(ctx context.Context, i *instance.Instance) error {
	livret, err := candidateAt(ctx, i, 0)
	if err != nil {
		return err
	}
	_, err = i.PlaceHold(ctx, operator(), fictional(i, "recours"), retention.OpenHold{
		Origin: retention.RecoursAdministratif, Case: "R-2018-12", Requester: "la famille", Motive: "contestation du résultat", Livrets: []uuid.UUID{livret},
	})
	return err
}

// blame has the commission pronounce a blâme against the second candidate.
func blame(ctx context.Context, i *instance.Instance) error {
	livret, err := candidateAt(ctx, i, 1)
	if err != nil {
		return err
	}
	_, err = i.Pronounce(ctx, operator(), fictional(i, "blame"), sanction.Pronounce{
		Kind: sanction.Blame, Authority: sanction.Commission, Pronounced: i.Today(), Entry: true, Livret: livret,
	})
	return err
}

// candidateAt is the livret of a candidate before the jury, in the order of numbers.
func candidateAt(ctx context.Context, i *instance.Instance, n int) (uuid.UUID, error) {
	entries, err := i.Jury.ListOf(ctx, demoJury().Stream())
	if err != nil {
		return uuid.Nil, err
	}
	if n >= len(entries) {
		return uuid.Nil, instance.ErrNotFound
	}
	slices.SortFunc(entries, func(a, b jury.Entry) int { return cmp.Compare(a.Number, b.Number) })
	return i.Ledger.CandidateLivret(ctx, demoJury().Session, entries[n].Number)
}

// archive puts the livrets in the custody of two custodians, whose shares stand beside the folder of the
// demonstration, and freezes what statistics need of them.
func (p *program) archive(ctx context.Context, i *instance.Instance) error {
	var custodians [2]string
	for n := range custodians {
		custodians[n] = fmt.Sprintf("%s-gardien-%d", filepath.Clean(p.data), n+1)
		if err := os.MkdirAll(custodians[n], 0o700); err != nil {
			return err
		}
	}
	_, err := i.CreatePair(ctx, operator(), demoJury().Session.String(), custodians)
	if _, refused := errors.AsType[*domain.Refusal](err); err != nil && !refused {
		return err // a pair that exists already is refused
	}
	return erase(ctx, i)
}

// erase runs what follows from the passing of days, archiving and destruction included.
func erase(ctx context.Context, i *instance.Instance) error {
	_, err := i.Erase(ctx, operator(), i.Today())
	return err
}
