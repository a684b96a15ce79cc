package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"livret/cmd/livret/instance"
	"livret/domain/access"
	"livret/domain/mark"
	"livret/domain/record"
	"livret/projections/wording"
)

func (p *program) rights() *cobra.Command {
	verb := &cobra.Command{
		Use:   "rights",
		Short: "What a pupil and his family ask and declare about a livret, and what is answered",
		Long: `Rights are exercised with the head of school (arrêté of 8 February 2016). On line, families do so on the pages;
these verbs record what came on paper, and the head's answers, at his request.`,
		Args: cobra.NoArgs,
		RunE: onlyVerbs,
	}
	verb.AddCommand(p.showRights(), p.askRectification(), p.grantRectification(), p.refuseRectification(), p.exportPersonal(),
		p.declaring("oppose LIVRET", "Record an opposition to the transmission to the jury", func(ctx context.Context, i *instance.Instance, head access.Actor, livret uuid.UUID) error {
			return i.Oppose(ctx, head, livret, uuid.New(), true)
		}),
		p.declaring("withdraw LIVRET", "Withdraw the opposition", func(ctx context.Context, i *instance.Instance, head access.Actor, livret uuid.UUID) error {
			return i.Oppose(ctx, head, livret, uuid.New(), false)
		}),
		p.declaring("refuse-online LIVRET", "Record that the family refuses the livret on line: a paper is owed at the proclamation", func(ctx context.Context, i *instance.Instance, head access.Actor, livret uuid.UUID) error {
			return i.RefuseOnline(ctx, head, livret, uuid.New(), true)
		}),
		p.declaring("accept-online LIVRET", "Record that the family accepts the livret on line again", func(ctx context.Context, i *instance.Instance, head access.Actor, livret uuid.UUID) error {
			return i.RefuseOnline(ctx, head, livret, uuid.New(), false)
		}),
		p.restrict(),
		p.declaring("lift LIVRET", "Lift the restriction of processing", func(ctx context.Context, i *instance.Instance, head access.Actor, livret uuid.UUID) error {
			return i.LiftRestriction(ctx, head, livret, uuid.New())
		}),
	)
	return verb
}

// asHead does something about a livret as the head of the school where its pupil is, at his request.
func (p *program) asHead(c *cobra.Command, arg string, do func(*instance.Instance, access.Actor, uuid.UUID) error) error {
	livret, err := parseLivret(arg)
	if err != nil {
		return err
	}
	return p.with(c.Context(), func(i *instance.Instance) error {
		on, err := i.Target(c.Context(), livret)
		switch {
		case err != nil:
			return p.proof(c.Context(), i, livret, err)
		case on.Session == 0:
			return instance.ErrNotFound
		}
		return do(i, head(string(on.UAI)), livret)
	})
}

// declaring is a verb that records one declaration, and answers how the livret stands then.
func (p *program) declaring(use, short string, declare func(context.Context, *instance.Instance, access.Actor, uuid.UUID) error) *cobra.Command {
	return &cobra.Command{
		Use:   use,
		Short: short,
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return p.asHead(c, args[0], func(i *instance.Instance, head access.Actor, livret uuid.UUID) error {
				if err := declare(c.Context(), i, head, livret); err != nil {
					return err
				}
				return p.printRights(c.Context(), i, head, livret)
			})
		},
	}
}

func (p *program) showRights() *cobra.Command {
	return p.declaring("show LIVRET", "How a livret stands", func(context.Context, *instance.Instance, access.Actor, uuid.UUID) error { return nil })
}

func (p *program) restrict() *cobra.Command {
	var ground string
	verb := p.declaring("restrict LIVRET --ground GROUND", "Restrict the processing of a livret (RGPD, art. 18)", func(ctx context.Context, i *instance.Instance, head access.Actor, livret uuid.UUID) error {
		return i.Restrict(ctx, head, livret, uuid.New(), record.RestrictionGround(ground))
	})
	verb.Flags().StringVar(&ground, "ground", string(record.AccuracyContested), "exactitude-contestee, traitement-illicite, droits-en-justice or opposition-examinee")
	return verb
}

func (p *program) askRectification() *cobra.Command {
	var about, demand string
	verb := p.declaring("ask LIVRET --demand TEXT", "Record a demand of rectification that came on paper", func(ctx context.Context, i *instance.Instance, head access.Actor, livret uuid.UUID) error {
		subject, err := record.ParseSubject(about)
		if err != nil {
			return err
		}
		return i.RequestRectification(ctx, head, livret, uuid.New(), subject, demand)
	})
	verb.Flags().StringVar(&about, "about", string(record.SubjectOther), "identite, autre, «moyenne|YEAR|MATIERE|MODALITE|RANK|PERIOD» or «appreciation|YEAR|MATIERE|MODALITE|RANK|0»")
	verb.Flags().StringVar(&demand, "demand", "", "what is asked, in the family's words")
	return verb
}

func (p *program) grantRectification() *cobra.Command {
	var reason, typed, text string
	verb := p.answering("grant LIVRET DEMAND --reason TEXT", "Grant a rectification, and correct what it is about", func(ctx context.Context, i *instance.Instance, head access.Actor, livret, demand uuid.UUID) error {
		with := instance.Redress{Text: text}
		if typed != "" {
			var err error
			if with.Mark, err = mark.ParseTyped(typed); err != nil {
				return err
			}
		}
		return i.GrantRectification(ctx, head, livret, uuid.New(), demand, reason, with)
	})
	verb.Flags().StringVar(&reason, "reason", "", "why, in the head's words")
	verb.Flags().StringVar(&typed, "mark", "", "the average as rectified")
	verb.Flags().StringVar(&text, "text", "", "the appréciation as rectified")
	return verb
}

func (p *program) refuseRectification() *cobra.Command {
	var reason string
	verb := p.answering("refuse LIVRET DEMAND --reason TEXT", "Refuse a rectification, and say why", func(ctx context.Context, i *instance.Instance, head access.Actor, livret, demand uuid.UUID) error {
		return i.RefuseRectification(ctx, head, livret, uuid.New(), demand, reason)
	})
	verb.Flags().StringVar(&reason, "reason", "", "why, in the head's words")
	return verb
}

func (p *program) exportPersonal() *cobra.Command {
	var out string
	verb := &cobra.Command{
		Use:   "export LIVRET --out FILE",
		Short: "Write a copy of all that is held on a pupil, to be handed to him (RGPD, art. 15)",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if err := needs(c, "out"); err != nil {
				return err
			}
			return p.asHead(c, args[0], func(i *instance.Instance, head access.Actor, livret uuid.UUID) error {
				d, err := i.Disclose(c.Context(), head, livret)
				if err != nil {
					return err
				}
				file, err := os.OpenFile(out, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
				if err != nil {
					return err
				}
				if err := errors.Join(d.Write(file), file.Close()); err != nil {
					return err
				}
				return p.print(struct {
					Livret uuid.UUID `json:"livret"`
					Out    string    `json:"out"`
					Facts  int       `json:"facts"`
				}{livret, out, len(d.History)}, func(w io.Writer) error {
					_, err := fmt.Fprintf(w, "livret %s : %d faits, dans %s\n", livret, len(d.History), out)
					return err
				})
			})
		},
	}
	verb.Flags().StringVar(&out, "out", "", "ZIP `file` to write, which must not exist")
	return verb
}

// answering is a verb that answers one demand.
func (p *program) answering(use, short string, answer func(context.Context, *instance.Instance, access.Actor, uuid.UUID, uuid.UUID) error) *cobra.Command {
	return &cobra.Command{
		Use:   use,
		Short: short,
		Args:  cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			demand, err := uuid.Parse(args[1])
			if err != nil {
				return usageError{errors.New("a demand is named by its UUID: see «livret rights show»")}
			}
			return p.asHead(c, args[0], func(i *instance.Instance, head access.Actor, livret uuid.UUID) error {
				if err := answer(c.Context(), i, head, livret, demand); err != nil {
					return err
				}
				return p.printRights(c.Context(), i, head, livret)
			})
		},
	}
}

// rightsReport is how a livret stands, as it is printed.
type rightsReport struct {
	Livret       uuid.UUID                `json:"livret"`
	Version      uint64                   `json:"version"` // of what it says
	Validated    bool                     `json:"validated"`
	Acknowledged bool                     `json:"acknowledged"`
	Opposed      bool                     `json:"opposed"`
	Restricted   record.RestrictionGround `json:"restricted,omitempty"`
	Refused      bool                     `json:"online_refused"`
	Transmitted  bool                     `json:"transmitted"`
	Demands      []demandReport           `json:"demands"`
}

type demandReport struct {
	ID     uuid.UUID                  `json:"id"`
	About  record.Subject             `json:"about"`
	Demand string                     `json:"demand"`
	Status record.RectificationStatus `json:"status"`
	Reason string                     `json:"reason,omitempty"`
}

func (p *program) printRights(ctx context.Context, i *instance.Instance, head access.Actor, livret uuid.UUID) error {
	r, err := i.Rights(ctx, head, livret)
	if err != nil {
		return err
	}
	stands := r.State.Rights
	report := rightsReport{livret, r.State.ContentVersion(), r.State.Validated(), r.State.Acknowledged(), stands.Opposed, stands.Restricted, stands.OnlineRefused, r.Exam.Transmitted, []demandReport{}}
	for _, d := range stands.Rectifications {
		report.Demands = append(report.Demands, demandReport{d.Rectification, d.About, d.Demand, d.Status, d.Reason})
	}
	return p.print(report, func(w io.Writer) error {
		said := func(yes bool, is, isNot string) string {
			if yes {
				return is
			}
			return isNot
		}
		fmt.Fprintf(w, "livret %s, écriture n° %d : %s, %s\n", livret, report.Version, said(report.Validated, "visé", "à viser"),
			said(report.Acknowledged, "il en a été pris connaissance", "il n’en a pas été pris connaissance"))
		fmt.Fprintf(w, "transmission au jury : %s\nlivret en ligne : %s\n",
			said(report.Opposed, "opposition", said(report.Transmitted, "faite", "sans opposition")), said(report.Refused, "refusé par la famille", "accepté"))
		if report.Restricted != "" {
			fmt.Fprintf(w, "traitement limité : %s\n", wording.Ground(report.Restricted))
		}
		t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		for _, d := range report.Demands {
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", d.ID, d.About.Kind, d.Status, strings.ReplaceAll(d.Demand, "\n", " "), strings.ReplaceAll(d.Reason, "\n", " "))
		}
		return t.Flush()
	})
}
