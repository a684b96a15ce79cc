package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"livret/cmd/livret/instance"
	"livret/domain/retention"
	"livret/eventstore/ledger"
)

func (p *program) visa() *cobra.Command {
	var of examSession
	var reference, category string
	verb := &cobra.Command{
		Use:   "visa --reference NUMBER --session YEAR | --category CATEGORY",
		Short: "Record the visa that allows the elimination of a session's livrets",
		Long: `Record that the person in charge of the State's control over archives allows the elimination (Code du patrimoine,
art. R. 212-14). It covers the livrets whose term counts from the proclamation of that session, as they are now; with
--category (sanction, sanction-etablissement, gel, demande), what no proclamation ends and has come to its term.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := needs(c, "reference"); err != nil {
				return err
			}
			if (of.year == 0) == (category == "") {
				return usageError{errors.New("give --session, or --category")}
			}
			return p.with(c.Context(), func(i *instance.Instance) error {
				var stands ledger.Stands
				var err error
				if category != "" {
					stands, err = i.GiveVisaFor(c.Context(), operator(), reference, retention.Rule(category))
				} else {
					stands, err = i.GiveVisa(c.Context(), operator(), reference, of.session())
				}
				if err != nil {
					return err
				}
				return p.stands("visa "+reference, "enregistré", reference, stands)
			})
		},
	}
	of.flags(verb)
	verb.Flags().StringVar(&reference, "reference", "", "`number` of the bordereau d’élimination")
	verb.Flags().StringVar(&category, "category", "", "`category` of what no proclamation ends")
	return verb
}

func (p *program) authorise() *cobra.Command {
	var reference string
	var categories []string
	verb := &cobra.Command{
		Use:   "authorise --reference NUMBER --categories LIST",
		Short: "Record a standing authorisation to eliminate listed categories",
		Long: `Record a standing authorisation of the person in charge of the State's control over archives (Code du patrimoine,
art. R. 212-14), for categories that it lists: livret, consultations, sanction, sanction-etablissement, gel.
It holds until it is revoked.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := needs(c, "reference", "categories"); err != nil {
				return err
			}
			authorisation := retention.AuthoriseElimination{Reference: reference}
			for _, category := range categories {
				authorisation.Categories = append(authorisation.Categories, retention.Rule(category))
			}
			return p.decides(c, "autorisation permanente "+reference+" enregistrée", func(i *instance.Instance) (bool, error) {
				return i.Authorise(c.Context(), operator(), authorisation)
			})
		},
	}
	verb.Flags().StringVar(&reference, "reference", "", "`number` of the decision")
	verb.Flags().StringSliceVar(&categories, "categories", nil, "`list` of categories, separated by commas")
	return verb
}

func (p *program) revoke() *cobra.Command {
	return &cobra.Command{
		Use:   "revoke REFERENCE",
		Short: "End a standing authorisation",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return p.decides(c, "autorisation permanente "+args[0]+" révoquée", func(i *instance.Instance) (bool, error) {
				return i.Revoke(c.Context(), operator(), args[0])
			})
		},
	}
}

func (p *program) sanctionHolds() *cobra.Command {
	var reference string
	var allow, deny bool
	verb := &cobra.Command{
		Use:   "sanction-holds --allow | --deny --reference NUMBER",
		Short: "Decide whether holds may keep sanctions",
		Long: `Record the controller's decision whether a hold may keep a sanction beyond its term. The arrêté of 8 February 2016,
art. 9, has the exception of a recours for livrets and their log, and does not repeat it for sanctions: as long as nothing
is decided, a sanction ends on its day.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := needs(c, "reference"); err != nil {
				return err
			}
			if allow == deny {
				return usageError{errors.New("give --allow or --deny")}
			}
			says := "un gel ne conserve pas une sanction"
			if allow {
				says = "un gel peut conserver une sanction"
			}
			return p.decides(c, "décision "+reference+" : "+says, func(i *instance.Instance) (bool, error) {
				return i.DecideSanctionHolds(c.Context(), operator(), retention.DecideSanctionHolds{Allowed: allow, Reference: reference})
			})
		},
	}
	verb.Flags().StringVar(&reference, "reference", "", "`number` of the decision")
	verb.Flags().BoolVar(&allow, "allow", false, "a hold may keep a sanction")
	verb.Flags().BoolVar(&deny, "deny", false, "a sanction ends on its day")
	return verb
}

// decides records a decision of the académie and says it.
func (p *program) decides(c *cobra.Command, what string, decide func(*instance.Instance) (bool, error)) error {
	return p.with(c.Context(), func(i *instance.Instance) error {
		changed, err := decide(i)
		if err != nil {
			return err
		}
		result := struct {
			Decision string `json:"decision"`
			Changed  bool   `json:"changed"`
		}{what, changed}
		return p.print(result, func(w io.Writer) error {
			_, err := fmt.Fprintf(w, "%s%s\n", what, already(changed))
			return err
		})
	})
}

func (p *program) versement() *cobra.Command {
	verb := &cobra.Command{
		Use:   "versement",
		Short: "Livrets that the archives keep for good",
		Long: `Livrets selected for definitive archiving (Code du patrimoine, art. L. 212-3 and L. 212-4) are not destroyed before
the archives have acknowledged that they received them, with the digest of what they received.`,
		Args: cobra.NoArgs,
		RunE: onlyVerbs,
	}
	var of examSession
	var reference, digest string
	decide := &cobra.Command{
		Use:   "decide --reference NUMBER --session YEAR [LIVRET…]",
		Short: "Decide that livrets of a session are handed over: all, or those named",
		RunE: func(c *cobra.Command, args []string) error {
			if err := needs(c, "reference", "session"); err != nil {
				return err
			}
			var only []uuid.UUID
			for _, arg := range args {
				livret, err := parseLivret(arg)
				if err != nil {
					return err
				}
				only = append(only, livret)
			}
			decision := retention.DecideVersement{Versement: uuid.New(), Reference: reference}
			return p.with(c.Context(), func(i *instance.Instance) error {
				stands, err := i.DecideVersement(c.Context(), operator(), decision, of.session(), only...)
				if err != nil {
					return err
				}
				return p.stands("versement "+decision.Versement.String(), "décidé", decision.Versement.String(), stands)
			})
		},
	}
	of.flags(decide)
	decide.Flags().StringVar(&reference, "reference", "", "`number` of the decision, or of the bordereau de versement")
	acknowledge := &cobra.Command{
		Use:   "acknowledge VERSEMENT --digest SHA256",
		Short: "Record the receipt of the archives",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if err := needs(c, "digest"); err != nil {
				return err
			}
			versement, err := uuid.Parse(args[0])
			if err != nil {
				return usageError{errors.New("a versement is named by its UUID")}
			}
			return p.with(c.Context(), func(i *instance.Instance) error {
				stands, err := i.AcknowledgeVersement(c.Context(), operator(), retention.AcknowledgeVersement{Versement: versement, Digest: digest})
				if err != nil {
					return err
				}
				return p.stands("versement "+args[0], "reçu", args[0], stands)
			})
		},
	}
	acknowledge.Flags().StringVar(&digest, "digest", "", "`SHA-256` of what was received, in hexadecimal")
	verb.AddCommand(decide, acknowledge)
	return verb
}
