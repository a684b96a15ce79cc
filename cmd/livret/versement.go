package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"livret/cmd/livret/instance"
)

func (p *program) submission() *cobra.Command {
	var of examSession
	var h instance.Handover
	var livrets []string
	var out string
	var custody shares
	verb := &cobra.Command{
		Use:   "package (--session YEAR | --livret ID…) --archives ID --producer ID --out FOLDER",
		Short: "Make the submission package of livrets that the archives keep for good (SEDA 2.2)",
		Long: `Make the package by which livrets of a versement that is decided are handed over: a message ArchiveTransfer (SEDA 2.2)
and, for each livret, its probatory archive. Services and rules are named by the identifiers that the archival agreement gives
them. Once the livrets are in intermediate archiving, the two shares of their custody pair are needed.

The folder holds livrets in clear. Hand it over by a way that the agreement allows, and destroy it once it was received.
Each archive made is recorded, with its digest, as a request is; nothing is destroyed before «livret retention receipt».`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := needs(c, "archives", "producer", "out"); err != nil {
				return err
			}
			if (len(livrets) == 0) != c.Flags().Changed("session") {
				return usageError{errors.New("give --session, or --livret")}
			}
			for _, arg := range livrets {
				livret, err := parseLivret(arg)
				if err != nil {
					return err
				}
				h.Livrets = append(h.Livrets, livret)
			}
			h.Session = of.session()
			halves, err := custody.halves()
			if err != nil {
				return err
			}
			return p.with(c.Context(), func(i *instance.Instance) error {
				made, err := i.Package(c.Context(), operator(), h, out, halves...)
				if err != nil {
					return err
				}
				err = p.print(made, func(w io.Writer) error {
					_, err := fmt.Fprintf(w, "versement %s : %d livrets, %d octets\n  message %s\n", made.Versement, made.Livrets, made.Bytes, made.Message)
					return err
				})
				return p.left(err, made.Left)
			})
		},
	}
	of.flags(verb)
	custody.flags(verb)
	flags := verb.Flags()
	flags.StringSliceVar(&livrets, "livret", nil, "`id` of a livret; may be repeated")
	flags.StringVar(&h.Archives, "archives", "", "`identifier` of the service that receives")
	flags.StringVar(&h.Producer, "producer", "", "`identifier` of the service that hands over")
	flags.StringVar(&h.Agreement, "agreement", "", "`identifier` of the archival agreement")
	flags.StringVar(&h.AccessRule, "access-rule", "", "`identifier` of the rule that says when they may be read")
	flags.StringVar(&out, "out", "", "`folder` to write, which must not exist")
	return verb
}

func (p *program) receipt() *cobra.Command {
	var reply string
	verb := &cobra.Command{
		Use:   "receipt --reply FILE",
		Short: "Take in what the archives answered to a package (ArchiveTransferReply, SEDA 2)",
		Long: `Compare the digests that the archives say they received with those that this ledger recorded when it made the archives,
and record the receipt in each livret where they agree. Only then may its keys be destroyed, when its term is reached.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := needs(c, "reply"); err != nil {
				return err
			}
			message, err := os.Open(reply)
			if err != nil {
				return usageError{err}
			}
			defer message.Close()
			return p.with(c.Context(), func(i *instance.Instance) error {
				stands, err := i.Receive(c.Context(), operator(), message)
				if err != nil {
					return err
				}
				return p.stands("versement", "reçu", reply, stands)
			})
		},
	}
	verb.Flags().StringVar(&reply, "reply", "", "the message, a `file`")
	return verb
}
