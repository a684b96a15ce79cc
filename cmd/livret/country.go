package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	_ "time/tzdata" // a publication is dated in Paris, whatever the machine has

	"github.com/spf13/cobra"

	"livret/cmd/livret/instance"
	"livret/domain"
	"livret/domain/nomenclature"
	"livret/projections/statistics"
)

// What the national statistical service does: it draws a key, the ledgers of the académies export to it, and it
// adds up what they sent. It needs no ledger of its own.

func (p *program) serviceKey() *cobra.Command {
	var out string
	verb := &cobra.Command{
		Use:   "keygen --out FILE",
		Short: "Draw the key of the national service: the private half into a file, the public one printed",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := needs(c, "out"); err != nil {
				return err
			}
			key := statistics.NewServiceKey()
			if err := instance.WriteNew(out, []byte(key.String()+"\n")); err != nil {
				return err
			}
			result := struct {
				Public string `json:"public"`
			}{key.Public()}
			return p.print(result, func(w io.Writer) error {
				_, err := fmt.Fprintln(w, result.Public)
				return err
			})
		},
	}
	verb.Flags().StringVar(&out, "out", "", "`file` of the private half, which must not exist")
	return verb
}

func (p *program) exportStatistics() *cobra.Command {
	var year int
	var to, out string
	verb := &cobra.Command{
		Use:   "export --session YEAR --to PUBLIC-KEY --out FILE",
		Short: "Publish, and seal the sums of a session to the national service",
		Long: `Publish the statistics of a session if anything changed, and seal the sums they are made of to the public half
of the national service's key. Nobody else can open the file: sums point at pupils when they are few.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := needs(c, "session", "to", "out"); err != nil {
				return err
			}
			return p.with(c.Context(), func(i *instance.Instance) error {
				if err := i.CatchUp(c.Context()); err != nil {
					return err
				}
				share, err := i.ExportStatistics(c.Context(), statistician(i), nomenclature.SchoolYear(year))
				if err != nil {
					return err
				}
				sealed, err := statistics.SealShare(to, share)
				if err != nil {
					return err
				}
				if err := instance.WriteNew(out, sealed); err != nil {
					return err
				}
				return p.print(share.Published, func(w io.Writer) error {
					_, err := fmt.Fprintf(w, "session %d, publication n° %d : sommes scellées dans %s\n", year, share.Published.Number, out)
					return err
				})
			})
		},
	}
	verb.Flags().IntVar(&year, "session", 0, "calendar `year` of the exam")
	verb.Flags().StringVar(&to, "to", "", "public half of the `key`, as «livret statistics keygen» printed it")
	verb.Flags().StringVar(&out, "out", "", "`file` to write, which must not exist")
	return verb
}

func (p *program) merge() *cobra.Command {
	var key, out string
	var threshold int
	var after []string
	verb := &cobra.Command{
		Use:   "merge --key FILE --out FILE [--after FILE…] SHARE…",
		Short: "Add what several ledgers exported up to the tables of a country",
		Long: `Open what ledgers exported, add it up in any order, and write the tables of the country. A cell is withheld if it
counts too few pupils, and also if subtracting what the académies publish from it would give away what one of them
withholds. Earlier tables of the country and session are given in order with --after, so that the difference tells
nothing either.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, files []string) error {
			if err := needs(c, "key", "out"); err != nil {
				return err
			}
			policy, err := statistics.NewPolicy(threshold)
			if err != nil {
				return err
			}
			shares, err := openShares(key, files)
			if err != nil {
				return err
			}
			earlier, err := readPublications(after)
			if err != nil {
				return err
			}
			lists, err := nomenclature.Load()
			if err != nil {
				return err
			}
			paris, err := time.LoadLocation("Europe/Paris")
			if err != nil {
				return err
			}
			country, err := statistics.National(shares, policy, domain.DateOf(time.Now().In(paris)), earlier, lists)
			if err != nil {
				return err
			}
			document, err := country.Document()
			if err != nil {
				return err
			}
			if err := instance.WriteNew(out, document); err != nil {
				return err
			}
			return p.print(country, func(w io.Writer) error { return writePublication(w, country) })
		},
	}
	flags := verb.Flags()
	flags.StringVar(&key, "key", "", "`file` of the private half of the service's key")
	flags.StringVar(&out, "out", "", "`file` to write the tables to, which must not exist")
	flags.StringArrayVar(&after, "after", nil, "`file` of an earlier publication of the country, the first one first")
	flags.IntVar(&threshold, "threshold", statistics.DefaultThreshold, "fewest `pupils` a cell may count; never under 5, nor under that of a share")
	return verb
}

func openShares(keyFile string, files []string) ([]statistics.Share, error) {
	text, err := os.ReadFile(keyFile)
	if err != nil {
		return nil, err
	}
	key, err := statistics.ParseServiceKey(strings.TrimSpace(string(text)))
	if err != nil {
		return nil, err
	}
	var shares []statistics.Share
	for _, file := range files {
		sealed, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		share, err := statistics.OpenShare(key, sealed)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		shares = append(shares, share)
	}
	return shares, nil
}

func readPublications(files []string) ([]statistics.Publication, error) {
	var all []statistics.Publication
	for _, file := range files {
		document, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		publication, err := statistics.Read(document)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		all = append(all, publication)
	}
	return all, nil
}
