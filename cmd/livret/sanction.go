package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"livret/cmd/livret/instance"
	"livret/domain"
	"livret/domain/access"
	"livret/domain/sanction"
)

func (p *program) sanction() *cobra.Command {
	verb := &cobra.Command{
		Use:   "sanction",
		Short: "The decisions of the discipline commission of the baccalauréat",
		Long: `Record what the discipline commission of the baccalauréat decided, at the request of the exams division. There is
nowhere to write a motive. A sanction ends on a day of its own, one year after it was pronounced or when a ban ends,
whatever becomes of the livret that it is entered in; «livret retention» destroys it then.`,
		Args: cobra.NoArgs,
		RunE: onlyVerbs,
	}
	verb.AddCommand(p.openProceedings(), p.dropProceedings(), p.pronounce(), p.voidPaper(), p.amend(), p.revokeSursis(), p.annul(),
		p.linkSanction(), p.listSanctions(), p.showSanction(), p.schoolSanction())
	return verb
}

// exams acts as an agent of the exams division: who runs the program on the machine does so at its request.
func exams(i *instance.Instance) access.Actor {
	return access.Actor{Actor: domain.Actor{Role: access.DEC}, Academie: i.Settings.Academie}
}

// concerned is the flags that say who is sanctioned: a livret, or a candidate of a session.
type concerned struct {
	examSession
	livret, candidate string
}

func (of *concerned) flags(c *cobra.Command) {
	of.examSession.flags(c)
	c.Flags().StringVar(&of.livret, "livret", "", "`id` of the livret of who is sanctioned")
	c.Flags().StringVar(&of.candidate, "candidate", "", "`number` of the candidate, in the session of --session and --round")
}

func (of *concerned) find(ctx context.Context, i *instance.Instance) (uuid.UUID, error) {
	switch {
	case (of.livret == "") == (of.candidate == ""), of.candidate != "" && of.year == 0:
		return uuid.Nil, usageError{errors.New("give --livret, or --candidate and --session")}
	case of.livret != "":
		return parseLivret(of.livret)
	}
	return i.CandidateLivret(ctx, exams(i), of.session(), of.candidate)
}

// dates reads the dates of flags; an empty text is no date.
func dates(texts ...string) ([]domain.Date, error) {
	days := make([]domain.Date, len(texts))
	for n, text := range texts {
		var err error
		if days[n], err = parseDay(text); text != "" && err != nil {
			return nil, err
		}
	}
	return days, nil
}

func parseSanction(text string) (uuid.UUID, error) {
	id, err := uuid.Parse(text)
	if err != nil {
		return id, usageError{errors.New("a sanction is named by its UUID")}
	}
	return id, nil
}

// decided says what was recorded of a sanction.
func (p *program) decided(id uuid.UUID, what string, changed bool, err error) error {
	if err != nil {
		return err
	}
	result := struct {
		Sanction uuid.UUID `json:"sanction"`
		Changed  bool      `json:"changed"`
	}{id, changed}
	return p.print(result, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "sanction %s : %s%s\n", id, what, already(changed))
		return err
	})
}

func (p *program) openProceedings() *cobra.Command {
	var of concerned
	var on string
	verb := &cobra.Command{
		Use:   "open --on DATE --livret ID | --candidate NUMBER --session YEAR",
		Short: "Record that a candidate is before the commission: no result is handed to him meanwhile",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			day, err := dates(on)
			if err == nil {
				err = needs(c, "on")
			}
			if err != nil {
				return err
			}
			return p.with(c.Context(), func(i *instance.Instance) error {
				livret, err := of.find(c.Context(), i)
				if err != nil {
					return err
				}
				id := uuid.New()
				changed, err := i.OpenProceedings(c.Context(), operator(), id, sanction.OpenProceedings{Livret: livret, On: day[0]})
				return p.decided(id, "procédure ouverte", changed, err)
			})
		},
	}
	of.flags(verb)
	verb.Flags().StringVar(&on, "on", "", "`date` on which they were opened")
	return verb
}

func (p *program) pronounce() *cobra.Command {
	var of concerned
	var c sanction.Pronounce
	var id, kind, authority, on, ends string
	verb := &cobra.Command{
		Use:   "pronounce --kind KIND --on DATE --livret ID | --candidate NUMBER --session YEAR | --sanction ID",
		Short: "Record a sanction that was pronounced",
		Long: "Record a sanction that was pronounced. It is one of:\n\n" + kinds() + `
With --sanction, it ends the proceedings of that id. A ban needs --ends.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := needs(cmd, "kind", "on"); err != nil {
				return err
			}
			days, err := dates(on, ends)
			if err != nil {
				return err
			}
			c.Kind, c.Authority, c.Pronounced, c.Ends = sanction.Kind(kind), sanction.Authority(authority), days[0], days[1]
			under := uuid.New()
			if id != "" {
				if under, err = parseSanction(id); err != nil {
					return err
				}
			}
			return p.with(cmd.Context(), func(i *instance.Instance) error {
				if id == "" {
					if c.Livret, err = of.find(cmd.Context(), i); err != nil {
						return err
					}
				}
				changed, err := i.Pronounce(cmd.Context(), operator(), under, c)
				if err != nil {
					return err
				}
				if text, _ := sanction.TextOn(c.Pronounced); text.Doubtful(c.Pronounced) {
					p.note("%s", text.Caveat)
				}
				return p.decided(under, c.Kind.Label(), changed, nil)
			})
		},
	}
	of.flags(verb)
	flags := verb.Flags()
	flags.StringVar(&id, "sanction", "", "`id` of proceedings that were opened")
	flags.StringVar(&kind, "kind", "", "`kind` of the sanction, see above")
	flags.StringVar(&authority, "authority", string(sanction.Commission), "commission, or recteur for the contrôle continu")
	flags.StringVar(&on, "on", "", "`date` on which it was pronounced")
	flags.StringVar(&ends, "ends", "", "`date` on which a ban ends")
	flags.BoolVar(&c.Suspended, "sursis", false, "the ban is suspended")
	flags.BoolVar(&c.Entry, "entry", false, "it is entered in the livret: the family and the jury see it")
	return verb
}

// kinds is the catalogue, a line each.
func kinds() string {
	var b strings.Builder
	for _, a := range sanction.Kinds() {
		fmt.Fprintf(&b, "  %-28s%s\n", a.Kind, a.Label)
	}
	return b.String()
}

// onSanction makes a verb about one sanction, whose command is made of the dates of --on and --ends.
func (p *program) onSanction(use, short, done string, decide func(on, ends, today domain.Date) domain.Command[*sanction.Sanction]) *cobra.Command {
	var on, ends string
	verb := &cobra.Command{
		Use:   use + " SANCTION",
		Short: short,
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			id, err := parseSanction(args[0])
			if err != nil {
				return err
			}
			days, err := dates(on, ends)
			if err != nil {
				return err
			}
			return p.with(c.Context(), func(i *instance.Instance) error {
				changed, err := i.DecideSanction(c.Context(), operator(), id, decide(days[0], days[1], i.Today()))
				return p.decided(id, done, changed, err)
			})
		},
	}
	verb.Flags().StringVar(&on, "on", "", "`date` of the decision")
	if strings.Contains(use, "--ends") {
		verb.Flags().StringVar(&ends, "ends", "", "`date` on which the ban ends")
	}
	return verb
}

func (p *program) dropProceedings() *cobra.Command {
	return p.onSanction("drop --on DATE", "Record that proceedings ended without a sanction", "procédure close sans sanction",
		func(on, _, today domain.Date) domain.Command[*sanction.Sanction] {
			return sanction.DropProceedings{On: on, Today: today}
		})
}

func (p *program) revokeSursis() *cobra.Command {
	return p.onSanction("revoke --on DATE --ends DATE", "Record that a suspended ban is carried out after all", "sursis révoqué",
		func(on, ends, today domain.Date) domain.Command[*sanction.Sanction] {
			return sanction.RevokeSursis{On: on, Ends: ends, Today: today}
		})
}

func (p *program) annul() *cobra.Command {
	return p.onSanction("annul --on DATE", "Record that a recours annulled a sanction: it is shown to nobody from then on", "annulée",
		func(on, _, today domain.Date) domain.Command[*sanction.Sanction] {
			return sanction.Annul{On: on, Today: today}
		})
}

func (p *program) amend() *cobra.Command {
	var kind string
	var sursis bool
	verb := p.onSanction("amend --kind KIND --on DATE [--ends DATE]", "Record the sanction that a recours put in the place of another", "réformée",
		func(on, ends, today domain.Date) domain.Command[*sanction.Sanction] {
			return sanction.Amend{Measure: sanction.Measure{Kind: sanction.Kind(kind), Ends: ends, Suspended: sursis}, On: on, Today: today}
		})
	verb.Flags().StringVar(&kind, "kind", "", "`kind` of the sanction, as for pronounce")
	verb.Flags().BoolVar(&sursis, "sursis", false, "the ban is suspended")
	return verb
}

func (p *program) voidPaper() *cobra.Command {
	var scope string
	verb := &cobra.Command{
		Use:   "void SANCTION [--scope SCOPE]",
		Short: "Record what a sanction voids; where a jury gave its result, it deliberates again",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			id, err := parseSanction(args[0])
			if err != nil {
				return err
			}
			return p.with(c.Context(), func(i *instance.Instance) error {
				voided, err := i.VoidPaper(c.Context(), operator(), id, sanction.Scope(scope))
				if err == nil && voided.Reopened > 0 {
					p.note("nouvelle délibération ordonnée")
				}
				return p.decided(id, "annule "+sanction.Scope(scope).Label(), voided.Changed, err)
			})
		},
	}
	verb.Flags().StringVar(&scope, "scope", string(sanction.Paper), "epreuve, groupe-d-epreuves or session")
	return verb
}

func (p *program) linkSanction() *cobra.Command {
	return &cobra.Command{
		Use:   "link SANCTION LIVRET",
		Short: "Say that who was sanctioned sits again, with another livret",
		Long: `Say that a sanction is that of the pupil of another livret too: he sits again, and the jury of his new session
may see an entry of which the term is not reached, while his first livret is gone. It is refused if national number,
name and birth date do not agree.`,
		Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			id, err := parseSanction(args[0])
			if err != nil {
				return err
			}
			livret, err := parseLivret(args[1])
			if err != nil {
				return err
			}
			return p.with(c.Context(), func(i *instance.Instance) error {
				changed, err := i.LinkSanction(c.Context(), operator(), id, livret)
				return p.decided(id, "rattachée au livret "+livret.String(), changed, err)
			})
		},
	}
}
