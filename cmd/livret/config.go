package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"livret/cmd/livret/instance"
)

// setting is one value that decides what this program works on, and where it comes from. A secret is never told.
type setting struct {
	Name   string `json:"name"`
	Value  string `json:"value"`
	Origin string `json:"origin"`
}

func (p *program) config() *cobra.Command {
	return &cobra.Command{
		Use:   "config",
		Short: "Show what is configured, and where each value comes from",
		Long: `Show what is configured, and where each value comes from: a flag, the environment, livret.json in the data folder, or
nothing but the default. Nothing is opened, and no password is shown.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			values, err := p.configuration(c)
			if err != nil {
				return err
			}
			return p.print(values, func(w io.Writer) error {
				table := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
				for _, v := range values {
					fmt.Fprintf(table, "%s\t%s\t%s\n", v.Name, v.Value, v.Origin)
				}
				return table.Flush()
			})
		},
	}
}

func (p *program) configuration(c *cobra.Command) ([]setting, error) {
	values := []setting{
		{"data", p.data, flagOrigin(c, "data", "LIVRET_DATA")},
		{"anchor", p.anchor, flagOrigin(c, "anchor", "LIVRET_ANCHOR")},
		{"cluster user", os.Getenv(clusterUser), environmentOrigin(clusterUser)},
	}
	password := setting{"cluster password", "", environmentOrigin(clusterPassword, clusterPasswordFile)}
	if credentials, err := p.cluster(); err != nil {
		return nil, err
	} else if credentials.Password != "" {
		password.Value = "(set)"
	}
	values = append(values, password)
	settings, err := instance.ReadSettings(p.data)
	if errors.Is(err, instance.ErrAbsent) {
		return values, nil
	}
	if err != nil {
		return nil, err
	}
	const file = "livret.json"
	store := setting{"store", settings.Store, file}
	if settings.Store == "" {
		store = setting{"store", instance.Embedded, "default"}
	}
	return append(values, setting{"ledger", settings.Ledger.String(), file}, setting{"académie", settings.Academie, file}, store), nil
}

func flagOrigin(c *cobra.Command, flag, variable string) string {
	if c.Flags().Changed(flag) {
		return "--" + flag
	}
	return environmentOrigin(variable)
}

// environmentOrigin is the first of some variables that is set.
func environmentOrigin(variables ...string) string {
	for _, v := range variables {
		if os.Getenv(v) != "" {
			return "$" + v
		}
	}
	return "default"
}
