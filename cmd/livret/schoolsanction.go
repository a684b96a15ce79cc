package main

import (
	"fmt"
	"io"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"livret/cmd/livret/instance"
	"livret/domain/access"
	"livret/domain/sanction"
)

func (p *program) schoolSanction() *cobra.Command {
	verb := &cobra.Command{
		Use:   "school",
		Short: "The disciplinary sanctions of schools, which are off unless a legal act is named",
		Long: `No text that could be read lists the sanctions of schools among what a livret holds. They are refused unless the
controller of the ledger has a decision recorded that names the legal act allowing them. No jury ever sees them.`,
		Args: cobra.NoArgs,
		RunE: onlyVerbs,
	}
	verb.AddCommand(p.enableSchoolSanctions(), p.revokeSchoolSanctions(), p.recordSchoolSanction(), p.liftSchoolSanction(), p.listSchoolSanctions())
	return verb
}

func (p *program) enableSchoolSanctions() *cobra.Command {
	var act string
	verb := &cobra.Command{
		Use:   "enable --act NAME",
		Short: "Record the controller's decision, and the legal act that allows it",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := needs(c, "act"); err != nil {
				return err
			}
			return p.with(c.Context(), func(i *instance.Instance) error {
				changed, err := i.EnableSchoolSanctions(c.Context(), operator(), act)
				return p.switched("sanctions d’établissement : admises en vertu de l’acte nommé", changed, err)
			})
		},
	}
	verb.Flags().StringVar(&act, "act", "", "`name` of the law, ordonnance, décret or arrêté, with its number or date")
	return verb
}

func (p *program) revokeSchoolSanctions() *cobra.Command {
	return &cobra.Command{
		Use:   "revoke",
		Short: "Take the decision back: what was recorded is due for destruction",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return p.with(c.Context(), func(i *instance.Instance) error {
				changed, err := i.RevokeSchoolSanctions(c.Context(), operator())
				return p.switched("sanctions d’établissement : refusées, celles qui étaient enregistrées sont à détruire", changed, err)
			})
		},
	}
}

func (p *program) switched(what string, changed bool, err error) error {
	if err != nil {
		return err
	}
	result := struct {
		Changed bool `json:"changed"`
	}{changed}
	return p.print(result, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "%s%s\n", what, already(changed))
		return err
	})
}

func (p *program) recordSchoolSanction() *cobra.Command {
	var kind, on string
	var s sanction.PronounceSchool
	verb := &cobra.Command{
		Use:   "record LIVRET --kind KIND --on DATE",
		Short: "Record a sanction of the pupil's school, at the request of its head",
		Long:  "Record a sanction of the pupil's school. It is one of:\n\n" + schoolKinds(),
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			livret, err := parseLivret(args[0])
			if err == nil {
				err = needs(c, "kind", "on")
			}
			if err != nil {
				return err
			}
			day, err := dates(on)
			if err != nil {
				return err
			}
			s.Livret, s.Kind, s.Pronounced = livret, sanction.Kind(kind), day[0]
			return p.with(c.Context(), func(i *instance.Instance) error {
				head, err := p.headOf(c, i, livret)
				if err != nil {
					return err
				}
				id := uuid.New()
				changed, err := i.PronounceSchool(c.Context(), head, id, s)
				if err != nil {
					return err
				}
				if text, _ := sanction.SchoolTextOn(s.Pronounced); text.Confidence != "" {
					p.note("durée de conservation : %s (%s)", text.Source, text.Confidence)
				}
				return p.decided(id, s.Kind.Label(), changed, nil)
			})
		},
	}
	flags := verb.Flags()
	flags.StringVar(&kind, "kind", "", "`kind` of the sanction, see above")
	flags.StringVar(&on, "on", "", "`date` on which it was pronounced")
	flags.Uint8Var(&s.Days, "days", 0, "`days` that a temporary exclusion lasts")
	flags.BoolVar(&s.Suspended, "sursis", false, "it is suspended")
	return verb
}

// schoolKinds is the catalogue of schools, a line each.
func schoolKinds() string {
	var all string
	for _, a := range sanction.SchoolKinds() {
		all += fmt.Sprintf("  %-30s%s\n", a.Kind, a.Label)
	}
	return all
}

// headOf acts as the head of the school where the pupil is.
func (p *program) headOf(c *cobra.Command, i *instance.Instance, livret uuid.UUID) (access.Actor, error) {
	on, err := i.Target(c.Context(), livret)
	if err != nil {
		return access.Actor{}, p.proof(c.Context(), i, livret, err)
	}
	if on.Session == 0 {
		return access.Actor{}, instance.ErrNotFound
	}
	return head(string(on.UAI)), nil
}

func (p *program) liftSchoolSanction() *cobra.Command {
	var on string
	verb := &cobra.Command{
		Use:   "lift LIVRET SANCTION --on DATE",
		Short: "Take a sanction out of the livret before its day, annulled or at the pupil's request",
		Args:  cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			livret, err := parseLivret(args[0])
			if err != nil {
				return err
			}
			id, err := parseSanction(args[1])
			if err != nil {
				return err
			}
			day, err := dates(on)
			if err != nil {
				return err
			}
			return p.with(c.Context(), func(i *instance.Instance) error {
				head, err := p.headOf(c, i, livret)
				if err != nil {
					return err
				}
				changed, err := i.LiftSchool(c.Context(), head, id, day[0])
				return p.decided(id, "retirée du livret", changed, err)
			})
		},
	}
	verb.Flags().StringVar(&on, "on", "", "`date` of the decision")
	return verb
}

func (p *program) listSchoolSanctions() *cobra.Command {
	return &cobra.Command{
		Use:   "list LIVRET",
		Short: "Those of a livret whose term is not reached",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			livret, err := parseLivret(args[0])
			if err != nil {
				return err
			}
			return p.with(c.Context(), func(i *instance.Instance) error {
				head, err := p.headOf(c, i, livret)
				if err != nil {
					return err
				}
				all, err := i.SchoolSanctionsOf(c.Context(), head, livret)
				if err != nil {
					return err
				}
				return p.print(all, func(w io.Writer) error {
					for _, e := range all {
						fmt.Fprintf(w, "%s  %s, prononcée le %s, s’efface le %s\n", e.Sanction, e.KindLabel, e.Pronounced, e.Term)
					}
					_, err := fmt.Fprintf(w, "%d sanctions d’établissement\n", len(all))
					return err
				})
			})
		},
	}
}
