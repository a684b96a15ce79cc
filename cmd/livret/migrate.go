package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"livret/cmd/livret/instance"
)

// Environment of a cluster's credentials, which stand in no file of the data folder.
const (
	clusterUser         = "LIVRET_ESDB_USER"
	clusterPassword     = "LIVRET_ESDB_PASSWORD"
	clusterPasswordFile = "LIVRET_ESDB_PASSWORD_FILE"
)

// cluster are the credentials that the environment holds.
func (p *program) cluster() (instance.Credentials, error) {
	c := instance.Credentials{Username: os.Getenv(clusterUser), Password: os.Getenv(clusterPassword)}
	path := os.Getenv(clusterPasswordFile)
	if path == "" || c.Password != "" {
		return c, nil
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return c, usageError{fmt.Errorf("$%s names a file that can not be read: %w", clusterPasswordFile, err)}
	}
	c.Password = strings.TrimRight(string(content), "\r\n")
	return c, nil
}

func (p *program) migrate() *cobra.Command {
	var to string
	verb := &cobra.Command{
		Use:   "migrate --to esdb://HOST:PORT[,…]|embedded",
		Short: "Move the events to a cluster, or back into the data folder",
		Long: `Move the events of the ledger to an EventStoreDB or KurrentDB cluster, or back into the data folder: the same envelopes,
ids and order. A checkpoint is signed first, and the tree over what the other store holds must have its root; only then is
that store the ledger's. Killed anywhere, run it again. The former store is left as it is: destroy it once all is well.

Credentials come from $LIVRET_ESDB_USER and $LIVRET_ESDB_PASSWORD, or the file that $LIVRET_ESDB_PASSWORD_FILE names.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := needs(c, "to"); err != nil {
				return err
			}
			o, err := p.options(instance.Options{})
			if err != nil {
				return err
			}
			done, err := instance.Migrate(c.Context(), p.data, o, operator(), to, nil)
			if err != nil {
				return err
			}
			return p.print(done, func(w io.Writer) error {
				_, err := fmt.Fprintf(w, "%d events in %s, %d of them moved now; root %s, as it was signed\n", done.Events, done.Store, done.Moved, done.Root)
				return err
			})
		},
	}
	verb.Flags().StringVar(&to, "to", "", "connection `string` of the cluster, without credentials, or \"embedded\"")
	return verb
}
