package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"livret/cmd/livret/instance"
	"livret/domain/consultation"
	"livret/eventstore/ledger"
)

func (p *program) probatory() *cobra.Command {
	verb := &cobra.Command{
		Use:   "archive",
		Short: "Probatory archives: what a court's expert checks offline, with no key and without us",
		Args:  cobra.NoArgs,
		RunE:  onlyVerbs,
	}
	verb.AddCommand(p.archiveExport(), p.archiveRequests())
	return verb
}

func (p *program) archiveExport() *cobra.Command {
	var of examSession
	var candidate, livret, out string
	var custody shares
	var ask consultation.RequestArchive
	verb := &cobra.Command{
		Use:   "export (--candidate NUMBER --session YEAR | --livret ID) --case NUMBER --motive TEXT --out FILE",
		Short: "Make the probatory archive of a livret, for a procedure",
		Long: `Make the probatory archive of a livret: its facts, those of its candidate, jury and session, what the jury was shown, the
president's visa, what became of its keys, and the proof that all of it stands in the ledger. It is one file (BagIt in a
zip), which «livret-verify», or the verifier inside it, checks with no key. Say in the motive nothing that names anybody.

The request is recorded, with its case and motive, sealed, before anything is read; the SHA-256 of the file, before it is
written. Once the livret is in intermediate archiving, the two shares of its custody pair are needed. Once it is destroyed,
name it by its id: the archive then proves that it was, lawfully.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := needs(c, "case", "motive", "out"); err != nil {
				return err
			}
			if (candidate == "") == (livret == "") || (candidate != "") != c.Flags().Changed("session") {
				return usageError{errors.New("give --candidate and --session, or --livret")}
			}
			if err := absent(out); err != nil {
				return err
			}
			halves, err := custody.halves()
			if err != nil {
				return err
			}
			return p.with(c.Context(), func(i *instance.Instance) (err error) {
				if candidate != "" {
					ask.Livret, err = i.CandidateLivret(c.Context(), exams(i), of.session(), candidate)
				} else {
					ask.Livret, err = parseLivret(livret)
				}
				if err != nil {
					return err
				}
				made, err := i.MakeArchive(c.Context(), operator(), ask, halves...)
				if err == nil {
					err = writeWhole(out, made.File)
				}
				if err != nil {
					return err
				}
				return p.print(made, func(w io.Writer) error {
					_, err := fmt.Fprintf(w, "archive probatoire : %s\n  demande %s\n  %d faits, %d octets, SHA-256 %s\n  vérifiée avant la remise : %s\n",
						out, made.Request, made.Facts, made.Bytes, made.Digest, made.Outcome.Label())
					return err
				})
			})
		},
	}
	of.flags(verb)
	custody.flags(verb)
	flags := verb.Flags()
	flags.StringVar(&candidate, "candidate", "", "`number` of the candidate")
	flags.StringVar(&livret, "livret", "", "`id` of the livret")
	flags.StringVar(&ask.Case, "case", "", "`number` of the procedure")
	flags.StringVar(&ask.Motive, "motive", "", "why, in a sentence")
	flags.StringVar(&ask.Requester, "requester", "division des examens et concours", "which `service` asks")
	flags.StringVar(&out, "out", "", "`file` to write, which must not exist")
	return verb
}

func absent(path string) error {
	_, err := os.Lstat(path)
	switch {
	case err == nil:
		return usageError{fmt.Errorf("%s is there already: nothing is overwritten", path)}
	case errors.Is(err, fs.ErrNotExist):
		return nil
	}
	return err
}

// writeWhole writes a file that is not there yet, for its owner only: whole and durable, or not at all.
func writeWhole(path string, content []byte) error {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, ".livret-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(content)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); errors.Is(err, fs.ErrExist) {
		return absent(path)
	} else if err != nil { // a file system without links
		if err := absent(path); err != nil {
			return err
		}
		if err := os.Rename(f.Name(), path); err != nil {
			return err
		}
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func (p *program) archiveRequests() *cobra.Command {
	var file string
	verb := &cobra.Command{
		Use:   "requests [--file FILE]",
		Short: "Who asked for probatory archives, for which procedure, and the digest of each",
		Long: `List the requests of probatory archives, as to an agent of the exams division: who runs this on the machine does so at
his request. With --file, only the request that this very file was made for, which is how one presented later is recognised.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return p.with(c.Context(), func(i *instance.Instance) error {
				requests, err := i.ArchiveRequests(c.Context(), exams(i))
				if err == nil && file != "" {
					requests, err = madeAs(file, requests)
				}
				if err != nil {
					return err
				}
				return p.print(requests, func(w io.Writer) error { return writeArchiveRequests(w, requests) })
			})
		},
	}
	verb.Flags().StringVar(&file, "file", "", "an archive that was presented")
	return verb
}

// madeAs is the request that a file was made for. It fails with instance.ErrNotFound if there is none.
func madeAs(path string, all []instance.RequestedArchive) ([]instance.RequestedArchive, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	digest := fmt.Sprintf("%x", sha256.Sum256(content))
	n := slices.IndexFunc(all, func(r instance.RequestedArchive) bool { return r.Made != nil && r.Made.Digest == digest })
	if n < 0 {
		return nil, fmt.Errorf("%w: no request was answered with this file", instance.ErrNotFound)
	}
	return all[n : n+1], nil
}

func writeArchiveRequests(w io.Writer, all []instance.RequestedArchive) error {
	if len(all) == 0 {
		fmt.Fprintln(w, "aucune demande")
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, r := range all {
		what, asked := "rien n’est sorti", r.Asked.Format(time.RFC3339)
		switch {
		case r.State == ledger.Shredded:
			what, asked = "demande effacée à son échéance", ""
		case r.State != ledger.Readable:
			what, asked = "demande illisible : voir « livret check »", ""
		case r.Made != nil:
			what = fmt.Sprintf("%d octets, SHA-256 %s", r.Made.Bytes, r.Made.Digest)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s — %s — %s\n", r.Request, asked, what, r.Case, r.Motive, r.Requester)
	}
	return t.Flush()
}
