package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"livret/cmd/livret/instance"
	"livret/domain"
	"livret/domain/access"
	"livret/domain/deliberation"
	"livret/domain/nomenclature"
	"livret/eventstore"
)

const asOfHelp = `With --as-of TIME, show what was shown then: what stands under the last checkpoint signed by that time, with the masks,
locks and lists of then, each fact found again under its root. TIME is a day (its end), or a day and an hour, in Europe/Paris, or RFC
3339. --as-of-checkpoint names a checkpoint by its size; --as-of-position stops after an event, and is then unproven.
Whose keys are destroyed has no past to show either.`

// asOf is the flags that say which moment of the past is meant.
type asOf struct {
	time, position string
	size           int64
}

func (a *asOf) flags(verb *cobra.Command) {
	verb.Flags().StringVar(&a.time, "as-of", "", "`time`, as 2018-07-05 or \"2018-07-05 10:00\"")
	verb.Flags().Int64Var(&a.size, "as-of-checkpoint", 0, "`size` of a checkpoint that was signed")
	verb.Flags().StringVar(&a.position, "as-of-position", "", "`position` of an event, in hexadecimal; unproven")
}

// when is the moment, and whether any was asked for.
func (a *asOf) when() (when instance.When, past bool, err error) {
	switch {
	case a.time != "" && a.size != 0, a.time != "" && a.position != "", a.size != 0 && a.position != "":
		return when, true, usageError{errors.New("one moment at a time: --as-of, --as-of-checkpoint or --as-of-position")}
	case a.position != "":
		at, err := hex.DecodeString(a.position)
		if err != nil || len(at) != len(eventstore.Position{}) {
			return when, true, usageError{fmt.Errorf("a position is %d hexadecimal digits", 2*len(eventstore.Position{}))}
		}
		position := eventstore.Position(at)
		return instance.When{Position: &position}, true, nil
	case a.size != 0:
		return instance.When{Size: a.size}, true, nil
	case a.time != "":
		instant, err := instance.ParseInstant(a.time)
		if err != nil {
			err = usageError{err}
		}
		return instance.When{Instant: instant}, true, err
	}
	return when, false, nil
}

func auditor(i *instance.Instance) access.Actor {
	return access.Actor{Actor: domain.Actor{Role: access.Auditeur}, Academie: i.Settings.Academie}
}

func (p *program) showFamilyAsOf(ctx context.Context, i *instance.Instance, livret uuid.UUID, when instance.When) error {
	seen, err := i.FamilyAsOf(ctx, auditor(i), livret, when)
	if err != nil {
		return p.proof(ctx, i, livret, err)
	}
	return p.print(seen, func(w io.Writer) error {
		writeMoment(w, i, seen.View, seen.AsOf)
		return writeLivret(w, seen.Shown)
	})
}

func (p *program) showJuryAsOf(ctx context.Context, i *instance.Instance, session deliberation.ExamSession, number string, when instance.When) error {
	seen, err := i.JuryAsOf(ctx, auditor(i), session, number, when)
	if err != nil {
		return err
	}
	return p.print(seen, func(w io.Writer) error {
		writeMoment(w, i, seen.View, seen.AsOf)
		return writeSeen(w, seen.Shown)
	})
}

func (p *program) showStatisticsAsOf(ctx context.Context, i *instance.Instance, session nomenclature.SchoolYear, when instance.When) error {
	seen, err := i.StatisticsAsOf(ctx, statistician(i), session, when)
	if err != nil {
		return err
	}
	return p.print(seen, func(w io.Writer) error {
		writeMoment(w, i, seen.View, seen.AsOf)
		return writePublication(w, seen.Shown)
	})
}

// showAtVisas prints what the jury was shown at each visa, and fails with errBroken unless all have their imprint.
func (p *program) showAtVisas(ctx context.Context, i *instance.Instance, session deliberation.ExamSession, number string) error {
	visas, err := i.AtVisas(ctx, auditor(i), session, number)
	if err != nil {
		return err
	}
	err = p.print(visas, func(w io.Writer) error {
		for _, v := range visas {
			fmt.Fprintf(w, "visa du président, %s, délibération n° %d, %s\n", v.Group.Label(), v.Deliberation, parisian(i, v.AsOf.Time))
			fmt.Fprintf(w, "  empreinte du visa    : %s (vue %s)\n", v.Imprint, v.View)
			if v.Replayed != "" {
				fmt.Fprintf(w, "  empreinte du dossier : %s\n", v.Replayed)
			}
			if v.Outcome == instance.VisaSame {
				fmt.Fprintln(w, "  IDENTIQUE : ce qui suit est ce que le jury a vu et que le président a visé.")
			} else {
				fmt.Fprintf(w, "  %s : %s\n", outcomes[v.Outcome], v.Why)
			}
			if v.Replayed == "" {
				continue
			}
			writeMoment(w, i, v.View, v.AsOf)
			if err := writeSeen(w, v.Shown); err != nil {
				return err
			}
		}
		return nil
	})
	for _, v := range visas {
		if v.Outcome != instance.VisaSame && err == nil {
			err = errBroken
		}
	}
	return err
}

var outcomes = map[string]string{instance.VisaOther: "DIFFÉRENT", instance.VisaUnknown: "INDÉTERMINÉ"}

// parisian is an instant in Europe/Paris, to the second.
func parisian(i *instance.Instance, t time.Time) string {
	return t.In(i.Ledger.Paris()).Format("2006-01-02 15:04:05")
}

// writeMoment says of when it is what follows, and what proves it.
func writeMoment(w io.Writer, i *instance.Instance, view string, m instance.Moment) {
	switch {
	case m.Proven:
		fmt.Fprintf(w, "PROUVÉ : état du registre au point de contrôle de %d faits, signé le %s\n", m.Size, parisian(i, m.Signed))
	case m.Size > 0:
		fmt.Fprintf(w, "NON PROUVÉ : état du registre à la position %s, inscrite le %s ; ces faits sont couverts par le point de contrôle de %d faits, signé le %s\n",
			m.Position, parisian(i, m.Time), m.Size, parisian(i, m.Signed))
	default:
		fmt.Fprintf(w, "NON PROUVÉ : état du registre à la position %s, inscrite le %s ; aucun point de contrôle ne la couvre encore\n", m.Position, parisian(i, m.Time))
	}
	if m.Size > 0 {
		fmt.Fprintf(w, "racine %s, %d faits lus, tous retrouvés sous cette racine\n", m.Root, m.Facts)
	}
	if m.Unsigned > 0 {
		fmt.Fprintf(w, "%d faits inscrits ensuite, avant l’instant demandé, ne sont pas montrés : --as-of-position %s les montre, sans preuve de l’instant\n", m.Unsigned, m.Next)
	}
	fmt.Fprintf(w, "vue %s\n\n", view)
}
