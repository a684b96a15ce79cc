package main

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"livret/cmd/livret/instance"
	"livret/domain/access"
	"livret/domain/deliberation"
)

func (p *program) jury() *cobra.Command {
	verb := &cobra.Command{
		Use:   "jury",
		Short: "Juries: who sits, which candidates, what was examined, signed and decided",
		Args:  cobra.NoArgs,
		RunE:  onlyVerbs,
	}
	verb.AddCommand(p.juryForm(), p.juryName(), p.jurySit(), p.juryAssign(), p.juryList(), p.juryExamine(), p.juryVisa(), p.juryReopen(), p.juryAgain(),
		p.juryDossier(), p.juryKey(), p.juryVerify())
	return verb
}

// juryFlags is the flags that name a jury.
type juryFlags struct {
	examSession
	number string
}

func (j *juryFlags) flags(c *cobra.Command) {
	j.examSession.flags(c)
	c.Flags().StringVar(&j.number, "jury", "", "`number` of the jury, as in 0108")
}

func (j *juryFlags) jury() instance.JuryName {
	return instance.JuryName{Session: j.session(), Number: j.number}
}

// ofJury makes a verb that does something to a jury.
func (p *program) ofJury(verb *cobra.Command, do func(ctx context.Context, i *instance.Instance, of instance.JuryName, args []string) error) *cobra.Command {
	var of juryFlags
	verb.RunE = func(c *cobra.Command, args []string) error {
		if err := needs(c, "session", "jury"); err != nil {
			return err
		}
		return p.with(c.Context(), func(i *instance.Instance) error { return do(c.Context(), i, of.jury(), args) })
	}
	of.flags(verb)
	return verb
}

func (p *program) juryForm() *cobra.Command {
	return p.ofJury(&cobra.Command{
		Use:   "form --session YEAR --jury NUMBER",
		Short: "Form a jury of an open session",
		Args:  cobra.NoArgs,
	}, func(ctx context.Context, i *instance.Instance, of instance.JuryName, _ []string) error {
		changed, err := i.FormJury(ctx, operator(), of)
		if err != nil {
			return err
		}
		return p.printChange(changed, "jury %s de la session %s constitué", of.Number, of.Session)
	})
}

func (p *program) juryName() *cobra.Command {
	var office string
	var withdraw bool
	verb := p.ofJury(&cobra.Command{
		Use:   "name --session YEAR --jury NUMBER STAFF --as OFFICE",
		Short: "Name a member of staff to a jury, or withdraw one",
		Args:  cobra.ExactArgs(1),
	}, func(ctx context.Context, i *instance.Instance, of instance.JuryName, args []string) error {
		staff, err := parseStaff(args[0])
		if err != nil {
			return err
		}
		if withdraw {
			changed, err := i.WithdrawJuror(ctx, operator(), of, staff)
			if err != nil {
				return err
			}
			return p.printChange(changed, "jury %s : membre retiré", of.Number)
		}
		changed, err := i.NameJuror(ctx, operator(), of, staff, deliberation.Office(office))
		if err != nil {
			return err
		}
		return p.printChange(changed, "jury %s : %s nommé", of.Number, deliberation.Office(office).Label())
	})
	verb.Flags().StringVar(&office, "as", string(deliberation.Member), "president, vice-president or membre")
	verb.Flags().BoolVar(&withdraw, "withdraw", false, "end his office instead")
	return verb
}

func parseStaff(text string) (uuid.UUID, error) {
	id, err := uuid.Parse(text)
	if err != nil {
		return id, usageError{fmt.Errorf("%q is no staff id", text)}
	}
	return id, nil
}

func (p *program) jurySit() *cobra.Command {
	var on string
	verb := p.ofJury(&cobra.Command{
		Use:   "sit --session YEAR --jury NUMBER [--on DATE] STAFF…",
		Short: "Record that a jury sat, and who was there",
		Args:  cobra.MinimumNArgs(1),
	}, func(ctx context.Context, i *instance.Instance, of instance.JuryName, args []string) error {
		day, err := onDay(on, i)
		if err != nil {
			return err
		}
		var present []uuid.UUID
		for _, arg := range args {
			staff, err := parseStaff(arg)
			if err != nil {
				return err
			}
			present = append(present, staff)
		}
		changed, err := i.HoldSitting(ctx, operator(), of, day, present)
		if err != nil {
			return err
		}
		return p.printChange(changed, "jury %s : séance du %s, %d présents", of.Number, day, len(present))
	})
	verb.Flags().StringVar(&on, "on", "", "`date` of the sitting; today if left out")
	return verb
}

func (p *program) juryAssign() *cobra.Command {
	return p.ofJury(&cobra.Command{
		Use:   "assign --session YEAR --jury NUMBER [CANDIDATE…]",
		Short: "Send candidates before a jury; without number, all who are before none",
		Long: `Send candidates before a jury. That none of its jurors teaches in a candidate's school is for whoever distributes
to see: the jury may not learn which school that is.`,
	}, func(ctx context.Context, i *instance.Instance, of instance.JuryName, args []string) error {
		b, err := i.Assign(ctx, operator(), of, args...)
		if err != nil {
			return err
		}
		return p.printBatch(b, "affectés")
	})
}

func (p *program) juryList() *cobra.Command {
	var of examSession
	verb := &cobra.Command{
		Use:   "list --session YEAR",
		Short: "The juries of a session, and who sits in them",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := needs(c, "session"); err != nil {
				return err
			}
			return p.with(c.Context(), func(i *instance.Instance) error {
				juries, err := i.Juries(c.Context(), operator(), of.session())
				if err != nil {
					return err
				}
				return p.print(juries, func(w io.Writer) error { return writeJuries(w, juries) })
			})
		},
	}
	of.flags(verb)
	return verb
}

func writeJuries(w io.Writer, juries []*deliberation.Jury) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, j := range juries {
		for _, juror := range j.Jurors {
			fmt.Fprintf(t, "jury %s\t%s\t%s\n", j.Number, juror.Office.Label(), juror.Staff)
		}
		for _, s := range j.Sittings {
			fmt.Fprintf(t, "jury %s\tséance du %s\t%d présents\n", j.Number, s.Held, len(s.Present))
		}
		if len(j.Jurors) == 0 {
			fmt.Fprintf(t, "jury %s\taucun juré\t\n", j.Number)
		}
	}
	return t.Flush()
}

// ofCandidate makes a verb that does something to a candidate of a session.
func (p *program) ofCandidate(verb *cobra.Command, do func(ctx context.Context, i *instance.Instance, session deliberation.ExamSession, number string) error) *cobra.Command {
	var of examSession
	verb.Args = cobra.ExactArgs(1)
	verb.RunE = func(c *cobra.Command, args []string) error {
		if err := needs(c, "session"); err != nil {
			return err
		}
		return p.with(c.Context(), func(i *instance.Instance) error { return do(c.Context(), i, of.session(), args[0]) })
	}
	of.flags(verb)
	return verb
}

// signing is what the president does to a livret whose imprint he saw.
type signing func(i *instance.Instance, ctx context.Context, actor access.Actor, session deliberation.ExamSession, number string, group deliberation.Group, seen string) (bool, error)

// signature makes a verb that enters what the president wrote on the printed dossier.
func (p *program) signature(use, short, said string, sign signing) *cobra.Command {
	var group, seen string
	verb := p.ofCandidate(&cobra.Command{
		Use:   use + " --session YEAR CANDIDATE --seen IMPRINT [--group GROUP]",
		Short: short,
		Long: short + `. The imprint is that of the page which the jury had before its eyes: « livret show jury »
and the printed dossier give it. If the livret has changed since, it is refused.`,
	}, func(ctx context.Context, i *instance.Instance, session deliberation.ExamSession, number string) error {
		if seen == "" {
			return usageError{fmt.Errorf("--seen is needed: see «livret jury %s --help»", use)}
		}
		changed, err := sign(i, ctx, operator(), session, number, deliberation.Group(group), seen)
		if err != nil {
			return err
		}
		return p.printChange(changed, said, number, deliberation.Group(group).Label())
	})
	verb.Flags().StringVar(&group, "group", string(deliberation.Premier), "premier or second")
	verb.Flags().StringVar(&seen, "seen", "", "`imprint` of the page")
	return verb
}

func (p *program) juryExamine() *cobra.Command {
	return p.signature("examine", "Enter that a jury examined the livret of a candidate", "candidat %s : livret examiné, %s", (*instance.Instance).Examine)
}

func (p *program) juryVisa() *cobra.Command {
	return p.signature("visa", "Enter the visa that a president gave on the printed dossier", "candidat %s : visa du président, %s", (*instance.Instance).GivePresidentVisa)
}

func (p *program) juryReopen() *cobra.Command {
	var number uint8
	var ground string
	verb := p.ofCandidate(&cobra.Command{
		Use:   "reopen --session YEAR CANDIDATE --deliberation N --ground GROUND",
		Short: "Order a new deliberation on a candidate, after a decision",
	}, func(ctx context.Context, i *instance.Instance, session deliberation.ExamSession, candidate string) error {
		changed, err := i.Reopen(ctx, operator(), session, candidate, number, deliberation.Ground(ground))
		if err != nil {
			return err
		}
		return p.printChange(changed, "candidat %s : délibération n° %d ordonnée", candidate, number)
	})
	verb.Flags().Uint8Var(&number, "deliberation", 2, "which deliberation this `number` is, from 2")
	verb.Flags().StringVar(&ground, "ground", "", "commission, juridiction or administration")
	return verb
}

func (p *program) juryAgain() *cobra.Command {
	return p.ofCandidate(&cobra.Command{
		Use:   "again --session YEAR CANDIDATE",
		Short: "Register in September a candidate who failed or was absent in June, under another number",
	}, func(ctx context.Context, i *instance.Instance, session deliberation.ExamSession, number string) error {
		changed, err := i.RegisterAgain(ctx, operator(), session, number)
		if err != nil {
			return err
		}
		return p.printChange(changed, "candidat %s inscrit à la session de septembre", number)
	})
}
