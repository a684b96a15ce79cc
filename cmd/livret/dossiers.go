package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"livret/cmd/livret/instance"
	"livret/domain"
	"livret/domain/access"
)

func (p *program) juryDossier() *cobra.Command {
	var out string
	verb := p.ofJury(&cobra.Command{
		Use:   "dossier --session YEAR --jury NUMBER --out FILE",
		Short: "Write the dossiers of a jury for a room without network: one page to print, and its signature",
		Long: `Write all dossiers of a jury to one HTML file that needs nothing else, and its Ed25519 signature to FILE.sig. Print
it, or open it without network. «livret jury verify FILE» checks it; so does openssl, with the key that «livret jury
key» prints:

  openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in FILE -sigfile FILE.sig`,
		Args: cobra.NoArgs,
	}, func(ctx context.Context, i *instance.Instance, of instance.JuryName, _ []string) error {
		if out == "" {
			return usageError{fmt.Errorf("--out is needed: see «livret jury dossier --help»")}
		}
		centre := access.Actor{Actor: domain.Actor{Role: access.ChefCentre}, Session: of.Session.Year, Round: of.Session.Round}
		booklet, err := i.Booklet(ctx, centre, of)
		if err != nil {
			return err
		}
		var page bytes.Buffer
		if err := booklet.Write(&page); err != nil {
			return err
		}
		signature, err := i.Sign(page.Bytes())
		if err != nil {
			return err
		}
		if err := os.WriteFile(out, page.Bytes(), 0o600); err != nil {
			return err
		}
		if err := os.WriteFile(out+".sig", signature, 0o600); err != nil {
			return err
		}
		result := struct {
			File       string `json:"file"`
			Signature  string `json:"signature"`
			Candidates int    `json:"candidates"`
		}{out, out + ".sig", len(booklet.Candidates)}
		return p.print(result, func(w io.Writer) error {
			_, err := fmt.Fprintf(w, "jury %s : %d dossiers dans %s, signature dans %s\n", of.Number, result.Candidates, result.File, result.Signature)
			return err
		})
	})
	verb.Flags().StringVar(&out, "out", "", "`file` to write")
	return verb
}

func (p *program) juryKey() *cobra.Command {
	return &cobra.Command{
		Use:   "key",
		Short: "Print the public key that dossiers are signed with, in PEM: hand it out before the session",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return p.with(c.Context(), func(i *instance.Instance) error {
				key, err := i.SigningKey()
				if err != nil {
					return err
				}
				return p.print(struct {
					Key string `json:"key"`
				}{string(key)}, func(w io.Writer) error {
					_, err := w.Write(key)
					return err
				})
			})
		},
	}
}

func (p *program) juryVerify() *cobra.Command {
	var keyFile string
	verb := &cobra.Command{
		Use:   "verify FILE [--key PEM]",
		Short: "Check that a file of dossiers is as it was signed; exit code 3 if not",
		Long:  "Check a file of dossiers against FILE.sig. With --key, no data folder is needed.",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			content, err := os.ReadFile(args[0])
			if err != nil {
				return err
			}
			signature, err := os.ReadFile(args[0] + ".sig")
			if err != nil {
				return err
			}
			key, err := p.verifyingKey(c.Context(), keyFile)
			if err != nil {
				return err
			}
			intact, err := instance.VerifySigned(key, content, signature)
			if err != nil {
				return err
			}
			err = p.print(struct {
				Intact bool `json:"intact"`
			}{intact}, func(w io.Writer) error {
				said := "intact : tel que le registre l’a signé"
				if !intact {
					said = "ALTÉRÉ, ou signé par un autre registre"
				}
				_, err := fmt.Fprintln(w, said)
				return err
			})
			if err == nil && !intact {
				return errBroken
			}
			return err
		},
	}
	verb.Flags().StringVar(&keyFile, "key", "", "`file` of the public key; that of the data folder if left out")
	return verb
}

func (p *program) verifyingKey(ctx context.Context, file string) (key []byte, err error) {
	if file != "" {
		return os.ReadFile(file)
	}
	err = p.with(ctx, func(i *instance.Instance) error {
		key, err = i.SigningKey()
		return err
	})
	return key, err
}
